"""What a person may do with a job: cancel it, run it again; and how many there are."""

from datetime import datetime

from truestock.database import ReadTransaction, Transaction, load_sql
from truestock.jobs.errors import JobNotOpenError, JobNotOverError
from truestock.jobs.queue import put_in_queue
from truestock.kernel.errors import NotFoundError

STATES = ("queued", "running", "done", "failed", "cancelled")
KEPT_DAYS = 30
KEPT_DAYS_SCHEDULED = 2

_CANCEL = load_sql(__name__, "cancel_job")
_RETRY = load_sql(__name__, "retry_job")
_EXISTS = load_sql(__name__, "job_exists")
_COUNTS = load_sql(__name__, "job_counts")
_LOST = load_sql(__name__, "lost_jobs")
_FORGET = load_sql(__name__, "forget_jobs")
_FORGET_LOG = load_sql(__name__, "forget_queue_log")


async def ask_to_cancel(tx: Transaction, job_id: int, now: datetime) -> str:
    """Cancel a waiting job, or ask a running one to stop; returns the state it is in now.

    Raises `NotFoundError` and `JobNotOpenError`.
    """
    state = await tx.value(_CANCEL, job_id, now)
    if state is None:
        await _require(tx, job_id)
        raise JobNotOpenError(job_id=job_id)
    return str(state)


async def retry(tx: Transaction, job_id: int) -> None:
    """Let a failed or cancelled job run again, from its first attempt.

    Raises `NotFoundError`, `JobNotOverError` and `JobAlreadyOpenError`.
    """
    name = await tx.value(_RETRY, job_id)
    if name is None:
        await _require(tx, job_id)
        raise JobNotOverError(job_id=job_id)
    await put_in_queue(tx, job_id, name)


async def _require(tx: ReadTransaction, job_id: int) -> None:
    if not await tx.value(_EXISTS, job_id):
        raise NotFoundError(job_id=job_id)


async def job_counts(tx: ReadTransaction) -> dict[str, int]:
    """Return how many jobs are in each state; of the ended ones those of the last day."""
    found = {row["state"]: row["count"] for row in await tx.rows(_COUNTS)}
    return {state: found.get(state, 0) for state in STATES}


async def tidy_jobs(tx: Transaction, now: datetime) -> dict[str, int]:
    """Put jobs back into the queue that lost their place, and forget what is long over."""
    lost = await tx.rows(_LOST, now)
    for row in lost:
        await put_in_queue(tx, row["job_id"], row["name"])
    forgotten = await tx.value(_FORGET, now, KEPT_DAYS, KEPT_DAYS_SCHEDULED)
    await tx.run(_FORGET_LOG, now, KEPT_DAYS_SCHEDULED)
    return {"put_back": len(lost), "forgotten": int(forgotten or 0)}
