"""The decision of the ledger: given locked balances and a command, what happens or why not.

`decide` is pure; `absorb` makes the next command see what the last one did. Running commands one by
one or in groups therefore gives the same answers: a group is only a shorter way to the disk.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from truestock.kernel.errors import TruestockError
from truestock.stock.errors.movements import (
    AlreadyReversedError,
    BalanceOutOfRangeError,
    InsufficientStockError,
    NotReservableError,
    ReservationResolvedError,
    ReservationTooSmallError,
    ReservationUnknownError,
    SerialNotHereError,
)
from truestock.stock.model.movements import (
    BalanceState,
    Command,
    Line,
    Post,
    Release,
    ReservationState,
    Reserve,
)

BALANCE_MAX = 2**53 - 1
"""Beyond this a program that reads JSON numbers as doubles would see another number."""


class LedgerState(msgspec.Struct):
    """What a group of commands has locked and read; `absorb` moves it on."""

    balances: dict[int, BalanceState]
    reservations: dict[int, ReservationState] = {}
    serial_places: dict[int, int] = {}
    reversed_ids: set[int] = set()


class Decision(msgspec.Struct, frozen=True, gc=False):
    """An accepted command: new states of what it touches, and both balances after each line."""

    balances: dict[int, BalanceState]
    lines_after: list[tuple[int, int]] = []
    serial_places: dict[int, int | None] = {}


def decide(state: LedgerState, command: Command, now: datetime) -> Decision | TruestockError:
    """Accept or refuse a command on these balances. `now` is the database's present moment."""
    if isinstance(command, Post):
        return _decide_post(state, command, now)
    if isinstance(command, Reserve):
        return _decide_reserve(state, command)
    return _decide_release(state, command, now)


def absorb(state: LedgerState, command: Command, decision: Decision) -> None:
    """Move the state on by an accepted command."""
    state.balances.update(decision.balances)
    if isinstance(command, Post):
        for lot_id, balance_id in decision.serial_places.items():
            if balance_id is None:
                state.serial_places.pop(lot_id, None)
            else:
                state.serial_places[lot_id] = balance_id
        if command.reverses_id is not None:
            state.reversed_ids.add(command.reverses_id)
        if command.reservation_id is not None:
            _resolve(state, command.reservation_id, "posted")
    elif isinstance(command, Release):
        _resolve(state, command.reservation_id, command.state)


