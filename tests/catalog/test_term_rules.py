"""What a quantity costs by a supplier's price breaks."""

from hypothesis import given
from hypothesis import strategies as st

from truestock.catalog.model.terms import PriceBreak, TermFields
from truestock.catalog.rules.terms import unit_price_minor

breaks = st.lists(
    st.builds(PriceBreak, st.integers(1, 1_000), st.integers(0, 10_000)),
    unique_by=lambda each: each.quantity_minimum,
    max_size=8,
).map(tuple)


@given(breaks, st.integers(1, 2_000))
def test_the_largest_break_that_is_reached_decides(
    given_breaks: tuple[PriceBreak, ...], quantity: int
) -> None:
    term = TermFields(lead_time_days=1, price_breaks=given_breaks)
    price = unit_price_minor(term, quantity)
    reached = {
        each.quantity_minimum: each for each in given_breaks if each.quantity_minimum <= quantity
    }
    assert price == (reached[max(reached)].unit_price_minor if reached else None)
