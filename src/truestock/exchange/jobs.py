"""Background work of files: applying an import, writing a long export, forgetting old files."""

from datetime import timedelta
from typing import Any, Final

from truestock.exchange.model.imports import Progress
from truestock.exchange.operations.applying import (
    APPLY_JOB,
    apply_import,
    end_cancelled,
    end_unapplied,
)
from truestock.exchange.operations.exports import JOB as EXPORT_JOB
from truestock.exchange.operations.exports import forget_files, write_export
from truestock.exchange.operations.steps import Means
from truestock.exchange.operations.uploads import limits_of
from truestock.jobs import JobCancelledError, JobRun, Registry
from truestock.stock.operations.ledger import Ledger

IMPORTS_KEPT: Final = timedelta(days=90)


def register(registry: Registry) -> None:
    """Add the jobs."""
    registry.job(APPLY_JOB, given_up=_not_applied)(_apply)
    registry.job(EXPORT_JOB)(_export)
    registry.periodic("exchange.forget_files", "23 3 * * *")(_forget)


async def _apply(run: JobRun) -> dict[str, Any]:
    import_id = int(run.arguments["import_id"])

    async def tell(progress: Progress) -> None:
        await run.progress(progress.done, progress.total, progress.message)

    ledger = Ledger(run.database, run.clock)
    try:
        means = Means(run.database, ledger, run.clock, limits_of(run.settings))
        done = await apply_import(means, run.actor, import_id, tell)
    except JobCancelledError:
        await end_cancelled(run.database, import_id, run.job_id, run.clock())
        raise
    finally:
        await ledger.close()
    counts = {"rows_accepted": done.rows_accepted, "rows_refused": done.rows_refused}
    return {"href": f"/imports/{import_id}", **counts}


async def _not_applied(run: JobRun, sentence: str) -> None:
    import_id = int(run.arguments["import_id"])
    await end_unapplied(run.database, run.actor, import_id, run.clock(), sentence)


async def _export(run: JobRun) -> dict[str, Any]:
    export_id = int(run.arguments["export_id"])

    async def tell(rows: int) -> None:
        await run.progress(rows)

    rows = await write_export(run.database, run.actor, export_id, run.clock, tell)
    return {"href": f"/api/v1/exports/files/{export_id}", "rows": rows}


async def _forget(run: JobRun) -> None:
    async with run.database.writing() as tx:
        await forget_files(tx, run.clock(), IMPORTS_KEPT)
