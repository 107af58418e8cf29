"""The verbs of drafts: create, change, approve, cancel.

Each runs in the caller's transaction and locks the document first; a number is taken last.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from truestock.catalog.operations.trail import Subject, record
from truestock.catalog.reads.items import item_facts
from truestock.catalog.reads.parties import parties
from truestock.database import ReadTransaction, Transaction
from truestock.documents import writes
from truestock.documents.errors import (
    DocumentNotFoundError,
    DocumentTextError,
    DocumentTypeFixedError,
    NotDraftError,
    ReversalFixedError,
)
from truestock.documents.model import Document, Draft, NewDocument, NewRow, Standing
from truestock.documents.operations.telling import (
    tell_approvers,
    tell_writer,
    waits_for_approval,
)
from truestock.documents.reads import documents as reads
from truestock.documents.rules.drafting import (
    NOTE_LENGTH_MAX,
    DraftFacts,
    drafted,
    number_year,
    storable,
)
from truestock.documents.rules.posting import require_approvable
from truestock.kernel.actor import Actor
from truestock.kernel.versions import require_version
from truestock.stock.reads.locations import location_facts


async def create_document(
    tx: Transaction, actor: Actor, asked: NewDocument, now: datetime
) -> Document:
    """Write a draft and give it its number. Raises the rule that it breaks, naming the line."""
    actor.require("document.write")
    draft = drafted(asked, await facts_of(tx, [asked]), now)
    _require_sites(actor, draft.site_ids)
    [document_id] = await writes.next_ids(tx, 1)
    subject = Subject("document", document_id)
    await record(tx, actor, "created", subject, before=None, after=summary_of_draft(draft))
    year = number_year(draft, now)
    await writes.add_documents(tx, [NewRow(document_id, draft, actor.actor_id, year)])
    document = await reads.document_by_id(tx, actor, document_id)
    if waits_for_approval(document):
        await tell_approvers(tx, actor, document)
    return document


async def change_document(
    tx: Transaction,
    actor: Actor,
    document_id: int,
    asked: NewDocument,
    *,
    version: int,
    now: datetime,
) -> Document:
    """Replace header and lines of a draft; an approval is taken back.

    Raises `NotDraftError`, `StaleVersionError`, `DocumentTypeFixedError` or the rule it breaks.
    """
    actor.require("document.write")
    found = await locked(tx, actor, document_id)
    _require_draft(found)
    require_version(found.version, version)
    if found.reverses_id is not None:
        raise ReversalFixedError(document_id=document_id)
    if asked.type != found.type:
        raise DocumentTypeFixedError(type=found.type, type_asked=asked.type)
    before = await reads.document_by_id(tx, actor, document_id)
    draft = drafted(asked, await facts_of(tx, [asked]), now)
    _require_sites(actor, draft.site_ids)
    await writes.change_document(tx, document_id, actor.actor_id, draft)
    await record(
        tx,
        actor,
        "changed",
        Subject("document", document_id),
        before=summary_of(before),
        after=summary_of_draft(draft),
    )
    document = await reads.document_by_id(tx, actor, document_id)
    if waits_for_approval(document) and not waits_for_approval(before):
        await tell_approvers(tx, actor, document)
    return document


async def approve_document(
    tx: Transaction, actor: Actor, document_id: int, version: int
) -> Document:
    """Approve a draft as the signed-in person.

    Of adjustments, with thresholds and with four eyes that is not who wrote it.

    Raises `NotDraftError`, `StaleVersionError`, `FourEyesError`, `ApproverNotPersonError`.
    """
    actor.require("document.approve")
    found = await locked(tx, actor, document_id)
    require_approvable(found, actor)
    require_version(found.version, version)
    await writes.mark_approved(tx, document_id, actor.actor_id)
    await _record_state(tx, actor, found, "approved", {"approved_by": actor.actor_id})
    await tell_writer(tx, actor, found, "approved")
    return await reads.document_by_id(tx, actor, document_id)


async def cancel_document(
    tx: Transaction, actor: Actor, document_id: int, version: int | None, reason: str
) -> Document:
    """Cancel a draft for a reason; it keeps its number and can no longer be posted."""
    actor.require("document.write")
    if not reason.strip() or len(reason) > NOTE_LENGTH_MAX or not storable(reason):
        raise DocumentTextError(field="reason", length_max=NOTE_LENGTH_MAX)
    found = await locked(tx, actor, document_id)
    _require_draft(found)
    if version is not None:
        require_version(found.version, version)
    await writes.mark_cancelled(tx, document_id, actor.actor_id, reason)
    await _record_state(tx, actor, found, "cancelled", {"state": "cancelled", "reason": reason})
    await tell_writer(tx, actor, found, "cancelled")
    return await reads.document_by_id(tx, actor, document_id)


async def facts_of(tx: ReadTransaction, asked: Sequence[NewDocument]) -> DraftFacts:
    """Read everything that these documents name, whatever their number."""
    lines = [line for document in asked for line in document.lines]
    names = {line.item for line in lines}
    places = {place for each in asked for place in (each.source, each.target)}
    places |= {place for line in lines for place in (line.source, line.target)}
    party_ids = {each.party_id for each in asked if each.party_id is not None}
    items = await item_facts(tx, *_by_kind(names)) if names else []
    found = await location_facts(tx, *_by_kind(places)) if places else []
    known = await parties(tx, party_ids=sorted(party_ids)) if party_ids else []
    reasons = await reads.reasons(tx) if any(each.reason_code for each in asked) else []
    return DraftFacts(
        items={item.sku: item for item in items} | {item.item_id: item for item in items},
        places={place.code: place for place in found}
        | {place.location_id: place for place in found},
        parties={party.party_id: party for party in known},
        reasons={reason.reason_code: reason for reason in reasons},
    )


async def locked(tx: Transaction, actor: Actor, document_id: int) -> Standing:
    """Lock a document that the actor may change: all its sites must be the actor's.

    One that concerns none of them is not found.
    """
    found = await writes.lock_document(tx, document_id)
    sites = [each for each in (found.source_site_id, found.target_site_id) if each is not None]
    if not any(actor.may_act_at(site_id) for site_id in sites):
        raise DocumentNotFoundError(document_id=document_id)
    _require_sites(actor, sites)
    return found


def summary_of(document: Document) -> dict[str, Any]:
    """Return what the audit trail keeps of a stored document."""
    return {
        "source": document.source_location_code,
        "target": document.target_location_code,
        "party_id": document.party_id,
        "reference": document.reference,
        "note": document.note,
        "reason_code": document.reason_code,
        "occurred_at": document.occurred_at,
        "due_on": document.due_on,
        "lines": [
            [line.sku, line.lot_code, line.disposition, line.quantity_base]
            for line in document.lines
        ],
    }


def summary_of_draft(draft: Draft) -> dict[str, Any]:
    """Return what the audit trail keeps of a draft."""
    return {
        "source": draft.source.code if draft.source else None,
        "target": draft.target.code if draft.target else None,
        "party_id": draft.party_id,
        "reference": draft.reference,
        "note": draft.note,
        "reason_code": draft.reason_code,
        "occurred_at": draft.occurred_at,
        "due_on": draft.due_on,
        "lines": [
            [line.sku, line.lot, line.disposition, line.quantity_base] for line in draft.lines
        ],
    }


async def _record_state(
    tx: Transaction, actor: Actor, found: Standing, verb: str, after: dict[str, Any]
) -> None:
    subject = Subject("document", found.document_id)
    await record(tx, actor, verb, subject, before={"state": found.state}, after=after)


def _by_kind(names: set[str | int] | set[str | int | None]) -> tuple[list[str], list[int]]:
    """Return names and ids apart."""
    texts = sorted(name for name in names if isinstance(name, str))
    ids = sorted(name for name in names if isinstance(name, int))
    return [text for text in texts if storable(text)], ids


def _require_draft(found: Standing) -> None:
    if found.state != "draft":
        raise NotDraftError(document_id=found.document_id, state=found.state)


def _require_sites(actor: Actor, site_ids: Sequence[int]) -> None:
    for site_id in site_ids:
        actor.require_site(site_id)
