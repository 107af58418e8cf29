"""Callers that lack something from the database at the same time ask for it together."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Generic, TypeVar

Wanted = TypeVar("Wanted")


class Gathering(Generic[Wanted]):
    """Runs one load at a time; what is asked for meanwhile shares the next one."""

    def __init__(self, load: Callable[[set[Wanted]], Awaitable[None]]) -> None:
        """Take the set-based load."""
        self._load = load
        self._turn = asyncio.Lock()
        self._wanted: set[Wanted] = set()
        self._next: asyncio.Task[None] | None = None

    async def __call__(self, wanted: Collection[Wanted]) -> None:
        """Return once a load that included all of `wanted` is done; raises what it raised."""
        self._wanted.update(wanted)
        if self._next is None:
            self._next = asyncio.get_running_loop().create_task(self._round())
        await asyncio.shield(self._next)

    async def _round(self) -> None:
        async with self._turn:
            wanted, self._wanted, self._next = self._wanted, set(), None
            await self._load(wanted)
