"""What a group of commands writes: one statement for the usual case, a few more for the rare."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from truestock.database import Transaction, load_sql
from truestock.database.arrays import array_literal, array_literal_or_none, texts_or_none
from truestock.stock.errors.movements import BalanceChangedError
from truestock.stock.model.movements import (
    BalanceKey,
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


class ChangedBalance(NamedTuple):
    """A balance a group changes: as it must be, and as it will be."""

    balance_id: int
    version: int
    on_hand_before: int
    on_hand_after: int
    reserved_after: int


class Recorded(NamedTuple):
    """What the database gave a group: ids of its movements in order, and their moment."""

    movement_ids: Sequence[int]
    recorded_at: datetime


class GroupRecord:
    """Gathers what a group decided, then writes it all."""

    def __init__(self) -> None:
        """Start empty."""
        self._posts: list[Post] = []
        self._after: list[list[tuple[int, int]]] = []
        self._answers: list[tuple[Command, str]] = []
        self._reserved: list[tuple[int, Reserve]] = []
        self._resolved: list[tuple[int, str, int, int | None]] = []

    def add_posted(self, command: Post, lines_after: list[tuple[int, int]]) -> int:
        """Add an accepted movement; return its place among the group's movements, from 0."""
        self._posts.append(command)
        self._after.append(lines_after)
        return len(self._posts) - 1

    def add_reserved(self, command: Reserve, reservation_id: int) -> None:
        """Add an accepted reservation."""
        self._reserved.append((reservation_id, command))

    def add_resolved(
        self, reservation_id: int, state: str, quantity_posted: int, place: int | None
    ) -> None:
        """Add the end of a reservation; `place` is that of the movement that fulfils it."""
        self._resolved.append((reservation_id, state, quantity_posted, place))

    def add_answer(self, command: Command, answer: dict[str, Any]) -> None:
        """Add a key whose answer is kept as JSON: a refusal, a reservation."""
        self._answers.append((command, msgspec.json.encode(answer).decode()))

    def is_empty(self) -> bool:
        """Tell whether there is nothing to write."""
        return not (self._posts or self._answers)

    async def write(
        self,
        tx: Transaction,
        changed: Sequence[ChangedBalance],
        *,
        stamp: int | None = None,
        now: datetime | None = None,
    ) -> Recorded:
        """Write movements, answers and balances, all or nothing, in one statement.

        Raises `BalanceChangedError` if a balance is not as believed, `FactsStaleError` if the
        stamp is not today's, `RequestClaimedError` if a key is taken. `now` None lets the database
        say the moment, once it holds the balances.
        """
        row = await tx.row(
            _RECORD_GROUP,
            *_balance_columns(changed),
            len(changed),
            stamp,
            len(self._posts),
            now,
            *self._request_columns(),
            *self._line_columns(),
        )
        assert row is not None  # noqa: S101 - one row or an error
        return Recorded(row[0] or (), row[1])

    async def write_reservations(self, tx: Transaction, recorded: Recorded) -> None:
        """Write new reservations and the end of others."""
        if self._reserved:
            rows = [
                (
                    key, each.balance_id, each.actor_id, each.request_key, each.quantity,
                    each.priority, each.expires_at, each.document_id, each.note,
                )
                for key, each in self._reserved
            ]  # fmt: skip
            await tx.run(_ADD_RESERVATIONS, *zip(*rows, strict=True), recorded.recorded_at)
        if self._resolved:
            ends = [
                (key, state, taken, None if place is None else recorded.movement_ids[place])
                for key, state, taken, place in self._resolved
            ]
            tag = await tx.run(
                _RESOLVE_RESERVATIONS, *zip(*ends, strict=True), recorded.recorded_at
            )
            if tag != f"UPDATE {len(ends)}":
                raise BalanceChangedError

    def posted(self, place: int, recorded: Recorded) -> Posted:
        """Return the answer to the movement at this place."""
        lines = [
            PostedLine(number, source, target)
            for number, (source, target) in enumerate(self._after[place], start=1)
        ]
        return Posted(recorded.movement_ids[place], recorded.recorded_at, lines)

    def _request_columns(self) -> list[Any]:
        """Return keys with their movements or answers, movements first, column by column."""
        posts = self._posts
        answered = [command for command, _ in self._answers]
        commands = [*posts, *answered] if answered else posts
        rest: list[Any] = [None] * len(answered)
        return [
            array_literal([each.actor_id for each in commands]),
            array_literal([each.request_key for each in commands]),
            array_literal(["\\x" + each.payload_hash.hex() for each in commands]),
            array_literal_or_none([each.kind for each in posts] + rest),
            array_literal_or_none([each.occurred_at for each in posts] + rest),
            array_literal_or_none([_line_count(each) for each in posts] + rest),
            array_literal_or_none([each.document_id for each in posts] + rest),
            array_literal_or_none([each.reverses_id for each in posts] + rest),
            [None] * len(posts) + [text for _, text in self._answers] if answered else None,
            texts_or_none([each.reason for each in posts] + rest),
            texts_or_none([each.note for each in posts] + rest),
        ]

    def _line_columns(self) -> list[Any]:
        """Return lines column by column; places and numbers only if a movement has several."""
        lines = [line for post in self._posts for line in post.lines]
        after = [pair for pairs in self._after for pair in pairs]
        places, numbers = None, None
        if len(lines) != len(self._posts):
            counts = [range(1, len(post.lines) + 1) for post in self._posts]
            places = array_literal([at for at, each in enumerate(counts, start=1) for _ in each])
            numbers = array_literal([number for each in counts for number in each])
        return [
            places,
            numbers,
            array_literal([line.source_balance_id for line in lines]),
            array_literal([line.target_balance_id for line in lines]),
            array_literal([line.quantity for line in lines]),
            array_literal([source for source, _ in after]),
            array_literal([target for _, target in after]),
            texts_or_none([line.unit_entered for line in lines]),
            array_literal_or_none([line.quantity_entered for line in lines]),
            array_literal_or_none([line.unit_cost_minor for line in lines]),
        ]


def _line_count(post: Post) -> int | None:
    """Return how many lines; None for one, which is the usual and needs no saying."""
    count = len(post.lines)
    return None if count == 1 else count


def _balance_columns(changed: Sequence[ChangedBalance]) -> list[str | None]:
    if not changed:
        return [None] * 5
    return [array_literal(column) for column in zip(*changed, strict=True)]


async def add_missing_balances(tx: Transaction, keys: Iterable[BalanceKey]) -> None:
    """Make zero rows for keys that have none."""
    await tx.run(_ADD_MISSING_BALANCES, *zip(*keys, strict=True))


async def add_missing_lots(tx: Transaction, names: Iterable[tuple[int, str]]) -> None:
    """Make lots (serials, when the item is tracked so) for (item id, code) that have none."""
    await tx.run(_ADD_MISSING_LOTS, *zip(*names, strict=True))


async def write_serials(tx: Transaction, serials: dict[int, int | None]) -> None:
    """Put each serial at its place, or take it from any when it left."""
    gone = sorted(lot for lot, place in serials.items() if place is None)
    kept = sorted((lot, place) for lot, place in serials.items() if place is not None)
    if gone:
        await tx.run(_REMOVE_SERIALS, gone)
    if kept:
        await tx.run(_PUT_SERIALS, *zip(*kept, strict=True))
