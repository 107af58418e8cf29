"""Looking after the installation: is it alive, is it ready, is it well, does the ledger hold."""

import asyncio
import shutil
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import msgspec

from truestock.database import Database, Transaction, load_sql
from truestock.database.invariants import SHOWN_MAX, broken_invariants, every_invariant
from truestock.http.cache import Cache
from truestock.identity.reads import people_holding
from truestock.jobs import job_counts
from truestock.kernel.clock import Clock
from truestock.kernel.errors import TruestockError
from truestock.kernel.settings import Settings
from truestock.monitoring import reads, writes
from truestock.monitoring.model import Check, Level, Readiness, Verification
from truestock.monitoring.rules import (
    judged_database,
    judged_disk,
    judged_jobs,
    judged_proof,
    judged_seal,
)
from truestock.notify import Notice, tell
from truestock.stock.operations.seals import verify_seals

ANSWER_SECONDS = 2.0
"""A database that does not answer a health question for this long is not healthy."""

COUNTED_SECONDS = 3.0

SEAL_SENTENCE = "Every sealed block of the ledger is what it was when it was sealed."

_NO_LIMIT = load_sql(__name__, "no_time_limit")


async def ping(database: Database) -> float | None:
    """Return the seconds one empty question takes, or None when it is not answered in time."""
    began = perf_counter()
    try:
        async with asyncio.timeout(ANSWER_SECONDS), database.asking() as tx:
            await tx.value("SELECT 1")
    except (TruestockError, TimeoutError, OSError):
        return None
    return perf_counter() - began


async def readiness(database: Database, *, draining: bool) -> Readiness:
    """Tell whether requests should be sent to this process, with the reasons against it."""
    if draining:
        return Readiness(ready=False, reasons=["This process is about to stop."])
    try:
        async with asyncio.timeout(ANSWER_SECONDS), database.asking() as tx:
            writable = await reads.is_writable(tx)
            missing = await reads.missing_migrations(tx)
    except (TruestockError, TimeoutError, OSError):
        return Readiness(ready=False, reasons=["The database does not answer."])
    reasons = [] if writable else ["The database cannot be written."]
    if missing:
        reasons.append(f"Migrations are pending: {', '.join(missing)}.")
    return Readiness(ready=not reasons, reasons=reasons)


async def deep_health(
    database: Database, cache: Cache, settings: Settings, clock: Clock
) -> list[Check]:
    """Look at everything an administrator would: database, pool, jobs, disk, ledger, cache."""
    reachable = await cache.is_reachable()
    checks = [_pool(database), _disk(settings.data_dir), _cache(cache, reachable=reachable)]
    now = clock()
    try:
        async with asyncio.timeout(ANSWER_SECONDS * 5), database.asking() as tx:
            checks.append(judged_database(await reads.database_facts(tx)))
            facts = await reads.job_facts(tx) | {"counts": await job_counts(tx)}
            checks.append(judged_jobs(facts, now))
            checks.append(judged_proof(await reads.last_verification(tx), now))
            checks.append(judged_seal(await reads.seal_facts(tx), now))
    except (TruestockError, TimeoutError, OSError) as error:
        sentence = f"The database does not answer: {type(error).__name__}."
        checks.append(Check("database", Level.CRITICAL, sentence))
    return checks


async def counted_jobs(database: Database, cache: Cache) -> dict[str, int]:
    """Return how many jobs are in each state, at most a few seconds old."""

    async def count() -> dict[str, int]:
        async with asyncio.timeout(ANSWER_SECONDS), database.asking() as tx:
            return await job_counts(tx)

    counts: dict[str, int] = await cache.through("job_counts", "", COUNTED_SECONDS, count)
    return counts


def _cache(cache: Cache, *, reachable: bool) -> Check:
    if not cache.is_shared:
        return Check("cache", Level.OK, "Each process keeps its own cache.")
    if not reachable:
        return Check("cache", Level.WARNING, "Redis does not answer; each process helps itself.")
    return Check("cache", Level.OK, "The processes share their cache in Redis.")


def _pool(database: Database) -> Check:
    pool = database.pool
    size, idle, size_max = pool.get_size(), pool.get_idle_size(), pool.get_max_size()
    facts = {"size": size, "idle": idle, "size_max": size_max}
    if size == size_max and idle == 0:
        return Check("pool", Level.WARNING, "Every connection of this process is in use.", facts)
    return Check("pool", Level.OK, "Connections are free.", facts)


def _disk(folder: Path) -> Check:
    place = folder if folder.exists() else Path()
    usage = shutil.disk_usage(place)
    return judged_disk(usage.free, usage.total)


async def verify(database: Database) -> Verification:
    """Run every invariant in one snapshot, without a limit of time, and hash every seal anew."""
    began = perf_counter()
    async with database.reading() as tx:
        await tx.value(_NO_LIMIT)
        broken = await broken_invariants(tx)
    found: list[dict[str, Any]] = [
        {
            "name": each.name,
            "sentence": each.sentence,
            "count": each.count,
            "rows": [{name: str(value) for name, value in row.items()} for row in each.rows],
        }
        for each in broken
    ]
    seals = (await verify_seals(database)).broken
    if seals:
        rows = [msgspec.to_builtins(seal) for seal in seals[:SHOWN_MAX]]
        seal_rule = {"name": "inv_13_seals", "sentence": SEAL_SENTENCE}
        found.append(seal_rule | {"count": len(seals), "rows": rows})
    return Verification(len(every_invariant()) + 1, perf_counter() - began, found)


async def verify_and_keep(database: Database, now: datetime) -> Verification:
    """Run every invariant and keep the result for the health page."""
    run = await verify(database)
    async with database.writing() as tx:
        await keep_verification(tx, run, now)
    return run


async def keep_verification(tx: Transaction, run: Verification, now: datetime) -> None:
    """Keep the result of a run; administrators are told of broken rules."""
    verification_id = await writes.add_verification(tx, run, now)
    if run.broken:
        broken = Notice("ledger.broken", verification_id, {"rules": len(run.broken)})
        await tell(tx, await people_holding(tx, "health.deep"), broken)
