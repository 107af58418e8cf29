"""Posting a document: one transaction, all lines or nothing, once.

The ledger resolves the movement before the transaction; under the document's lock it is made sure
that this is still the document and these are still the facts, else everything is looked at anew.
"""

from dataclasses import dataclass
from typing import Any

import msgspec

from truestock.catalog.operations.trail import Subject, record
from truestock.database import Database, Transaction
from truestock.database.request_keys import (
    SERVER_FAULT,
    Answer,
    Request,
    answer_once,
    payload_hash,
)
from truestock.documents import writes
from truestock.documents.errors import DocumentNotFoundError
from truestock.documents.model import Document, Standing
from truestock.documents.operations.drafts import locked
from truestock.documents.operations.telling import tell_writer
from truestock.documents.reads import documents as reads
from truestock.documents.rules.posting import (
    explained,
    movement_key,
    movement_of,
    require_postable,
    require_quantities,
)
from truestock.kernel.actor import Actor
from truestock.kernel.errors import BusyError, TruestockError
from truestock.kernel.versions import require_version
from truestock.stock.model.movements import Post, Posted
from truestock.stock.operations.group import FactsChangedError
from truestock.stock.operations.ledger import Ledger, Prepared, post_within
from truestock.stock.operations.resolve import Asked

TRIES_MAX = 8


class LookAgainError(Exception):
    """What was read before the transaction is not so any more; nothing may be committed."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which document is to be posted, from which version, under which key of its movement."""

    document_id: int
    version: int | None
    movement_key: str


@dataclass(frozen=True, slots=True)
class _Seen:
    """A document as read before its transaction, and its movement or why there is none."""

    document: Document | None = None
    prepared: Prepared | None = None
    refusal: TruestockError | None = None


async def post_document(
    database: Database,
    ledger: Ledger,
    actor: Actor,
    document_id: int,
    request_key: str,
    *,
    version: int | None = None,
) -> Answer:
    """Post a draft: its movement and its state in one transaction, once.

    The body is the `Document` in JSON form; the same key gives it again. Raises
    `AlreadyPostedError` with the movement under another key, `insufficient_stock` with every short
    line, `StaleVersionError` when `version` is given and another, or what else stands against it.
    """
    actor.require("document.post")
    payload = payload_hash("document.post", document_id, version)
    request = Request(actor.actor_id, request_key, payload)
    asked = _Asked(document_id, version, movement_key(request_key))
    stamp = 0
    for _ in range(TRIES_MAX):
        try:
            seen = await _seen(database, ledger, actor, asked, stamp)
        except LookAgainError:
            continue

        async def act(tx: Transaction, seen: _Seen = seen) -> Any:
            return await _post(tx, actor, asked, seen)

        try:
            return await answer_once(database, request, act)
        except FactsChangedError as changed:
            stamp = changed.stamp
        except LookAgainError:
            continue
    raise BusyError(document_id=document_id)


async def _seen(
    database: Database, ledger: Ledger, actor: Actor, asked: _Asked, stamp: int
) -> _Seen:
    """Read a document and resolve its movement. A refusal is kept for the transaction to store."""
    async with database.asking() as tx:
        try:
            document, stamp_read = await reads.document_and_stamp(tx, actor, asked.document_id)
        except DocumentNotFoundError as refusal:
            return _Seen(refusal=refusal)
        original = document.reverses
        originals = await reads.movement_ids(tx, original.document_id) if original else None
    if document.state != "draft":
        return _Seen(document)
    key = asked.movement_key
    try:
        if originals is not None:
            actor.require("stock.reverse")
            prepared = await ledger.prepare_reversals(actor, originals, key, asked.document_id)
        else:
            movement = Asked(movement_of(document), key, asked.document_id)
            prepared = await ledger.prepare(actor, [movement], max(stamp, stamp_read))
    except TruestockError as refusal:
        if refusal.status >= SERVER_FAULT:
            raise
        async with database.asking() as tx:
            if await reads.fact_stamp(tx) != stamp_read:
                raise LookAgainError from refusal
        return _Seen(document, refusal=refusal)
    if prepared.stamp not in {None, stamp_read}:
        raise LookAgainError
    return _Seen(document, prepared)


async def _post(tx: Transaction, actor: Actor, asked: _Asked, seen: _Seen) -> Any:
    document, document_id = seen.document, asked.document_id
    if document is None:
        assert seen.refusal is not None  # noqa: S101 - what was not found has its refusal
        raise seen.refusal
    if document.reverses is not None:
        await writes.lock_documents(tx, [document.reverses.document_id, document_id])
    standing = await locked(tx, actor, document_id)
    posted_before = standing.state == "posted"
    movement_ids = await reads.movement_ids(tx, document_id) if posted_before else []
    approval = await reads.approval(tx, document_id)
    require_postable(standing, actor, approval, movement_ids)
    if asked.version is not None:
        require_version(standing.version, asked.version)
    if standing.version != document.version:
        raise LookAgainError
    posted = await post_seen(tx, document, seen.prepared, seen.refusal)
    await writes.mark_posted(tx, document_id, actor.actor_id, posted.recorded_at)
    if document.reverses is not None:
        await writes.mark_reversed(tx, document.reverses.document_id, document_id)
    await record_posted(tx, actor, standing, posted)
    return msgspec.to_builtins(await reads.document_by_id(tx, actor, document_id))


async def post_seen(
    tx: Transaction,
    document: Document,
    prepared: Prepared | None,
    refusal: TruestockError | None,
    *,
    reversing: bool = False,
) -> Posted:
    """Post a document's prepared movement; a refusal names item and place of its lines."""
    reversing = reversing or document.reverses is not None
    try:
        if refusal is not None:
            raise refusal
        if prepared is None:
            raise LookAgainError
        if not reversing:
            [command] = prepared.commands
            assert isinstance(command, Post)  # noqa: S101 - `prepare` raised otherwise
            written = [(line.sku, line.quantity_base) for line in document.lines]
            require_quantities(written, command.lines)
        posted = await post_within(tx, prepared)
    except TruestockError as error:
        explained(error, document.lines, mirrored=reversing)
        raise
    return posted[-1]


async def record_posted(tx: Transaction, actor: Actor, standing: Standing, posted: Posted) -> None:
    """Tell the audit trail that a document was posted."""
    await record(
        tx,
        actor,
        "posted",
        Subject("document", standing.document_id),
        before={"state": standing.state},
        after={"state": "posted", "movement_id": posted.movement_id},
    )
    if standing.four_eyes:  # then somebody else may have been asked to look
        await tell_writer(tx, actor, standing, "posted")
