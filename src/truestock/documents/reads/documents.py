"""One document with its lines, movements, links and history; policies and reasons."""

from typing import Any

import msgspec

from truestock.database import ReadTransaction, load_sql
from truestock.database.transactions import Row
from truestock.documents.errors import DocumentNotFoundError
from truestock.documents.model import (
    Approval,
    Document,
    DocumentEvent,
    DocumentLine,
    DocumentLink,
    DocumentMovement,
    DocumentType,
    DocumentValue,
    Policy,
    Reason,
    Threshold,
)
from truestock.kernel.actor import Actor

_DOCUMENT = load_sql(__name__, "document")
_MOVEMENT_IDS = load_sql(__name__, "movement_ids")
_POLICIES = load_sql(__name__, "policies")
_REASONS = load_sql(__name__, "reasons")
_APPROVAL = load_sql(__name__, "document_approval")
_STAMP = load_sql(__name__, "fact_stamp")

_lines = msgspec.json.Decoder(list[DocumentLine])
_movements = msgspec.json.Decoder(list[DocumentMovement])
_values = msgspec.json.Decoder(list[DocumentValue])
_thresholds = msgspec.json.Decoder(list[Threshold])
_history = msgspec.json.Decoder(list[DocumentEvent])


async def document_by_id(tx: ReadTransaction, actor: Actor, document_id: int) -> Document:
    """Return one document that concerns a site of the actor's; raises `DocumentNotFoundError`."""
    document, _stamp = await document_and_stamp(tx, actor, document_id)
    return document


async def document_and_stamp(
    tx: ReadTransaction, actor: Actor, document_id: int
) -> tuple[Document, int]:
    """Return a document with the stamp of the items and locations that it names."""
    row = await tx.row(_DOCUMENT, document_id)
    if row is None or not _visible(actor, row):
        raise DocumentNotFoundError(document_id=document_id)
    return _document(row), int(row["stamp"])


async def movement_ids(tx: ReadTransaction, document_id: int) -> list[int]:
    """Return the movements that a document posted, in order."""
    return [row["movement_id"] for row in await tx.rows(_MOVEMENT_IDS, document_id)]


async def policies(tx: ReadTransaction) -> list[Policy]:
    """Return the policies of the types that have verbs."""
    return [
        Policy(**{**row, "thresholds": _thresholds.decode(row["thresholds"])})
        for row in await tx.rows(_POLICIES, list(DocumentType))
    ]


async def approval(tx: ReadTransaction, document_id: int) -> Approval:
    """Return why a document needs approval, as things are at this moment, and its value."""
    row = await tx.row(_APPROVAL, document_id)
    if row is None:
        raise DocumentNotFoundError(document_id=document_id)
    return Approval(row["why"], _values.decode(row["values"]))


async def reasons(tx: ReadTransaction) -> list[Reason]:
    """Return every reason for an adjustment."""
    return [Reason(**row) for row in await tx.rows(_REASONS)]


async def fact_stamp(tx: ReadTransaction) -> int:
    """Return the stamp of items and locations as this transaction sees them."""
    return int(await tx.value(_STAMP))


def _visible(actor: Actor, row: Row) -> bool:
    sites = [row["source_site_id"], row["target_site_id"]]
    return any(actor.may_act_at(site_id) for site_id in sites if site_id is not None)


def _document(row: Row) -> Document:
    given: dict[str, Any] = dict(row)
    del given["stamp"]
    for link in ("reverses", "reversed_by"):
        found = [given.pop(f"{link}_{part}") for part in ("id", "number", "state")]
        given[link] = None if found[0] is None else DocumentLink(*found)
    given["approval_needed"] = given["approval_why"] is not None
    given["values"] = _values.decode(given["values"])
    given["lines"] = _lines.decode(given["lines"])
    given["movements"] = _movements.decode(given["movements"])
    given["history"] = _history.decode(given["history"])
    return Document(**given)
