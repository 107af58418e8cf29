"""Routes of reservations; making and posting one are among the hot routes."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from truestock.http.answers import json_answer
from truestock.http.bodies import RowIdInPath, WriteBody
from truestock.http.handlers import DatabaseOf, KeyHeader, request_key_of, requires
from truestock.http.lists import PageQuery, page_answer
from truestock.kernel.actor import Actor
from truestock.stock.api.shared import LedgerOf, Reader, RowIdFilter
from truestock.stock.model.explanations import Promise, ReservationShown
from truestock.stock.reads import reservations as reads

router = APIRouter(tags=["reservations"])

Reserver = Annotated[Actor, Depends(requires("stock.reserve"))]


class ReservationQuery(PageQuery):
    """Filters of reservations. Sorts: recorded_at, priority."""

    state: Literal["pending", "posted", "voided", "expired"] | None = None
    item_id: RowIdFilter | None = None
    location_id: RowIdFilter | None = None
    site_id: RowIdFilter | None = None
    balance_id: RowIdFilter | None = None
    document_id: RowIdFilter | None = None
    actor_id: RowIdFilter | None = None


class ReservationPage(BaseModel):
    """A page of reservations, newest first."""

    items: list[ReservationShown]
    next_cursor: str | None


class Voiding(WriteBody):
    """Nothing but the request key, which may stand in the header instead."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})


class Voided(BaseModel):
    """A reservation that holds nothing any more."""

    reservation_id: int
    state: str
    quantity: int
    replayed: bool


class PromiseQuery(BaseModel):
    """Where the stock should be."""

    site_id: RowIdFilter | None = Field(None, description="One site; all of yours if not given.")


@router.get("/reservations", summary="List reservations", response_model=ReservationPage)
async def list_reservations(
    request: Request, actor: Reader, where: DatabaseOf, query: Annotated[ReservationQuery, Query()]
) -> Response:
    """Page through reservations: who holds what of an item, a balance or a place."""
    async with where.asking() as tx:
        page = await reads.reservation_page(tx, actor.site_ids, query.paging(), query.filters())
    return page_answer(request, page)


@router.get(
    "/reservations/{reservation_id}",
    summary="Read a reservation",
    response_model=ReservationShown,
)
async def read_reservation(
    reservation_id: RowIdInPath, actor: Reader, where: DatabaseOf
) -> Response:
    """Return a reservation."""
    async with where.asking() as tx:
        return json_answer(await reads.reservation_shown(tx, actor.site_ids, reservation_id))


@router.post(
    "/reservations/{reservation_id}/void", summary="Void a reservation", response_model=Voided
)
async def void_reservation(
    reservation_id: RowIdInPath,
    actor: Reserver,
    ledger: LedgerOf,
    where: DatabaseOf,
    *,
    body: Voiding | None = None,
    key: KeyHeader = None,
) -> Response:
    """End a pending reservation; its stock is free again."""
    request_key = request_key_of(key, body.request_key if body else None)
    async with where.asking() as tx:
        await reads.reservation_shown(tx, actor.site_ids, reservation_id)
    voided = await ledger.void(actor, reservation_id, request_key)
    answer = json_answer(voided)
    if voided.replayed:
        answer.headers["Idempotent-Replayed"] = "true"
    return answer


@router.get(
    "/items/{item_id}/availability",
    summary="What may be promised, by date",
    response_model=Promise,
)
async def read_availability(
    request: Request,
    item_id: RowIdInPath,
    actor: Reader,
    where: DatabaseOf,
    query: Annotated[PromiseQuery, Query()],
) -> Response:
    """Return what of an item may be promised from each day on, and who holds or brings what."""
    now: datetime = request.app.state.clock()
    async with where.reading() as tx:
        found = await reads.available_to_promise(
            tx, actor.site_ids, item_id, now, site_id=query.site_id
        )
    return json_answer(found)
