"""Changes of identity's tables; rules and rights are the business of operations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from truestock.database import Transaction, load_sql
from truestock.database.transactions import Row
from truestock.identity.model import AuditEvent, KeyDraft, Origin, PersonDraft
from truestock.kernel.actor import ActorKind
from truestock.kernel.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class PersonChange:
    """A person's changeable fields, whole."""

    login: str
    name: str
    email: str | None
    roles: Sequence[str]
    site_ids: Sequence[int] | None
    status: str


async def add_actor(tx: Transaction, kind: ActorKind, name: str) -> int:
    """Add an actor and return its id."""
    return int(await tx.value(load_sql(__name__, "add_actor"), kind, name))


async def add_job_actor(tx: Transaction, name: str) -> int | None:
    """Add a job's actor and return its id; None when another one did at the same time."""
    found: int | None = await tx.value(load_sql(__name__, "add_job_actor"), name)
    return found


async def add_person(
    tx: Transaction, draft: PersonDraft, password_hash: str, now: datetime, *, temporary: bool
) -> int:
    """Add a person and return the actor id; a taken login is `LoginTakenError`."""
    actor_id = await add_actor(tx, ActorKind.PERSON, draft.name)
    await tx.run(
        load_sql(__name__, "add_person"),
        actor_id,
        draft.login,
        draft.email,
        password_hash,
        now,
        temporary,
        draft.roles,
        draft.site_ids,
    )
    return actor_id


async def locked_person(tx: Transaction, actor_id: int) -> Row:
    """Lock and return one person; raises `NotFoundError`."""
    row = await tx.row(load_sql(__name__, "lock_person"), actor_id)
    if row is None:
        raise NotFoundError(person_id=actor_id)
    return row


async def locked_administrators(tx: Transaction) -> list[int]:
    """Lock the active administrators of everything, in key order, and return their ids."""
    return [row["actor_id"] for row in await tx.rows(load_sql(__name__, "lock_administrators"))]


async def wait_for_first_administrator(tx: Transaction) -> None:
    """Let one transaction at a time look for and make the first administrator."""
    await tx.run(load_sql(__name__, "lock_first_administrator"))


async def change_person(tx: Transaction, actor_id: int, change: PersonChange) -> int:
    """Write a person's fields and return the new version."""
    await tx.run(load_sql(__name__, "rename_actor"), actor_id, change.name)
    return int(
        await tx.value(
            load_sql(__name__, "change_person"),
            actor_id,
            change.login,
            change.email,
            change.roles,
            change.site_ids,
            change.status,
        )
    )


async def change_password(
    tx: Transaction, actor_id: int, password_hash: str, now: datetime, *, temporary: bool
) -> None:
    """Write a new password hash."""
    sql = load_sql(__name__, "change_password")
    await tx.run(sql, actor_id, password_hash, now, temporary)


async def renew_password_hash(tx: Transaction, actor_id: int, old: str, new: str) -> None:
    """Replace the hash of an unchanged password, unless it was changed meanwhile."""
    await tx.run(load_sql(__name__, "renew_password_hash"), actor_id, old, new)


async def note_sign_in(tx: Transaction, actor_id: int, now: datetime) -> bool:
    """Write when a person signed in; False when no longer active."""
    return await tx.value(load_sql(__name__, "note_sign_in"), actor_id, now) is not None


async def claim_attempt(
    tx: Transaction, login_hash: bytes, now: datetime, anew_before: datetime, failures_max: int
) -> tuple[int, datetime]:
    """Count a sign-in attempt as failed before it is looked at; returns count and lock's start."""
    sql = load_sql(__name__, "claim_attempt")
    row = await tx.row(sql, login_hash, now, anew_before, failures_max)
    assert row is not None  # noqa: S101 - an upsert returns its row
    return row["failures"], row["last_at"]


async def clear_attempts(tx: Transaction, login_hash: bytes) -> None:
    """Forget the failures of a name."""
    await tx.run(load_sql(__name__, "clear_attempts"), login_hash)


async def forget_old_attempts(tx: Transaction, before: datetime) -> None:
    """Forget up to 100 names not tried since `before`."""
    await tx.run(load_sql(__name__, "forget_old_attempts"), before)


async def add_session(
    tx: Transaction,
    actor_id: int,
    token_hash: bytes,
    *,
    now: datetime,
    expires_at: datetime,
    origin: Origin,
    agent: str,
) -> int:
    """Add a session and return its id."""
    sql = load_sql(__name__, "add_session")
    return int(await tx.value(sql, actor_id, token_hash, now, expires_at, origin.address, agent))


