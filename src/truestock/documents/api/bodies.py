"""Bodies, queries and examples of the document routes."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)

from truestock.documents.model import (
    TYPE_BY_ALIAS,
    DocumentType,
    NewDocument,
    NewDocumentLine,
    Threshold,
)
from truestock.http.bodies import (
    AsWritten,
    Body,
    Currency,
    MinorUnits,
    RowId,
    Text,
    WriteBody,
)
from truestock.http.lists import PageQuery
from truestock.stock.model.movements import Disposition

TypeName = Literal["receipt", "delivery", "transfer", "adjustment"]
TypeOrAlias = Literal[
    "receipt", "delivery", "transfer", "adjustment", "IMPORT", "EXPORT", "TRANSFER"
]
StateName = Literal["draft", "posted", "cancelled"]
DispositionName = Literal[
    "available", "quality_hold", "quarantine", "damaged", "expired", "returned"
]
LINES_MAX = 1_000
THRESHOLDS_MAX = 50


def _exact(given: Any) -> Any:
    """Keep a JSON number exact; whatever else came is for the next validator to refuse."""
    if isinstance(given, float):
        if not isfinite(given):
            raise ValueError("must be a finite number")
        return Decimal(repr(given))
    if isinstance(given, bool) or not isinstance(given, int | Decimal):
        raise ValueError("must be a number")  # noqa: TRY004 - pydantic reports ValueError
    return given


def _moment(given: Any) -> Any:
    if given is not None and not isinstance(given, str):
        raise ValueError("must be a date and time as text")
    return given


Number = Annotated[int | Decimal, BeforeValidator(_exact), WithJsonSchema({"type": "number"})]
Moment = Annotated[
    AwareDatetime | None,
    Field(strict=False, description="With a time zone; without it, when it is posted."),
    AsWritten,
    BeforeValidator(_moment),
]
Day = Annotated[date | None, Field(strict=False), AsWritten, BeforeValidator(_moment)]
Sku = Annotated[Text, Field(min_length=1, max_length=64, examples=["MUG-350-BLUE"])]
LocationCode = Annotated[Text, Field(min_length=1, max_length=64, examples=["A-01-003"])]
Unit = Annotated[Text, Field(min_length=1, max_length=32, examples=["carton"])]
Lot = Annotated[Text, Field(min_length=1, max_length=64, examples=["2026-03"])]
ReasonCode = Annotated[Text, Field(min_length=1, max_length=32, examples=["damage"])]


class LineBody(Body):
    """A line: the item by `item_id` or `sku`, the quantity in `unit` (None: its base unit)."""

    item_id: RowId | None = None
    sku: Sku | None = None
    quantity: Number
    unit: Unit | None = None
    lot: Lot | None = None
    disposition: DispositionName = "available"
    unit_cost: Number | None = Field(
        None, description="Receipts: minor units of the item's currency for one base unit."
    )
    source_location_id: RowId | None = None
    source_location: LocationCode | None = None
    target_location_id: RowId | None = None
    target_location: LocationCode | None = None

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        if (self.item_id is None) == (self.sku is None):
            raise ValueError("name the item by item_id or by sku")
        _require_one_name(self)
        return self

    def line(self) -> NewDocumentLine:
        """Return the line asked for."""
        item = self.item_id if self.item_id is not None else self.sku
        assert item is not None  # noqa: S101 - validated above
        return NewDocumentLine(
            item=item,
            quantity=self.quantity,
            unit=self.unit,
            lot=self.lot,
            disposition=Disposition(self.disposition),
            unit_cost=None if self.unit_cost is None else Decimal(self.unit_cost),
            source=self.source_location_id or self.source_location,
            target=self.target_location_id or self.target_location,
        )


RECEIPT_EXAMPLE: dict[str, Any] = {
    "type": "receipt",
    "target_location": "A-01-003",
    "reference": "PO 4711",
    "lines": [{"sku": "MUG-350-BLUE", "quantity": 2, "unit": "carton", "unit_cost": 310}],
}
TRANSFER_EXAMPLE: dict[str, Any] = {
    "type": "TRANSFER",
    "source_location_id": 7,
    "target_location_id": 12,
    "lines": [{"item_id": 3, "quantity": 5}],
}


class DocumentBody(WriteBody):
    """A document to be written. `IMPORT`, `EXPORT` and `TRANSFER` are other words for types."""

    model_config = ConfigDict(json_schema_extra={"examples": [RECEIPT_EXAMPLE, TRANSFER_EXAMPLE]})

    type: TypeOrAlias
    source_location_id: RowId | None = None
    source_location: LocationCode | None = None
    target_location_id: RowId | None = None
    target_location: LocationCode | None = None
    party_id: RowId | None = Field(
        None, description="Supplier of a receipt, customer of a delivery."
    )
    reference: Annotated[Text, Field(max_length=200)] = ""
    note: Annotated[Text, Field(max_length=2_000)] = ""
    reason_code: ReasonCode | None = Field(None, description="Why an adjustment is made.")
    occurred_at: Moment = None
    due_on: Day = Field(None, description="The day it is expected to be posted.")
    lines: Annotated[list[LineBody], Field(max_length=LINES_MAX)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        _require_one_name(self)
        return self

    def document(self) -> NewDocument:
        """Return the document asked for."""
        return NewDocument(
            type=TYPE_BY_ALIAS.get(self.type) or DocumentType(self.type),
            source=self.source_location_id or self.source_location,
            target=self.target_location_id or self.target_location,
            party_id=self.party_id,
            reference=self.reference,
            note=self.note,
            reason_code=self.reason_code,
            occurred_at=self.occurred_at,
            due_on=self.due_on,
            lines=[line.line() for line in self.lines],
        )


class DocumentVerb(WriteBody):
    """Nothing but the request key, which may stand in the header instead."""


class CancelBody(WriteBody):
    """Why a draft is cancelled."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "ordered twice"}]})

    reason: Annotated[Text, Field(min_length=1, max_length=2_000)]


