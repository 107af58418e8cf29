"""Routes: health for load balancers and administrators, metrics, and the list of jobs."""

from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from truestock import __version__
from truestock.database import Transaction
from truestock.http.bodies import RowId, RowIdInPath, WriteBody
from truestock.http.handlers import (
    DatabaseOf,
    KeyHeader,
    request_key_of,
    requires,
    write_once,
)
from truestock.http.lists import PageQuery, page_answer
from truestock.http.metrics import CONTENT_TYPE as METRICS_TYPE
from truestock.http.metrics import metrics_text, show_jobs, show_pool
from truestock.http.paging import Page, fetch_page
from truestock.jobs import ask_to_cancel, retry
from truestock.kernel.actor import Actor
from truestock.kernel.errors import TruestockError
from truestock.monitoring import reads
from truestock.monitoring.model import Level
from truestock.monitoring.operations import counted_jobs, deep_health, ping, readiness
from truestock.monitoring.rules import worst

router = APIRouter(prefix="/api/v1")
probes = APIRouter(tags=["health"])

UNAVAILABLE = 503


class Health(BaseModel):
    """Whether this process and its database work."""

    status: Literal["ok", "unhealthy"]
    version: str
    database: Literal["ok", "unreachable"]
    database_milliseconds: float | None


class Live(BaseModel):
    """This process runs."""

    status: Literal["ok"] = "ok"


class Ready(BaseModel):
    """Whether to send requests here."""

    status: Literal["ready", "not_ready"]
    reasons: list[str]


class CheckShown(BaseModel):
    """One thing looked at."""

    name: str = Field(examples=["database"])
    level: Level
    sentence: str
    facts: dict[str, Any]


class DeepHealth(BaseModel):
    """Everything looked at, and the worst of it."""

    status: Level
    version: str
    checks: list[CheckShown]


class JobShown(BaseModel):
    """A background job: what was asked, how far it is, how it ended."""

    job_id: int
    name: str = Field(examples=["stock.seal_ledger"])
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    arguments: dict[str, Any]
    attempts: int
    progress_done: int
    progress_total: int | None
    progress_message: str
    result: dict[str, Any] | None
    error: str | None
    actor_id: int
    actor_name: str
    scheduled: bool
    cancel_asked_at: datetime | None
    recorded_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class JobsPage(BaseModel):
    """A page of jobs, newest first."""

    items: list[JobShown]
    next_cursor: str | None


class JobsQuery(PageQuery):
    """Filters of the list of jobs."""

    state: Literal["queued", "running", "done", "failed", "cancelled"] | None = None
    name: str | None = Field(None, max_length=101, description="Of the kind of job.")
    actor_id: RowId | None = Field(None, description="Who asked for it.")
    scheduled: bool | None = Field(None, description="Asked for by the clock.")


class JobCommand(WriteBody):
    """Nothing but the request key, which may stand in the header instead."""


@probes.get("/health", summary="Is it well", responses={UNAVAILABLE: {"model": Health}})
async def health(request: Request, response: Response) -> Health:
    """Answer 200 when process and database work, else 503."""
    seconds = await ping(request.app.state.database)
    if seconds is None:
        response.status_code = UNAVAILABLE
    return Health(
        status="unhealthy" if seconds is None else "ok",
        version=__version__,
        database="unreachable" if seconds is None else "ok",
        database_milliseconds=None if seconds is None else round(seconds * 1000, 2),
    )


@probes.get("/health/live", summary="Does the process run")
async def live() -> Live:
    """Answer 200 without looking at anything else."""
    return Live()


@probes.get("/health/ready", summary="Take requests?", responses={UNAVAILABLE: {"model": Ready}})
async def ready(request: Request, response: Response) -> Ready:
    """Answer 200 when the database can be written, is migrated, and we are not about to stop."""
    state = request.app.state
    found = await readiness(state.database, draining=state.draining)
    if not found.ready:
        response.status_code = UNAVAILABLE
    return Ready(status="ready" if found.ready else "not_ready", reasons=found.reasons)


@probes.get("/metrics", summary="Metrics for Prometheus", response_class=Response)
async def metrics(request: Request) -> Response:
    """Return every metric in the text form of Prometheus."""
    database = request.app.state.database
    show_pool(database.pool.get_size(), database.pool.get_idle_size())
    with suppress(TruestockError, TimeoutError, OSError):  # then our own metrics matter most
        show_jobs(await counted_jobs(database, request.app.state.cache))
    return Response(metrics_text(), media_type=METRICS_TYPE)


@router.get("/health/deep", summary="Everything looked at", tags=["health"])
async def deep(
    request: Request,
    database: DatabaseOf,
    _actor: Annotated[Actor, Depends(requires("health.deep"))],
) -> DeepHealth:
    """Look at database, pool, jobs, disk, cache, the last proof of the ledger and its seal."""
    state = request.app.state
    checks = await deep_health(database, state.cache, state.settings, state.clock)
    shown = [
        CheckShown(name=each.name, level=each.level, sentence=each.sentence, facts=each.facts)
        for each in checks
    ]
    return DeepHealth(status=worst(checks), version=__version__, checks=shown)


@router.get("/jobs", summary="List background jobs", response_model=JobsPage, tags=["jobs"])
async def list_jobs(
    request: Request,
    database: DatabaseOf,
    _actor: Annotated[Actor, Depends(requires("job.read"))],
    asked: Annotated[JobsQuery, Query()],
) -> Response:
    """List jobs, newest first."""
    async with database.asking() as tx:
        page = await fetch_page(tx, reads.JOBS, asked.paging(), asked.filters())
    shown = [reads.job_shown(row) for row in page.items]
    return page_answer(request, Page(shown, page.next_cursor))


@router.get("/jobs/{job_id}", summary="One job", response_model=JobShown, tags=["jobs"])
async def show_job(
    job_id: RowIdInPath,
    database: DatabaseOf,
    _actor: Annotated[Actor, Depends(requires("job.read"))],
) -> Response:
    """Return a job with its progress, its result or its error."""
    async with database.asking() as tx:
        return _json(await reads.job(tx, job_id))


@router.post(
    "/jobs/{job_id}/cancel", summary="Cancel a job", response_model=JobShown, tags=["jobs"]
)
async def cancel_job(
    request: Request,
    job_id: RowIdInPath,
    body: JobCommand,
    actor: Annotated[Actor, Depends(requires("job.manage"))],
    key: KeyHeader = None,
) -> Response:
    """Cancel a waiting job at once; a running one stops at its next step."""
    now = request.app.state.clock()

    async def act(tx: Transaction) -> Any:
        await ask_to_cancel(tx, job_id, now)
        return await reads.job(tx, job_id)

    request_key = request_key_of(key, body.request_key)
    database = request.app.state.database
    answer = await write_once(database, actor, request_key, ["job.cancel", job_id], act)
    return _json(answer.body)


@router.post(
    "/jobs/{job_id}/retry", summary="Run a job again", response_model=JobShown, tags=["jobs"]
)
async def retry_job(
    job_id: RowIdInPath,
    body: JobCommand,
    database: DatabaseOf,
    actor: Annotated[Actor, Depends(requires("job.manage"))],
    key: KeyHeader = None,
) -> Response:
    """Put a failed or cancelled job into the queue again."""

    async def act(tx: Transaction) -> Any:
        await retry(tx, job_id)
        return await reads.job(tx, job_id)

    request_key = request_key_of(key, body.request_key)
    answer = await write_once(database, actor, request_key, ["job.retry", job_id], act)
    return _json(answer.body)


def _json(body: Any) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json")
