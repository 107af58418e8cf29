"""What a document's posting asks of the ledger, who may do it, and how a refusal reads. Pure."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from truestock.documents.errors import (
    AlreadyPostedError,
    ApprovalMissingError,
    ApprovedAlreadyError,
    ApproverNotPersonError,
    DocumentCancelledError,
    FourEyesError,
    NotDraftError,
    UnitResizedError,
    ValueNotApprovedError,
)
from truestock.documents.model import (
    Approval,
    Document,
    DocumentLine,
    DocumentType,
    Draft,
    Standing,
)
from truestock.documents.rules.drafting import line_places
from truestock.kernel.actor import Actor, ActorKind
from truestock.kernel.errors import TruestockError
from truestock.stock.model.movements import Disposition, Line, NewLine, NewMovement

VIRTUAL_SIDE = "ADJUSTMENT"
_KEY_LENGTH_MAX = 160


def movement_key(request_key: str) -> str:
    """Return the request key of the movement that a document's request posts."""
    if len(request_key) > _KEY_LENGTH_MAX:
        request_key = hashlib.blake2b(request_key.encode(), digest_size=16).hexdigest()
    return f"{request_key}/movement"


def movement_of(document: Document) -> NewMovement:
    """Return the movement that posts a stored document."""
    return NewMovement(
        kind=document.type,  # type: ignore[arg-type]  # a stored type that has verbs is a kind
        lines=[_new_line(line, document.type) for line in document.lines],
        occurred_at=document.occurred_at,
        reason=document.reason_code or "",
        note=document.note,
    )


def movement_of_draft(draft: Draft) -> NewMovement:
    """Return the movement of a draft that is recorded as posted at once."""
    header = (draft.source, draft.target)
    adjusting = draft.type is DocumentType.ADJUSTMENT
    lines = []
    for line in draft.lines:
        source, target = header
        if line.source or line.target:
            source, target = line_places(draft.type, header, line)
        other = VIRTUAL_SIDE if adjusting else None
        own_unit = line.unit != line.base_unit
        lines.append(
            NewLine(
                item_id=line.item_id,
                quantity=line.quantity_entered if own_unit else line.quantity_base,
                unit=line.unit if own_unit else None,
                source_location=source.code if source else other,
                target_location=target.code if target else other,
                lot=line.lot,
                disposition=line.disposition,
                unit_cost=line.unit_cost,
            )
        )
    return NewMovement(
        kind=draft.type.value,
        lines=lines,
        occurred_at=draft.occurred_at,
        reason=draft.reason_code or "",
        note=draft.note,
    )


def _new_line(line: DocumentLine, kind: str) -> NewLine:
    other = VIRTUAL_SIDE if kind == DocumentType.ADJUSTMENT else None
    own_unit = line.unit != line.base_unit
    return NewLine(
        item_id=line.item_id,
        quantity=line.quantity if own_unit else line.quantity_base,
        unit=line.unit if own_unit else None,
        source_location=line.source_location_code or other,
        target_location=line.target_location_code or other,
        lot=line.lot_code,
        disposition=Disposition(line.disposition),
        unit_cost=line.unit_cost,
    )


def require_quantities(written: Sequence[tuple[str, int]], resolved: Sequence[Line]) -> None:
    """Raise unless every line still means what was written, given as (SKU, base quantity)."""
    resized = [
        {"line_number": number, "sku": sku, "quantity_written": quantity, "quantity_now": now}
        for number, ((sku, quantity), now) in enumerate(
            zip(written, [line.quantity for line in resolved], strict=True), start=1
        )
        if quantity != now
    ]
    if resized:
        raise UnitResizedError(lines=resized)


def require_approvable(document: Standing, actor: Actor) -> None:
    """Raise unless this actor may approve this document now."""
    if document.state != "draft":
        raise NotDraftError(document_id=document.document_id, state=document.state)
    if document.approved_by is not None and not _approved_by_writer(document):
        raise ApprovedAlreadyError(document_id=document.document_id)
    if actor.kind is not ActorKind.PERSON:
        raise ApproverNotPersonError(actor=actor.kind)
    if document.other_approver and actor.actor_id in _writers(document):
        raise FourEyesError(document_id=document.document_id, verb="approve")


def require_postable(
    document: Standing, actor: Actor, approval: Approval, movement_ids: Sequence[int] = ()
) -> None:
    """Raise unless this actor may post this document now. `movement_ids` are told if it is."""
    if document.state == "posted":
        raise AlreadyPostedError(
            document_id=document.document_id,
            number=document.number,
            movement_ids=list(movement_ids),
        )
    if document.state == "cancelled":
        raise DocumentCancelledError(document_id=document.document_id, number=document.number)
    _require_approval(document, approval)
    if not document.four_eyes:
        return
    writers = _writers(document)
    if document.approved_by is not None and document.approved_by not in writers:
        return
    if actor.kind is not ActorKind.PERSON:
        raise ApproverNotPersonError(actor=actor.kind)
    if actor.actor_id in writers:
        raise FourEyesError(document_id=document.document_id, verb="post")


def _require_approval(document: Standing, approval: Approval) -> None:
    """Raise unless what needs approval has it; above a threshold a writer's own is none."""
    if approval.why is None:
        return
    if document.approved_by is not None and not _approved_by_writer(document):
        return
    if approval.why != "type":
        raise ValueNotApprovedError(
            document_id=document.document_id,
            number=document.number,
            why=approval.why,
            values=[asdict(value) for value in approval.values],
        )
    if document.approved_by is None:
        raise ApprovalMissingError(document_id=document.document_id, number=document.number)


def _approved_by_writer(document: Standing) -> bool:
    """Tell whether an approval was given by a writer where it should be another's."""
    return document.other_approver and document.approved_by in _writers(document)


def explained(refusal: TruestockError, lines: Sequence[DocumentLine], *, mirrored: bool) -> None:
    """Name item and place of every line that a refusal of the ledger speaks of.

    A reversal moves the mirror of the lines: last one first, out of where they went.
    """
    facts = dict(refusal.facts)
    if isinstance(facts.get("shortages"), list):
        facts["shortages"] = [_named(each, lines, mirrored=mirrored) for each in facts["shortages"]]
    elif isinstance(facts.get("line_number"), int):
        facts = _named(facts, lines, mirrored=mirrored)
    refusal.facts = facts


def _named(
    fact: dict[str, Any], lines: Sequence[DocumentLine], *, mirrored: bool
) -> dict[str, Any]:
    number = fact["line_number"]
    if not 0 < number <= len(lines):
        return fact
    line = lines[-number if mirrored else number - 1]
    place = line.target_location_code if mirrored else line.source_location_code
    return {
        **fact,
        "line_number": line.line_number,
        "item_id": line.item_id,
        "sku": line.sku,
        "location_code": place,
        "lot_code": line.lot_code,
    }


def _writers(document: Standing) -> tuple[int, int]:
    return (document.created_by, document.changed_by)
