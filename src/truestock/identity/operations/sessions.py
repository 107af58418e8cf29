"""Signing in and out. Sessions live on the server; the caller holds 256 random bits.

Every name is treated alike, known or not: the attempt is counted first, the hash is always worked
out, the answer is the same. An address that guesses is slowed by the limits of `http`.
"""

import math
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from truestock.database import Database, Transaction
from truestock.database.transactions import Row
from truestock.identity import reads, rules, writes
from truestock.identity.errors import (
    PasswordWrongError,
    PersonOnlyError,
    SignInLockedError,
    SignInRefusedError,
)
from truestock.identity.model import (
    AuditEvent,
    Deed,
    Origin,
    SessionStarted,
    permissions_of,
    sites_of,
)
from truestock.identity.operations.audit import record_audit, record_stranger
from truestock.identity.operations.passwords import (
    hashed_password,
    needs_new_hash,
    password_holds,
)
from truestock.kernel.actor import Actor, ActorKind
from truestock.kernel.clock import Clock
from truestock.kernel.errors import NotFoundError
from truestock.kernel.settings import Settings

TOKEN_BYTES: Final = 32
AGENT_LENGTH_MAX: Final = 300
SESSIONS_KEPT: Final = timedelta(days=30)
NOWHERE: Final = Origin()
ATTEMPTS_KEPT: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a person types."""

    login: str
    password: str


@dataclass(frozen=True, slots=True)
class Visit:
    """From where a person signs in; `token_before` is a session cookie that came along."""

    origin: Origin = NOWHERE
    agent: str = ""
    token_before: str | None = None


async def sign_in(
    database: Database, settings: Settings, clock: Clock, given: Credentials, visit: Visit
) -> SessionStarted:
    """Start a session with a new id; the one that came along is ended.

    Raises `SignInLockedError` and, for every other reason alike, `SignInRefusedError`.
    """
    login = given.login.casefold()
    await _count_attempt(database, settings, clock(), login)
    async with database.asking() as tx:
        row = await reads.credentials(tx, login)
    holds = await password_holds(row["password_hash"] if row else None, given.password)
    new_hash = await _better_hash(row, given.password) if row and holds else None
    async with database.writing() as tx:
        if row is not None and holds and await writes.note_sign_in(tx, row["actor_id"], clock()):
            if new_hash is not None:
                old_hash = row["password_hash"]
                await writes.renew_password_hash(tx, row["actor_id"], old_hash, new_hash)
            await writes.clear_attempts(tx, rules.secret_hash(login))
            return await _start_session(tx, settings, clock(), row, visit)
        known_id = row["actor_id"] if row else None
        refused = AuditEvent("session.refused", "person", known_id)
        await record_stranger(tx, clock(), visit.origin, refused)
    raise SignInRefusedError


async def _count_attempt(database: Database, settings: Settings, now: datetime, login: str) -> None:
    locked_for = timedelta(minutes=settings.login_lock_minutes)
    failures_max = settings.login_failures_max
    async with database.writing() as tx:
        failures, last_at = await writes.claim_attempt(
            tx, rules.secret_hash(login), now, now - locked_for, failures_max
        )
        await writes.forget_old_attempts(tx, now - ATTEMPTS_KEPT - locked_for)
    if failures > failures_max:
        seconds = math.ceil((last_at + locked_for - now).total_seconds())
        raise SignInLockedError(retry_after_seconds=max(1, seconds))


async def _better_hash(row: Row, password: str) -> str | None:
    is_old = needs_new_hash(row["password_hash"])
    return await hashed_password(password) if is_old else None


async def _start_session(
    tx: Transaction, settings: Settings, now: datetime, row: Row, visit: Visit
) -> SessionStarted:
    if visit.token_before:
        await writes.end_session_of_token(tx, rules.secret_hash(visit.token_before), now)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    expires_at = now + timedelta(hours=settings.session_hours_max)
    agent = "".join(c for c in visit.agent if c.isprintable())[:AGENT_LENGTH_MAX]
    session_id = await writes.add_session(
        tx,
        row["actor_id"],
        rules.secret_hash(token),
        now=now,
        expires_at=expires_at,
        origin=visit.origin,
        agent=agent,
    )
    temporary = row["password_temporary"]
    permissions = frozenset[str]() if temporary else permissions_of(row["roles"])
    sites = sites_of(row["site_ids"])
    actor = Actor(row["actor_id"], ActorKind.PERSON, row["name"], permissions, sites)
    started = AuditEvent("session.started", "session", session_id)
    await record_audit(tx, Deed(actor, now, visit.origin), started)
    csrf_token = rules.csrf_token_of(token)
    return SessionStarted(session_id, actor, token, csrf_token, expires_at, temporary)


async def sign_out(tx: Transaction, deed: Deed, session_id: int) -> None:
    """End one of the actor's own sessions; raises `NotFoundError` when it has no such open one."""
    if not await writes.end_session(tx, session_id, deed.actor.actor_id, deed.at):
        raise NotFoundError(session_id=session_id)
    await record_audit(tx, deed, AuditEvent("session.ended", "session", session_id))


async def sign_out_everywhere(tx: Transaction, deed: Deed) -> int:
    """End all of the actor's own sessions; returns how many."""
    count = await writes.end_sessions(tx, deed.actor.actor_id, deed.at)
    ended = AuditEvent("session.all_ended", "person", deed.actor.actor_id, after={"count": count})
    await record_audit(tx, deed, ended)
    return count


async def change_own_password(
    database: Database, deed: Deed, session_id: int, present: str, new: str
) -> None:
    """Change the actor's own password and end its other sessions.

    Raises `PasswordWrongError`, `PasswordWeakError`, `PersonOnlyError`.
    """
    if deed.actor.kind is not ActorKind.PERSON:
        raise PersonOnlyError
    actor_id = deed.actor.actor_id
    async with database.asking() as tx:
        row = await reads.credentials_of(tx, actor_id)
    if row is None or not await password_holds(row["password_hash"], present):
        raise PasswordWrongError
    rules.require_good_password(new, row["login"], row["name"], row["email"] or "")
    password_hash = await hashed_password(new)
    async with database.writing() as tx:
        await writes.change_password(tx, actor_id, password_hash, deed.at, temporary=False)
        await writes.end_sessions(tx, actor_id, deed.at, but=session_id)
        await record_audit(tx, deed, AuditEvent("password.changed", "person", actor_id))


async def forget_old_sessions(tx: Transaction, now: datetime) -> int:
    """Delete up to 1000 sessions that ended over 30 days ago; returns how many. For a daily job."""
    return await writes.forget_old_sessions(tx, now - SESSIONS_KEPT)
