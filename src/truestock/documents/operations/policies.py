"""Who must look at documents of a type before they are posted."""

from collections.abc import Sequence

from truestock.catalog.operations.trail import Subject, record
from truestock.database import Transaction
from truestock.documents import writes
from truestock.documents.errors import DocumentTypeUnknownError
from truestock.documents.model import Policy, Threshold
from truestock.kernel.actor import Actor
from truestock.kernel.errors import ForbiddenError
from truestock.kernel.versions import require_version


async def change_policy(
    tx: Transaction,
    actor: Actor,
    kind: str,
    version: int,
    *,
    four_eyes: bool,
    approval_needed: bool,
    thresholds: Sequence[Threshold] | None = None,
) -> Policy:
    """Give a type another policy; it holds for drafts that exist, at all sites.

    Thresholds that are not given stay. Raises `StaleVersionError`, and `ForbiddenError` for who is
    limited to sites.
    """
    actor.require("settings.write")
    if actor.site_ids is not None:
        raise ForbiddenError(permission="settings.write", reason="limited to sites")
    found = await writes.lock_policy(tx, kind)
    if found is None:
        raise DocumentTypeUnknownError(type=kind)
    require_version(found.version, version)
    await writes.change_policy(tx, kind, four_eyes=four_eyes, approval_needed=approval_needed)
    if thresholds is not None:
        await writes.set_thresholds(tx, kind, thresholds)
    changed = await writes.lock_policy(tx, kind)
    assert changed is not None  # noqa: S101 - locked above, and types are never deleted
    await record(tx, actor, "changed", Subject("document_type"), before=found, after=changed)
    return changed
