"""Undoing a posted document: by another document of its type that posts the mirror movement."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from truestock.catalog.operations.trail import Subject, record
from truestock.database import Database, ReadTransaction, Transaction
from truestock.database.request_keys import (
    SERVER_FAULT,
    Answer,
    Request,
    answer_once,
    payload_hash,
)
from truestock.documents import writes
from truestock.documents.errors import (
    DocumentNotFoundError,
    DocumentReversedError,
    DocumentTextError,
    NotPostedError,
    ReversalFixedError,
)
from truestock.documents.model import (
    Document,
    DocumentType,
    Draft,
    NewRow,
    Place,
    Standing,
)
from truestock.documents.operations.drafts import locked
from truestock.documents.operations.posting import TRIES_MAX, LookAgainError, post_seen
from truestock.documents.operations.telling import tell_approvers, tell_writer
from truestock.documents.reads import documents as reads
from truestock.documents.rules.drafting import NOTE_LENGTH_MAX, number_year, storable
from truestock.documents.rules.posting import movement_key
from truestock.kernel.actor import Actor
from truestock.kernel.errors import BusyError, TruestockError
from truestock.stock.operations.ledger import Ledger, Prepared


async def reverse_document(
    database: Database,
    ledger: Ledger,
    actor: Actor,
    document_id: int,
    request_key: str,
    *,
    reason: str,
    now: datetime,
) -> Answer:
    """Undo a posted document by a reversing one with a number of its own, linked both ways.

    Where the original would need approval now, or its type four eyes, the reversing document stays
    a draft until somebody posts it; else it is posted at once. The body is the reversing `Document`
    in JSON form. Raises `NotPostedError`, `DocumentReversedError`, or `insufficient_stock` when
    stock has moved on.
    """
    actor.require("document.post")
    actor.require("stock.reverse")
    if len(reason) > NOTE_LENGTH_MAX or not storable(reason):
        raise DocumentTextError(field="reason", length_max=NOTE_LENGTH_MAX)
    payload = payload_hash("document.reverse", document_id, reason)
    request = Request(actor.actor_id, request_key, payload)
    for _ in range(TRIES_MAX):
        seen = await _seen(database, ledger, actor, document_id, request_key)

        async def act(tx: Transaction, seen: _Seen = seen) -> Any:
            return await _reverse(tx, actor, seen, _Wish(document_id, reason, now))

        try:
            return await answer_once(database, request, act)
        except LookAgainError:
            continue
    raise BusyError(document_id=document_id)


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is to be reversed, why, and when this is asked."""

    document_id: int
    reason: str
    now: datetime


@dataclass(frozen=True, slots=True)
class _Seen:
    """A document as read before its transaction, its reversal's id, and the mirror or why not."""

    original: Document | None
    reversal_id: int
    prepared: Prepared | None
    refusal: TruestockError | None


async def _seen(
    database: Database, ledger: Ledger, actor: Actor, document_id: int, request_key: str
) -> _Seen:
    async with database.asking() as tx:
        original = await _original(tx, actor, document_id)
        [reversal_id] = await writes.next_ids(tx, 1)
    if original is None or not original.movements:
        return _Seen(original, reversal_id, None, None)
    movement_ids = [movement.movement_id for movement in original.movements]
    prepared, refusal = await _prepared(ledger, actor, movement_ids, request_key, reversal_id)
    return _Seen(original, reversal_id, prepared, refusal)


async def _reverse(tx: Transaction, actor: Actor, seen: _Seen, wish: _Wish) -> Any:
    original = seen.original
    if original is None:
        raise DocumentNotFoundError(document_id=wish.document_id)
    standing = await locked(tx, actor, wish.document_id)
    _require_reversible(standing)
    if standing.version != original.version:
        raise LookAgainError
    posted_at = None
    approval = await reads.approval(tx, wish.document_id)
    if not standing.four_eyes and approval.why is None:
        posted = await post_seen(tx, original, seen.prepared, seen.refusal, reversing=True)
        posted_at = posted.recorded_at
    draft = _draft(original, wish.reason)
    year = number_year(draft, wish.now)
    row = NewRow(
        seen.reversal_id, draft, actor.actor_id, year, posted_at, reverses_id=wish.document_id
    )
    await _store(tx, actor, standing, row)
    return msgspec.to_builtins(await reads.document_by_id(tx, actor, seen.reversal_id))


async def _original(tx: ReadTransaction, actor: Actor, document_id: int) -> Document | None:
    try:
        return await reads.document_by_id(tx, actor, document_id)
    except DocumentNotFoundError:
        return None


async def _prepared(
    ledger: Ledger, actor: Actor, movement_ids: list[int], request_key: str, reversal_id: int
) -> tuple[Prepared | None, TruestockError | None]:
    """Resolve the mirror; a refusal is kept for the transaction to store."""
    key = movement_key(request_key)
    try:
        return await ledger.prepare_reversals(actor, movement_ids, key, reversal_id), None
    except TruestockError as refusal:
        if refusal.status >= SERVER_FAULT:
            raise
        return None, refusal


def _require_reversible(standing: Standing) -> None:
    if standing.state != "posted":
        raise NotPostedError(document_id=standing.document_id, state=standing.state)
    if standing.reverses_id is not None:
        raise ReversalFixedError(document_id=standing.document_id)
    if standing.reversed_by_id is not None:
        raise DocumentReversedError(
            document_id=standing.document_id, reversed_by_id=standing.reversed_by_id
        )


def _draft(original: Document, reason: str) -> Draft:
    """Return the reversing document; its lines are copied in the database."""
    return Draft(
        DocumentType(original.type),
        _place(original.source_location_id, original.source_location_code, original.source_site_id),
        _place(original.target_location_id, original.target_location_code, original.target_site_id),
        original.party_id,
        original.reference,
        reason,
        original.reason_code,
        None,
        (),
    )


def _place(location_id: int | None, code: str | None, site_id: int | None) -> Place | None:
    return None if location_id is None or code is None else Place(location_id, code, site_id)


async def _store(tx: Transaction, actor: Actor, standing: Standing, row: NewRow) -> None:
    """Store the reversing document; the original is locked already, so the counter comes last."""
    posted = row.posted_at is not None
    verb = "reversed" if posted else "reversal_drafted"
    await record(
        tx,
        actor,
        verb,
        Subject("document", standing.document_id),
        before=None,
        after={"reversal_id": row.document_id, "reason": row.draft.note},
    )
    await writes.copy_lines(tx, standing.document_id, row.document_id)
    await writes.add_documents(tx, [row])
    if posted:
        await writes.mark_reversed(tx, standing.document_id, row.document_id)
        await tell_writer(tx, actor, standing, "reversed")
    else:
        await tell_approvers(tx, actor, await reads.document_by_id(tx, actor, row.document_id))
