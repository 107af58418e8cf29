"""The ledger of one process: the verbs through which, and only through which, stock changes."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Literal, NamedTuple

import msgspec

from truestock.database import Database, Transaction
from truestock.database.request_keys import RepeatedRefusalError, known_keys, payload_hash
from truestock.kernel.actor import Actor
from truestock.kernel.clock import Clock
from truestock.kernel.errors import ForbiddenError, RequestKeyReusedError, TruestockError
from truestock.stock.errors.movements import (
    MovementOfDocumentError,
    MovementUnknownError,
    ReservationUnknownError,
    ReversalOfReversalError,
)
from truestock.stock.model.movements import (
    Command,
    NewMovement,
    NewReservation,
    Post,
    Posted,
    Refused,
    Release,
    Reserved,
)
from truestock.stock.operations.beliefs import Beliefs
from truestock.stock.operations.facts import Facts
from truestock.stock.operations.group import Outcome, post_group
from truestock.stock.operations.queue import GROUPS_AT_ONCE, PostingConnections, PostingQueue
from truestock.stock.operations.resolve import (
    Asked,
    post_hash,
    repeat,
    reservation,
    reserve_hash,
    resolved,
)
from truestock.stock.reads import ledger as reads
from truestock.stock.rules.posting import mirrored

QUICK = "250ms"
"""Who holds a balance longer than this must not keep those waiting who do not need it."""


class Ledger:
    """Posts movements and reservations, in groups, for every caller of this process."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        posting: PostingConnections | None = None,
        group_max: int = 1_000,
        waiting_max: int = 20_000,
    ) -> None:
        """Read on `database` and post on `posting`; use `open_ledger` wherever others post too."""
        posting = posting or PostingConnections(database, database)
        self._database = database
        self._clock = clock
        self._facts = Facts(database)
        self.queue = PostingQueue(
            posting,
            Beliefs(posting.patient),
            clock,
            group_max=group_max,
            waiting_max=waiting_max,
        )

    async def close(self) -> None:
        """Take no more commands and finish those that wait."""
        await self.queue.close()

    async def post(self, actor: Actor, movement: NewMovement, request_key: str) -> Posted:
        """Post one movement, all lines or nothing; the same key gives the same answer.

        Raises the refusal, for example `InsufficientStockError` with every short line.
        """
        [outcome] = await self.post_many(actor, [Asked(movement, request_key)])
        return posted_or_raise(outcome)

    async def post_many(self, actor: Actor, asked: Sequence[Asked]) -> list[Outcome]:
        """Post independent movements in order; each has an outcome of its own."""
        actor.require("stock.post")
        commands, stamp = await self._resolve_or_repeat(actor, asked)
        renew = partial(self._resolve_or_repeat, actor, asked)
        return await self.queue.submit(commands, stamp, renew)

    async def reverse(
        self, actor: Actor, movement_id: int, request_key: str, reason: str = ""
    ) -> Posted:
        """Undo a movement by its mirror, once. Raises when stock has moved on.

        It is allowed into a place that was closed since: a record known to be wrong is worse than
        stock in a closed place, which can be opened again.
        """
        actor.require("stock.reverse")
        commands = await self._reversals(actor, [(movement_id, request_key)], reason, None)
        [outcome] = await self.queue.submit(commands)
        return posted_or_raise(outcome)

    async def reserve(self, actor: Actor, asked: NewReservation, request_key: str) -> Reserved:
        """Promise part of a balance: at most what is on hand and not promised yet."""
        actor.require("stock.reserve")
        resolve = partial(self._resolve_reservation, actor, asked, request_key)
        [outcome] = await self.queue.submit(*await resolve(), resolve)
        return reserved_or_raise(outcome)

    async def void(self, actor: Actor, reservation_id: int, request_key: str) -> Reserved:
        """End a pending reservation; its stock is free again."""
        actor.require("stock.reserve")
        [outcome] = await self._release(actor, {reservation_id: request_key}, "voided")
        return reserved_or_raise(outcome)

    async def expire(self, actor: Actor, reservation_ids: Sequence[int]) -> list[Outcome]:
        """End pending reservations whose time is over; others are refused and stay.

        The moment is in the key: a refusal that came too early must not answer for later.
        """
        moment = self._clock().isoformat()
        asked = {each: f"expire:{each}:{moment}" for each in reservation_ids}
        return await self._release(actor, asked, "expired")

    async def fulfil(
        self, actor: Actor, reservation_id: int, movement: NewMovement, request_key: str
    ) -> Posted:
        """Post a movement out of a reservation; what is left of the promise is freed."""
        actor.require("stock.post")
        asked = Asked(movement, request_key)
        resolve = partial(self._resolve_fulfilment, actor, asked, reservation_id)
        [outcome] = await self.queue.submit(*await resolve(), resolve)
        return posted_or_raise(outcome)

    async def prepare(self, actor: Actor, asked: Sequence[Asked], stamp: int = 0) -> "Prepared":
        """Resolve movements for `post_within`; raises the first that cannot be resolved.

        After a `FactsChangedError`, call again with its stamp.
        """
        prepared = Prepared(*await self._resolve(actor, asked, stamp))
        for command in prepared.commands:
            if isinstance(command, TruestockError):
                raise command
        return prepared

    async def prepare_each(
        self, actor: Actor, asked: Sequence[Asked], stamp: int = 0
    ) -> "Prepared":
        """Resolve movements for `post_each_within`; one that cannot be resolved is its error."""
        return Prepared(*await self._resolve_or_repeat(actor, asked, stamp))

    async def prepare_reversals(
        self, actor: Actor, movement_ids: Sequence[int], request_key: str, document_id: int | None
    ) -> "Prepared":
        """Resolve the mirrors of these movements for `post_within`, last one first."""
        asked = [(each, f"{request_key}/{each}") for each in reversed(movement_ids)]
        return Prepared(await self._reversals(actor, asked, "", document_id), None)

    async def _resolve(
        self, actor: Actor, asked: Sequence[Asked], stamp: int = 0
    ) -> tuple[Sequence[Command | TruestockError], int | None]:
        """Make commands from facts of at least this stamp; refuse only by today's."""
        if self._facts.stamp < stamp:
            self._facts.forget()
        commands = await resolved(self._facts, actor, asked, self._clock)
        if any(isinstance(each, TruestockError) for each in commands) and await self._facts.aged():
            commands = await resolved(self._facts, actor, asked, self._clock)
        return commands, self._facts.stamp

    async def _resolve_or_repeat(
        self, actor: Actor, asked: Sequence[Asked], stamp: int = 0
    ) -> tuple[Sequence[Command | TruestockError], int | None]:
        """Make commands; what cannot be resolved by now may have been answered before."""
        commands, stamp_used = await self._resolve(actor, asked, stamp)
        keys = [each.request_key for each in asked]
        commands = await self._repeated(actor, commands, keys, lambda n: post_hash(asked[n]))
        return commands, stamp_used

    async def _resolve_reservation(
        self, actor: Actor, asked: NewReservation, request_key: str, stamp: int = 0
    ) -> tuple[Sequence[Command | TruestockError], int | None]:
        if self._facts.stamp < stamp:
            self._facts.forget()
        command = await reservation(self._facts, actor, asked, request_key, self._clock)
        if isinstance(command, TruestockError) and await self._facts.aged():
            command = await reservation(self._facts, actor, asked, request_key, self._clock)
        stamp_used = self._facts.stamp
        commands = await self._repeated(
            actor, [command], [request_key], lambda _: reserve_hash(asked)
        )
        return commands, stamp_used

    async def _resolve_fulfilment(
        self, actor: Actor, asked: Asked, reservation_id: int, stamp: int = 0
    ) -> tuple[Sequence[Command | TruestockError], int | None]:
        [command], stamp_used = await self._resolve(actor, [asked], stamp)

        def fulfil_hash(_place: int = 0) -> bytes:
            return payload_hash(post_hash(asked).hex(), "fulfil", reservation_id)

        if isinstance(command, Post):
            command = msgspec.structs.replace(
                command, reservation_id=reservation_id, payload_hash=fulfil_hash()
            )
        return await self._repeated(actor, [command], [asked.request_key], fulfil_hash), stamp_used

    async def _repeated(
        self,
        actor: Actor,
        commands: Sequence[Command | TruestockError],
        request_keys: Sequence[str],
        hash_of: Callable[[int], bytes],
    ) -> Sequence[Command | TruestockError]:
        """Give the answer of before to a repeat that today's items and places would refuse.

        Rights are the exception: who may not act there any more is not answered.
        """
        refused = [
            place
            for place, command in enumerate(commands)
            if isinstance(command, TruestockError) and not isinstance(command, ForbiddenError)
        ]
        if not refused:
            return commands
        async with self._database.asking() as tx:
            known = await known_keys(tx, actor.actor_id, [request_keys[n] for n in refused])
        found = list(commands)
        for place in refused:
            if request_keys[place] in known:
                found[place] = repeat(actor, request_keys[place], hash_of(place))
        return found

    async def _reversals(
        self, actor: Actor, asked: Sequence[tuple[int, str]], reason: str, document_id: int | None
    ) -> list[Post]:
        """Make the mirrors of movements, given as (movement id, request key)."""
        async with self._database.asking() as tx:
            found = await reads.originals(tx, [movement_id for movement_id, _ in asked])
            sites = await reads.balance_sites(tx, found.values())
        for site_id in sites:
            actor.require_site(site_id)
        commands = []
        for movement_id, request_key in asked:
            original = found.get(movement_id)
            if original is None:
                raise MovementUnknownError(movement_id=movement_id)
            if original.reverses_id is not None:
                raise ReversalOfReversalError(movement_id=movement_id)
            if document_id is None and original.document_id is not None:
                raise MovementOfDocumentError(
                    movement_id=movement_id, document_id=original.document_id
                )
            commands.append(
                Post(
                    actor.actor_id,
                    request_key,
                    payload_hash("reverse_movement", movement_id, reason),
                    "reversal",
                    None,
                    mirrored(original.lines),
                    reason,
                    "",
                    document_id,
                    movement_id,
                )
            )
        return commands

    async def _release(
        self, actor: Actor, asked: dict[int, str], state: Literal["voided", "expired"]
    ) -> list[Outcome]:
        async with self._database.asking() as tx:
            balances = await reads.reservation_balances(tx, list(asked))
        commands = [
            Release(
                actor.actor_id,
                request_key,
                payload_hash("release", reservation_id, state),
                reservation_id,
                balances[reservation_id],
                state,
            )
            if reservation_id in balances
            else ReservationUnknownError(reservation_id=reservation_id)
            for reservation_id, request_key in asked.items()
        ]
        return await self.queue.submit(commands)


