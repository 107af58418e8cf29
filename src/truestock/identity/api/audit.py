"""The route of the audit trail."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, Field

from truestock.http.bodies import ROW_ID_MAX, AsWritten
from truestock.http.handlers import DatabaseOf, requires
from truestock.http.lists import PageQuery, page_answer
from truestock.http.paging import fetch_page
from truestock.identity import reads
from truestock.kernel.actor import Actor

router = APIRouter(tags=["audit"])

Id = Annotated[int, Field(ge=1, le=ROW_ID_MAX)]
Word = Annotated[str, Field(max_length=100)]


class AuditEventShown(BaseModel):
    """Who did what to what, before and after, from where, in which request."""

    audit_event_id: int
    occurred_at: datetime
    actor_id: int | None
    actor_name: str | None
    action: str
    subject_kind: str
    subject_id: int | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    address: str
    request_id: str


class AuditEventsPage(BaseModel):
    """A page of the audit trail, newest first."""

    items: list[AuditEventShown]
    next_cursor: str | None


class AuditQuery(PageQuery):
    """Filters of the audit trail; `since` is included, `until` is not."""

    actor_id: Id | None = None
    action: Word | None = None
    subject_kind: Word | None = None
    subject_id: Id | None = None
    request_id: Word | None = None
    since: Annotated[AwareDatetime, AsWritten] | None = None
    until: Annotated[AwareDatetime, AsWritten] | None = None


@router.get("/audit-events", summary="The audit trail", response_model=AuditEventsPage)
async def list_audit_events(
    request: Request,
    _actor: Annotated[Actor, Depends(requires("audit.read"))],
    asked: Annotated[AuditQuery, Query()],
    database: DatabaseOf,
) -> Response:
    """List what was done, newest first."""
    async with database.asking() as tx:
        page = await fetch_page(tx, reads.AUDIT_EVENTS, asked.paging(), asked.filters())
    for item in page.items:
        for side in ("before", "after"):
            if item[side] is not None:
                item[side] = msgspec.json.decode(item[side])
    return page_answer(request, page)
