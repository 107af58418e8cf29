"""What clients were told against what the database holds: pure, so that it can be tested itself.

Expected balances are computed from the clients' own requests, never from the database's.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bench.chaos.journal import Asked, Body

Place = tuple[str, str]
"""A SKU and the code of a physical location."""


@dataclass(frozen=True)
class Recorded:
    """One movement in the database with its lines as (sku, source, target, quantity)."""

    movement_id: int
    request_key: str
    lines: tuple[tuple[str, str, str, int], ...]


@dataclass
class Found:
    """The differences; empty lists are what is hoped for."""

    asked: int = 0
    acknowledged: int = 0
    unanswered: int = 0
    recorded_unanswered: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    drifted: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Tell whether nothing is lost, doubled or off."""
        return not (self.lost or self.doubled or self.drifted)


def compared(
    requests: Sequence[Asked], recorded: Iterable[Recorded], balances: dict[Place, int]
) -> Found:
    """Compare all requests ever sent by a key's holder with all movements of that key."""
    found = Found()
    by_key: dict[str, list[Recorded]] = defaultdict(list)
    for each in recorded:
        by_key[each.request_key].append(each)
    expected: Counter[Place] = Counter()
    known: set[str] = set()
    for request in requests:
        for place, movement in enumerate(request.movements):
            key = movement["request_key"]
            known.add(key)
            there = by_key.get(key, [])
            _judge(found, request, place, key, there)
            if there:
                _add(expected, movement)
    found.doubled += [f"{key}: nobody asked for it" for key in by_key if key not in known]
    found.drifted = [
        f"{place}: {balances.get(place, 0)} on hand, {expected[place]} by the clients' books"
        for place in sorted(balances.keys() | expected.keys())
        if balances.get(place, 0) != expected[place]
    ]
    return found


def _judge(found: Found, request: Asked, place: int, key: str, there: Sequence[Recorded]) -> None:
    found.asked += 1
    if len(there) > 1:
        found.doubled.append(f"{key}: movements {[each.movement_id for each in there]}")
    for each in there:
        if sorted(each.lines) != sorted(_lines(request.movements[place])):
            found.doubled.append(f"{key}: movement {each.movement_id} is not what was asked")
    if not request.outcomes:
        found.unanswered += 1
        found.recorded_unanswered += bool(there)
        return
    found.acknowledged += 1
    outcome = request.outcomes[place]
    if outcome.movement_id is None and there:
        found.doubled.append(f"{key}: refused ({outcome.code}) and yet recorded")
    if outcome.movement_id is not None and all(
        each.movement_id != outcome.movement_id for each in there
    ):
        found.lost.append(f"{key}: movement {outcome.movement_id} was acknowledged and is gone")


def _lines(movement: Body) -> list[tuple[str, str, str, int]]:
    return [
        (
            line["sku"],
            line.get("source_location", "SUPPLIER"),
            line.get("target_location", "CUSTOMER"),
            line["quantity"],
        )
        for line in movement["lines"]
    ]


def _add(expected: "Counter[Place]", movement: Body) -> None:
    for line in movement["lines"]:
        if "source_location" in line:
            expected[line["sku"], line["source_location"]] -= line["quantity"]
        if "target_location" in line:
            expected[line["sku"], line["target_location"]] += line["quantity"]


def changed_answers(before: Sequence[Asked], after: Sequence[Asked]) -> list[str]:
    """Name every key whose retry was answered otherwise than the first time, or not at all."""
    changed = []
    for first, again in zip(before, after, strict=True):
        for place, movement in enumerate(first.movements):
            if not again.outcomes:
                changed.append(f"{movement['request_key']}: no answer to the retry")
            elif first.outcomes and not first.outcomes[place].same_as(again.outcomes[place]):
                told = (first.outcomes[place], again.outcomes[place])
                changed.append(f"{movement['request_key']}: first {told[0]}, then {told[1]}")
    return changed
