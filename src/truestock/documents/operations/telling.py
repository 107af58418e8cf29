"""Who is told about a document: approvers that it waits, its writer what others did with it."""

from truestock.database import Transaction
from truestock.documents.model import Document, Standing
from truestock.identity.reads import people_holding
from truestock.kernel.actor import Actor
from truestock.notify import Notice, settle, tell

APPROVAL_NEEDED = "document.approval_needed"


async def tell_approvers(tx: Transaction, actor: Actor, document: Document) -> None:
    """Tell everybody who may approve a draft that it waits, except its writers."""
    sites = [document.source_site_id, document.target_site_id]
    approvers = await people_holding(
        tx, "document.approve", [site_id for site_id in sites if site_id is not None]
    )
    writers = {actor.actor_id, document.created_by_id}
    facts: dict[str, str | int] = {"number": document.number, "by": actor.name}
    await tell(tx, set(approvers) - writers, Notice(APPROVAL_NEEDED, document.document_id, facts))


async def tell_writer(tx: Transaction, actor: Actor, found: Standing, what: str) -> None:
    """Tell who wrote a document what somebody else did with it; nobody need approve it any more."""
    await settle(tx, APPROVAL_NEEDED, found.document_id)
    facts: dict[str, str | int] = {"number": found.number, "by": actor.name}
    notice = Notice(f"document.{what}", found.document_id, facts)
    await tell(tx, {found.created_by} - {actor.actor_id}, notice)


def waits_for_approval(document: Document) -> bool:
    """Tell whether a draft waits for another person's look."""
    asked = document.approval_needed or document.four_eyes
    return document.state == "draft" and asked and document.approved_by_id is None
