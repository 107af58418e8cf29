"""What people are told inside the application, and that they have read it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import msgspec

from truestock.database import Listing, ReadTransaction, Transaction, load_sql
from truestock.database.sql import Sort

NOTIFICATIONS: Final = Listing(
    load_sql(__name__, "notifications"),
    {"recorded_at": Sort("n.recorded_at", "timestamptz")},
    "n.notification_id",
    "-recorded_at",
)
"""Those of one person; needs actor_id. Filter: unread."""

_TELL = load_sql(__name__, "tell")
_SETTLE = load_sql(__name__, "settle")
_UNREAD = load_sql(__name__, "unread_count")
_READ = load_sql(__name__, "mark_read")
_ALL_READ = load_sql(__name__, "mark_all_read")
_FORGET = load_sql(__name__, "forget_notifications")


@dataclass(frozen=True, slots=True)
class Notice:
    """What happened, as `noun.what`, to which record, and the names a sentence about it needs."""

    kind: str
    subject_id: int
    facts: dict[str, str | int] = field(default_factory=dict)


async def tell(tx: Transaction, actor_ids: Iterable[int], notice: Notice) -> None:
    """Tell people something; keys and jobs among the actors are passed over."""
    readers = sorted(set(actor_ids))
    if readers:
        facts = msgspec.json.encode(notice.facts).decode()
        await tx.run(_TELL, readers, notice.kind, notice.subject_id, facts)


async def settle(tx: Transaction, kind: str, subject_id: int) -> None:
    """Mark what was asked of several people as read: one of them has done it."""
    await tx.run(_SETTLE, kind, subject_id)


async def unread_count(tx: ReadTransaction, actor_id: int) -> int:
    """Return how many notices of a person are unread."""
    return int(await tx.value(_UNREAD, actor_id))


async def mark_read(tx: Transaction, actor_id: int, notification_id: int) -> bool:
    """Mark one notice of a person as read; False when there is none."""
    return bool(await tx.value(_READ, actor_id, notification_id))


async def mark_all_read(tx: Transaction, actor_id: int, last_id: int) -> None:
    """Mark the notices of a person as read that are not newer than the last one seen."""
    await tx.run(_ALL_READ, actor_id, last_id)


async def forget_notifications(tx: Transaction, before: datetime) -> None:
    """Delete what was told before a moment."""
    await tx.run(_FORGET, before)
