"""Answers that may be a little old: kept in memory, and shared through Redis when there is one.

Nothing that decides about stock or rights is ever kept here. When Redis goes away, each process
keeps for itself until it is back; a caller never notices more than a slower answer.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any, Final

import msgspec
import structlog

from truestock.http.metrics import observe_cache
from truestock.kernel.settings import Settings

KEPT_MAX: Final = 10_000
SHARED_TIMEOUT_SECONDS: Final = 0.25
SHARED_RETRY_SECONDS: Final = 5.0
PREFIX: Final = "truestock:cache:"

_log = structlog.get_logger(__name__)


class Cache:
    """One for each process. Values are JSON."""

    def __init__(self, settings: Settings, ticks: Callable[[], float] = monotonic) -> None:
        """Prepare; Redis is connected to when it is first asked."""
        self._ticks = ticks
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._coming: dict[str, asyncio.Task[bytes]] = {}
        self._shared: Any = None
        self._lost_until = 0.0
        if settings.redis_url is not None:
            from redis.asyncio import Redis

            self._shared = Redis.from_url(
                settings.redis_url.get_secret_value(),
                socket_timeout=SHARED_TIMEOUT_SECONDS,
                socket_connect_timeout=SHARED_TIMEOUT_SECONDS,
            )

    @property
    def is_shared(self) -> bool:
        """Tell whether Redis is configured."""
        return self._shared is not None

    async def through(
        self, name: str, key: str, seconds: float, compute: Callable[[], Awaitable[Any]]
    ) -> Any:
        """Return what is kept under the key, or compute it and keep it for so many seconds.

        `name` is the kind of thing, for the metrics. Callers that miss at the same moment share
        one computation; its error reaches all of them and nothing is kept.
        """
        full = f"{name}:{key}"
        kept = self._in_memory(full)
        observe_cache(name, hit=kept is not None)
        if kept is not None:
            return msgspec.json.decode(kept)
        task = self._coming.get(full)
        if task is None:
            task = asyncio.create_task(self._fetch(full, seconds, compute))
            self._coming[full] = task
            task.add_done_callback(lambda _: self._coming.pop(full, None))
        return msgspec.json.decode(await asyncio.shield(task))

    async def _fetch(
        self, full: str, seconds: float, compute: Callable[[], Awaitable[Any]]
    ) -> bytes:
        found: bytes | None = await self._ask_shared(lambda: self._shared.get(PREFIX + full))
        if found is None:
            found = msgspec.json.encode(await compute(), enc_hook=str)
            milliseconds = max(1, int(seconds * 1000))
            value = found
            await self._ask_shared(lambda: self._shared.set(PREFIX + full, value, px=milliseconds))
        self._kept[full] = (self._ticks() + seconds, found)
        while len(self._kept) > KEPT_MAX:
            self._kept.popitem(last=False)
        return found

    def _in_memory(self, full: str) -> bytes | None:
        until, value = self._kept.get(full, (0.0, None))
        if value is not None and self._ticks() >= until:
            del self._kept[full]
            return None
        return value

    async def _ask_shared(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        """Ask Redis unless it was out of reach a moment ago; None then, and when it fails."""
        if self._shared is None or self._ticks() < self._lost_until:
            return None
        from redis.exceptions import RedisError

        try:
            answer = await ask()
        except (RedisError, OSError, TimeoutError) as error:
            if not self._lost_until:
                _log.warning("shared_cache_lost", reason=type(error).__name__)
            self._lost_until = self._ticks() + SHARED_RETRY_SECONDS
            return None
        if self._lost_until:
            _log.info("shared_cache_back")
            self._lost_until = 0.0
        return answer

    async def is_reachable(self) -> bool:
        """Tell whether the shared part answers now; True without one."""
        if self._shared is None:
            return True
        self._lost_until = min(self._lost_until, self._ticks())
        return await self._ask_shared(self._shared.ping) is not None

    async def close(self) -> None:
        """Close the connections to Redis."""
        if self._shared is not None:
            await self._shared.aclose()
