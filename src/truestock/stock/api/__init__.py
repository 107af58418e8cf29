"""Routes of stock: decode, call one operation or read, encode."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter
from starlette.datastructures import State

from truestock.stock.api import balances, batch, hot, locations, movements, reservations, sites
from truestock.stock.operations.ledger import open_ledger

__all__ = ["lifespan", "router", "thin_routes"]

router = APIRouter(prefix="/api/v1")
for part in (locations, sites, balances, movements, reservations):
    router.include_router(part.router)

thin_routes = (*hot.thin_routes, *batch.thin_routes)


@asynccontextmanager
async def lifespan(state: State) -> AsyncIterator[None]:
    """Open the ledger of this process; what waits in it is finished at the end."""
    settings = state.settings
    async with open_ledger(
        state.database,
        state.clock,
        group_max=settings.posting_group_max,
        waiting_max=settings.posting_queue_max,
    ) as state.ledger:
        yield
