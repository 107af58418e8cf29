"""How often one caller may ask: a sliding window per key, person or address; 429 beyond it.

In memory by default; shared between processes when Redis is configured; when Redis goes away each
process counts for itself until it is back. The memory counter is our own: it decides without
awaiting in about a microsecond, where the `limits` library's memory storage starts a task that
walks over every counter (13 to 19 us a hit beside 1,000 other callers, measured). Against Redis
the library's scripts are used as they are.
"""

import math
import time
from collections.abc import Callable
from typing import Final, Protocol

import structlog
from limits import RateLimitItem, parse

from truestock.kernel.clock import now
from truestock.kernel.errors import TruestockError
from truestock.kernel.settings import Settings

SHARED_TIMEOUT_SECONDS: Final = 0.25
SHARED_RETRY_SECONDS: Final = 5.0
CALLERS_MAX: Final = 100_000
"""Counters kept per limit; beyond, the oldest half is forgotten."""

_log = structlog.get_logger(__name__)


class RateLimitedError(TruestockError):
    """Too many requests in a short time; wait before the next one."""

    code = "rate_limited"
    status = 429

    def __init__(self, *, limit: str, retry_after_seconds: int) -> None:
        """Name the limit and how long to wait."""
        super().__init__(limit=limit, retry_after_seconds=retry_after_seconds)
        self.retry_after_seconds = retry_after_seconds  # type: ignore[misc]  # of this very limit


