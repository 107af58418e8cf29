"""Changes of documents; each statement takes any number of lines or documents."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from truestock.database import ReadTransaction, Transaction, load_sql
from truestock.database.arrays import array_literal, array_literal_or_none, texts_or_none
from truestock.documents.errors import DocumentNotFoundError
from truestock.documents.model import (
    Draft,
    DraftLine,
    NewRow,
    Place,
    Policy,
    Standing,
    Threshold,
)
from truestock.kernel.errors import about

_NEXT_IDS = load_sql(__name__, "next_document_ids")
_ADD_LINES = load_sql(__name__, "add_lines")
_COPY_LINES = load_sql(__name__, "copy_lines")
_REMOVE_LINES = load_sql(__name__, "remove_lines")
_ADD_DOCUMENTS = load_sql(__name__, "add_documents")
_LOCK = load_sql(__name__, "lock_documents")
_CHANGE = load_sql(__name__, "change_document")
_MARK_APPROVED = load_sql(__name__, "mark_approved")
_MARK_CANCELLED = load_sql(__name__, "mark_cancelled")
_MARK_POSTED = load_sql(__name__, "mark_posted")
_MARK_REVERSED = load_sql(__name__, "mark_reversed")
_LOCK_POLICY = load_sql(__name__, "lock_policy")
_CHANGE_POLICY = load_sql(__name__, "change_policy")
_REMOVE_THRESHOLDS = load_sql(__name__, "remove_thresholds")
_ADD_THRESHOLDS = load_sql(__name__, "add_thresholds")
_EXPECT = load_sql(__name__, "expect_documents")


async def next_ids(tx: ReadTransaction, count: int) -> list[int]:
    """Return so many unused document ids; unlike numbers they may have gaps."""
    return [row["document_id"] for row in await tx.rows(_NEXT_IDS, count)]


async def lock_documents(tx: Transaction, document_ids: Sequence[int]) -> list[Standing]:
    """Lock documents in the order of their ids and return where they stand."""
    return [Standing(**row) for row in await tx.rows(_LOCK, list(document_ids))]


async def lock_document(tx: Transaction, document_id: int) -> Standing:
    """Lock one document; raises `DocumentNotFoundError`."""
    found = await lock_documents(tx, [document_id])
    if not found:
        raise DocumentNotFoundError(document_id=document_id)
    return found[0]


async def add_documents(tx: Transaction, rows: Sequence[NewRow]) -> dict[int, str]:
    """Store lines, then documents with their numbers; returns the numbers by document id.

    Must be the last statement that may wait for others: it locks the counters. What drafts will
    bring and take is expected from now on.
    """
    lines = [(row.document_id, row.draft.lines) for row in rows if row.draft.lines]
    if lines:
        await _add_lines(tx, lines)
    drafts = [row.draft for row in rows]
    found = await tx.rows(
        _ADD_DOCUMENTS,
        array_literal([row.document_id for row in rows]),
        array_literal([draft.type for draft in drafts]),
        array_literal([row.year for row in rows]),
        array_literal_or_none([draft.party_id for draft in drafts]),
        *_place_columns(drafts),
        texts_or_none([draft.reference for draft in drafts]),
        texts_or_none([draft.note for draft in drafts]),
        texts_or_none([draft.reason_code for draft in drafts]),
        array_literal_or_none([draft.occurred_at for draft in drafts]),
        array_literal([row.actor_id for row in rows]),
        array_literal_or_none([row.posted_at for row in rows]),
        array_literal_or_none([row.reverses_id for row in rows]),
        array_literal_or_none([draft.due_on for draft in drafts]),
    )
    drafted = [row.document_id for row in rows if row.posted_at is None]
    if drafted:
        await tx.run(_EXPECT, drafted)
    return {row["document_id"]: row["number"] for row in found}


async def copy_lines(tx: Transaction, original_id: int, document_id: int) -> None:
    """Give a reversing document, not stored yet, the lines of its original."""
    await tx.run(_COPY_LINES, original_id, document_id)


async def change_document(tx: Transaction, document_id: int, actor_id: int, draft: Draft) -> None:
    """Replace header and lines of a draft; an approval is gone and the version goes up.

    The header comes first: lines of an approved document do not change.
    """
    source, target = draft.source, draft.target
    with about(document_id=document_id):
        await tx.run(
            _CHANGE,
            document_id,
            draft.party_id,
            _id(source),
            _site(source),
            _id(target),
            _site(target),
            draft.reference,
            draft.note,
            draft.reason_code,
            draft.occurred_at,
            draft.due_on,
            actor_id,
        )
    await tx.run(_REMOVE_LINES, document_id)
    if draft.lines:
        await _add_lines(tx, [(document_id, draft.lines)])
    await tx.run(_EXPECT, [document_id])


async def mark_approved(tx: Transaction, document_id: int, actor_id: int) -> None:
    """Note who approved a draft."""
    await tx.run(_MARK_APPROVED, document_id, actor_id)


async def mark_cancelled(tx: Transaction, document_id: int, actor_id: int, reason: str) -> None:
    """Cancel a draft."""
    await tx.run(_MARK_CANCELLED, document_id, actor_id, reason)


async def mark_posted(
    tx: Transaction, document_id: int, actor_id: int, posted_at: datetime
) -> None:
    """Note that a document's movement is posted."""
    await tx.run(_MARK_POSTED, document_id, actor_id, posted_at)


