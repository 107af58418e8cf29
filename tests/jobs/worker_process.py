"""A worker of its own process for the tests: its one job takes long in the first run."""

import asyncio
import sys

from truestock.cli.output import settings_now
from truestock.database import connect
from truestock.jobs import JobRun, Registry
from truestock.worker import work


async def main(dsn: str) -> None:
    registry = Registry()

    @registry.job("test.note")
    async def note(run: JobRun) -> None:
        if run.attempt == 1:
            sys.stdout.write("begun\n")
            sys.stdout.flush()
            await asyncio.sleep(600)
        async with run.database.writing() as tx:
            await tx.run(
                "INSERT INTO noted (job_id) VALUES ($1) ON CONFLICT DO NOTHING", run.job_id
            )

    database = await connect(dsn)
    await work(settings_now(), database, registry, asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
