"""The worker's life: open, run what is queued, stay through a lost database, stop in good order.

On SIGTERM nothing new is begun; what runs may finish for `stop_seconds` and is then handed back.
A worker that was killed is noticed by its missing heartbeat; another one takes its jobs.
"""

import asyncio
import signal
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from pgqueuer import PgQueuer
from pgqueuer.domain.models import Job, Schedule
from pgqueuer.domain.types import Channel
from starlette.datastructures import State

from truestock.database import Database
from truestock.database.open import open_database
from truestock.identity.reads import actor_now
from truestock.jobs.control import tidy_jobs
from truestock.jobs.execution import Execution
from truestock.jobs.library import NAMES, queries_of
from truestock.jobs.queue import enqueue
from truestock.jobs.registry import JobKind, Registry
from truestock.jobs.run import JobRun
from truestock.kernel.clock import now
from truestock.kernel.logs import configure_logs
from truestock.kernel.settings import Settings
from truestock.kernel.slices import slice_modules

HEARTBEAT_LOST = timedelta(seconds=20)
"""A job without a heartbeat for this long is taken over; beats come twice as often."""
POLL = timedelta(seconds=10)
"""Between looks into the queue when no notification comes."""
JOBS_AT_ONCE = 10
RESTART_SECONDS_MAX = 15.0

_log = structlog.get_logger("truestock.worker")


def every_job() -> Registry:
    """Return the jobs of all slices and the worker's own."""
    registry = Registry()
    registry.periodic("jobs.tidy", "*/5 * * * *")(_tidy)
    for module in slice_modules("jobs"):
        module.register(registry)
    return registry


async def _tidy(run: JobRun) -> dict[str, Any]:
    async with run.database.writing() as tx:
        return await tidy_jobs(tx, run.clock())


def run_worker(settings: Settings, *, pretty_logs: bool | None = None) -> None:
    """Run background jobs until SIGTERM or SIGINT. Raises `UnsafeSettingsError`."""
    import uvloop

    settings.require_safe()
    configure_logs(
        settings.log_level, facts=structlog.contextvars.get_contextvars, pretty=pretty_logs
    )
    uvloop.run(_until_told(settings))


async def _until_told(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with open_database(settings, application="truestock worker") as database:
        await work(settings, database, every_job(), stop)


async def work(
    settings: Settings, database: Database, registry: Registry, stop: asyncio.Event
) -> None:
    """Run jobs until `stop` is set; a lost database is waited for."""
    state = State()
    state.settings, state.database, state.clock = settings, database, now
    async with AsyncExitStack() as opened:
        for module in slice_modules("jobs"):
            if hasattr(module, "lifespan"):
                await opened.enter_async_context(module.lifespan(state))
        execution = Execution(database, settings, now, state, actor_now)
        _log.info("worker_ready", jobs=len(registry.kinds))
        pause = 1.0
        while not stop.is_set():
            began = asyncio.get_running_loop().time()
            try:
                await _run_queue(settings, database, registry, execution, stop)
            except Exception as error:  # noqa: BLE001 - the worker outlives whatever the queue meets
                _log.warning("queue_interrupted", error=f"{type(error).__name__}: {error}")
            lasted = asyncio.get_running_loop().time() - began
            pause = 1.0 if lasted > RESTART_SECONDS_MAX else min(pause * 2, RESTART_SECONDS_MAX)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)
        _log.info("worker_stopped")


async def _run_queue(
    settings: Settings,
    database: Database,
    registry: Registry,
    execution: Execution,
    stop: asyncio.Event,
) -> None:
    """Run pgqueuer until it fails or `stop` is set and everything is finished or handed back."""
    queue = _queue(database, registry, execution)
    running = asyncio.create_task(
        queue.run(
            dequeue_timeout=POLL,
            heartbeat_timeout=HEARTBEAT_LOST,
            batch_size=JOBS_AT_ONCE // 2,
            max_concurrent_tasks=JOBS_AT_ONCE,
            shutdown_on_listener_failure=True,
        )
    )
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        queue.shutdown.set()
        await asyncio.wait({running}, timeout=settings.stop_seconds)
        if not running.done():
            _log.warning("jobs_handed_back", count=execution.hand_back_all())
        await running
    finally:
        stopping.cancel()


def _queue(database: Database, registry: Registry, execution: Execution) -> PgQueuer:
    queries = queries_of(database)
    queue = PgQueuer(queries.driver, channel=Channel(NAMES.channel), queries=queries)
    for kind in registry.kinds.values():

        async def run(job: Job, kind: JobKind = kind) -> None:
            await execution.run(kind, job)

        queue.entrypoint(kind.name, accepts_context=False)(run)
        if kind.cron is not None:
            queue.schedule(kind.name, kind.cron, accepts_context=False)(
                partial(_ask_by_clock, database, kind.name)
            )
    return queue


async def _ask_by_clock(database: Database, name: str, _schedule: Schedule) -> None:
    """Put a periodic job into the queue; one that still waits or runs is enough."""
    async with database.writing() as tx:
        await enqueue(tx, name, single_key=name)