async def touch_session(tx: Transaction, session_id: int, now: datetime) -> None:
    """Write when a session was last seen."""
    await tx.run(load_sql(__name__, "touch_session"), session_id, now)


async def end_session(tx: Transaction, session_id: int, actor_id: int, now: datetime) -> bool:
    """End one open session of an actor; False when there is none."""
    sql = load_sql(__name__, "end_session")
    return await tx.value(sql, session_id, actor_id, now) is not None


async def end_session_of_token(tx: Transaction, token_hash: bytes, now: datetime) -> Row | None:
    """End the open session of a token; returns session_id and actor_id, or None."""
    return await tx.row(load_sql(__name__, "end_session_of_token"), token_hash, now)


async def end_sessions(
    tx: Transaction, actor_id: int, now: datetime, *, but: int | None = None
) -> int:
    """End an actor's open sessions but one; returns how many."""
    return int(await tx.value(load_sql(__name__, "end_sessions"), actor_id, now, but))


async def forget_old_sessions(tx: Transaction, before: datetime) -> int:
    """Delete up to 1000 sessions that ended before a moment; returns how many."""
    return int(await tx.value(load_sql(__name__, "forget_old_sessions"), before))


async def add_api_key(
    tx: Transaction,
    draft: KeyDraft,
    prefix: str,
    secret_hash: bytes,
    *,
    created_by: int,
    now: datetime,
    expires_at: datetime,
) -> int:
    """Add a key with an actor of its own; returns the actor id."""
    actor_id = await add_actor(tx, ActorKind.KEY, draft.name)
    await tx.run(
        load_sql(__name__, "add_api_key"),
        actor_id,
        prefix,
        secret_hash,
        draft.scopes,
        draft.site_ids,
        created_by,
        now,
        expires_at,
    )
    return actor_id


async def locked_api_key(tx: Transaction, actor_id: int) -> Row:
    """Lock and return one key; raises `NotFoundError`."""
    row = await tx.row(load_sql(__name__, "lock_api_key"), actor_id)
    if row is None:
        raise NotFoundError(key_id=actor_id)
    return row


async def touch_api_key(tx: Transaction, actor_id: int, now: datetime) -> None:
    """Write when a key was last used."""
    await tx.run(load_sql(__name__, "touch_api_key"), actor_id, now)


async def rotate_api_key(
    tx: Transaction, actor_id: int, secret_hash: bytes, old_until: datetime, expires_at: datetime
) -> None:
    """Give a key a new secret; the present one stays good until `old_until`."""
    await tx.run(load_sql(__name__, "rotate_api_key"), actor_id, secret_hash, old_until, expires_at)


async def revoke_api_key(tx: Transaction, actor_id: int, now: datetime) -> None:
    """Make a key useless for ever."""
    await tx.run(load_sql(__name__, "revoke_api_key"), actor_id, now)


async def add_role_request(
    tx: Transaction, actor_id: int, role: str, reason: str, now: datetime
) -> int:
    """Add a request for a role; a second open one is `RoleRequestOpenError`."""
    return int(await tx.value(load_sql(__name__, "add_role_request"), actor_id, role, reason, now))


async def locked_role_request(tx: Transaction, role_request_id: int) -> Row:
    """Lock and return one request for a role; raises `NotFoundError`."""
    row = await tx.row(load_sql(__name__, "lock_role_request"), role_request_id)
    if row is None:
        raise NotFoundError(role_request_id=role_request_id)
    return row


async def answer_role_request(
    tx: Transaction,
    role_request_id: int,
    status: str,
    *,
    answered_by: int,
    now: datetime,
    note: str,
) -> None:
    """Write the answer to a request for a role."""
    sql = load_sql(__name__, "answer_role_request")
    await tx.run(sql, role_request_id, status, answered_by, now, note)


async def add_audit_event(
    tx: Transaction, actor_id: int | None, now: datetime, origin: Origin, event: AuditEvent
) -> None:
    """Append to the audit trail."""
    await tx.run(
        load_sql(__name__, "add_audit_event"),
        now,
        actor_id,
        event.action,
        event.subject_kind,
        event.subject_id,
        _json(event.before),
        _json(event.after),
        origin.address,
        origin.request_id,
    )


def _json(facts: dict[str, Any] | None) -> str | None:
    return None if facts is None else msgspec.json.encode(facts).decode()
