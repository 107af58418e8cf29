"""What a group of commands reads: locked balances, earlier answers, ids, the stamp of facts."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from truestock.database import ReadTransaction, Transaction, load_sql
from truestock.database.arrays import array_literal
from truestock.database.transactions import Row
from truestock.stock.model.movements import (
    BalanceKey,
    BalanceState,
    Command,
    Line,
    Post,
    Posted,
    PostedLine,
    Release,
    ReservationState,
    Reserve,
)

_LOCK_BALANCES = load_sql(__name__, "lock_balances")
_BALANCES_NOW = load_sql(__name__, "balances_now")
_LOCK_SERIALS = load_sql(__name__, "lock_serials")
_GROUP_FACTS = load_sql(__name__, "group_facts")
_FIND_BALANCES = load_sql(__name__, "find_balances")
_FIND_LOTS = load_sql(__name__, "find_lots")
_ORIGINALS = load_sql(__name__, "movement_originals")
_POSTED_ANSWERS = load_sql(__name__, "posted_answers")
_BALANCE_SITES = load_sql(__name__, "balance_sites")
_RESERVATION_BALANCES = load_sql(__name__, "reservation_balances")


class EarlierAnswer(msgspec.Struct, frozen=True, array_like=True):
    """What was answered before under a key. `place` counts the asked commands from 1."""

    place: int
    payload_hash: str
    movement_id: int | None
    answer: dict[str, Any] | None


class BalancesFound(NamedTuple):
    """Balances by id: what the decision sees of them, and how often each has been changed."""

    states: dict[int, BalanceState]
    versions: dict[int, int]


class GroupFacts(msgspec.Struct, frozen=True):
    """What a group knows once its balances are locked."""

    now: datetime
    stamp: int
    reservation_ids: Sequence[int]
    answered: dict[int, EarlierAnswer]
    reservations: dict[int, ReservationState]
    reversed_ids: set[int]
    serial_places: dict[int, int]


class Original(msgspec.Struct, frozen=True):
    """A posted movement that is to be reversed."""

    movement_id: int
    document_id: int | None
    reverses_id: int | None
    lines: tuple[Line, ...]


class _ReservationRow(msgspec.Struct, array_like=True):
    reservation_id: int
    balance_id: int
    quantity: int
    state: str
    expires_at: datetime | None


_earlier = msgspec.json.Decoder(list[EarlierAnswer])
_reservations = msgspec.json.Decoder(list[_ReservationRow])
_pairs = msgspec.json.Decoder(list[tuple[int, int]])


async def locked_balances(
    tx: Transaction, balance_ids: list[int], serial_lot_ids: list[int]
) -> BalancesFound:
    """Lock serials, then balances, each in key order; return the balances as they are then."""
    if serial_lot_ids:
        await tx.run(_LOCK_SERIALS, serial_lot_ids)
    return _found(await tx.rows(_LOCK_BALANCES, array_literal(balance_ids)))


async def balances_now(tx: ReadTransaction, balance_ids: Collection[int]) -> BalancesFound:
    """Return balances as they are, without a lock; who decides on them must check the versions."""
    return _found(await tx.rows(_BALANCES_NOW, list(balance_ids)))


def _found(rows: Sequence[Row]) -> BalancesFound:
    return BalancesFound(
        {row[0]: BalanceState(row[1], row[2], row[3], row[4], row[5]) for row in rows},
        {row[0]: row[6] for row in rows},
    )


async def group_facts(
    tx: Transaction, commands: Sequence[Command], serial_lot_ids: list[int]
) -> GroupFacts:
    """Read, in one statement after the locks, what else the decisions need."""
    posts = [command for command in commands if isinstance(command, Post)]
    wanted = [command.reservation_id for command in commands if isinstance(command, Release)]
    wanted += [each.reservation_id for each in posts if each.reservation_id is not None]
    row = await tx.row(
        _GROUP_FACTS,
        array_literal([command.actor_id for command in commands]),
        array_literal([command.request_key for command in commands]),
        sum(isinstance(command, Reserve) for command in commands),
        wanted,
        [post.reverses_id for post in posts if post.reverses_id is not None],
        serial_lot_ids,
    )
    assert row is not None  # noqa: S101 - a select without FROM has one row
    answered = _earlier.decode(row["answered"]) if row["answered"] else []
    reservations = _reservations.decode(row["reservations"]) if row["reservations"] else []
    return GroupFacts(
        now=row["now"],
        stamp=row["stamp"],
        reservation_ids=row["reservation_ids"] or (),
        answered={each.place - 1: each for each in answered},
        reservations={
            each.reservation_id: ReservationState(
                each.balance_id, each.quantity, each.state, each.expires_at
            )
            for each in reservations
        },
        reversed_ids=set(row["reversed_ids"] or ()),
        serial_places=dict(_pairs.decode(row["serial_places"])) if row["serial_places"] else {},
    )


async def balance_ids(tx: ReadTransaction, keys: Iterable[BalanceKey]) -> dict[BalanceKey, int]:
    """Return the ids of the balances that exist among these keys."""
    columns = list(zip(*keys, strict=True))
    rows = await tx.rows(_FIND_BALANCES, *columns) if columns else []
    return {BalanceKey(row[1], row[2], row[3], row[4]): row[0] for row in rows}


async def lot_ids(
    tx: ReadTransaction, names: Sequence[tuple[int, str]]
) -> dict[tuple[int, str], tuple[int, bool]]:
    """Return (lot id, is a serial) of the lots that exist among these (item id, code)."""
    items, codes = zip(*names, strict=True)
    rows = await tx.rows(_FIND_LOTS, items, codes)
    return {(row["item_id"], row["code"]): (row["lot_id"], row["serial"]) for row in rows}


async def originals(tx: ReadTransaction, movement_ids: Sequence[int]) -> dict[int, Original]:
    """Return the movements that exist among these ids, with their lines in order."""
    found = {}
    for row in await tx.rows(_ORIGINALS, movement_ids):
        lines = tuple(
            Line(source, target, quantity, serial_lot_id=lot_id)
            for source, target, quantity, lot_id in msgspec.json.decode(row["lines"])
        )
        found[row["movement_id"]] = Original(
            row["movement_id"], row["document_id"], row["reverses_id"], lines
        )
    return found


async def reservation_balances(
    tx: ReadTransaction, reservation_ids: Sequence[int]
) -> dict[int, int]:
    """Return the balance each of these reservations is on; that never changes."""
    rows = await tx.rows(_RESERVATION_BALANCES, reservation_ids)
    return {row["reservation_id"]: row["balance_id"] for row in rows}


async def balance_sites(tx: ReadTransaction, movements: Collection[Original]) -> set[int | None]:
    """Return the sites of the places these movements touched; virtual places have none."""
    lines = [line for movement in movements for line in movement.lines]
    ids = {line.source_balance_id for line in lines} | {line.target_balance_id for line in lines}
    return {row["site_id"] for row in await tx.rows(_BALANCE_SITES, list(ids))}


async def posted_answers(tx: ReadTransaction, movement_ids: list[int]) -> dict[int, Posted]:
    """Rebuild what these movements answered when they were posted."""
    answers: dict[int, Posted] = {}
    for row in await tx.rows(_POSTED_ANSWERS, movement_ids):
        answer = answers.get(row[0])
        if answer is None:
            answer = answers[row[0]] = Posted(row[0], row[1], [], replayed=True)
        answer.lines.append(PostedLine(row[2], row[3], row[4]))
    return answers