class ReverseBody(WriteBody):
    """Why a posted document is undone; it becomes the note of the reversing one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "wrong supplier"}]})

    reason: Annotated[Text, Field(max_length=2_000)] = ""


class ThresholdBody(Body):
    """Above this value at cost, in minor units of the currency, documents need approval."""

    currency: Currency
    value_minor: MinorUnits

    def threshold(self) -> Threshold:
        """Return the threshold asked for."""
        return Threshold(self.currency, self.value_minor)


POLICY_EXAMPLE: dict[str, Any] = {
    "four_eyes": False,
    "approval_needed": False,
    "thresholds": [{"currency": "EUR", "value_minor": 50_000}],
}


class PolicyBody(WriteBody):
    """Who must look at documents of a type before they are posted."""

    model_config = ConfigDict(json_schema_extra={"examples": [POLICY_EXAMPLE]})

    four_eyes: bool = Field(description="Who approves or posts is not who wrote it.")
    approval_needed: bool = Field(description="Nobody posts it before it is approved.")
    thresholds: Annotated[list[ThresholdBody], Field(max_length=THRESHOLDS_MAX)] | None = Field(
        None,
        description="Values above which another person approves; [] for none, left out: as before.",
    )

    @model_validator(mode="after")
    def _each_currency_once(self) -> Self:
        currencies = [each.currency for each in self.thresholds or ()]
        if len(set(currencies)) < len(currencies):
            raise ValueError("give one threshold a currency")
        return self

    def asked_thresholds(self) -> list[Threshold] | None:
        """Return the thresholds asked for, None when they were left out."""
        return None if self.thresholds is None else [each.threshold() for each in self.thresholds]


def _day_or_moment(given: Any) -> Any:
    """Read a day as its beginning in UTC."""
    if isinstance(given, str) and len(given) == len("2026-01-31"):
        return datetime.combine(date.fromisoformat(given), time(), tzinfo=UTC)
    return given


def _end_of_day_or_moment(given: Any) -> Any:
    """Read a day as the beginning of the next one, because the end is not included."""
    found = _day_or_moment(given)
    if found is given:
        return given
    try:
        return found + timedelta(days=1)
    except OverflowError:
        raise ValueError("the calendar ends here") from None


class DocumentQuery(PageQuery):
    """Filters of the document list. Sorts: number, occurred_at, recorded_at."""

    q: str | None = Field(None, max_length=200, description="Beginning of number or reference.")
    type: TypeOrAlias | None = None
    state: StateName | None = None
    party_id: int | None = Field(None, ge=1, le=2**63 - 1)
    site_id: int | None = Field(None, ge=1, le=2**63 - 1)
    item_id: int | None = Field(None, ge=1, le=2**63 - 1)
    reversed: bool | None = Field(None, description="Only those that were (not) reversed.")
    since: Annotated[AwareDatetime | None, AsWritten, BeforeValidator(_day_or_moment)] = Field(
        None, alias="from", description="Day (UTC) or moment it occurred, included."
    )
    until: Annotated[AwareDatetime | None, AsWritten, BeforeValidator(_end_of_day_or_moment)] = (
        Field(None, alias="to", description="Day (UTC), included, or moment, not included.")
    )

    def filters(self) -> dict[str, Any]:
        """Return the list's own filters by name, other words for types turned into ours."""
        given = super().filters()
        given["type"] = TYPE_BY_ALIAS.get(self.type or "", self.type)
        return given


class DocumentSummary(BaseModel):
    """A document as a list shows it."""

    document_id: int
    type: TypeName
    number: str
    state: StateName
    version: int
    party_id: int | None
    party_name: str | None
    source_location_id: int | None
    source_location_code: str | None
    source_site_id: int | None
    target_location_id: int | None
    target_location_code: str | None
    target_site_id: int | None
    reference: str
    reason_code: str | None
    occurred_at: datetime | None
    due_on: date | None
    recorded_at: datetime
    posted_at: datetime | None
    created_by_id: int
    created_by: str
    approved: bool
    reverses_id: int | None
    reversed_by_id: int | None
    line_count: int


class DocumentPage(BaseModel):
    """A page of documents."""

    items: list[DocumentSummary]
    next_cursor: str | None


class NumbersQuery(BaseModel):
    """Which documents are asked for."""

    model_config = ConfigDict(extra="forbid")

    id: list[RowId] = Field(min_length=1, max_length=100, description="Ids, at most 100.")


class SearchQuery(BaseModel):
    """What has been typed so far, and how many results to show."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[Text, Field(max_length=200, examples=["REC-2026-000017"])]
    limit: int = Field(10, ge=1, le=50)


def _require_one_name(body: LineBody | DocumentBody) -> None:
    for side in ("source", "target"):
        by_id = getattr(body, f"{side}_location_id")
        by_code = getattr(body, f"{side}_location")
        if by_id is not None and by_code is not None:
            raise ValueError(f"name the {side} by id or by code, not by both")
