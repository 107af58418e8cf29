import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from support.outage import shut_out
from support.people import added_person
from support.plain_settings import plain_settings
from truestock.database import Database
from truestock.jobs import (
    JobNotOpenError,
    JobNotOverError,
    JobRun,
    Registry,
    ask_to_cancel,
    enqueue,
    job_counts,
    retry,
)
from truestock.jobs.control import tidy_jobs
from truestock.jobs.library import queries_of
from truestock.kernel.actor import Actor, ActorKind
from truestock.kernel.clock import now
from truestock.kernel.errors import InvalidInputError, NotFoundError
from truestock.worker import every_job, work

JOB = "SELECT *, arguments::text AS arguments_text FROM job WHERE job_id = $1"


async def job_row(database: Database, job_id: int) -> Any:
    async with database.asking() as tx:
        row = await tx.row(JOB, job_id)
    assert row is not None
    return row


async def until_over(database: Database, job_id: int, seconds: float = 15) -> Any:
    async with asyncio.timeout(seconds):
        while True:
            row = await job_row(database, job_id)
            if row["state"] in {"done", "failed", "cancelled"}:
                return row
            await asyncio.sleep(0.05)


async def asked(database: Database, name: str, **arguments: Any) -> int:
    async with database.writing() as tx:
        return await enqueue(tx, name, arguments)


@asynccontextmanager
async def working(
    database: Database, registry: Registry, **settings: Any
) -> AsyncIterator[asyncio.Event]:
    stop = asyncio.Event()
    task = asyncio.create_task(work(plain_settings(**settings), database, registry, stop))
    try:
        yield stop
    finally:
        stop.set()
        await asyncio.wait_for(task, 20)


def registry_of(
    handler: Callable[[JobRun], Awaitable[dict[str, Any] | None]], **options: Any
) -> Registry:
    registry = Registry()
    registry.job("test.job", **options)(handler)
    return registry


async def test_the_queue_is_as_the_library_would_install_it(database: Database) -> None:
    plan = await queries_of(database).plan_upgrade()
    assert not plan.statements


async def test_a_job_exists_exactly_if_the_transaction_commits(database: Database) -> None:
    async def half_done() -> None:
        async with database.writing() as tx:
            await enqueue(tx, "test.job")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await half_done()
    async with database.asking() as tx:
        assert await tx.value("SELECT count(*) FROM job") == 0
        assert await tx.value("SELECT count(*) FROM pgqueuer") == 0


async def test_a_job_runs_with_its_arguments_and_keeps_its_result(database: Database) -> None:
    async def handler(run: JobRun) -> dict[str, Any]:
        await run.progress(1, 2, "half")
        await run.progress(2, 2, "whole")
        return {"href": f"/items/{run.arguments['item']}"}

    async with working(database, registry_of(handler)):
        row = await until_over(database, await asked(database, "test.job", item=4711))
    assert row["state"] == "done"
    assert row["result"] == '{"href": "/items/4711"}'
    assert (row["progress_done"], row["progress_total"]) == (2, 2)
    assert row["progress_message"] == "whole"
    assert row["attempts"] == 1


async def test_a_job_runs_with_the_rights_of_who_asked(database: Database) -> None:
    seen: list[Actor] = []

    async def handler(run: JobRun) -> None:
        seen.append(run.actor)

    async with database.writing() as tx:
        actor_id = await added_person(tx, "Ann", "operator")
        asker = Actor(
            actor_id, ActorKind.PERSON, "Ann", frozenset({"stock.post"}), frozenset({1, 2})
        )
        job_id = await enqueue(tx, "test.job", actor=asker)
    async with working(database, registry_of(handler)):
        await until_over(database, job_id)
    assert seen == [asker]


async def test_a_job_of_the_clock_runs_with_the_rights_it_is_registered_with(
    database: Database,
) -> None:
    seen: list[Actor] = []

    async def handler(run: JobRun) -> None:
        seen.append(run.actor)

    async with working(database, registry_of(handler, permissions=("stock.read",))):
        await until_over(database, await asked(database, "test.job"))
    assert seen[0].kind is ActorKind.JOB
    assert seen[0].name == "scheduler"
    assert seen[0].permissions == {"stock.read"}


