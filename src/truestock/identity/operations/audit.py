"""The audit trail: who did what, before and after, from where, in which request. Append-only."""

from datetime import datetime

from truestock.database import Transaction
from truestock.http.request_ids import current_request_id
from truestock.http.security import current_address
from truestock.identity import writes
from truestock.identity.model import AuditEvent, Deed, Origin


def here() -> Origin:
    """Return from where the request being served came; empty outside of one."""
    return Origin(current_address(), current_request_id())


async def record_audit(tx: Transaction, deed: Deed, event: AuditEvent) -> None:
    """Append to the audit trail, in the transaction of the change itself."""
    await writes.add_audit_event(tx, deed.actor.actor_id, deed.at, deed.origin, event)


async def record_stranger(
    tx: Transaction, now: datetime, origin: Origin, event: AuditEvent
) -> None:
    """Append what somebody did who is not signed in."""
    await writes.add_audit_event(tx, None, now, origin, event)
