"""The pure decision against a naive model, and grouping: any grouping gives the same answers."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from truestock.kernel.errors import TruestockError
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

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PHYSICAL = (1, 2, 3)
OVERDRAWN = 4
VIRTUAL = -1
EVERY = (*PHYSICAL, OVERDRAWN, VIRTUAL)


def start() -> LedgerState:
    return LedgerState(
        {
            key: BalanceState(0, 0, physical=key > 0, negative_allowed=key == OVERDRAWN)
            for key in EVERY
        }
    )


@dataclass
class Naive:
    """Plain dictionaries and the rules as a person would say them."""

    on_hand: dict[int, int] = field(default_factory=lambda: dict.fromkeys(EVERY, 0))
    promised: dict[int, dict[int, int]] = field(default_factory=lambda: {k: {} for k in EVERY})

    def reserved(self, key: int) -> int:
        return sum(self.promised[key].values())

    def post(self, lines: list[tuple[int, int, int]]) -> bool:
        trial = dict(self.on_hand)
        for source, target, quantity in lines:
            trial[source] -= quantity
            promised = self.reserved(source)
            limited = source in PHYSICAL or (source == OVERDRAWN and promised > 0)
            if limited and trial[source] < promised:
                return False
            trial[target] += quantity
        self.on_hand = trial
        return True

    def reserve(self, number: int, key: int, quantity: int) -> bool:
        if key < 0 or self.on_hand[key] - self.reserved(key) < quantity:
            return False
        self.promised[key][number] = quantity
        return True

    def release(self, number: int, key: int) -> bool:
        return self.promised[key].pop(number, None) is not None


lines = st.lists(
    st.tuples(st.sampled_from(EVERY), st.sampled_from(EVERY), st.integers(1, 9)).filter(
        lambda line: line[0] != line[1]
    ),
    min_size=1,
    max_size=4,
)
steps = st.lists(
    st.one_of(
        lines,
        st.tuples(st.sampled_from(EVERY), st.integers(1, 9)),  # reserve so much there
        st.integers(0, 8),  # release the reservation of that number
    ),
    max_size=30,
)
Lines = list[tuple[int, int, int]]


def post(number: int, asked: list[tuple[int, int, int]]) -> Post:
    rows = tuple(Line(*line) for line in asked)
    return Post(1, f"k{number}", b"", "move", None, rows)


@given(steps)
def test_decide_agrees_with_the_naive_model(asked: list[Lines | tuple[int, int] | int]) -> None:
    state, naive = start(), Naive()
    keys: list[int] = []
    for number, what in enumerate(asked):
        command: Command
        if isinstance(what, list):
            command = post(number, what)
            expected = naive.post(what)
        elif isinstance(what, tuple):
            command = Reserve(1, f"k{number}", b"", *what)
            expected = naive.reserve(len(keys), *what)
            if expected:
                state.reservations[len(keys)] = ReservationState(*what, "pending", None)
                keys.append(what[0])
        else:
            place = keys[what] if what < len(keys) else 1
            command = Release(1, f"k{number}", b"", what, place, "voided")
            expected = naive.release(what, place)
        decision = decide(state, command, NOW)
        assert isinstance(decision, TruestockError) is not expected
        if not isinstance(decision, TruestockError):
            absorb(state, command, decision)
        for key, balance in state.balances.items():
            assert balance.quantity_on_hand == naive.on_hand[key]
            assert balance.quantity_reserved == naive.reserved(key)
    assert sum(balance.quantity_on_hand for balance in state.balances.values()) == 0


@given(lines)
def test_a_mirror_undoes_its_lines(asked: list[tuple[int, int, int]]) -> None:
    state = LedgerState(
        {key: BalanceState(10_000, 0, physical=True, negative_allowed=False) for key in EVERY}
    )
    command = post(0, asked)
    first = decide(state, command, NOW)
    assert not isinstance(first, TruestockError)
    absorb(state, command, first)
    back = Post(1, "back", b"", "reversal", None, mirrored(command.lines), reverses_id=7)
    second = decide(state, back, NOW)
    assert not isinstance(second, TruestockError)
    absorb(state, back, second)
    assert {balance.quantity_on_hand for balance in state.balances.values()} == {10_000}
    assert isinstance(decide(state, back, NOW), TruestockError)


@given(lines)
def test_a_refused_movement_changes_nothing(asked: list[tuple[int, int, int]]) -> None:
    state = start()
    before = dict(state.balances)
    decide(state, post(0, asked), NOW)
    assert state.balances == before
