"""Routes of API keys, for those who manage them. A secret is shown once, when it is made."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from truestock.database import Transaction
from truestock.http.bodies import RowIdInPath, WriteBody
from truestock.http.handlers import DatabaseOf
from truestock.http.lists import PageQuery, page_answer
from truestock.http.paging import fetch_page
from truestock.http.versions import ExpectedVersion, etag
from truestock.identity import reads
from truestock.identity.api.shared import (
    ManagesKeys,
    Name,
    PermissionName,
    SiteIds,
    WriteOf,
)
from truestock.identity.model import KeyDraft, KeyMade
from truestock.identity.operations import create_api_key, revoke_api_key, rotate_api_key

router = APIRouter(tags=["api keys"])

ValidDays = Annotated[int, Field(ge=1, le=3650, description="Days from now.")]


class KeyNew(WriteBody):
    """A key to be made, with scopes and sites within one's own."""

    name: Name
    scopes: Annotated[
        list[PermissionName], Field(min_length=1, max_length=100, examples=[["stock.read"]])
    ]
    site_ids: SiteIds | None = Field(None, description="Null is everywhere.")
    valid_days: ValidDays = 365


class KeyRotation(WriteBody):
    """How long the old secret stays good beside the new one."""

    overlap_seconds: Annotated[int, Field(ge=0, le=2_592_000)] = 86_400
    valid_days: ValidDays = 365


class KeyRevocation(WriteBody):
    """Nothing but the request key, which may stand in the header instead."""


class KeyShown(BaseModel):
    """A key, without its secret."""

    actor_id: int
    name: str
    prefix: str
    scopes: list[str]
    site_ids: list[int] | None
    created_by: int
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None
    previous_valid_until: datetime | None
    version: int


class KeyMadeShown(KeyShown):
    """A key just made or rotated; a repeat of the same request shows no secret."""

    api_key: str | None = Field(description="Send it as X-API-Key. It is not shown again.")


class KeysPage(BaseModel):
    """A page of keys."""

    items: list[KeyShown]
    next_cursor: str | None


class KeysQuery(PageQuery):
    """Filters of the list of keys."""

    usable: bool | None = Field(None, description="Neither revoked nor expired.")


@router.get("/api-keys", summary="List API keys", response_model=KeysPage)
async def list_keys(
    request: Request,
    _actor: ManagesKeys,
    asked: Annotated[KeysQuery, Query()],
    database: DatabaseOf,
) -> Response:
    """List keys by name; no secrets."""
    given = {**asked.filters(), "now": request.app.state.clock()}
    async with database.asking() as tx:
        page = await fetch_page(tx, reads.API_KEYS, asked.paging(), given)
    return page_answer(request, page)


@router.post("/api-keys", summary="Make a key", status_code=201, response_model=KeyMadeShown)
async def create(
    write: WriteOf,
    actor: ManagesKeys,
    body: KeyNew,
) -> Any:
    """Make a key; its secret is in this answer and nowhere else."""
    deed = write.deed(actor)
    sites = None if body.site_ids is None else tuple(body.site_ids)
    scopes = tuple(sorted(set(body.scopes)))
    draft = KeyDraft(body.name, scopes, sites, body.valid_days)
    made: list[KeyMade] = []

    async def act(tx: Transaction) -> Any:
        made.append(await create_api_key(tx, deed, draft))
        return await reads.api_key_of(tx, made[0].actor_id)

    payload = ["key.create", body.model_dump(exclude={"request_key"})]
    answer = await write.once(actor, body, payload, act)
    return _with_secret(write.response, answer, made)


@router.post("/api-keys/{actor_id}/rotate", summary="New secret", response_model=KeyMadeShown)
async def rotate(
    write: WriteOf,
    actor: ManagesKeys,
    actor_id: RowIdInPath,
    body: KeyRotation,
    version: ExpectedVersion,
) -> Any:
    """Give a key a new secret; the old one stays good for the overlap."""
    deed = write.deed(actor)
    overlap = timedelta(seconds=body.overlap_seconds)
    made: list[KeyMade] = []

    async def act(tx: Transaction) -> Any:
        days = body.valid_days
        rotated = await rotate_api_key(
            tx, deed, actor_id, overlap=overlap, valid_days=days, version=version
        )
        made.append(rotated)
        return await reads.api_key_of(tx, actor_id)

    payload = ["key.rotate", actor_id, version, body.model_dump(exclude={"request_key"})]
    answer = await write.once(actor, body, payload, act)
    return _with_secret(write.response, answer, made)


@router.post("/api-keys/{actor_id}/revoke", summary="Revoke a key", response_model=KeyShown)
async def revoke(
    write: WriteOf,
    actor: ManagesKeys,
    actor_id: RowIdInPath,
    body: KeyRevocation,
) -> Any:
    """Make a key useless for ever, within a second in every process."""
    deed = write.deed(actor)

    async def act(tx: Transaction) -> Any:
        await revoke_api_key(tx, deed, actor_id)
        return await reads.api_key_of(tx, actor_id)

    return await write.once(actor, body, ["key.revoke", actor_id], act)


def _with_secret(response: Response, shown: dict[str, Any], made: list[KeyMade]) -> dict[str, Any]:
    response.headers["ETag"] = etag(shown["version"])
    return {**shown, "api_key": made[0].text if made else None}