def mirrored(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return the lines that undo these: sides swapped, last line first."""
    return tuple(
        msgspec.structs.replace(
            line,
            source_balance_id=line.target_balance_id,
            target_balance_id=line.source_balance_id,
        )
        for line in reversed(lines)
    )


def _resolve(state: LedgerState, reservation_id: int, resolved: str) -> None:
    found = state.reservations[reservation_id]
    state.reservations[reservation_id] = msgspec.structs.replace(found, state=resolved)


def _decide_post(state: LedgerState, command: Post, now: datetime) -> Decision | TruestockError:
    if command.reverses_id is not None and command.reverses_id in state.reversed_ids:
        return AlreadyReversedError(movement_id=command.reverses_id)
    touched: dict[int, BalanceState] = {}
    if command.reservation_id is not None:
        refusal = _released_for_post(state, command, now, touched)
        if refusal is not None:
            return refusal
    after: list[tuple[int, int]] = []
    serials: dict[int, int | None] = {}
    shortages: list[dict[str, Any]] = []
    for number, line in enumerate(command.lines, start=1):
        source = touched.get(line.source_balance_id) or state.balances[line.source_balance_id]
        target = touched.get(line.target_balance_id) or state.balances[line.target_balance_id]
        left = source.quantity_on_hand - line.quantity
        held = target.quantity_on_hand + line.quantity
        if left < source.quantity_reserved and _is_limited(source):
            shortages.append(_shortage(number, line, source))
            continue
        if left < -BALANCE_MAX or held > BALANCE_MAX:
            return BalanceOutOfRangeError(line_number=number)
        if line.serial_lot_id is not None and not _serial_moves(
            state, serials, line, (source, target)
        ):
            return SerialNotHereError(line_number=number)
        touched[line.source_balance_id] = _with_on_hand(source, left)
        touched[line.target_balance_id] = _with_on_hand(target, held)
        after.append((left, held))
    if shortages:
        return InsufficientStockError(shortages=shortages)
    return Decision(touched, after, serials)


def _is_limited(source: BalanceState) -> bool:
    """Tell whether stock there ends at what is promised.

    A promise is kept even where a location's policy allows less than nothing.
    """
    return source.physical and (not source.negative_allowed or source.quantity_reserved > 0)


def _with_on_hand(state: BalanceState, quantity_on_hand: int) -> BalanceState:
    return BalanceState(
        quantity_on_hand,
        state.quantity_reserved,
        state.physical,
        state.negative_allowed,
        state.disposition,
    )


def _with_reserved(state: BalanceState, quantity_reserved: int) -> BalanceState:
    return BalanceState(
        state.quantity_on_hand,
        quantity_reserved,
        state.physical,
        state.negative_allowed,
        state.disposition,
    )


def _shortage(number: int, line: Line, source: BalanceState) -> dict[str, Any]:
    available = max(source.quantity_on_hand - source.quantity_reserved, 0)
    return {
        "line_number": number,
        "balance_id": line.source_balance_id,
        "quantity_asked": line.quantity,
        "quantity_available": available,
        "quantity_missing": line.quantity - available,
    }


def _serial_moves(
    state: LedgerState,
    moved: dict[int, int | None],
    line: Line,
    sides: tuple[BalanceState, BalanceState],
) -> bool:
    """Tell whether the serial is where it is taken from; note where it goes.

    No policy lets an individual leave a physical place in which it is not.
    """
    source, target = sides
    lot_id = line.serial_lot_id
    assert lot_id is not None  # noqa: S101 - the caller looked
    place = moved[lot_id] if lot_id in moved else state.serial_places.get(lot_id)
    if place != (line.source_balance_id if source.physical else None):
        return False
    moved[lot_id] = line.target_balance_id if target.physical else None
    return True


def _released_for_post(
    state: LedgerState, command: Post, now: datetime, touched: dict[int, BalanceState]
) -> TruestockError | None:
    """Free the reservation this movement fulfils, so that it does not stand in its own way."""
    assert command.reservation_id is not None  # noqa: S101 - the caller looked
    found = _pending(state, command.reservation_id, now)
    if isinstance(found, TruestockError):
        return found
    taken = sum(
        line.quantity for line in command.lines if line.source_balance_id == found.balance_id
    )
    if not 0 < taken <= found.quantity:
        return ReservationTooSmallError(quantity_reserved=found.quantity, quantity_asked=taken)
    balance = state.balances[found.balance_id]
    touched[found.balance_id] = _with_reserved(balance, balance.quantity_reserved - found.quantity)
    return None


def _pending(
    state: LedgerState, reservation_id: int, now: datetime
) -> ReservationState | TruestockError:
    found = state.reservations.get(reservation_id)
    if found is None:
        return ReservationUnknownError(reservation_id=reservation_id)
    if found.state != "pending":
        return ReservationResolvedError(reservation_id=reservation_id, state=found.state)
    if found.expires_at is not None and found.expires_at <= now:
        return ReservationResolvedError(reservation_id=reservation_id, state="expired")
    return found


def _decide_reserve(state: LedgerState, command: Reserve) -> Decision | TruestockError:
    balance = state.balances[command.balance_id]
    if not balance.physical or balance.disposition != "available":
        return NotReservableError(balance_id=command.balance_id)
    available = balance.quantity_on_hand - balance.quantity_reserved
    if command.quantity > available:
        shortage = {
            "line_number": 1,
            "balance_id": command.balance_id,
            "quantity_asked": command.quantity,
            "quantity_available": max(available, 0),
            "quantity_missing": command.quantity - max(available, 0),
        }
        return InsufficientStockError(shortages=[shortage])
    promised = balance.quantity_reserved + command.quantity
    return Decision({command.balance_id: _with_reserved(balance, promised)})


def _decide_release(
    state: LedgerState, command: Release, now: datetime
) -> Decision | TruestockError:
    found = state.reservations.get(command.reservation_id)
    if found is None:
        return ReservationUnknownError(reservation_id=command.reservation_id)
    if found.state != "pending":
        return ReservationResolvedError(reservation_id=command.reservation_id, state=found.state)
    if command.state == "expired" and (found.expires_at is None or found.expires_at > now):
        return ReservationResolvedError(reservation_id=command.reservation_id, state="pending")
    balance = state.balances[command.balance_id]
    freed = _with_reserved(balance, balance.quantity_reserved - found.quantity)
    return Decision({command.balance_id: freed})
