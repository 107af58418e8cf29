"""The audit trail of things with fields: what they were before and are after."""

from dataclasses import asdict, dataclass
from typing import Any

import msgspec

from truestock.database import Transaction
from truestock.identity.model import AuditEvent, Deed
from truestock.identity.operations.audit import here, record_audit
from truestock.kernel import clock
from truestock.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Subject:
    """What something is done to: a kind such as `item`, and its id where it is one row."""

    kind: str
    row_id: int | None = None


async def record(
    tx: Transaction,
    actor: Actor,
    verb: str,
    subject: Subject,
    *,
    before: Any,
    after: Any,
) -> None:
    """Append `<kind>.<verb>` with before and after, data classes or mappings, to the audit trail.

    Of two data classes only the fields that differ are kept.
    """
    old, new = differences(before, after)
    event = AuditEvent(f"{subject.kind}.{verb}", subject.kind, subject.row_id, old, new)
    await record_audit(tx, Deed(actor, clock.now(), here()), event)


def differences(before: Any, after: Any) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Return both sides as JSON-able mappings, without what is equal when there are two."""
    old, new = _plain(before), _plain(after)
    if old is None or new is None:
        return old, new
    changed = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return (
        {name: old[name] for name in changed if name in old},
        {name: new[name] for name in changed if name in new},
    )


def _plain(side: Any) -> dict[str, Any] | None:
    if side is None:
        return None
    plain: dict[str, Any] = msgspec.to_builtins(side if isinstance(side, dict) else asdict(side))
    return plain
