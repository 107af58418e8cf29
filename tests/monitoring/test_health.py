import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from support.company import CLERK, found_company, receipt
from support.outage import shut_out
from truestock import __version__
from truestock.database import Database
from truestock.monitoring.model import Check, Level
from truestock.monitoring.operations import verify_and_keep
from truestock.monitoring.rules import judged_disk, judged_jobs, judged_proof, judged_seal, worst
from truestock.web.app import Application

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


async def test_a_healthy_process_says_so_to_anybody(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/health")
    assert answer.status_code == 200
    found = answer.json()
    assert (found["status"], found["version"], found["database"]) == ("ok", __version__, "ok")
    assert (await stranger.get("/health/live")).json() == {"status": "ok"}
    assert (await stranger.get("/health/ready")).json() == {"status": "ready", "reasons": []}


async def test_without_its_database_it_lives_but_is_neither_well_nor_ready(
    stranger: httpx.AsyncClient, server_dsn: str, dsn: str
) -> None:
    async with shut_out(server_dsn, dsn):
        assert (await stranger.get("/health/live")).status_code == 200
        answer = await stranger.get("/health")
        assert (answer.status_code, answer.json()["status"]) == (503, "unhealthy")
        answer = await stranger.get("/health/ready")
        assert (answer.status_code, answer.json()["status"]) == (503, "not_ready")
        assert (await stranger.get("/metrics")).status_code == 200
    assert (await stranger.get("/health")).status_code == 200


async def test_a_process_about_to_stop_is_not_ready_but_well(
    stranger: httpx.AsyncClient, application: Application
) -> None:
    application.state.draining = True
    answer = await stranger.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["reasons"] == ["This process is about to stop."]
    assert (await stranger.get("/health")).status_code == 200


async def test_a_database_that_is_not_migrated_is_not_ready(
    stranger: httpx.AsyncClient, database: Database
) -> None:
    async with database.writing() as tx:
        await tx.run("DELETE FROM _yoyo_migration WHERE migration_id = '0009_jobs'")
    answer = await stranger.get("/health/ready")
    assert answer.json()["reasons"] == ["Migrations are pending: 0009_jobs."]


async def test_deep_health_is_for_those_who_may_and_looks_at_everything(
    stranger: httpx.AsyncClient, administrator: httpx.AsyncClient, database: Database
) -> None:
    assert (await stranger.get("/api/v1/health/deep")).status_code == 401
    await verify_and_keep(database, datetime.now(UTC))
    found = (await administrator.get("/api/v1/health/deep")).json()
    levels = {check["name"]: check["level"] for check in found["checks"]}
    assert set(levels) == {"pool", "disk", "cache", "database", "jobs", "ledger", "seal"}
    assert levels["ledger"] == "ok"


async def test_metrics_speak_of_routes_by_template_pool_and_jobs(
    stranger: httpx.AsyncClient, administrator: httpx.AsyncClient
) -> None:
    await administrator.get("/api/v1/jobs/4711")
    await stranger.get("/api/v1/no/such/path")
    text = (await stranger.get("/metrics")).text
    assert 'truestock_http_requests_total{method="GET",route="/api/v1/jobs/{job_id}"' in text
    assert 'route="(unmatched)",status="404"' in text
    assert "truestock_http_request_duration_seconds_bucket" in text
    assert 'truestock_jobs{state="queued"} 0.0' in text
    assert "truestock_database_connections" in text
    assert "4711" not in text


async def test_postings_are_counted_by_group(
    administrator: httpx.AsyncClient, application: Application, database: Database
) -> None:
    def counted(text: str) -> float:
        found = re.search(r"^truestock_posting_group_size_count (\S+)", text, re.MULTILINE)
        return float(found[1]) if found else 0.0

    await found_company(database)
    before = counted((await administrator.get("/metrics")).text)
    await application.state.ledger.post(CLERK, receipt("SKU-1", 5), "metrics-1")
    assert counted((await administrator.get("/metrics")).text) == before + 1


def test_the_worst_check_decides() -> None:
    checks = [
        Check("a", Level.OK, ""),
        Check("b", Level.CRITICAL, ""),
        Check("c", Level.WARNING, ""),
    ]
    assert worst(checks) is Level.CRITICAL
    assert worst([]) is Level.OK


@pytest.mark.parametrize(
    ("free", "level"), [(50, Level.OK), (9, Level.WARNING), (2, Level.CRITICAL)]
)
def test_a_disk_is_judged_by_the_share_that_is_free(free: int, level: Level) -> None:
    assert judged_disk(free, 100).level is level


def test_jobs_that_wait_without_a_worker_are_critical() -> None:
    facts = {"oldest_queued_at": None, "worker_seen_at": NOON, "failed_last_day": 0}
    assert judged_jobs(facts, NOON).level is Level.OK
    assert judged_jobs(facts, NOON + timedelta(hours=1)).level is Level.WARNING
    waits = facts | {"oldest_queued_at": NOON - timedelta(hours=1)}
    assert judged_jobs(waits, NOON).level is Level.CRITICAL


def test_a_broken_ledger_is_critical_and_an_old_proof_a_warning() -> None:
    held = {"recorded_at": NOON, "broken": []}
    assert judged_proof(None, NOON).level is Level.WARNING
    assert judged_proof(held, NOON).level is Level.OK
    assert judged_proof(held, NOON + timedelta(days=2)).level is Level.WARNING
    assert judged_proof(held | {"broken": [{"name": "x"}]}, NOON).level is Level.CRITICAL


def test_a_seal_that_lags_behind_is_a_warning() -> None:
    facts = {"recorded_to": 10, "sealed_to": 5, "sealed_at": NOON}
    assert judged_seal(facts, NOON).level is Level.OK
    assert judged_seal(facts, NOON + timedelta(hours=3)).level is Level.WARNING
    assert judged_seal(facts | {"sealed_to": 10}, NOON + timedelta(hours=3)).level is Level.OK