async def test_a_fault_is_tried_again_and_then_succeeds(database: Database) -> None:
    async def handler(run: JobRun) -> None:
        if run.attempt == 1:
            raise OSError("the line is down")

    async with working(database, registry_of(handler)):
        row = await until_over(database, await asked(database, "test.job"))
    assert (row["state"], row["attempts"]) == ("done", 2)


async def test_a_fault_of_the_last_attempt_fails_and_says_why(database: Database) -> None:
    async def handler(_run: JobRun) -> None:
        raise OSError("the line is down")

    async with working(database, registry_of(handler, attempts_max=1)):
        row = await until_over(database, await asked(database, "test.job"))
    assert (row["state"], row["error"]) == ("failed", "OSError: the line is down")


async def test_a_refusal_fails_at_once(database: Database) -> None:
    async def handler(_run: JobRun) -> None:
        raise InvalidInputError(field="file", reason="empty")

    async with working(database, registry_of(handler)):
        row = await until_over(database, await asked(database, "test.job"))
    assert (row["state"], row["attempts"]) == ("failed", 1)
    assert "not of the expected form" in row["error"]


async def test_a_waiting_job_is_cancelled_at_once_and_never_runs(database: Database) -> None:
    ran: list[int] = []

    async def handler(run: JobRun) -> None:
        ran.append(run.job_id)

    job_id = await asked(database, "test.job")
    async with database.writing() as tx:
        assert await ask_to_cancel(tx, job_id, now()) == "cancelled"
    async with working(database, registry_of(handler)):
        await until_over(database, await asked(database, "test.job"))
    assert job_id not in ran


async def test_a_running_job_stops_at_its_next_word_of_progress(database: Database) -> None:
    started = asyncio.Event()

    async def handler(run: JobRun) -> None:
        for done in range(1000):
            await run.progress(done, 1000)
            started.set()
            await asyncio.sleep(0.05)

    async with working(database, registry_of(handler)):
        job_id = await asked(database, "test.job")
        await asyncio.wait_for(started.wait(), 10)
        async with database.writing() as tx:
            assert await ask_to_cancel(tx, job_id, now()) == "running"
        row = await until_over(database, job_id)
    assert row["state"] == "cancelled"


async def test_a_failed_job_can_be_run_again_and_an_open_one_cannot(database: Database) -> None:
    fails = True

    async def handler(_run: JobRun) -> None:
        if fails:
            raise OSError("down")

    async with working(database, registry_of(handler, attempts_max=1)):
        job_id = await asked(database, "test.job")
        await until_over(database, job_id)
        fails = False
        async with database.writing() as tx:
            await retry(tx, job_id)
        row = await until_over(database, job_id)
        assert (row["state"], row["attempts"], row["error"]) == ("done", 1, None)
    with pytest.raises(JobNotOverError):
        async with database.writing() as tx:
            await retry(tx, job_id)
    with pytest.raises(JobNotOpenError):
        async with database.writing() as tx:
            await ask_to_cancel(tx, job_id, now())
    with pytest.raises(NotFoundError):
        async with database.writing() as tx:
            await retry(tx, 999)


async def test_a_single_key_gives_the_job_that_is_open_already(database: Database) -> None:
    async with database.writing() as tx:
        first = await enqueue(tx, "test.job", single_key="nightly")
        assert await enqueue(tx, "test.job", single_key="nightly") == first
    async with database.asking() as tx:
        assert await tx.value("SELECT count(*) FROM pgqueuer") == 1


