"""Making, changing and deactivating people, by those who may; nobody gives more than they have."""

from typing import Any, Final

from truestock.database import Database, Transaction
from truestock.database.transactions import ReadTransaction, Row
from truestock.identity import reads, rules, writes
from truestock.identity.errors import AdministratorExistsError, LastAdministratorError
from truestock.identity.model import (
    PERMISSIONS,
    AuditEvent,
    Deed,
    Origin,
    PersonDraft,
    Role,
    permissions_of,
    sites_of,
)
from truestock.identity.operations.audit import record_audit
from truestock.identity.operations.passwords import hashed_password
from truestock.identity.writes import PersonChange
from truestock.kernel.actor import Actor, ActorKind
from truestock.kernel.clock import Clock
from truestock.kernel.errors import StaleVersionError

ACTIVE: Final = "active"
COMMAND_LINE: Final = Origin("command line")


async def create_first_administrator(
    database: Database, clock: Clock, *, login: str, name: str, password: str
) -> Actor:
    """Make the first administrator, by command only; returns its actor.

    Raises `AdministratorExistsError` when there ever was one, `PasswordWeakError`, and
    `PersonInvalidError` for a login that is not letters, digits and `._@+-`.
    """
    rules.require_good_password(password, login, name)
    password_hash = await hashed_password(password)
    draft = PersonDraft(login.casefold(), name, (Role.ADMIN,))
    async with database.writing() as tx:
        await writes.wait_for_first_administrator(tx)
        if await reads.administrator_exists(tx):
            raise AdministratorExistsError
        actor_id = await writes.add_person(tx, draft, password_hash, clock(), temporary=False)
        actor = Actor(actor_id, ActorKind.PERSON, name, permissions_of((Role.ADMIN,)))
        made = AuditEvent("administrator.created", "person", actor_id, after=_shown(draft))
        await record_audit(tx, Deed(actor, clock(), COMMAND_LINE), made)
    return actor


async def job_actor(tx: Transaction, name: str) -> Actor:
    """Return the actor of a job by name, made when first asked for; it may do everything."""
    actor_id = await reads.job_actor_id(tx, name)
    if actor_id is None:
        actor_id = await writes.add_job_actor(tx, name)
    if actor_id is None:  # another one made it since we looked
        actor_id = await reads.job_actor_id(tx, name)
    assert actor_id is not None  # noqa: S101 - it was there or is there now
    return Actor(actor_id, ActorKind.JOB, name, PERMISSIONS)


async def person_actor(tx: ReadTransaction, actor_id: int) -> Actor:
    """Return a person as an actor with its rights, for commands run on its behalf."""
    row = await reads.person(tx, actor_id)
    rights = permissions_of(row["roles"] if row["status"] == ACTIVE else ())
    return Actor(actor_id, ActorKind.PERSON, row["name"], rights, sites_of(row["site_ids"]))


async def prepared_password(draft: PersonDraft, password: str) -> str:
    """Return the hash of a good password for this person; do it before opening a transaction."""
    rules.require_good_password(password, draft.login, draft.name, draft.email or "")
    return await hashed_password(password)


async def add_person(
    tx: Transaction, deed: Deed, draft: PersonDraft, password_hash: str, *, temporary: bool
) -> int:
    """Add a person; with a temporary password it can do nothing before choosing another.

    Raises `RightsExceedOwnError` and `LoginTakenError`.
    """
    deed.actor.require("user.manage")
    rules.require_rights_within(deed.actor, permissions_of(draft.roles), sites_of(draft.site_ids))
    actor_id = await writes.add_person(tx, draft, password_hash, deed.at, temporary=temporary)
    made = AuditEvent("person.created", "person", actor_id, after=_shown(draft))
    await record_audit(tx, deed, made)
    return actor_id


async def change_person(
    tx: Transaction, deed: Deed, actor_id: int, wanted: dict[str, Any], version: int
) -> int:
    """Change some of login, name, email, roles, site_ids, status; returns the new version.

    Sessions of a person who becomes inactive end. Raises `StaleVersionError`,
    `RightsExceedOwnError`, `LastAdministratorError`, `LoginTakenError`.
    """
    deed.actor.require("user.manage")
    administrators = await writes.locked_administrators(tx)
    row = await writes.locked_person(tx, actor_id)
    if row["version"] != version:
        raise StaleVersionError(version=row["version"])
    _require_reach(deed, row)
    before = _fields(row)
    after = before | wanted
    sites = sites_of(after["site_ids"])
    rules.require_rights_within(deed.actor, permissions_of(after["roles"]), sites)
    stays = Role.ADMIN in after["roles"] and after["status"] == ACTIVE and sites is None
    if administrators == [actor_id] and not stays:
        raise LastAdministratorError
    new_version = await writes.change_person(tx, actor_id, PersonChange(**after))
    if after["status"] != ACTIVE:
        await writes.end_sessions(tx, actor_id, deed.at)
    await record_audit(tx, deed, _changed(actor_id, before, after))
    return new_version


async def set_password(
    tx: Transaction, deed: Deed, actor_id: int, password_hash: str, *, temporary: bool
) -> None:
    """Give a person another password and end its sessions; raises `RightsExceedOwnError`."""
    deed.actor.require("user.manage")
    row = await writes.locked_person(tx, actor_id)
    _require_reach(deed, row)
    await writes.change_password(tx, actor_id, password_hash, deed.at, temporary=temporary)
    await writes.end_sessions(tx, actor_id, deed.at)
    await record_audit(tx, deed, AuditEvent("password.given", "person", actor_id))


async def grant_role(tx: Transaction, deed: Deed, actor_id: int, role: Role) -> None:
    """Add a role to a person's; raises `RightsExceedOwnError`."""
    row = await writes.locked_person(tx, actor_id)
    roles = sorted({*row["roles"], role})
    await change_person(tx, deed, actor_id, {"roles": roles}, row["version"])


def _require_reach(deed: Deed, row: Row) -> None:
    """Who changes a person must hold all that this person holds, everywhere it does."""
    rights = permissions_of(row["roles"])
    rules.require_rights_within(deed.actor, rights, sites_of(row["site_ids"]))


def _fields(row: Row) -> dict[str, Any]:
    names = ("login", "name", "email", "roles", "site_ids", "status")
    return {name: row[name] for name in names}


def _shown(draft: PersonDraft) -> dict[str, object]:
    return {
        "login": draft.login,
        "name": draft.name,
        "email": draft.email,
        "roles": list(draft.roles),
        "site_ids": draft.site_ids,
    }


def _changed(actor_id: int, before: dict[str, Any], after: dict[str, Any]) -> AuditEvent:
    names = [name for name in sorted(after) if after[name] != before[name]]
    was = {name: before[name] for name in names}
    is_now = {name: after[name] for name in names}
    return AuditEvent("person.changed", "person", actor_id, was, is_now)
