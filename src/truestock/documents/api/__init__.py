"""Routes of documents: decode, call one operation or read, encode."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter

from truestock.documents.api import documents, policies
from truestock.stock.operations.ledger import open_ledger

__all__ = ["lifespan", "router"]

router = APIRouter(prefix="/api/v1")
router.include_router(documents.router)
router.include_router(policies.router)


@asynccontextmanager
async def lifespan(state: Any) -> AsyncIterator[None]:
    """Open the process's ledger unless the slice below has done so."""
    if hasattr(state, "ledger"):
        yield
        return
    settings = state.settings
    async with open_ledger(
        state.database,
        state.clock,
        group_max=settings.posting_group_max,
        waiting_max=settings.posting_queue_max,
    ) as ledger:
        state.ledger = ledger
        yield
        del state.ledger
