"""What may be promised by date, as a pure rule."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from truestock.stock.model.explanations import Dated
from truestock.stock.rules.promising import promisable

TODAY = date(2026, 3, 2)

dated = st.lists(
    st.builds(
        Dated,
        st.dates(TODAY - timedelta(days=9), TODAY + timedelta(days=30)),
        st.integers(-1000, 1000),
    ),
    max_size=20,
)


def test_stock_needed_later_is_not_given_away_now() -> None:
    out = Dated(TODAY + timedelta(days=3), -8)
    into = Dated(TODAY + timedelta(days=5), 20)
    points = promisable(10, TODAY, [into, out])
    assert [(each.quantity_projected, each.quantity_promisable) for each in points] == [
        (10, 2),
        (2, 2),
        (22, 22),
    ]


def test_what_is_overdue_counts_today() -> None:
    [point] = promisable(5, TODAY, [Dated(TODAY - timedelta(days=2), 3)])
    assert (point.date, point.quantity_promisable) == (TODAY, 8)


@given(st.integers(-1000, 1000), dated)
def test_promising_the_least_never_makes_a_later_day_short(
    available: int, changes: list[Dated]
) -> None:
    points = promisable(available, TODAY, changes)
    days = [point.date for point in points]
    assert days == sorted(set(days))
    assert days[0] == TODAY
    assert points[-1].quantity_projected == available + sum(each.quantity for each in changes)
    for place, point in enumerate(points):
        rest = [later.quantity_projected for later in points[place:]]
        assert point.quantity_promisable == min(rest)
