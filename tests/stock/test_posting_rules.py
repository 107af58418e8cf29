"""The pure decision against a naive model of its own, and what grouping may not change."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from stock.naive import BELOW_ZERO, EVERY, LARGEST, ON_HOLD, Moved, Naive
from truestock.kernel.errors import TruestockError
from truestock.stock.errors.movements import InsufficientStockError
from truestock.stock.model.movements import (
    BalanceState,
    Command,
    Line,
    Post,
    Release,
    ReservationState,
    Reserve,
)
from truestock.stock.rules.posting import LedgerState, absorb, decide, mirrored

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SERIALS = (100, 101)


def start() -> LedgerState:
    return LedgerState(
        {
            key: BalanceState(
                0,
                0,
                physical=key > 0,
                negative_allowed=key == BELOW_ZERO,
                disposition="quality_hold" if key == ON_HOLD else "available",
            )
            for key in EVERY
        },
        {},
        {},
        set(),
    )


places = st.sampled_from(EVERY)
quantities = st.one_of(*[st.integers(1, 9)] * 9, st.sampled_from([LARGEST - 3, LARGEST]))
plain_line = st.tuples(places, places, quantities, st.none())
serial_line = st.tuples(places, places, st.just(1), st.sampled_from(SERIALS))
lines = st.lists(
    st.one_of(plain_line, plain_line, serial_line).filter(lambda line: line[0] != line[1]),
    min_size=1,
    max_size=4,
)
numbers = st.integers(0, 6)
steps = st.lists(
    st.one_of(
        lines.map(lambda moved: ("move", moved)),
        lines.map(lambda moved: ("move", moved)),
        st.tuples(st.just("fulfil"), lines, numbers),
        st.tuples(st.just("fulfil exactly"), numbers, st.integers(-1, 2)),
        st.tuples(st.just("undo"), lines, numbers),
        st.tuples(st.just("promise"), places, st.integers(1, 9), st.integers(0, 30) | st.none()),
        st.tuples(st.just("promise all but"), places, st.integers(-1, 1)),
        st.tuples(st.just("take all but"), places, places, st.integers(-1, 1)).filter(
            lambda step: step[1] != step[2]
        ),
        st.tuples(st.just("end"), numbers, st.sampled_from(["voided", "expired"])),
        st.tuples(st.just("end at its moment"), numbers, st.sampled_from(["expired", "posted"])),
    ),
    max_size=30,
)


def post(number: int, asked: Sequence[Moved], **more: Any) -> Post:
    rows = tuple(
        Line(source, target, quantity, serial_lot_id=serial)
        for source, target, quantity, serial in asked
    )
    return Post(1, f"k{number}", b"", "move", None, rows, **more)


class Beside:
    """Ours and the naive model, given the same commands."""

    def __init__(self) -> None:
        self.state, self.naive = start(), Naive()
        self.made = 0

    def take(self, number: int, step: tuple[Any, ...]) -> None:
        command, expected, now = self.asked(number, step, NOON + timedelta(seconds=number))
        before = (dict(self.state.balances), dict(self.state.reservations))
        decision = decide(self.state, command, now)
        if isinstance(decision, TruestockError):
            assert decision.code == expected
            assert before == (self.state.balances, self.state.reservations)
            if isinstance(decision, InsufficientStockError) and isinstance(command, Post):
                short = decision.facts["shortages"]
                named = [(each["line_number"], each["quantity_missing"]) for each in short]
                assert named == self.naive.short
        else:
            assert expected is None
            absorb(self.state, command, decision)
            self.keep_promise(command)
            self.look_at_lines(command, decision.lines_after)
        self.compare()

    def asked(
        self, number: int, step: tuple[Any, ...], now: datetime
    ) -> tuple[Command, str | None, datetime]:
        verb, *rest = step
        if verb in {"promise all but", "take all but"}:
            *sides, less = rest
            free = self.naive.on_hand[sides[0]] - self.naive.reserved(sides[0])
            quantity = max(free - less, 1)
            verb = "move" if verb == "take all but" else "promise"
            rest = [[(*sides, quantity, None)]] if verb == "move" else [*sides, quantity, None]
        if verb == "end at its moment":
            held = self.state.reservations.get(rest[0])
            now = (held.expires_at if held else None) or now
            if rest[1] == "posted":
                verb, rest = "fulfil exactly", [rest[0], 0]
            else:
                verb = "end"
        if verb == "promise":
            place, quantity, after = rest
            ends = None if after is None else NOON + timedelta(seconds=after)
            expected = self.naive.promise(self.made, place, quantity, ends)
            return Reserve(1, f"k{number}", b"", place, quantity, 100, ends), expected, now
        if verb == "end":
            held = self.state.reservations.get(rest[0])
            place = held.balance_id if held else 1
            command = Release(1, f"k{number}", b"", rest[0], place, rest[1])
            return command, self.naive.end(rest[0], rest[1], now), now
        if verb == "fulfil exactly":
            held = self.state.reservations.get(rest[0])
            place, quantity = (held.balance_id, held.quantity + rest[1]) if held else (1, 1)
            rest = [[(place, -1, max(quantity, 1), None)], rest[0]]
        if verb in {"fulfil", "fulfil exactly"}:
            expected = self.naive.move(rest[0], now, fulfils=rest[1])
            return post(number, rest[0], reservation_id=rest[1]), expected, now
        if verb == "undo":
            expected = self.naive.move(rest[0], now, undoes=rest[1] + 1)
            return post(number, rest[0], reverses_id=rest[1] + 1), expected, now
        return post(number, rest[0]), self.naive.move(rest[0], now), now

    def keep_promise(self, command: Command) -> None:
        """What the ledger does with an accepted promise: it becomes a row."""
        if isinstance(command, Reserve):
            self.state.reservations[self.made] = ReservationState(
                command.balance_id, command.quantity, "pending", command.expires_at
            )
            self.made += 1

    def look_at_lines(self, command: Command, after: list[tuple[int, int]]) -> None:
        """The last line of each balance was told what is there now."""
        if isinstance(command, Post):
            assert len(after) == len(command.lines)
            last: dict[int, int] = {}
            for line, (source, target) in zip(command.lines, after, strict=True):
                last |= {line.source_balance_id: source, line.target_balance_id: target}
            assert last == {place: self.naive.on_hand[place] for place in last}

    def compare(self) -> None:
        for place, balance in self.state.balances.items():
            assert balance.quantity_on_hand == self.naive.on_hand[place]
            assert balance.quantity_reserved == self.naive.reserved(place)
            if place > 0 and place != BELOW_ZERO:
                assert 0 <= balance.quantity_reserved <= balance.quantity_on_hand
        assert self.state.serial_places == self.naive.serials
        assert self.state.reversed_ids == self.naive.undone
        states = {key: each.state for key, each in self.naive.promises.items()}
        assert {key: each.state for key, each in self.state.reservations.items()} == states
        assert sum(each.quantity_on_hand for each in self.state.balances.values()) == 0


@settings(max_examples=400)
@given(steps)
def test_decide_agrees_with_the_naive_model(asked: list[tuple[Any, ...]]) -> None:
    beside = Beside()
    for number, step in enumerate(asked):
        beside.take(number, step)


@given(steps)
def test_decide_agrees_with_the_naive_model_when_there_is_stock(
    asked: list[tuple[Any, ...]],
) -> None:
    beside = Beside()
    stock: list[Moved] = [(-1, place, 20, None) for place in EVERY if place > 0]
    serials: list[Moved] = [(-1, 1, 1, serial) for serial in SERIALS]
    opening = [
        ("move", stock), ("move", serials), ("promise", 1, 9, None), ("promise", 2, 3, 12),
        ("promise", BELOW_ZERO, 5, None),
    ]  # fmt: skip
    for number, step in enumerate([*opening, *asked]):
        beside.take(number, step)


@given(lines)
def test_a_mirror_undoes_its_lines(asked: list[Moved]) -> None:
    plain = [(*line[:3], None) for line in asked if line[2] < 100]
    state = LedgerState(
        {key: BalanceState(10_000, 0, physical=True, negative_allowed=False) for key in EVERY}
    )
    command = post(0, plain)
    first = decide(state, command, NOON)
    assert not isinstance(first, TruestockError)
    absorb(state, command, first)
    back = Post(1, "back", b"", "reversal", None, mirrored(command.lines), reverses_id=7)
    second = decide(state, back, NOON)
    assert not isinstance(second, TruestockError)
    absorb(state, back, second)
    assert {balance.quantity_on_hand for balance in state.balances.values()} == {10_000}
    assert isinstance(decide(state, back, NOON), TruestockError)


@given(st.lists(lines, max_size=8), st.randoms(use_true_random=False))
def test_where_nothing_is_refused_no_order_changes_the_totals(
    asked: list[list[Moved]], chance: Any
) -> None:
    totals = []
    for _ in range(2):
        state = LedgerState(
            {key: BalanceState(1_000, 0, physical=True, negative_allowed=False) for key in EVERY}
        )
        for number, moved in enumerate(asked):
            command = post(number, [(*line[:3], None) for line in moved if line[2] < 100])
            decision = decide(state, command, NOON)
            assert not isinstance(decision, TruestockError)
            absorb(state, command, decision)
        totals.append({key: each.quantity_on_hand for key, each in state.balances.items()})
        asked = chance.sample(asked, len(asked))
    assert totals[0] == totals[1]
