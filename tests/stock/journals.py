"""What callers asked and were told, replayed against what the tables hold. Pure.

The books are kept from the callers' side alone: expected quantities come from the lines that were
asked under answers that were given, never from the database's own movements.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

Place = tuple[str, str]
"""A SKU and the code of a location."""

LineAsked = tuple[str, str, str, int]
"""SKU, source, target, quantity in base units."""

BELOW_ZERO = "BIN-3"
"""Where the policy for stock below zero comes and goes."""

OPEN_REFUSALS = frozenset(
    {
        "item_archived",
        "location_inactive",
        "expiry_past",
        "request_key_reused",
        "reservation_unknown",
        "movement_unknown",
        "document_not_found",
        "movement_of_document",
        "reversal_of_reversal",
    }
)
"""Refusals that are not kept under their key: asked again, the same may be done."""


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """One answer to one caller."""

    key: str
    verb: str
    movement_id: int | None = None
    recorded_at: datetime | None = None
    after: tuple[tuple[int, int], ...] = ()
    reservation_id: int | None = None
    state: str = ""
    code: str = ""
    asked: tuple[LineAsked, ...] = ()
    place: Place | None = None
    quantity: int = 0
    subject_id: int = 0
    """The movement that is reversed, or the reservation that is ended."""

    @property
    def is_kept(self) -> bool:
        """Tell whether every later answer to this key must be this one."""
        return bool(self.movement_id or self.reservation_id) or self.code not in OPEN_REFUSALS

    def essence(self) -> tuple[Any, ...]:
        """Return what a repeat must say again."""
        return (
            self.movement_id, self.recorded_at, self.after,
            self.reservation_id, self.state, self.code,
        )  # fmt: skip


class MovementRow(msgspec.Struct, frozen=True):
    """A movement as recorded; lines as (sku, source, target, quantity, after, after)."""

    movement_id: int
    request_key: str
    recorded_at: datetime
    lines: tuple[tuple[str, str, str, int, int, int], ...]
    reverses_id: int | None = None


class ReservationRow(msgspec.Struct, frozen=True):
    """A reservation as recorded."""

    reservation_id: int
    request_key: str
    place: Place
    quantity: int
    state: str
    recorded_at: datetime
    resolved_at: datetime | None = None
    movement_id: int | None = None


class Tables(msgspec.Struct, frozen=True):
    """What the database holds: movements, reservations, (on hand, reserved) by place."""

    movements: Sequence[MovementRow]
    reservations: Sequence[ReservationRow]
    balances: dict[Place, tuple[int, int]]


def differences(told: Sequence[Told], tables: Tables) -> list[str]:
    """Return a sentence for everything that was acknowledged otherwise than it is recorded."""
    return [
        *_changed_answers(told),
        *_movements_off(told, tables),
        *_reservations_off(told, tables),
        *_books_off(told, tables),
        *_over_promised(tables),
    ]


def _changed_answers(told: Iterable[Told]) -> list[str]:
    by_key: dict[str, set[tuple[Any, ...]]] = defaultdict(set)
    for each in told:
        if each.key and each.is_kept:
            by_key[each.key].add(each.essence())
    return [f"{key}: answered {found}" for key, found in by_key.items() if len(found) > 1]


def _movements_off(told: Sequence[Told], tables: Tables) -> list[str]:
    found = []
    recorded = {each.movement_id: each for each in tables.movements}
    lines_by_id = {each.movement_id: each.asked for each in told if each.movement_id and each.asked}
    for each in told:
        if each.movement_id is None:
            continue
        row = recorded.get(each.movement_id)
        if row is None:
            found.append(f"{each.key}: movement {each.movement_id} was told and is not there")
            continue
        asked = each.asked or _mirrored(lines_by_id.get(each.subject_id, ()))
        if tuple(line[:4] for line in row.lines) != asked:
            found.append(f"{each.key}: movement {row.movement_id} is {row.lines}, asked {asked}")
        if each.after and tuple(line[4:] for line in row.lines) != each.after:
            found.append(f"{each.key}: movement {row.movement_id} told {each.after}: {row.lines}")
        if each.recorded_at and each.recorded_at != row.recorded_at:
            found.append(f"{each.key}: movement {row.movement_id} told another moment")
        if each.verb in {"post", "fulfil", "reverse"} and row.request_key != each.key:
            found.append(f"{each.key}: movement {row.movement_id} stands under {row.request_key}")
    acknowledged = {each.movement_id for each in told}
    found += [
        f"{row.request_key}: movement {row.movement_id} is there and nobody was told"
        for row in tables.movements
        if row.movement_id not in acknowledged
    ]
    reversals = Counter(row.reverses_id for row in tables.movements if row.reverses_id)
    found += [f"movement {each} is undone {n} times" for each, n in reversals.items() if n > 1]
    return found


def _mirrored(lines: Iterable[LineAsked]) -> tuple[LineAsked, ...]:
    turned = [(sku, target, source, quantity) for sku, source, target, quantity in lines]
    return tuple(reversed(turned))


def _reservations_off(told: Sequence[Told], tables: Tables) -> list[str]:
    found = []
    recorded = {each.reservation_id: each for each in tables.reservations}
    made = {each.reservation_id for each in told if each.verb == "reserve"}
    ended: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for each in told:
        if each.verb == "reserve" and each.reservation_id is not None:
            row = recorded.get(each.reservation_id)
            if row is None:
                found.append(f"{each.key}: reservation {each.reservation_id} is not there")
            elif (row.place, row.quantity) != (each.place, each.quantity):
                found.append(f"{each.key}: reservation {row.reservation_id} is of {row.place}")
        elif each.verb in {"void", "expire"} and each.reservation_id is not None:
            ended[each.subject_id].add((each.key, each.state))
        elif each.verb == "fulfil" and each.movement_id is not None:
            ended[each.subject_id].add((each.key, "posted"))
    for row in tables.reservations:
        if row.reservation_id not in made:
            found.append(f"reservation {row.reservation_id} is there and nobody was told")
        states = sorted(state for _, state in ended[row.reservation_id])
        if states != ([] if row.state == "pending" else [row.state]):
            found.append(f"reservation {row.reservation_id} is {row.state}, told {states}")
    return found


def _books_off(told: Iterable[Told], tables: Tables) -> list[str]:
    """Compare quantities with the sum of what was acknowledged, each movement once."""
    told = list(told)
    lines_by_id = {each.movement_id: each.asked for each in told if each.movement_id and each.asked}
    on_hand: Counter[Place] = Counter()
    for each in {each.movement_id: each for each in told if each.movement_id}.values():
        for sku, source, target, quantity in each.asked or _mirrored(
            lines_by_id.get(each.subject_id, ())
        ):
            on_hand[sku, source] -= quantity
            on_hand[sku, target] += quantity
    pending: Counter[Place] = Counter()
    ended = {
        each.subject_id
        for each in told
        if each.verb in {"void", "expire", "fulfil"} and (each.movement_id or each.reservation_id)
    }
    for each in {each.reservation_id: each for each in told if each.verb == "reserve"}.values():
        if each.reservation_id and each.reservation_id not in ended and each.place:
            pending[each.place] += each.quantity
    found = []
    for place in sorted(tables.balances.keys() | on_hand.keys() | pending.keys()):
        expected = (on_hand[place], pending[place])
        there = tables.balances.get(place, (0, 0))
        if there != expected:
            found.append(f"{place}: {there} by the tables, {expected} by the callers' books")
    return found


def _over_promised(tables: Tables) -> list[str]:
    """Go through the history of each balance: at no moment was more promised than there was.

    Everything of one group carries one moment, so a balance is judged after each moment.
    """
    events: dict[Place, list[tuple[datetime, int, int]]] = defaultdict(list)
    for movement in tables.movements:
        for sku, source, target, quantity, _, _ in movement.lines:
            events[sku, source].append((movement.recorded_at, -quantity, 0))
            events[sku, target].append((movement.recorded_at, quantity, 0))
    for each in tables.reservations:
        events[each.place].append((each.recorded_at, 0, each.quantity))
        if each.resolved_at is not None:
            events[each.place].append((each.resolved_at, 0, -each.quantity))
    found = []
    for place, history in events.items():
        if not place[1].startswith("BIN"):
            continue
        history.sort()
        on_hand = promised = 0
        for number, (moment, moved, reserved) in enumerate(history):
            on_hand, promised = on_hand + moved, promised + reserved
            if number + 1 < len(history) and history[number + 1][0] == moment:
                continue
            least = min(on_hand, 0) if place[1] == BELOW_ZERO else 0
            if on_hand < least or promised < 0 or promised > max(on_hand, 0):
                found.append(f"{place} at {moment}: {promised} promised of {on_hand}")
    return found
