"""Routes of balances and totals, of why a number is what it is, and of how it went."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from truestock.http.answers import json_answer
from truestock.http.bodies import ROW_ID_MAX, RowIdInPath
from truestock.http.handlers import DatabaseOf
from truestock.http.lists import PageQuery, page_answer
from truestock.stock.api.shared import Reader, RowIdFilter, Words
from truestock.stock.model.balances import BalanceShown, ItemStock, StockState
from truestock.stock.model.explanations import ItemHistory, Why
from truestock.stock.model.movements import Disposition
from truestock.stock.reads import balances as reads
from truestock.stock.reads.history import item_history
from truestock.stock.reads.why import why

router = APIRouter(tags=["balances"])

HISTORY_DAYS_MAX = 366

BalanceIdInPath = Annotated[int, Path(ge=-ROW_ID_MAX, le=ROW_ID_MAX)]
"""Balances of virtual places have ids below zero."""


class BalanceQuery(PageQuery):
    """Filters of balances. Sorts: sku, location_code; quantity_on_hand up to 100,000 of them."""

    q: Words | None = Field(None, description="In SKU or name, or a GTIN.")
    item_id: RowIdFilter | None = None
    sku: Words | None = Field(None, description="The whole SKU.")
    site_id: RowIdFilter | None = None
    location_id: RowIdFilter | None = None
    disposition: Disposition | None = None
    nonzero: bool = Field(True, description="Leave out what is neither there nor reserved.")


class BalancePage(BaseModel):
    """A page of balances."""

    items: list[BalanceShown]
    next_cursor: str | None


class StockQuery(PageQuery):
    """Filters of totals. Sorts: sku, name; quantity_on_hand, quantity_available.

    Quantities are sorted among the totals of up to 100,000 balances.
    """

    q: Words | None = Field(None, description="In SKU or name, or a GTIN.")
    item_id: RowIdFilter | None = None
    sku: Words | None = Field(None, description="The whole SKU.")
    site_id: RowIdFilter | None = None
    state: StockState | None = None


class StockRow(BaseModel):
    """An item and its totals, in the company or at the site asked for."""

    item_id: int
    sku: str
    name: str
    base_unit: str
    status: str
    quantity_on_hand: int
    quantity_reserved: int
    quantity_available: int
    quantity_incoming: int
    quantity_outgoing: int
    state: StockState


class StockPage(BaseModel):
    """A page of totals."""

    items: list[StockRow]
    next_cursor: str | None


class WhyQuery(PageQuery):
    """Which lines of the explanation. Sort: recorded_at."""


class HistoryQuery(BaseModel):
    """Which days of the history."""

    days: int = Field(90, ge=1, le=HISTORY_DAYS_MAX)
    site_id: RowIdFilter | None = None


@router.get("/balances", summary="List balances", response_model=BalancePage)
async def list_balances(
    request: Request, actor: Reader, where: DatabaseOf, query: Annotated[BalanceQuery, Query()]
) -> Response:
    """Page through stock by item, location, lot and disposition."""
    async with where.asking() as tx:
        page = await reads.balance_page(tx, actor.site_ids, query.paging(), query.filters())
    return page_answer(request, page)


@router.get("/balances/{balance_id}/why", summary="Why is this number so", response_model=Why)
async def explain_balance(
    balance_id: BalanceIdInPath,
    actor: Reader,
    where: DatabaseOf,
    query: Annotated[WhyQuery, Query()],
) -> Response:
    """Return the lines that make a balance, each with what there was after it, and the promises."""
    async with where.reading() as tx:
        return json_answer(await why(tx, actor.site_ids, balance_id, query.paging()))


@router.get("/stock", summary="List totals by item", response_model=StockPage)
async def list_stock(
    request: Request, actor: Reader, where: DatabaseOf, query: Annotated[StockQuery, Query()]
) -> Response:
    """Page through items with their totals."""
    async with where.asking() as tx:
        page = await reads.stock_page(tx, actor.site_ids, query.paging(), query.filters())
    return page_answer(request, page)


@router.get("/items/{item_id}/stock", summary="Stock of an item", response_model=ItemStock)
async def read_item_stock(item_id: RowIdInPath, actor: Reader, where: DatabaseOf) -> Response:
    """Return an item's totals, and the same by site and by location."""
    async with where.reading() as tx:
        return json_answer(await reads.item_stock(tx, actor.site_ids, item_id))


@router.get("/items/{item_id}/history", summary="History of an item", response_model=ItemHistory)
async def read_item_history(
    request: Request,
    item_id: RowIdInPath,
    actor: Reader,
    where: DatabaseOf,
    query: Annotated[HistoryQuery, Query()],
) -> Response:
    """Return what there was at the end of each of the last days, for a chart."""
    now: datetime = request.app.state.clock()
    async with where.reading() as tx:
        found = await item_history(
            tx, actor.site_ids, item_id, now, query.days, site_id=query.site_id
        )
    return json_answer(found)
