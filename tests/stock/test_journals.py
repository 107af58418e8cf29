"""The comparison that the mix of `test_posting_mix.py` rests on sees what it is there to see."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from stock.journals import MovementRow, ReservationRow, Tables, Told, differences

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
PLACE = ("S", "BIN-1")
IN = Told("in", "post", 1, NOON, ((-9, 9),), asked=(("S", "SUPPLIER", "BIN-1", 9),))
HELD = Told("held", "reserve", reservation_id=7, state="pending", place=PLACE, quantity=4)
OUT = Told("out", "fulfil", 2, NOON, asked=(("S", "BIN-1", "CUSTOMER", 4),), subject_id=7)
BACK = Told("back", "reverse", 3, NOON, subject_id=1)
REFUSED = Told("no", "post", code="insufficient_stock", asked=(("S", "BIN-1", "CUSTOMER", 99),))
TOLD = [IN, IN, HELD, OUT, REFUSED]


def moved(movement_id: int, key: str, *line: Any, **more: Any) -> MovementRow:
    return MovementRow(movement_id, key, NOON, (line,), **more)


ROWS = [moved(1, "in", *IN.asked[0], -9, 9), moved(2, "out", *OUT.asked[0], 5, 4)]
KEPT = ReservationRow(7, "held", PLACE, 4, "posted", NOON, NOON, 2)
BOOKS = {("S", "SUPPLIER"): (-9, 0), PLACE: (5, 0), ("S", "CUSTOMER"): (4, 0)}
GOOD = Tables(ROWS, [KEPT], BOOKS)


def other(told: Told, **changes: Any) -> Told:
    return msgspec.structs.replace(told, **changes)


def tables(**changes: Any) -> Tables:
    return msgspec.structs.replace(GOOD, **changes)


def test_what_agrees_is_clean() -> None:
    assert differences(TOLD, GOOD) == []


def test_a_refusal_that_is_not_kept_may_be_followed_by_an_answer() -> None:
    assert differences([other(IN, movement_id=None, code="item_archived"), *TOLD], GOOD) == []


@pytest.mark.parametrize(
    ("told", "recorded"),
    {
        "lost": (TOLD, tables(movements=ROWS[:1])),
        "nobody was told": ([IN, HELD, REFUSED], GOOD),
        "recorded twice": (
            TOLD,
            tables(movements=[*ROWS, moved(4, "in", *IN.asked[0], -18, 18)]),
        ),
        "another quantity": (
            TOLD,
            tables(movements=[moved(1, "in", "S", "SUPPLIER", "BIN-1", 8, -9, 9), ROWS[1]]),
        ),
        "another answer to a repeat": ([*TOLD, other(IN, movement_id=2)], GOOD),
        "refused, then done": ([*TOLD, other(REFUSED, movement_id=2, code="")], GOOD),
        "told another quantity after": ([other(IN, after=((-9, 8),)), HELD, OUT], GOOD),
        "told another moment": ([other(IN, recorded_at=NOON + timedelta(1)), HELD, OUT], GOOD),
        "a promise is gone": (TOLD, tables(reservations=[])),
        "a promise nobody was told of": ([IN, OUT], GOOD),
        "a promise of another size": ([IN, other(HELD, quantity=5), OUT], GOOD),
        "a promise ended twice": (
            [*TOLD, Told("v", "void", reservation_id=7, state="voided", subject_id=7)],
            GOOD,
        ),
        "a promise ended unasked": (
            TOLD,
            tables(reservations=[msgspec.structs.replace(KEPT, state="voided")]),
        ),
        "undone twice": (
            [*TOLD, BACK, other(BACK, key="b2", movement_id=4)],
            tables(
                movements=[
                    *ROWS,
                    moved(3, "back", "S", "BIN-1", "SUPPLIER", 9, 0, 0, reverses_id=1),
                    moved(4, "b2", "S", "BIN-1", "SUPPLIER", 9, 0, 0, reverses_id=1),
                ]
            ),
        ),
        "a balance is off": (TOLD, tables(balances=BOOKS | {PLACE: (6, 0)})),
        "still reserved": (TOLD, tables(balances=BOOKS | {PLACE: (5, 4)})),
    }.values(),
)
def test_what_does_not_agree_is_named(told: list[Told], recorded: Tables) -> None:
    assert differences(told, recorded)


def test_more_promised_than_there_was_for_a_moment_is_named() -> None:
    later = msgspec.structs.replace(KEPT, recorded_at=NOON + timedelta(1), resolved_at=None)
    over = msgspec.structs.replace(later, quantity=6, state="pending", movement_id=None)
    told = [IN, other(HELD, quantity=6), other(OUT, verb="post", subject_id=0)]
    recorded = tables(reservations=[over], balances=BOOKS | {PLACE: (5, 6)})
    assert [each for each in differences(told, recorded) if "promised" in each]
