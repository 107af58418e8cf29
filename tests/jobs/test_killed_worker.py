"""kill -9 of a worker in the middle of a job: another one does the work, once."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from time import monotonic

import pytest

from truestock.database import Database
from truestock.jobs import enqueue

SCRIPT = Path(__file__).parent / "worker_process.py"


async def started(dsn: str) -> Process:
    return await asyncio.create_subprocess_exec(sys.executable, str(SCRIPT), dsn, stdout=PIPE)


async def state_of(database: Database, job_id: int) -> str:
    async with database.asking() as tx:
        return str(await tx.value("SELECT state FROM job WHERE job_id = $1", job_id))


@pytest.mark.slow
async def test_a_killed_workers_job_is_done_by_another_within_40_seconds(
    database: Database, dsn: str
) -> None:
    async with database.writing() as tx:
        await tx.run("CREATE TABLE noted (job_id bigint PRIMARY KEY)")
        job_id = await enqueue(tx, "test.note")
    first = await started(dsn)
    assert first.stdout is not None
    async with asyncio.timeout(20):
        while b"begun" not in await first.stdout.readline():
            pass
    first.kill()
    await first.wait()
    killed_at = monotonic()
    assert await state_of(database, job_id) == "running"
    second = await started(dsn)
    try:
        async with asyncio.timeout(60):
            while await state_of(database, job_id) != "done":
                await asyncio.sleep(0.2)
    finally:
        second.kill()
        await second.wait()
    taken_seconds = monotonic() - killed_at
    async with database.asking() as tx:
        assert await tx.value("SELECT count(*) FROM noted") == 1
        assert await tx.value("SELECT attempts FROM job") == 2
    assert taken_seconds < 40, f"it took {taken_seconds:.0f} s"
