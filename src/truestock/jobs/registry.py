"""Which jobs there are and when they run by the clock. Slices add theirs in `jobs.register`."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from truestock.jobs.run import JobRun

Handler = Callable[[JobRun], Awaitable[dict[str, Any] | None]]
"""May return what the page links to, such as {"href": "/items/4711"}."""

GivenUp = Callable[[JobRun, str], Awaitable[None]]
"""Told that a job has failed for good, and why, before it ends."""

ATTEMPTS_MAX = 5


@dataclass(frozen=True, slots=True)
class JobKind:
    """One kind of job."""

    name: str
    handler: Handler
    attempts_max: int
    permissions: frozenset[str]
    """What it may do when nobody but the clock asked for it."""
    cron: str | None
    """Minute, hour, day, month, weekday in UTC; None when it only runs when asked for."""
    given_up: GivenUp | None = None


class Registry:
    """The kinds of jobs of this program."""

    def __init__(self) -> None:
        """Start empty."""
        self.kinds: dict[str, JobKind] = {}

    def job(
        self,
        name: str,
        *,
        attempts_max: int = ATTEMPTS_MAX,
        permissions: tuple[str, ...] = (),
        given_up: GivenUp | None = None,
    ) -> Callable[[Handler], Handler]:
        """Register a handler under `slice.verb` (a decorator)."""
        return self._adding(
            lambda handler: JobKind(
                name, handler, attempts_max, frozenset(permissions), None, given_up
            )
        )

    def periodic(
        self,
        name: str,
        cron: str,
        *,
        attempts_max: int = ATTEMPTS_MAX,
        permissions: tuple[str, ...] = (),
    ) -> Callable[[Handler], Handler]:
        """Register a handler that also runs by the clock, once in the whole installation."""
        return self._adding(
            lambda handler: JobKind(name, handler, attempts_max, frozenset(permissions), cron)
        )

    def _adding(self, kind_of: Callable[[Handler], JobKind]) -> Callable[[Handler], Handler]:
        def add(handler: Handler) -> Handler:
            kind = kind_of(handler)
            assert kind.name not in self.kinds, f"the job {kind.name} is registered twice"  # noqa: S101 - a programmer's error
            self.kinds[kind.name] = kind
            return handler

        return add
