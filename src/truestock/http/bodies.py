"""The base of request bodies and the field types that every slice shares.

Nothing is converted silently: "5" is not a number, an unknown field is a mistake, and text is kept
as it was sent.
"""

import re
from typing import Annotated, Any

from fastapi import Path
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

ROW_ID_MAX = 2**63 - 1
MINOR_UNITS_MAX = 10**15
"""Ten trillion of a currency with two decimals; sums stay exact in JSON and in a bigint."""
REQUEST_KEY_LENGTH_MAX = 200

_NUMBER = re.compile(r"\s*[+-]?[0-9_]*(\.[0-9_]*)?(e[+-]?[0-9]+)?\s*", re.IGNORECASE)


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not hold the character NUL")
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("must not hold half of a surrogate pair")
    return text


def _written(given: Any) -> Any:
    """Refuse a number, which would be read as seconds since 1970; the rest looks after itself."""
    if isinstance(given, int | float) or (isinstance(given, str) and _NUMBER.fullmatch(given)):
        raise ValueError("must be a date, or a date and time with its zone, as text")
    return given


class Body(BaseModel):
    """A request body: strict types, no unknown fields."""

    model_config = ConfigDict(extra="forbid", strict=True)


class WriteBody(Body):
    """A body of a write; the request key may stand here instead of in the header."""

    request_key: str | None = Field(
        None,
        min_length=1,
        max_length=REQUEST_KEY_LENGTH_MAX,
        description="Your key for this write; the Idempotency-Key header does the same.",
    )


Text = Annotated[str, AfterValidator(_storable)]
"""Any text PostgreSQL can store; give its length where it is used."""
RowId = Annotated[int, Field(ge=1, le=ROW_ID_MAX)]
"""The id of a row in a body."""
RowIdInPath = Annotated[int, Path(ge=1, le=ROW_ID_MAX)]
"""The id of a row in the address."""
AsWritten = BeforeValidator(_written)
"""For dates and moments: they are written as such, not counted."""
MinorUnits = Annotated[int, Field(ge=0, le=MINOR_UNITS_MAX)]
"""A price in the smallest unit of its currency."""
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["EUR"])]
"""A currency by its three letters."""
