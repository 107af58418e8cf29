"""From the text of a cell to a value, or a sentence why not. Pure.

Nothing is guessed: `1,5` is a number only where the mapping says that the comma is the decimal
mark, a price has at most the decimals its currency has, and a quantity is exact.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from truestock.catalog.model.items import Pack
from truestock.exchange.model.imports import Form, Mapping
from truestock.exchange.rules.guarded import unguarded

DECIMALS_BY_CURRENCY = {
    **dict.fromkeys(("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BIF", "DJF", "GNF", "KMF", "RWF", "UYI", "VUV"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
"""Currencies that do not have two decimals (ISO 4217)."""

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d{1,2})?", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(?P<mark>[,. '\u00a0\u202f])\d{3}((?P=mark)\d{3})*(\D\d+)?")
_DIGITS_MAX = 30
_DATE_WANTED = "This is not a date like {}."
_YES = {"yes", "y", "true", "1", "x", "on"}
_NO = {"no", "n", "false", "0", "-", "off"}
_PACK = re.compile(
    r"(?P<unit>[^=;@]+)=(?P<over>\d{1,9})(/(?P<under>\d{1,9}))?(@(?P<gtin>\d{8,14}))?"
)


class ValueRefusedError(ValueError):
    """A text that is no value of the expected form: a stable code and a sentence."""

    def __init__(self, code: str, message: str) -> None:
        """Say what is wrong."""
        super().__init__(message)
        self.code = code


Parse = Callable[[str], Any]


def parser(form: Form, mapping: Mapping, zone: ZoneInfo) -> Parse:
    """Return the function that reads a cell of this form; it raises `ValueRefusedError`."""
    mark, pattern = mapping.decimal_mark, mapping.date_format
    by_form: dict[Form, Parse] = {
        Form.TEXT: _text,
        Form.CODE: lambda text: _text(text).strip(),
        Form.WORD: lambda text: _text(text).strip().casefold(),
        Form.YES_NO: _yes_no,
        Form.PACKS: _packs,
        Form.WHOLE: lambda text: _whole(text, mark),
        Form.QUANTITY: lambda text: _quantity(text, mark),
        Form.MONEY: lambda text: _quantity(text, mark),
        Form.DECIMAL: lambda text: _quantity(text, mark),
        Form.DAY: lambda text: _day(text, pattern),
        Form.MOMENT: lambda text: _moment(text, pattern, zone),
    }
    return by_form[form]


def minor_units(price: Decimal, currency: str, *, rounded: bool = False) -> int:
    """Return a price in the currency's smallest unit; raise unless exact or to be rounded."""
    scaled = price.scaleb(DECIMALS_BY_CURRENCY.get(currency, 2))
    whole = scaled.quantize(Decimal(1), ROUND_HALF_UP)
    if whole != scaled and not rounded:
        raise ValueRefusedError(
            "price_fraction", f"A price in {currency or 'this currency'} has fewer decimals."
        )
    return int(whole)


def _text(text: str) -> str:
    found = unguarded(text)
    if "\x00" in found:
        raise ValueRefusedError("text_nul", "The character NUL cannot be stored.")
    return found


def _yes_no(text: str) -> bool:
    word = text.strip().casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise ValueRefusedError("not_yes_or_no", "Write yes or no.")


def _whole(text: str, mark: str) -> int:
    number = _decimal(text, mark)
    if number != number.to_integral_value():
        raise ValueRefusedError("not_whole", "This must be a whole number.")
    return int(number)


def _quantity(text: str, mark: str) -> int | Decimal:
    """Return whole numbers as int: the ledger takes those without a detour."""
    if text.isascii() and text.isdigit() and len(text) < _DIGITS_MAX:
        return int(text)
    number = _decimal(text, mark)
    return int(number) if number == number.to_integral_value() else number


def _decimal(text: str, mark: str) -> Decimal:
    plain = text.strip()
    if mark == ",":
        plain = plain.replace(".", "\0").replace(",", ".")
    if not _NUMBER.fullmatch(plain) or len(plain) > _DIGITS_MAX:
        if _GROUPED.fullmatch(text.strip()):
            raise ValueRefusedError(
                "number_grouped", "Write numbers without marks between thousands."
            )
        raise ValueRefusedError("not_a_number", f"This is not a number (decimal mark {mark}).")
    try:
        return Decimal(plain)
    except InvalidOperation as error:
        raise ValueRefusedError("not_a_number", "This is not a number.") from error


def _day(text: str, date_format: str) -> date:
    found = parsed_date(text.strip(), date_format)
    if found is None:
        raise ValueRefusedError("not_a_date", _DATE_WANTED.format(date_format or "2026-03-31"))
    return found.date()


def _moment(text: str, date_format: str, zone: ZoneInfo) -> datetime:
    """Return an aware UTC moment; without a zone it is the site's, without a time its noon."""
    found = parsed_date(text.strip(), date_format)
    if found is None:
        raise ValueRefusedError("not_a_date", _DATE_WANTED.format(date_format or "2026-03-31"))
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone)
    try:
        return found.astimezone(UTC)
    except OverflowError as error:
        raise ValueRefusedError("not_a_date", "This date is out of range.") from error


def parsed_date(text: str, date_format: str) -> datetime | None:
    """Return what the text says, ISO first, then the pattern; a day alone is its noon."""
    if len(text) >= 10 and text[:4].isdigit():  # noqa: PLR2004 - YYYY-MM-DD
        try:
            if len(text) == 10:  # noqa: PLR2004 - YYYY-MM-DD
                day = date.fromisoformat(text)
                return datetime(day.year, day.month, day.day, 12)  # noqa: DTZ001 - zone by caller
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    if not date_format:
        return None
    try:
        found = datetime.strptime(text, date_format)  # noqa: DTZ007 - the zone is the caller's
    except ValueError:
        return None
    return found if "%H" in date_format or "%I" in date_format else found.replace(hour=12)


def _packs(text: str) -> tuple[Pack, ...]:
    """Read `box=12; case=144@04006381333931; half=1/2`."""
    packs = []
    for part in unguarded(text).split(";"):
        if not part.strip():
            continue
        found = _PACK.fullmatch(part.strip())
        if found is None:
            raise ValueRefusedError("packs_form", "Write packs like: box=12; case=144.")
        factor = Fraction(int(found["over"]), int(found["under"] or 1) or 1)
        packs.append(
            Pack(found["unit"].strip(), factor.numerator, factor.denominator, found["gtin"])
        )
    return tuple(packs)
