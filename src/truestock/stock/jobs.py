"""What stock does by the clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from starlette.datastructures import State

from truestock.jobs import JobRun, Registry
from truestock.stock.errors.seals import LedgerBrokenError
from truestock.stock.model.movements import Reserved
from truestock.stock.operations.ledger import open_ledger
from truestock.stock.operations.movement_index import index_movements
from truestock.stock.operations.seals import extend_seals, verify_seals
from truestock.stock.reads.reservations import expired_reservations

EXPIRED_AT_ONCE = 500


def register(registry: Registry) -> None:
    """Add stock's jobs."""
    rights = ("stock.reserve",)
    registry.periodic("stock.expire_reservations", "* * * * *", permissions=rights)(expire)
    registry.periodic("stock.extend_seals", "* * * * *")(seal)
    registry.periodic("stock.verify_seals", "40 * * * *", attempts_max=2)(prove_seals)


@asynccontextmanager
async def lifespan(state: State) -> AsyncIterator[None]:
    """Open the worker's own ledger."""
    settings = state.settings
    async with open_ledger(
        state.database,
        state.clock,
        group_max=settings.posting_group_max,
        waiting_max=settings.posting_queue_max,
    ) as state.ledger:
        yield


async def expire(run: JobRun) -> dict[str, Any]:
    """End pending reservations whose time is over by the database's clock."""
    done = 0
    while True:
        async with run.database.asking() as tx:
            found = await expired_reservations(tx, EXPIRED_AT_ONCE)
        outcomes = await run.state.ledger.expire(run.actor, found) if found else []
        ended = sum(isinstance(outcome, Reserved) for outcome in outcomes)
        done += ended
        await run.progress(done)
        if not ended or len(found) < EXPIRED_AT_ONCE:
            return {"expired": done}


async def seal(run: JobRun) -> dict[str, Any]:
    """Extend the chain of seals over what has been recorded, and the coarse index behind it."""
    sealed = await extend_seals(run.database)
    return {"sealed": sealed, "indexed": await index_movements(run.database)}


async def prove_seals(run: JobRun) -> dict[str, Any]:
    """Hash every sealed block anew. Raises `LedgerBrokenError` naming the blocks that differ."""
    report = await verify_seals(run.database, run.progress)
    if report.broken:
        raise LedgerBrokenError(seals=[msgspec.to_builtins(each) for each in report.broken])
    return {"seals": report.seal_count, "last_hash": report.last_hash}
