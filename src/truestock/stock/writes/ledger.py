"""What a group of commands writes: one statement for the usual case, a few more for the rare."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from truestock.database import Transaction, load_sql
from truestock.database.arrays import array_literal_or_none, texts_or_none
from truestock.stock.model.movements import (
    BalanceKey,
    BalanceState,
    Command,
    Post,
    Posted,
    PostedLine,
    Reserve,
)

_RECORD_GROUP = load_sql(__name__, "record_group")
_ADD_RESERVATIONS = load_sql(__name__, "add_reservations")
_RESOLVE_RESERVATIONS = load_sql(__name__, "resolve_reservations")
_PUT_SERIALS = load_sql(__name__, "put_serials")
_REMOVE_SERIALS = load_sql(__name__, "remove_serials")
_ADD_MISSING_BALANCES = load_sql(__name__, "add_missing_balances")
_ADD_MISSING_LOTS = load_sql(__name__, "add_missing_lots")

CommandRow = tuple[
    int, str, str, int | None, str | None, datetime | None, int | None,
    int | None, int | None, str | None, str | None, str | None,
]  # fmt: skip
LineRow = tuple[int, int, int, int, int, int, int, str | None, int | Decimal | None, Decimal | None]


class BalanceConflictError(Exception):
    """A locked balance was not what it was when locked; nothing of the group is kept."""


class GroupRecord:
    """Gathers the rows of a group, then writes them all."""

    def __init__(self, now: datetime) -> None:
        """Start empty; `now` becomes `recorded_at` of everything."""
        self._now = now
        self._commands: list[CommandRow] = []
        self._lines: list[LineRow] = []
        self._reserved: list[tuple[int, Reserve]] = []
        self._resolved: list[tuple[int, str, int, int | None]] = []

    def add_posted(
        self, command: Post, movement_id: int, lines_after: list[tuple[int, int]]
    ) -> Posted:
        """Add an accepted movement; return its answer."""
        self._commands.append((
            command.actor_id, command.request_key, _hex(command), movement_id,
            command.kind, command.occurred_at, len(command.lines),
            command.document_id, command.reverses_id, None, command.reason, command.note,
        ))  # fmt: skip
        answered = []
        pairs = zip(command.lines, lines_after, strict=True)
        for number, (line, (source_after, target_after)) in enumerate(pairs, start=1):
            self._lines.append((
                movement_id, number, line.source_balance_id, line.target_balance_id,
                line.quantity, source_after, target_after, line.unit_entered,
                line.quantity_entered, line.unit_cost_minor,
            ))  # fmt: skip
            answered.append(PostedLine(number, source_after, target_after))
        return Posted(movement_id, self._now, answered)

    def add_reserved(self, command: Reserve, reservation_id: int) -> None:
        """Add an accepted reservation."""
        self._reserved.append((reservation_id, command))

    def add_resolved(
        self, reservation_id: int, state: str, quantity_posted: int, movement_id: int | None
    ) -> None:
        """Add the end of a reservation."""
        self._resolved.append((reservation_id, state, quantity_posted, movement_id))

    def add_answer(self, command: Command, answer: dict[str, Any]) -> None:
        """Add a key whose answer is kept as JSON: a refusal, a reservation."""
        text = msgspec.json.encode(answer).decode()
        self._commands.append((
            command.actor_id, command.request_key, _hex(command), None,
            None, None, None, None, None, text, None, None,
        ))  # fmt: skip

    async def write(
        self,
        tx: Transaction,
        before: dict[int, BalanceState],
        after: dict[int, BalanceState],
        serials: dict[int, int | None],
    ) -> None:
        """Write everything. Raises `BalanceConflictError` if a balance is not as locked."""
        if not self._commands:
            return
        changed = [
            (key, old.quantity_on_hand, new.quantity_on_hand, new.quantity_reserved)
            for key, old in before.items()
            if (new := after[key]) is not old
        ]
        count = await tx.value(
            _RECORD_GROUP,
            *_literals(_columns(self._commands, 12), {9, 10, 11}),
            self._now,
            *_literals(_columns(self._lines, 10), {7}),
            *_literals(_columns(changed, 4), set()),
        )
        if count != len(changed):
            raise BalanceConflictError
        await self._write_reservations(tx)
        await _write_serials(tx, serials)

    async def _write_reservations(self, tx: Transaction) -> None:
        if self._reserved:
            rows = [
                (
                    key, each.balance_id, each.actor_id, each.request_key, each.quantity,
                    each.priority, each.expires_at, each.document_id, each.note,
                )
                for key, each in self._reserved
            ]  # fmt: skip
            await tx.run(_ADD_RESERVATIONS, *_columns(rows, 9), self._now)
        if self._resolved:
            tag = await tx.run(_RESOLVE_RESERVATIONS, *_columns(self._resolved, 4), self._now)
            if tag != f"UPDATE {len(self._resolved)}":
                raise BalanceConflictError


async def add_missing_balances(tx: Transaction, keys: Iterable[BalanceKey]) -> None:
    """Make zero rows for keys that have none."""
    await tx.run(_ADD_MISSING_BALANCES, *zip(*keys, strict=True))


async def add_missing_lots(tx: Transaction, names: Iterable[tuple[int, str]]) -> None:
    """Make lots (serials, when the item is tracked so) for (item id, code) that have none."""
    await tx.run(_ADD_MISSING_LOTS, *zip(*names, strict=True))


async def _write_serials(tx: Transaction, serials: dict[int, int | None]) -> None:
    gone = sorted(lot for lot, place in serials.items() if place is None)
    kept = sorted((lot, place) for lot, place in serials.items() if place is not None)
    if gone:
        await tx.run(_REMOVE_SERIALS, gone)
    if kept:
        await tx.run(_PUT_SERIALS, *_columns(kept, 2))


def _columns(rows: list[Any], width: int) -> list[Any]:
    return list(zip(*rows, strict=True)) if rows else [()] * width


def _literals(columns: list[Any], free_texts: set[int]) -> list[Any]:
    """Return columns as array literals, those of free texts as arrays for the driver."""
    return [
        texts_or_none(column) if place in free_texts else array_literal_or_none(column)
        for place, column in enumerate(columns)
    ]


def _hex(command: Command) -> str:
    return "\\x" + command.payload_hash.hex()
