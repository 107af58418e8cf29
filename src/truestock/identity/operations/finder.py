"""From a key or a cookie to its actor, fast: what was looked up is believed for one second at most.

So a revoked key, an ended session, a changed role or a deactivated person is noticed by every
process within a second, and at once by the process that made the change (`forget`). Callers that
miss at the same moment share one look-up.
"""

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

import structlog

from truestock.database import Database
from truestock.identity import reads, rules, writes
from truestock.identity.model import SessionFound, permissions_of, sites_of
from truestock.kernel.actor import Actor, ActorKind
from truestock.kernel.clock import Clock
from truestock.kernel.errors import TruestockError
from truestock.kernel.settings import Settings

BELIEVED_SECONDS: Final = 1.0
REMEMBERED_MAX: Final = 10_000
SESSION_TOUCH: Final = timedelta(seconds=30)
KEY_TOUCH: Final = timedelta(minutes=1)

_log = structlog.get_logger(__name__)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Believed(Generic[_T]):
    """What was found under a digest, until when it is believed and until when it holds at all."""

    digest: bytes
    found: _T
    until: float
    holds_until: datetime


class _Memory(Generic[_T]):
    """Findings by the SHA-256 of the secret; the secret itself is not kept."""

    def __init__(self, clock: Clock, monotonic: Callable[[], float]) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._believed: dict[bytes, _Believed[_T]] = {}
        self._loading: dict[bytes, asyncio.Task[_Believed[_T] | None]] = {}

    def get(self, digest: bytes) -> _T | None:
        """Return what is believed now, without asking the database."""
        known = self._believed.get(digest)
        if (
            known is not None
            and hmac.compare_digest(known.digest, digest)
            and self._monotonic() < known.until
            and self._clock() < known.holds_until
        ):
            return known.found
        return None

    async def load(
        self, digest: bytes, look_up: Callable[[], Awaitable[tuple[_T, datetime] | None]]
    ) -> _T | None:
        """Look up, once for all who ask at this moment, and believe it for a while."""
        task = self._loading.get(digest)
        if task is None:
            task = asyncio.create_task(self._load(digest, look_up))
            self._loading[digest] = task
            task.add_done_callback(lambda done: self._loaded(digest, done))
        known = await asyncio.shield(task)
        return None if known is None else known.found

    def _loaded(self, digest: bytes, done: asyncio.Task[_Believed[_T] | None]) -> None:
        if self._loading.get(digest) is done:
            del self._loading[digest]

    async def _load(
        self, digest: bytes, look_up: Callable[[], Awaitable[tuple[_T, datetime] | None]]
    ) -> _Believed[_T] | None:
        until = self._monotonic() + BELIEVED_SECONDS  # counted from before the look-up
        found = await look_up()
        if found is None:
            self._believed.pop(digest, None)
            return None
        if len(self._believed) >= REMEMBERED_MAX:
            self._drop_old()
        known = _Believed(digest, found[0], until, found[1])
        if self._loading.get(digest) is asyncio.current_task():
            self._believed[digest] = known
        return known

    def _drop_old(self) -> None:
        now = self._monotonic()
        fresh = {digest: known for digest, known in self._believed.items() if now < known.until}
        self._believed = fresh if len(fresh) < REMEMBERED_MAX else {}

    def forget(self) -> None:
        """Believe nothing any more; look-ups under way are not kept either."""
        self._believed.clear()
        self._loading.clear()


class ActorFinder:
    """Finds who calls by API key or session cookie; one for each process."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` decides about expiry, `monotonic` (seconds) about what is still believed."""
        self._database = database
        self._idle = timedelta(minutes=settings.session_idle_minutes)
        self._clock = clock
        self._keys = _Memory[Actor](clock, monotonic)
        self._sessions = _Memory[SessionFound](clock, monotonic)

    async def by_api_key(self, text: str) -> Actor | None:
        """Return the actor of an API key, or None when it is unknown, expired or revoked."""
        digest = rules.secret_hash(text)
        found = self._keys.get(digest)
        if found is not None:
            return found
        prefix = rules.api_key_prefix(text)
        if prefix is None:
            return None
        return await self._keys.load(digest, lambda: self._look_up_key(prefix, digest))

    async def by_session(self, cookie: str) -> SessionFound | None:
        """Return the session of a cookie with its actor, or None when it is not alive."""
        digest = rules.secret_hash(cookie)
        found = self._sessions.get(digest)
        if found is not None:
            return found
        return await self._sessions.load(digest, lambda: self._look_up_session(cookie, digest))

    def forget(self) -> None:
        """Notice changes made by this process at once."""
        self._keys.forget()
        self._sessions.forget()

    async def _look_up_key(self, prefix: str, digest: bytes) -> tuple[Actor, datetime] | None:
        now = self._clock()
        async with self._database.asking() as tx:
            row = await reads.api_key(tx, prefix, now)
        if row is None:
            return None
        previous, overlap_until = row["previous_secret_hash"], row["previous_valid_until"]
        if not rules.secret_holds(digest, row["secret_hash"], previous, overlap_until, now):
            return None
        holds_until = row["expires_at"]
        if not hmac.compare_digest(digest, row["secret_hash"]):
            holds_until = min(holds_until, overlap_until)
        if row["used_at"] is None or now - row["used_at"] >= KEY_TOUCH:
            await self._note_use(row["actor_id"], now)
        scopes, sites = frozenset(row["scopes"]), sites_of(row["site_ids"])
        return Actor(row["actor_id"], ActorKind.KEY, row["name"], scopes, sites), holds_until

    async def _look_up_session(
        self, cookie: str, digest: bytes
    ) -> tuple[SessionFound, datetime] | None:
        now = self._clock()
        async with self._database.asking() as tx:
            row = await reads.session(tx, digest)
        if row is None or not hmac.compare_digest(row["token_hash"], digest):
            return None
        ends_at = rules.session_ends_at(row["seen_at"], row["expires_at"], self._idle)
        if now >= ends_at:
            return None
        if now - row["seen_at"] >= SESSION_TOUCH:
            await self._note_seen(row["session_id"], now)
        temporary = row["password_temporary"]
        actor = Actor(
            row["actor_id"],
            ActorKind.PERSON,
            row["name"],
            frozenset() if temporary else permissions_of(row["roles"]),
            sites_of(row["site_ids"]),
        )
        token = rules.csrf_token_of(cookie)
        return SessionFound(row["session_id"], actor, token, temporary), ends_at

    async def _note_use(self, actor_id: int, now: datetime) -> None:
        """Write the last use; a database that cannot write must not keep readers out."""
        try:
            async with self._database.writing() as tx:
                await writes.touch_api_key(tx, actor_id, now)
        except TruestockError as error:
            _log.warning("last_use_not_written", code=error.code)

    async def _note_seen(self, session_id: int, now: datetime) -> None:
        try:
            async with self._database.writing() as tx:
                await writes.touch_session(tx, session_id, now)
        except TruestockError as error:
            _log.warning("last_seen_not_written", code=error.code)