class MemoryWindow:
    """Counts per caller in the present window, and weighs the one before by what is left of it."""

    def __init__(
        self, limit: int, window_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Allow `limit` hits in any `window_seconds`, up to the estimate of a sliding window."""
        self._limit = limit
        self._window = window_seconds
        self._clock = clock
        self._counts: dict[str | int, list[int]] = {}

    def hit(self, who: str | int) -> float:
        """Count one hit; returns 0.0 when allowed, else the seconds to wait."""
        moment = self._clock() / self._window
        number = int(moment)
        count = self._counts.get(who)
        if count is None:
            count = self._begin(who, number)
        elif count[0] != number:
            count[:] = [number, 0, count[1] if count[0] == number - 1 else 0]
        passed = moment - number
        if count[1] + count[2] * (1.0 - passed) + 1.0 <= self._limit:
            count[1] += 1
            return 0.0
        return self._wait(count[1], count[2], passed)

    def _begin(self, who: str | int, number: int) -> list[int]:
        if len(self._counts) >= CALLERS_MAX:
            self._forget(number)
        count = self._counts[who] = [number, 0, 0]
        return count

    def _forget(self, number: int) -> None:
        kept = {who: count for who, count in self._counts.items() if count[0] >= number - 1}
        beyond = len(kept) - CALLERS_MAX // 2
        self._counts = dict(list(kept.items())[beyond:]) if beyond > 0 else kept

    def _wait(self, count: int, before: int, passed: float) -> float:
        room = self._limit - count - 1
        if room >= 0 and before:
            return max((1.0 - room / before) - passed, 0.0) * self._window
        return (1.0 - passed + 1.0 / max(count, 1)) * self._window


class SharedWindow(Protocol):
    """Counters that several processes share; raises `ConnectionError` when out of reach."""

    async def hit(self, item: RateLimitItem, name: str, who: str | int) -> float:
        """Count one hit; returns 0.0 when allowed, else the seconds to wait."""

    async def close(self) -> None:
        """Give up the connections."""


class RedisWindow:
    """Counters in Redis through the `limits` library, given up on after a quarter second."""

    def __init__(self, url: str) -> None:
        """Prepare; connects with the first hit."""
        from limits.aio.storage import RedisStorage
        from limits.aio.strategies import SlidingWindowCounterRateLimiter
        from redis.asyncio import ConnectionPool
        from redis.exceptions import RedisError

        self._lost = (RedisError, OSError, TimeoutError)
        self._pool = ConnectionPool.from_url(
            url,
            socket_timeout=SHARED_TIMEOUT_SECONDS,
            socket_connect_timeout=SHARED_TIMEOUT_SECONDS,
        )
        storage = RedisStorage(
            f"async+redis+{url}" if url.startswith("unix:") else f"async+{url}",
            implementation="redispy",
            key_prefix="truestock",
            connection_pool=self._pool,  # type: ignore[arg-type]  # an option typed as text
        )
        self._strategy = SlidingWindowCounterRateLimiter(storage)

    async def hit(self, item: RateLimitItem, name: str, who: str | int) -> float:
        """Count one hit; returns 0.0 when allowed, else the seconds to wait."""
        try:
            if await self._strategy.hit(item, name, str(who)):
                return 0.0
            stats = await self._strategy.get_window_stats(item, name, str(who))
        except self._lost as error:
            raise ConnectionError(str(error)) from error
        return max(stats.reset_time - now().timestamp(), 1.0)

    async def close(self) -> None:
        """Give up the connections."""
        await self._pool.aclose()


class RateLimit:
    """One named limit, such as 60 a minute for each address."""

    def __init__(
        self,
        name: str,
        spec: str,
        shared: "SharedHealth | None" = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`spec` is like `60/minute` or `5 per 10 seconds`."""
        self.name = name
        self.spec = spec
        self._item = parse(spec)
        self._memory = MemoryWindow(self._item.amount, self._item.get_expiry(), clock)
        self._shared = shared

    async def hit(self, who: str | int) -> None:
        """Count one request of a caller; raises `RateLimitedError` beyond the limit."""
        shared = self._shared
        if shared is None:
            wait = self._memory.hit(who)
        else:
            wait = await self._hit_shared(shared, who)
        if wait:
            raise RateLimitedError(limit=self.name, retry_after_seconds=max(1, math.ceil(wait)))

    async def _hit_shared(self, shared: "SharedHealth", who: str | int) -> float:
        if shared.is_worth_trying():
            try:
                wait = await shared.window.hit(self._item, self.name, who)
            except ConnectionError as error:
                shared.lost(error)
            else:
                shared.found()
                return wait
        return self._memory.hit(who)


class SharedHealth:
    """Shared counters and whether they are in reach; one caller tries again every few seconds."""

    def __init__(self, window: SharedWindow, clock: Callable[[], float] = time.monotonic) -> None:
        """Start by assuming that they are in reach."""
        self.window = window
        self._clock = clock
        self._retry_at: float | None = None

    def is_worth_trying(self) -> bool:
        """Tell whether to ask; while out of reach, True for one caller every few seconds."""
        if self._retry_at is None:
            return True
        if self._clock() < self._retry_at:
            return False
        self._retry_at = self._clock() + SHARED_RETRY_SECONDS
        return True

    def lost(self, error: Exception) -> None:
        """Note that they are out of reach."""
        if self._retry_at is None:
            _log.warning("shared_limits_lost", reason=type(error).__name__)
        self._retry_at = self._clock() + SHARED_RETRY_SECONDS

    def found(self) -> None:
        """Note that they answered."""
        if self._retry_at is not None:
            _log.info("shared_limits_back")
        self._retry_at = None


class RateLimits:
    """The limits of this installation; `anonymous` and `login` per address, `user`, `key` by id."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        """Read the limits from the settings; shared through Redis when that is configured."""
        url = settings.redis_url.get_secret_value() if settings.redis_url else ""
        self._shared = SharedHealth(RedisWindow(url), clock) if url else None
        self._clock = clock
        self.anonymous = self.limit("anonymous", settings.rate_anonymous)
        self.login = self.limit("login", settings.rate_login)
        self.user = self.limit("user", settings.rate_user)
        self.key = self.limit("key", settings.rate_key)

    def limit(self, name: str, spec: str) -> RateLimit:
        """Make a further limit, for a route that needs its own."""
        return RateLimit(name, spec, self._shared, self._clock)

    async def close(self) -> None:
        """Give up the connections to the shared counters, if there are any."""
        if self._shared is not None:
            await self._shared.window.close()