async def test_a_periodic_job_runs_once_for_two_workers(database: Database) -> None:
    ran: list[int] = []

    async def handler(run: JobRun) -> None:
        ran.append(run.job_id)
        await asyncio.sleep(0.2)

    def registry() -> Registry:
        made = Registry()
        made.periodic("test.job", "* * * * *")(handler)
        return made

    async with working(database, registry()), working(database, registry()):
        async with asyncio.timeout(20):
            while not await _scheduled(database):
                await asyncio.sleep(0.1)
        async with database.writing() as tx:
            await tx.run("UPDATE pgqueuer_schedules SET next_run = now()")
        await asyncio.sleep(3)
    assert len(ran) <= 2
    assert len(set(ran)) == len(ran)


async def _scheduled(database: Database) -> bool:
    async with database.asking() as tx:
        return bool(await tx.value("SELECT count(*) FROM pgqueuer_schedules"))


@pytest.mark.slow
async def test_a_worker_that_is_told_to_stop_hands_back_what_does_not_finish(
    database: Database,
) -> None:
    runs: list[int] = []
    started = asyncio.Event()

    async def handler(run: JobRun) -> None:
        runs.append(run.attempt)
        started.set()
        if len(runs) == 1:
            await asyncio.sleep(60)

    registry = registry_of(handler)
    async with working(database, registry, stop_seconds=1) as stop:
        job_id = await asked(database, "test.job")
        await asyncio.wait_for(started.wait(), 10)
        stop.set()
    row = await job_row(database, job_id)
    assert (row["state"], row["attempts"]) == ("queued", 0)
    async with working(database, registry):
        row = await until_over(database, job_id)
    assert row["state"] == "done"
    assert runs == [1, 1]


async def test_a_job_that_lost_its_place_in_the_queue_gets_a_new_one(database: Database) -> None:
    job_id = await asked(database, "test.job")
    async with database.writing() as tx:
        await tx.run("DELETE FROM pgqueuer")
    async with database.writing() as tx:
        done = await tidy_jobs(tx, now() + timedelta(minutes=2))
    assert done["put_back"] == 1

    async def handler(_run: JobRun) -> None:
        return None

    async with working(database, registry_of(handler)):
        assert (await until_over(database, job_id))["state"] == "done"


async def test_old_ended_jobs_are_forgotten_and_counts_know_every_state(
    database: Database,
) -> None:
    job_id = await asked(database, "test.job")
    async with database.writing() as tx:
        await ask_to_cancel(tx, job_id, now())
        assert (await job_counts(tx))["cancelled"] == 1
    async with database.writing() as tx:
        done = await tidy_jobs(tx, now() + timedelta(days=31))
    assert done["forgotten"] == 1


def test_every_job_has_a_handler_and_a_good_name() -> None:
    kinds = every_job().kinds
    assert "jobs.tidy" in kinds
    assert all("." in name for name in kinds)


@pytest.mark.slow
async def test_a_worker_outlives_a_database_that_goes_and_comes_back(
    database: Database, server_dsn: str, dsn: str
) -> None:
    ran: list[int] = []

    async def handler(run: JobRun) -> None:
        ran.append(run.job_id)

    async with working(database, registry_of(handler)):
        first = await asked(database, "test.job")
        await until_over(database, first)
        async with shut_out(server_dsn, dsn):
            await asyncio.sleep(3)
        second = await asked(database, "test.job")
        await until_over(database, second, seconds=40)
    assert ran == [first, second]


async def test_a_job_interrupted_by_an_outage_runs_again_soon_after_it(
    database: Database, server_dsn: str, dsn: str
) -> None:
    began, out = asyncio.Event(), asyncio.Event()

    async def handler(run: JobRun) -> None:
        if run.attempt == 1:
            began.set()
            await out.wait()
            async with run.database.asking() as tx:
                await tx.value("SELECT 1")

    async with working(database, registry_of(handler)):
        job_id = await asked(database, "test.job")
        await began.wait()
        async with shut_out(server_dsn, dsn):
            out.set()
            await asyncio.sleep(1)
        row = await until_over(database, job_id, seconds=16)  # a lost heartbeat takes 20
    assert (row["state"], row["attempts"]) == ("done", 2)
