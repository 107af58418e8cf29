"""Routes of posted movements; posting itself is among the hot routes."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from truestock.http.answers import json_answer
from truestock.http.bodies import AsWritten, RowIdInPath, Text, WriteBody
from truestock.http.handlers import DatabaseOf, KeyHeader, request_key_of, requires
from truestock.http.lists import PageQuery, page_answer
from truestock.kernel.actor import Actor
from truestock.kernel.errors import TruestockError
from truestock.stock.api.shared import LedgerOf, Reader, RowIdFilter, Words
from truestock.stock.model.movement_lines import LineShown, MovementShown
from truestock.stock.model.movements import MovementKind, Posted
from truestock.stock.reads import movements as reads
from truestock.stock.reads.balances import with_places_named

router = APIRouter(tags=["movements"])

Reverser = Annotated[Actor, Depends(requires("stock.reverse"))]
Moment = Annotated[AwareDatetime | date, AsWritten]


class TimelineQuery(PageQuery):
    """Filters of lines. Sort: recorded_at. A bare date means that whole day, in UTC."""

    model_config = ConfigDict(extra="forbid", populate_by_name=False)

    location_id: RowIdFilter | None = None
    site_id: RowIdFilter | None = None
    kind: MovementKind | None = None
    document_id: RowIdFilter | None = None
    actor_id: RowIdFilter | None = None
    by: Literal["recorded", "occurred"] = Field(
        "occurred", description="Which clock `from` and `to` mean."
    )
    from_: Moment | None = Field(None, alias="from", description="Included.")
    to: Moment | None = Field(None, description="Not included; of a date, the day is.")

    def filters(self) -> dict[str, Any]:
        """Return the filters as the list takes them."""
        given = super().filters()
        by, since, until = given.pop("by"), given.pop("from_"), given.pop("to")
        given[f"{by}_from"] = _start(since)
        given[f"{by}_to"] = _end(until)
        return given


class MovementQuery(TimelineQuery):
    """Filters of lines of all items."""

    item_id: RowIdFilter | None = None
    sku: Words | None = Field(None, description="The whole SKU.")


class LinePage(BaseModel):
    """A page of lines, newest recorded first."""

    items: list[LineShown]
    next_cursor: str | None


class Reversal(WriteBody):
    """Why a movement is undone."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "counted twice"}]})

    reason: Annotated[Text, Field(max_length=2_000)] = ""


class PostedShown(BaseModel):
    """A posted movement: both balances right after each line, in base units."""

    movement_id: int
    recorded_at: datetime
    lines: list[dict[str, int]]
    status: Literal["posted"]
    replayed: bool


@router.get("/movements", summary="List lines of movements", response_model=LinePage)
async def list_lines(
    request: Request, actor: Reader, where: DatabaseOf, query: Annotated[MovementQuery, Query()]
) -> Response:
    """Page through the ledger, line by line."""
    async with where.asking() as tx:
        page = await reads.line_page(tx, actor.site_ids, query.paging(), query.filters())
    return page_answer(request, page)


@router.get("/movements/{movement_id}", summary="Read a movement", response_model=MovementShown)
async def read_movement(movement_id: RowIdInPath, actor: Reader, where: DatabaseOf) -> Response:
    """Return a movement with its lines."""
    async with where.asking() as tx:
        return json_answer(await reads.movement_shown(tx, actor.site_ids, movement_id))


@router.get("/items/{item_id}/movements", summary="Timeline of an item", response_model=LinePage)
async def list_lines_of_item(
    request: Request,
    item_id: RowIdInPath,
    actor: Reader,
    where: DatabaseOf,
    query: Annotated[TimelineQuery, Query()],
) -> Response:
    """Page through the lines of one item over all its balances."""
    filters = query.filters() | {"item_id": item_id}
    async with where.asking() as tx:
        page = await reads.line_page(tx, actor.site_ids, query.paging(), filters)
    return page_answer(request, page)


@router.post(
    "/movements/{movement_id}/reverse",
    summary="Reverse a movement",
    status_code=201,
    response_model=PostedShown,
    responses={200: {"model": PostedShown, "description": "Reversed before under this key."}},
)
async def reverse_movement(
    movement_id: RowIdInPath,
    actor: Reverser,
    ledger: LedgerOf,
    where: DatabaseOf,
    *,
    body: Reversal | None = None,
    key: KeyHeader = None,
) -> Response:
    """Undo a movement by its mirror, once. Refused when the stock has moved on."""
    request_key = request_key_of(key, body.request_key if body else None)
    reason = body.reason if body else ""
    try:
        posted = await ledger.reverse(actor, movement_id, request_key, reason)
    except TruestockError as error:
        async with where.asking() as tx:
            raise await with_places_named(tx, error) from error
    return posted_answer(posted)


def posted_answer(posted: Posted) -> Response:
    """Return a posted movement: 201, or 200 with a mark when it was posted before."""
    answer = json_answer(posted, status=200 if posted.replayed else 201)
    if posted.replayed:
        answer.headers["Idempotent-Replayed"] = "true"
    return answer


_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)
"""No line is older or newer; moments beyond mean these, to leave room for counting from them."""


def _start(moment: Moment | None) -> datetime | None:
    return None if moment is None else _within_reach(moment)


def _end(moment: Moment | None) -> datetime | None:
    if moment is None or isinstance(moment, datetime):
        return _start(moment)
    return _within_reach(moment) + timedelta(days=1)


def _within_reach(moment: Moment) -> datetime:
    at = moment if isinstance(moment, datetime) else datetime.combine(moment, time(), UTC)
    return min(max(at, _EARLIEST), _LATEST)
