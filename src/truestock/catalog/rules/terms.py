"""What makes supplier terms right, and what a quantity costs by them. Pure."""

from truestock.catalog.errors.items import CurrencyFormError, PriceRangeError
from truestock.catalog.errors.terms import (
    LeadTimeError,
    OrderQuantityError,
    PriceBreakRepeatedError,
    PriceBreaksTooManyError,
    SupplierSkuError,
)
from truestock.catalog.model.terms import PriceBreak, SupplierTerm, TermFields
from truestock.catalog.rules.items import PRICE_MAX
from truestock.catalog.rules.texts import is_currency, is_text
from truestock.kernel.quantity import QUANTITY_MAX

SUPPLIER_SKU_LENGTH_MAX = 64
LEAD_TIME_DAYS_MAX = 3_650
PRICE_BREAKS_MAX = 50


def checked(term: TermFields) -> TermFields:
    """Return the terms; raise what is wrong with them."""
    if not is_text(term.supplier_sku, SUPPLIER_SKU_LENGTH_MAX):
        raise SupplierSkuError
    if not 0 <= term.lead_time_days <= LEAD_TIME_DAYS_MAX:
        raise LeadTimeError(lead_time_days=term.lead_time_days)
    for quantity in (term.order_minimum, term.order_multiple):
        _require_quantity(quantity)
    if not is_currency(term.currency):
        raise CurrencyFormError(currency=term.currency)
    _require_breaks(term.price_breaks)
    return term


def unit_price_minor(term: SupplierTerm | TermFields, quantity: int) -> int | None:
    """Return the price of one base unit when this many are bought; None when no break says.

    The break with the largest minimum that the quantity reaches decides.
    """
    reached = [each for each in term.price_breaks if each.quantity_minimum <= quantity]
    if not reached:
        return None
    return max(reached, key=lambda each: each.quantity_minimum).unit_price_minor


def _require_breaks(breaks: tuple[PriceBreak, ...]) -> None:
    if len(breaks) > PRICE_BREAKS_MAX:
        raise PriceBreaksTooManyError(price_breaks=len(breaks))
    seen: set[int] = set()
    for each in breaks:
        _require_quantity(each.quantity_minimum)
        if not 0 <= each.unit_price_minor <= PRICE_MAX:
            raise PriceRangeError(price_minor=each.unit_price_minor)
        if each.quantity_minimum in seen:
            raise PriceBreakRepeatedError(quantity_minimum=each.quantity_minimum)
        seen.add(each.quantity_minimum)


def _require_quantity(quantity: int) -> None:
    if not 1 <= quantity <= QUANTITY_MAX:
        raise OrderQuantityError(quantity=quantity)
