"""Running one job: claim it, call its handler, write down how it ended; raises only to requeue."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import structlog
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Job

from truestock.database import Database, ReadTransaction, load_sql
from truestock.jobs.errors import JobActorGoneError, JobCancelledError
from truestock.jobs.registry import JobKind
from truestock.jobs.run import JobRun
from truestock.kernel.actor import Actor, ActorKind
from truestock.kernel.clock import Clock
from truestock.kernel.errors import TruestockError
from truestock.kernel.settings import Settings

RETRY_SECONDS_FIRST = 2
RETRY_SECONDS_MAX = 300
BOOKKEEPING_RETRY = timedelta(seconds=5)
OUTAGE_SECONDS_MAX = 30.0
OUTAGE_POLL_SECONDS = 0.5
SERVER_FAULT = 500

FindActor = Callable[[ReadTransaction, int, datetime], Awaitable[Actor | None]]

_CLAIM = load_sql(__name__, "claim_job")
_END = load_sql(__name__, "end_job")
_HAND_BACK = load_sql(__name__, "hand_back_job")

_log = structlog.get_logger(__name__)


def retry_delay(attempt: int) -> timedelta:
    """Return how long to wait after a failed attempt: 2 s, doubling, at most 5 min."""
    return timedelta(seconds=min(RETRY_SECONDS_FIRST * 2 ** (attempt - 1), RETRY_SECONDS_MAX))


class Execution:
    """Runs jobs of this worker process."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        clock: Clock,
        state: Any,
        find_actor: FindActor,
    ) -> None:
        """Take what every run is given, and who knows what an actor may do now."""
        self._find_actor = find_actor
        self._database = database
        self._settings = settings
        self._clock = clock
        self._state = state
        self._running: set[asyncio.Task[Any]] = set()

    def hand_back_all(self) -> int:
        """Interrupt every run so that another worker takes it; returns how many there were."""
        for task in self._running:
            task.cancel()
        return len(self._running)

    async def run(self, kind: JobKind, queued: Job) -> None:
        """Run the job of this place in the queue. Raises `RetryRequested` to be queued again."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - pgqueuer dispatches each job in a task
        self._running.add(task)
        try:
            run = await self._written(self._claim(kind, queued))
            if run is None:
                return  # cancelled, ended, or this place in the queue was given up
            if run.attempt > kind.attempts_max:
                await self._give_up(kind, run, f"Given up after {run.attempt - 1} attempts.")
                return
            if run.look_again is not None:
                found = await self._written(run.look_again())
                if found is None:
                    gone = JobActorGoneError(actor_name=run.actor.name)
                    await self._give_up(kind, run, str(gone))
                    return
                run.actor = run.actor.within(found)
            await self._call(kind, run)
        finally:
            self._running.discard(task)

    async def _call(self, kind: JobKind, run: JobRun) -> None:
        with structlog.contextvars.bound_contextvars(job_id=run.job_id, job=run.name):
            try:
                result = await kind.handler(run)
            except JobCancelledError:
                await self._end(run, "cancelled")
            except asyncio.CancelledError:
                await asyncio.shield(self._hand_back(run, None, attempts_given_back=1))
                raise RetryRequested(timedelta(0), "handed back") from None
            except Exception as error:  # noqa: BLE001 - whatever a handler raises ends its job
                await self._failed(kind, run, error)
            else:
                await self._end(run, "done", result=result)

    async def _give_up(self, kind: JobKind, run: JobRun, sentence: str) -> None:
        """End a job whose handler is not called (again), once those who wait for it are told."""
        if kind.given_up is not None:
            await self._written(kind.given_up(run, sentence))
        await self._end(run, "failed", error=sentence)

    async def _failed(self, kind: JobKind, run: JobRun, error: Exception) -> None:
        refusal = isinstance(error, TruestockError) and error.status < SERVER_FAULT
        said = (
            str(error) if isinstance(error, TruestockError) else f"{type(error).__name__}: {error}"
        )
        if refusal or run.attempt >= kind.attempts_max:
            _log.error("job_failed", attempt=run.attempt, exc_info=None if refusal else error)
            await self._give_up(kind, run, said)
            return
        delay = retry_delay(run.attempt)
        _log.warning("job_retried", attempt=run.attempt, error=said)
        await self._hand_back(run, said, attempts_given_back=0)
        raise RetryRequested(delay, said)

    async def _claim(self, kind: JobKind, queued: Job) -> JobRun | None:
        job_id = int(queued.payload or b"0")
        async with self._database.writing() as tx:
            row = await tx.row(_CLAIM, job_id, queued.id, self._clock())
        if row is None:
            return None
        granted = row["permissions"]
        sites = row["site_ids"]
        actor = Actor(
            row["actor_id"],
            ActorKind(row["kind"]),
            row["actor_name"],
            kind.permissions if granted is None else frozenset(granted),
            None if sites is None else frozenset(sites),
        )
        asked = granted is not None and actor.kind is not ActorKind.JOB
        return JobRun(
            job_id=job_id,
            name=row["name"],
            arguments=msgspec.json.decode(row["arguments"]),
            actor=actor,
            attempt=row["attempts"],
            database=self._database,
            settings=self._settings,
            clock=self._clock,
            state=self._state,
            look_again=partial(self._actor_now, actor.actor_id) if asked else None,
        )

    async def _actor_now(self, actor_id: int) -> Actor | None:
        async with self._database.asking() as tx:
            return await self._find_actor(tx, actor_id, self._clock())

    async def _end(
        self, run: JobRun, state: str, *, result: Any = None, error: str | None = None
    ) -> None:
        encoded = None if result is None else msgspec.json.encode(result, enc_hook=str).decode()
        await self._written(self._run_sql(_END, run, state, self._clock(), encoded, error))

    async def _hand_back(self, run: JobRun, error: str | None, *, attempts_given_back: int) -> None:
        await self._written(self._run_sql(_HAND_BACK, run, attempts_given_back, error))

    async def _run_sql(self, sql: str, run: JobRun, *values: Any) -> None:
        async with self._database.writing() as tx:
            await tx.run(sql, run.job_id, run.attempt, *values)

    async def _written(self, writing: Awaitable[Any]) -> Any:
        """Await a note in the database; when it cannot be written now, the job comes again."""
        try:
            return await writing
        except Exception as error:
            _log.warning("job_note_not_written", error=str(error))
            await self._outage_over()
            raise RetryRequested(BOOKKEEPING_RETRY, "the database could not be written") from error

    async def _outage_over(self) -> None:
        """Wait for the database, though not for ever.

        A retry that pgqueuer cannot write down costs the job its place in the queue; it would then
        lie until `jobs.tidy` finds it.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(OUTAGE_SECONDS_MAX):
                while not await self._answers():  # noqa: ASYNC110 - nobody tells us
                    await asyncio.sleep(OUTAGE_POLL_SECONDS)

    async def _answers(self) -> bool:
        try:
            async with self._database.asking() as tx:
                await tx.value("SELECT 1")
        except (TruestockError, OSError):
            return False
        return True
