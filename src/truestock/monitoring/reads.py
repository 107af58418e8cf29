"""Questions about jobs, the database and the last proof."""

from functools import cache
from importlib.resources import files
from typing import Any, Final

import msgspec

from truestock.database import Listing, ReadTransaction, load_sql
from truestock.database.sql import Sort
from truestock.kernel.errors import NotFoundError

JOBS: Final = Listing(
    text=load_sql(__name__, "jobs"),
    sorts={
        "recorded_at": Sort("j.recorded_at", "timestamptz"),
        "name": Sort("j.name", "text"),
        "state": Sort("j.state", "text"),
    },
    key="j.job_id",
    default="-recorded_at",
)

_JOB = load_sql(__name__, "job")
_DATABASE = load_sql(__name__, "database_facts")
_WRITABLE = load_sql(__name__, "is_writable")
_APPLIED = load_sql(__name__, "applied_migrations")
_JOB_FACTS = load_sql(__name__, "job_facts")
_VERIFICATION = load_sql(__name__, "last_verification")
_SEAL = load_sql(__name__, "last_seal")


def job_shown(row: dict[str, Any]) -> dict[str, Any]:
    """Return a job's row with its JSON columns decoded."""
    result = row["result"]
    return row | {
        "arguments": msgspec.json.decode(row["arguments"]),
        "result": None if result is None else msgspec.json.decode(result),
    }


async def job(tx: ReadTransaction, job_id: int) -> dict[str, Any]:
    """Return one job; raises `NotFoundError`."""
    row = await tx.row(_JOB, job_id)
    if row is None:
        raise NotFoundError(job_id=job_id)
    return job_shown(dict(row))


async def database_facts(tx: ReadTransaction) -> dict[str, Any]:
    """Return version, size, connections and whether writes are possible and durable."""
    row = await tx.row(_DATABASE)
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    return dict(row)


async def is_writable(tx: ReadTransaction) -> bool:
    """Tell whether the server takes writes just now."""
    return bool(await tx.value(_WRITABLE))


@cache
def shipped_migrations() -> frozenset[str]:
    """Return the names of the migrations this program brings."""
    folder = files("truestock.database").joinpath("migrations")
    names = (file.name for file in folder.iterdir())
    return frozenset(name.removesuffix(".sql") for name in names if name.endswith(".sql"))


async def missing_migrations(tx: ReadTransaction) -> list[str]:
    """Return the names of shipped migrations that are not applied, in order."""
    applied = {row["migration_id"] for row in await tx.rows(_APPLIED)}
    return sorted(shipped_migrations() - applied)


async def job_facts(tx: ReadTransaction) -> dict[str, Any]:
    """Return since when the oldest job waits, when a worker was seen, and recent failures."""
    row = await tx.row(_JOB_FACTS)
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    return dict(row)


async def last_verification(tx: ReadTransaction) -> dict[str, Any] | None:
    """Return the last run of every invariant, or None before the first."""
    row = await tx.row(_VERIFICATION)
    return None if row is None else dict(row) | {"broken": msgspec.json.decode(row["broken"])}


async def seal_facts(tx: ReadTransaction) -> dict[str, Any]:
    """Return when and how far the ledger was sealed, and how far it is recorded."""
    row = await tx.row(_SEAL)
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    return dict(row)
