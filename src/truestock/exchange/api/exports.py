"""Routes of exports: every list as a file, with the list's own filters and rights."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from truestock.catalog.api.item_bodies import ItemQuery
from truestock.catalog.api.parties import PartyQuery
from truestock.documents.api.bodies import DocumentQuery
from truestock.exchange import reads
from truestock.exchange.api.imports import Desk, DeskOf
from truestock.exchange.errors.exports import ExportNotReadyError
from truestock.exchange.model.exports import MEDIA_TYPES, ExportFile, ExportFormat
from truestock.exchange.operations.exports import (
    ExportWish,
    ask_for_export,
    require_readable,
    short_export,
)
from truestock.http.answers import json_answer
from truestock.http.bodies import RowIdInPath
from truestock.http.handlers import SIGNED_IN, requires
from truestock.http.lists import PageQuery
from truestock.identity.api.audit import AuditQuery
from truestock.identity.api.people import PeopleQuery
from truestock.kernel.actor import Actor
from truestock.stock.api.balances import BalanceQuery, StockQuery
from truestock.stock.api.locations import LocationQuery
from truestock.stock.api.movements import MovementQuery
from truestock.stock.api.reservations import ReservationQuery
from truestock.stock.api.sites import SiteQuery

router = APIRouter(tags=["exports"])

ACCEPTED = 202


class ExportQuery(PageQuery):
    """As what, beside the filters and the sort of the list. An export has all rows."""

    format: Literal["csv", "xlsx", "parquet"] = "csv"
    bom: bool = Field(False, description="Begin a CSV with the mark Excel knows UTF-8 by.")

    def filters(self) -> dict[str, Any]:
        """Return the filters of the list alone."""
        given = super().filters()
        return {
            name: value for name, value in given.items() if name not in ExportQuery.model_fields
        }


class ItemExport(ExportQuery, ItemQuery):
    """Filters of the item list, and as what."""


class PartyExport(ExportQuery, PartyQuery):
    """Filters of the list of suppliers and customers, and as what."""


class SiteExport(ExportQuery, SiteQuery):
    """Filters of the site list, and as what."""


class LocationExport(ExportQuery, LocationQuery):
    """Filters of the location list, and as what."""


class StockExport(ExportQuery, StockQuery):
    """Filters of the stock list, and as what."""


class BalanceExport(ExportQuery, BalanceQuery):
    """Filters of the list of balances, and as what."""


class MovementExport(ExportQuery, MovementQuery):
    """Filters of the list of movements, and as what."""


class ReservationExport(ExportQuery, ReservationQuery):
    """Filters of the list of reservations, and as what."""


class DocumentExport(ExportQuery, DocumentQuery):
    """Filters of the document list, and as what."""


class PeopleExport(ExportQuery, PeopleQuery):
    """Filters of the list of people, and as what."""


class AuditExport(ExportQuery, AuditQuery):
    """Filters of the audit trail, and as what."""


QUERIES: dict[str, type[ExportQuery]] = {
    "items": ItemExport,
    "parties": PartyExport,
    "sites": SiteExport,
    "locations": LocationExport,
    "stock": StockExport,
    "balances": BalanceExport,
    "movements": MovementExport,
    "reservations": ReservationExport,
    "documents": DocumentExport,
    "users": PeopleExport,
    "audit": AuditExport,
}
"""By list."""


class ExportAsked(BaseModel):
    """A long list is being written by a job; its file is at the address once the job is done."""

    export_id: int
    job_id: int
    href: str


_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file.",
        "content": {
            media: {"schema": {"type": "string", "format": "binary"}}
            for media in MEDIA_TYPES.values()
        },
    },
    ACCEPTED: {"model": ExportAsked, "description": "More than 10,000 rows: a job writes them."},
}
_AS_FILE: dict[str, Any] = {"response_class": Response, "responses": _FILE}


async def _exported(desk: Desk, actor: Actor, name: str, query: ExportQuery) -> Response:
    wish = ExportWish(name, ExportFormat(query.format), query.filters(), query.sort, query.bom)
    content = await short_export(desk.database, actor, wish)
    now = desk.now()
    if content is not None:
        headers = {"Content-Disposition": f'attachment; filename="{wish.file_name(now)}"'}
        return Response(content, headers=headers, media_type=MEDIA_TYPES[wish.format])
    async with desk.database.writing() as tx:
        export_id, job_id = await ask_for_export(tx, actor, wish, now)
    href = f"/api/v1/exports/files/{export_id}"
    asked = {"export_id": export_id, "job_id": job_id, "href": href}
    return json_answer(asked, status=ACCEPTED, location=href)


@router.get("/exports/items", summary="Export items", **_AS_FILE)
async def export_items(
    actor: Annotated[Actor, Depends(requires("item.read"))],
    desk: DeskOf,
    query: Annotated[ItemExport, Query()],
) -> Response:
    """Return the item list as a file."""
    return await _exported(desk, actor, "items", query)


@router.get("/exports/parties", summary="Export suppliers and customers", **_AS_FILE)
async def export_parties(
    actor: Annotated[Actor, Depends(requires("party.read"))],
    desk: DeskOf,
    query: Annotated[PartyExport, Query()],
) -> Response:
    """Return the list of suppliers and customers as a file."""
    return await _exported(desk, actor, "parties", query)


@router.get("/exports/sites", summary="Export sites", **_AS_FILE)
async def export_sites(
    actor: Annotated[Actor, Depends(requires("location.read"))],
    desk: DeskOf,
    query: Annotated[SiteExport, Query()],
) -> Response:
    """Return the site list as a file."""
    return await _exported(desk, actor, "sites", query)


@router.get("/exports/locations", summary="Export locations", **_AS_FILE)
async def export_locations(
    actor: Annotated[Actor, Depends(requires("location.read"))],
    desk: DeskOf,
    query: Annotated[LocationExport, Query()],
) -> Response:
    """Return the location list as a file."""
    return await _exported(desk, actor, "locations", query)


@router.get("/exports/stock", summary="Export totals by item", **_AS_FILE)
async def export_stock(
    actor: Annotated[Actor, Depends(requires("stock.read"))],
    desk: DeskOf,
    query: Annotated[StockExport, Query()],
) -> Response:
    """Return the stock list as a file."""
    return await _exported(desk, actor, "stock", query)


@router.get("/exports/balances", summary="Export balances", **_AS_FILE)
async def export_balances(
    actor: Annotated[Actor, Depends(requires("stock.read"))],
    desk: DeskOf,
    query: Annotated[BalanceExport, Query()],
) -> Response:
    """Return the list of balances as a file."""
    return await _exported(desk, actor, "balances", query)


@router.get("/exports/movements", summary="Export movements", **_AS_FILE)
async def export_movements(
    actor: Annotated[Actor, Depends(requires("stock.read"))],
    desk: DeskOf,
    query: Annotated[MovementExport, Query()],
) -> Response:
    """Return the lines of movements as a file."""
    return await _exported(desk, actor, "movements", query)


@router.get("/exports/reservations", summary="Export reservations", **_AS_FILE)
async def export_reservations(
    actor: Annotated[Actor, Depends(requires("stock.read"))],
    desk: DeskOf,
    query: Annotated[ReservationExport, Query()],
) -> Response:
    """Return the list of reservations as a file."""
    return await _exported(desk, actor, "reservations", query)


@router.get("/exports/documents", summary="Export documents", **_AS_FILE)
async def export_documents(
    actor: Annotated[Actor, Depends(requires("document.read"))],
    desk: DeskOf,
    query: Annotated[DocumentExport, Query()],
) -> Response:
    """Return the document list as a file."""
    return await _exported(desk, actor, "documents", query)


@router.get("/exports/users", summary="Export people", **_AS_FILE)
async def export_users(
    actor: Annotated[Actor, Depends(requires("user.manage"))],
    desk: DeskOf,
    query: Annotated[PeopleExport, Query()],
) -> Response:
    """Return the list of people as a file, without any secret."""
    return await _exported(desk, actor, "users", query)


@router.get("/exports/audit", summary="Export the audit trail", **_AS_FILE)
async def export_audit(
    actor: Annotated[Actor, Depends(requires("audit.read"))],
    desk: DeskOf,
    query: Annotated[AuditExport, Query()],
) -> Response:
    """Return the audit trail as a file."""
    return await _exported(desk, actor, "audit", query)


@router.get(
    "/exports/files/{export_id}",
    summary="Download a long export",
    response_class=Response,
    responses={200: _FILE[200]},
)
async def download(
    export_id: RowIdInPath, actor: Annotated[Actor, Depends(requires(SIGNED_IN))], desk: DeskOf
) -> Response:
    """Return the file that a job has written for the same actor, as long as it may see it."""
    async with desk.database.asking() as tx:
        kept = await reads.export_file(tx, export_id, actor.actor_id)
    require_readable(actor, kept)
    if kept.ready_at is None:
        raise ExportNotReadyError(export_id=export_id)
    headers = {
        "Content-Disposition": f'attachment; filename="{kept.file_name}"',
        "Content-Length": str(kept.byte_count),
    }
    return StreamingResponse(
        _parts(desk, kept), headers=headers, media_type=MEDIA_TYPES[kept.format]
    )


async def _parts(desk: Desk, kept: ExportFile) -> AsyncIterator[bytes]:
    """Yield the file part by part, holding no connection while the caller is slow."""
    number = 0
    while True:
        async with desk.database.asking() as tx:
            part = await reads.export_part(tx, kept.export_id, number)
        if part is None:
            return
        yield part
        number += 1
