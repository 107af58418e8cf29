"""What a handler is given."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from truestock.database import Database, load_sql
from truestock.jobs.errors import (
    JobActorGoneError,
    JobCancelledError,
    JobRightsChangedError,
)
from truestock.kernel.actor import Actor
from truestock.kernel.clock import Clock
from truestock.kernel.settings import Settings

LookAgain = Callable[[], Awaitable[Actor | None]]

PROGRESS_SECONDS = 0.5
"""Progress is written at most this often; the last figure of a run always is."""

_PROGRESS = load_sql(__name__, "note_progress")


@dataclass(slots=True)
class JobRun:
    """One run of one job. Everything the handler may use comes from here.

    `state` carries what the slices' `lifespan(state)` have put there for the worker process.
    """

    job_id: int
    name: str
    arguments: Mapping[str, Any]
    actor: Actor
    attempt: int
    """1 in the first run; higher after a failure or when a worker was lost."""
    database: Database
    settings: Settings
    clock: Clock
    state: Any
    look_again: LookAgain | None = None
    """Finds whoever asked for it with the rights of this moment; None for jobs of the clock."""
    _written_at: float = field(default=0.0)

    async def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Say how far it is, in a transaction of its own.

        Raises `JobCancelledError` when somebody has asked to cancel, `JobActorGoneError` and
        `JobRightsChangedError` when who asked for it lost rights since it began: leave at once.
        """
        now = monotonic()
        if now - self._written_at < PROGRESS_SECONDS and done != total:
            return
        self._written_at = now
        async with self.database.writing() as tx:
            goes_on = await tx.value(_PROGRESS, self.job_id, self.attempt, done, total, message)
        if not goes_on:
            raise JobCancelledError(job_id=self.job_id)
        if self.look_again is not None:
            found = await self.look_again()
            if found is None:
                raise JobActorGoneError(actor_name=self.actor.name)
            if self.actor.within(found) != self.actor:
                raise JobRightsChangedError(actor_name=self.actor.name)