@asynccontextmanager
async def open_ledger(
    database: Database, clock: Clock, *, group_max: int, waiting_max: int
) -> AsyncIterator[Ledger]:
    """Give a ledger with connections of its own for posting; what waits is finished at the end."""
    async with (
        posting_connections(database, size_max=GROUPS_AT_ONCE, lock_timeout=QUICK) as quick,
        posting_connections(database, size_max=GROUPS_AT_ONCE) as patient,
    ):
        ledger = Ledger(
            database,
            clock,
            posting=PostingConnections(quick, patient),
            group_max=group_max,
            waiting_max=waiting_max,
        )
        try:
            yield ledger
        finally:
            await ledger.close()


@asynccontextmanager
async def posting_connections(
    database: Database, *, size_max: int, **session: str
) -> AsyncIterator[Database]:
    """Give connections for posting many movements in transactions of the caller's.

    A group's statements look up by key what they were given, never scan: their plans are made
    once and must not depend on how small the tables were on that day.
    """
    posting = await database.another(
        size_max=size_max,
        application_name="truestock posting",
        plan_cache_mode="force_generic_plan",
        enable_seqscan="off",
        enable_hashjoin="off",
        enable_mergejoin="off",
        **session,
    )
    try:
        yield posting
    finally:
        await posting.close()