async def mark_reversed(tx: Transaction, document_id: int, reversal_id: int) -> None:
    """Link an original to the posted document that reverses it."""
    await tx.run(_MARK_REVERSED, document_id, reversal_id)


async def lock_policy(tx: Transaction, kind: str) -> Policy | None:
    """Lock the policy of a type and return it."""
    row = await tx.row(_LOCK_POLICY, kind)
    if row is None:
        return None
    thresholds = msgspec.json.decode(row["thresholds"], type=list[Threshold])
    return Policy(**{**row, "thresholds": thresholds})


async def change_policy(
    tx: Transaction, kind: str, *, four_eyes: bool, approval_needed: bool
) -> None:
    """Give a type another policy."""
    await tx.run(_CHANGE_POLICY, kind, four_eyes, approval_needed)


async def set_thresholds(tx: Transaction, kind: str, thresholds: Sequence[Threshold]) -> None:
    """Give a type other thresholds."""
    await tx.run(_REMOVE_THRESHOLDS, kind)
    currencies = [each.currency for each in thresholds]
    await tx.run(_ADD_THRESHOLDS, kind, currencies, [each.value_minor for each in thresholds])


async def _add_lines(tx: Transaction, documents: Sequence[tuple[int, Sequence[DraftLine]]]) -> None:
    ids = [document_id for document_id, lines in documents for _line in lines]
    numbers = [number for _id, lines in documents for number in range(1, len(lines) + 1)]
    every = [line for _document_id, lines in documents for line in lines]
    await tx.run(
        _ADD_LINES,
        array_literal(ids),
        array_literal(numbers),
        array_literal([line.item_id for line in every]),
        texts_or_none([line.lot for line in every]),
        array_literal([line.disposition for line in every]),
        [line.unit for line in every],
        array_literal([line.quantity_entered for line in every]),
        array_literal([line.quantity_base for line in every]),
        array_literal_or_none([line.unit_cost for line in every]),
        array_literal_or_none([_id(line.source) for line in every]),
        array_literal_or_none([_id(line.target) for line in every]),
    )


def _place_columns(drafts: Sequence[Draft]) -> list[Any]:
    columns = (
        [_id(draft.source) for draft in drafts],
        [_site(draft.source) for draft in drafts],
        [_id(draft.target) for draft in drafts],
        [_site(draft.target) for draft in drafts],
    )
    return [array_literal_or_none(column) for column in columns]


def _id(place: Place | None) -> int | None:
    return None if place is None else place.location_id


def _site(place: Place | None) -> int | None:
    return None if place is None else place.site_id
