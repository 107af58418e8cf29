"""Asking for a role, and an administrator's answer."""

from truestock.database import Transaction
from truestock.identity import writes
from truestock.identity.errors import PersonOnlyError, RoleHeldError, RoleRequestAnsweredError
from truestock.identity.model import AuditEvent, Deed, Role
from truestock.identity.operations.audit import record_audit
from truestock.identity.operations.people import grant_role
from truestock.identity.reads import people_holding
from truestock.kernel.actor import ActorKind
from truestock.notify import Notice, settle, tell

REQUESTED = "role.requested"


async def request_role(tx: Transaction, deed: Deed, role: Role, reason: str) -> int:
    """Ask for a role for oneself; raises `RoleHeldError` and `RoleRequestOpenError`."""
    if deed.actor.kind is not ActorKind.PERSON:
        raise PersonOnlyError
    actor_id = deed.actor.actor_id
    person = await writes.locked_person(tx, actor_id)
    if role in person["roles"]:
        raise RoleHeldError(role=role)
    asked_id = await writes.add_role_request(tx, actor_id, role, reason, deed.at)
    asked = AuditEvent("role.requested", "role_request", asked_id, after={"role": role})
    await record_audit(tx, deed, asked)
    answerers = set(await people_holding(tx, "user.manage")) - {actor_id}
    facts: dict[str, str | int] = {"role": role.value, "by": deed.actor.name}
    await tell(tx, answerers, Notice(REQUESTED, asked_id, facts))
    return asked_id


async def answer_role_request(
    tx: Transaction, deed: Deed, role_request_id: int, *, granted: bool, note: str
) -> None:
    """Answer a request once; granting adds the role to the person's.

    Raises `RoleRequestAnsweredError` and `RightsExceedOwnError`.
    """
    deed.actor.require("user.manage")
    row = await writes.locked_role_request(tx, role_request_id)
    if row["status"] != "open":
        raise RoleRequestAnsweredError(role_request_id=role_request_id, status=row["status"])
    status = "granted" if granted else "refused"
    if granted:
        await grant_role(tx, deed, row["actor_id"], Role(row["role"]))
    await writes.answer_role_request(
        tx,
        role_request_id,
        status,
        answered_by=deed.actor.actor_id,
        now=deed.at,
        note=note,
    )
    answered = AuditEvent(
        f"role.{status}", "role_request", role_request_id, after={"role": row["role"]}
    )
    await record_audit(tx, deed, answered)
    await settle(tx, REQUESTED, role_request_id)
    facts: dict[str, str | int] = {"role": row["role"], "by": deed.actor.name}
    await tell(tx, [row["actor_id"]], Notice(f"role.{status}", role_request_id, facts))
