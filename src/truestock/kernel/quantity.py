"""Exact quantities: integers in the item's base unit; other units convert by exact factors."""

from decimal import Decimal
from fractions import Fraction

from truestock.kernel.errors import TruestockError

QUANTITY_MAX = 10**12
"""The largest quantity of one line. Sums of a million such lines still fit PostgreSQL's bigint."""

ONE = Fraction(1)
"""The factor of the base unit."""

_DIGITS_MAX = 24


class FractionalQuantityError(TruestockError):
    """This quantity is not a whole number of the item's base unit."""

    code = "quantity_fractional"


class QuantityOutOfRangeError(TruestockError):
    """A quantity is a whole number above zero and at most 1,000,000,000,000 base units."""

    code = "quantity_out_of_range"


def base_quantity(entered: int | Decimal, factor: Fraction) -> int:
    """Convert a quantity as entered to base units.

    `factor` is base units per entered unit, exact. Raises `FractionalQuantityError` when the result
    is not whole and `QuantityOutOfRangeError` when it is not within 1..QUANTITY_MAX.
    """
    if type(entered) is int and factor is ONE:
        if not 0 < entered <= QUANTITY_MAX:
            raise QuantityOutOfRangeError(quantity=str(entered))
        return entered
    if isinstance(entered, Decimal):
        _require_bounded(entered)
    exact = Fraction(entered) * factor
    if exact.denominator != 1:
        raise FractionalQuantityError(quantity=str(entered), factor=str(factor))
    if not 0 < exact.numerator <= QUANTITY_MAX:
        raise QuantityOutOfRangeError(quantity=str(entered))
    return exact.numerator


def _require_bounded(entered: Decimal) -> None:
    """Refuse what costs memory to make exact: 1E+999999999 is a short text and a long number."""
    if not entered.is_finite() or entered.adjusted() > _DIGITS_MAX:
        raise QuantityOutOfRangeError(quantity=str(entered))
    exponent = entered.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -_DIGITS_MAX:
        raise FractionalQuantityError(quantity=str(entered))


UNIT_COST_MAX = 10**12
UNIT_COST_DECIMALS_MAX = 6


def is_unit_cost(cost: Decimal) -> bool:
    """Tell whether a cost of one unit is exact and sane: finite, 0..10^12, at most six decimals."""
    exponent = cost.as_tuple().exponent
    return (
        isinstance(exponent, int)
        and exponent >= -UNIT_COST_DECIMALS_MAX
        and 0 <= cost <= UNIT_COST_MAX
    )
