"""Questions about people, sessions, keys, requests for roles and the audit trail."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from truestock.database import Listing, ReadTransaction, load_sql
from truestock.database.sql import Sort
from truestock.database.transactions import Row
from truestock.identity.model import ROLE_PERMISSIONS, Role, permissions_of, sites_of
from truestock.kernel.actor import Actor, ActorKind
from truestock.kernel.errors import NotFoundError

PEOPLE: Final = Listing(
    load_sql(__name__, "people"),
    {"login": Sort("p.login", "text"), "name": Sort("a.name", "text")},
    "p.actor_id",
    "login",
)
"""Filters: status, role, search (part of login or name)."""

SESSIONS: Final = Listing(
    load_sql(__name__, "sessions"),
    {"started_at": Sort("s.started_at", "timestamptz")},
    "s.session_id",
    "-started_at",
)
"""Open sessions of one actor; needs actor_id, now, idle_since."""

API_KEYS: Final = Listing(
    load_sql(__name__, "api_keys"),
    {"name": Sort("a.name", "text"), "created_at": Sort("k.created_at", "timestamptz")},
    "k.actor_id",
    "name",
)
"""Filter: usable (bool); needs now."""

ROLE_REQUESTS: Final = Listing(
    load_sql(__name__, "role_requests"),
    {"asked_at": Sort("r.asked_at", "timestamptz")},
    "r.role_request_id",
    "-asked_at",
)
"""Filters: actor_id, status."""

AUDIT_EVENTS: Final = Listing(
    load_sql(__name__, "audit_events"),
    {"occurred_at": Sort("e.occurred_at", "timestamptz")},
    "e.audit_event_id",
    "-occurred_at",
)
"""Filters: actor_id, action, subject_kind, subject_id, request_id, since, until."""


async def person(tx: ReadTransaction, actor_id: int) -> dict[str, Any]:
    """Return one person without secrets; raises `NotFoundError`."""
    return _found(await tx.row(load_sql(__name__, "find_person"), actor_id), person_id=actor_id)


async def people_holding(
    tx: ReadTransaction, permission: str, site_ids: Sequence[int] = ()
) -> list[int]:
    """Return the active people whose role grants a permission, at all of these sites."""
    roles = [role.value for role in Role if permission in ROLE_PERMISSIONS[role]]
    rows = await tx.rows(load_sql(__name__, "people_holding"), roles, list(site_ids))
    return [row["actor_id"] for row in rows]


async def credentials(tx: ReadTransaction, login: str) -> Row | None:
    """Return who signs in with this name, with the password hash, or None."""
    return await tx.row(load_sql(__name__, "find_credentials"), login)


async def credentials_of(tx: ReadTransaction, actor_id: int) -> Row | None:
    """Return login, name, email and password hash of an active person, or None."""
    return await tx.row(load_sql(__name__, "find_credentials_of"), actor_id)


async def session(tx: ReadTransaction, token_hash: bytes) -> Row | None:
    """Return the session of a token that was not ended, with its active person, or None."""
    return await tx.row(load_sql(__name__, "find_session"), token_hash)


async def api_key(tx: ReadTransaction, prefix: str, now: datetime) -> Row | None:
    """Return the key of a prefix with its hashes unless revoked or expired."""
    return await tx.row(load_sql(__name__, "find_api_key"), prefix, now)


async def api_key_of(tx: ReadTransaction, actor_id: int) -> dict[str, Any]:
    """Return one key without secrets; raises `NotFoundError`."""
    return _found(await tx.row(load_sql(__name__, "find_api_key_of"), actor_id), key_id=actor_id)


async def role_request(tx: ReadTransaction, role_request_id: int) -> dict[str, Any]:
    """Return one request for a role; raises `NotFoundError`."""
    row = await tx.row(load_sql(__name__, "find_role_request"), role_request_id)
    return _found(row, role_request_id=role_request_id)


async def administrator_exists(tx: ReadTransaction) -> bool:
    """Tell whether there ever was an administrator."""
    return bool(await tx.value(load_sql(__name__, "administrator_exists")))


async def actor_now(tx: ReadTransaction, actor_id: int, now: datetime) -> Actor | None:
    """Return a person or key with the rights it has now; None when it may not come in any more.

    A job's own actor has no rights here: they stand where the job is registered.
    """
    row = await tx.row(load_sql(__name__, "actor_now"), actor_id, now)
    if row is None:
        return None
    rights = frozenset(row["scopes"] or ()) | permissions_of(row["roles"] or ())
    kind = ActorKind(row["kind"])
    return Actor(row["actor_id"], kind, row["name"], rights, sites_of(row["site_ids"]))


async def job_actor_id(tx: ReadTransaction, name: str) -> int | None:
    """Return the actor of a job by name, or None."""
    found: int | None = await tx.value(load_sql(__name__, "find_job_actor"), name)
    return found


def _found(row: Row | None, **asked: int) -> dict[str, Any]:
    if row is None:
        raise NotFoundError(**asked)
    return dict(row)