class Prepared(NamedTuple):
    """Commands resolved outside of a transaction, ready for `post_within`."""

    commands: Sequence[Command | TruestockError]
    stamp: int | None


async def post_within(tx: Transaction, prepared: Prepared) -> list[Posted]:
    """Post prepared movements in the caller's transaction, all or nothing; raise the refusal.

    Raises `FactsChangedError` when items or locations changed since `prepare`: the caller's
    transaction must be undone and everything prepared anew.
    """
    outcomes = await post_group(tx, prepared.commands, prepared.stamp)
    return [posted_or_raise(outcome) for outcome in outcomes]


async def post_each_within(tx: Transaction, prepared: Prepared) -> list[Outcome]:
    """Post prepared movements in the caller's transaction, each with an outcome of its own.

    Raises `FactsChangedError` as `post_within` does.
    """
    return await post_group(tx, prepared.commands, prepared.stamp)


def posted_or_raise(outcome: Outcome) -> Posted:
    """Return a posted movement or raise why it was not posted."""
    if isinstance(outcome, Posted):
        return outcome
    raise refusal_of(outcome)


def reserved_or_raise(outcome: Outcome) -> Reserved:
    """Return a reservation's answer or raise why there is none."""
    if isinstance(outcome, Reserved):
        return outcome
    raise refusal_of(outcome)


def refusal_of(outcome: Outcome) -> TruestockError:
    """Return the error of an outcome that is a refusal or another request's answer."""
    if isinstance(outcome, TruestockError):
        return outcome
    if isinstance(outcome, Refused):
        return RepeatedRefusalError(outcome.problem)
    return RequestKeyReusedError()
