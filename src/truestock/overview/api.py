"""Routes: dashboard, search, saved views, settings."""

from datetime import datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from truestock import __version__
from truestock.database import Transaction
from truestock.http.answers import OnceOf, json_answer, written_answer
from truestock.http.bodies import RowId, RowIdInPath, Text, WriteBody
from truestock.http.handlers import SIGNED_IN, DatabaseOf, requires
from truestock.http.lists import PageQuery
from truestock.kernel.actor import Actor
from truestock.kernel.settings import Settings
from truestock.overview import operations, reads
from truestock.overview.model import Dashboard, Found, SavedView

router = APIRouter(prefix="/api/v1", tags=["overview"])

Anybody = Annotated[Actor, Depends(requires(SIGNED_IN))]


class FoundList(BaseModel):
    """Search results, exact codes first."""

    items: list[Found]


class ViewList(BaseModel):
    """Saved views of one person and shared ones."""

    items: list[SavedView]


class NewView(WriteBody):
    """A view to be kept."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"page": "stock", "name": "Out of stock", "query": "state=out"}]
        }
    )

    page: Annotated[Text, Field(pattern="^[a-z][a-z-]{0,39}$")]
    name: Annotated[Text, Field(min_length=1, max_length=80)]
    query: Annotated[Text, Field(max_length=2000)]
    shared: bool = False


class ViewMade(BaseModel):
    """The id of the new view."""

    view_id: int


class SettingShown(BaseModel):
    """One setting: its environment variable, its value (never a secret's), what it is for."""

    name: str
    value: str
    description: str
    is_default: bool


class SettingList(BaseModel):
    """How this installation is configured."""

    version: str
    settings: list[SettingShown]


class SearchQuery(PageQuery):
    """What to look for."""

    q: str = Field(min_length=1, max_length=200, description="A code or part of a name.")


class ViewQuery(PageQuery):
    """Which page's views."""

    page: str | None = Field(None, max_length=40)


class DashboardQuery(BaseModel):
    """Which site's figures."""

    model_config = ConfigDict(extra="forbid")

    site_id: RowId | None = Field(None, description="One site only.")


class NotificationShown(BaseModel):
    """What a person was told: what happened, to which record, the names in its sentence."""

    notification_id: int
    kind: str
    subject_id: int
    facts: dict[str, str | int]
    recorded_at: datetime
    read_at: datetime | None


class NotificationPage(BaseModel):
    """A page of one's notifications, newest first, and how many of all are unread."""

    items: list[NotificationShown]
    next_cursor: str | None
    unread_count: int


class NotificationQuery(PageQuery):
    """Filters of notifications."""

    unread: bool | None = Field(None, description="Only those that are (not) unread.")


class ReadUpTo(WriteBody):
    """The newest notification that was seen."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"last_id": 17}]})

    last_id: RowId


@router.get("/dashboard", summary="The first look of the day", response_model=Dashboard)
async def read_dashboard(
    request: Request,
    actor: Annotated[Actor, Depends(requires("stock.read"))],
    where: DatabaseOf,
    query: Annotated[DashboardQuery, Query()],
) -> Response:
    """Return exact figures of your sites, or of one of them, from one snapshot."""
    now = request.app.state.clock()
    async with where.reading() as tx:
        return json_answer(await reads.dashboard(tx, actor, now, query.site_id))


@router.get("/search", summary="Search items, places and documents", response_model=FoundList)
async def search(
    actor: Anybody, where: DatabaseOf, query: Annotated[SearchQuery, Query()]
) -> Response:
    """Return what the text may mean, among what you may see."""
    async with where.asking() as tx:
        return json_answer({"items": await reads.found(tx, actor, query.q)})


@router.get("/views", summary="List saved views", response_model=ViewList)
async def list_views(
    actor: Anybody, where: DatabaseOf, query: Annotated[ViewQuery, Query()]
) -> Response:
    """Return your views and shared ones."""
    async with where.asking() as tx:
        return json_answer({"items": await reads.views(tx, actor, query.page)})


@router.post("/views", summary="Save a view", status_code=201, response_model=ViewMade)
async def save_view(body: NewView, actor: Anybody, once: OnceOf) -> Response:
    """Keep a list with its filters under a name, for you or for all."""

    async def act(tx: Transaction) -> dict[str, int]:
        view_id = await operations.save_view(
            tx, actor, body.page, body.name, body.query, shared=body.shared
        )
        return {"view_id": view_id}

    return written_answer(await once.run(actor, body, "view.save", act), status=201)


@router.delete("/views/{view_id}", summary="Remove a view", status_code=204)
async def forget_view(view_id: RowIdInPath, actor: Anybody, once: OnceOf) -> Response:
    """Remove one of your own views."""
    answer = await once.run(
        actor,
        None,
        ["view.forget", view_id],
        lambda tx: operations.forget_view(tx, actor, view_id),
    )
    return written_answer(answer, status=204)


@router.get("/notifications", summary="List your notifications", response_model=NotificationPage)
async def list_notifications(
    actor: Anybody, where: DatabaseOf, query: Annotated[NotificationQuery, Query()]
) -> Response:
    """Page through what you were told, newest first."""
    async with where.asking() as tx:
        page, unread = await reads.notification_page(tx, actor, query.paging(), unread=query.unread)
    items = [{**item, "facts": msgspec.json.decode(item["facts"])} for item in page.items]
    return json_answer({"items": items, "next_cursor": page.next_cursor, "unread_count": unread})


@router.post("/notifications/read", summary="Mark notifications as read", status_code=204)
async def read_notifications(body: ReadUpTo, actor: Anybody, once: OnceOf) -> Response:
    """Mark your notifications up to this one as read."""
    answer = await once.run(
        actor,
        body,
        "notification.read_all",
        lambda tx: operations.read_notifications(tx, actor, body.last_id),
    )
    return written_answer(answer, status=204)


@router.post(
    "/notifications/{notification_id}/read", summary="Mark a notification as read", status_code=204
)
async def read_notification(notification_id: RowIdInPath, actor: Anybody, once: OnceOf) -> Response:
    """Mark one of your notifications as read."""
    answer = await once.run(
        actor,
        None,
        ["notification.read", notification_id],
        lambda tx: operations.read_notification(tx, actor, notification_id),
    )
    return written_answer(answer, status=204)


@router.get(
    "/settings",
    summary="How this installation is configured",
    response_model=SettingList,
    dependencies=[Depends(requires("settings.read"))],
)
async def list_settings(request: Request) -> Response:
    """Return every setting with its value; secrets only say whether they are set."""
    settings: Settings = request.app.state.settings
    return json_answer({"version": __version__, "settings": _shown(settings)})


def _shown(settings: Settings) -> list[dict[str, object]]:
    shown = []
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        secret = isinstance(value, SecretStr)
        shown.append(
            {
                "name": f"TRUESTOCK_{name.upper()}",
                "value": "set, not shown" if secret else "" if value is None else str(value),
                "description": field.description or "",
                "is_default": value == field.default,
            }
        )
    return shown
