"""Routes of asking for a role and answering."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from truestock.database import Transaction
from truestock.http.bodies import RowIdInPath, Text, WriteBody
from truestock.http.handlers import DatabaseOf
from truestock.http.lists import PageQuery, page_answer
from truestock.http.paging import fetch_page
from truestock.identity import reads
from truestock.identity.api.shared import ManagesPeople, RoleName, SignedIn, WriteOf
from truestock.identity.model import Role
from truestock.identity.operations import answer_role_request, request_role

router = APIRouter(tags=["people"])

Note = Annotated[Text, Field(max_length=1000)]


class RoleAsked(WriteBody):
    """A role asked for, and why."""

    role: RoleName
    reason: Note = ""


class RoleAnswer(WriteBody):
    """Yes or no, with a note for the person."""

    granted: bool
    note: Note = ""


class RoleRequestShown(BaseModel):
    """A request for a role and its answer."""

    role_request_id: int
    actor_id: int
    name: str
    role: str
    reason: str
    status: Literal["open", "granted", "refused"]
    asked_at: datetime
    answered_by: int | None
    answered_at: datetime | None
    answer_note: str


class RoleRequestsPage(BaseModel):
    """A page of requests for roles."""

    items: list[RoleRequestShown]
    next_cursor: str | None


class RoleRequestsQuery(PageQuery):
    """Filters of the list of requests."""

    status: Literal["open", "granted", "refused"] | None = None


@router.get("/role-requests", summary="Requests for roles", response_model=RoleRequestsPage)
async def list_requests(
    request: Request,
    actor: SignedIn,
    asked: Annotated[RoleRequestsQuery, Query()],
    database: DatabaseOf,
) -> Response:
    """List the own requests; all of them for those who manage people."""
    everybody = "user.manage" in actor.permissions
    given = {**asked.filters(), "actor_id": None if everybody else actor.actor_id}
    async with database.asking() as tx:
        page = await fetch_page(tx, reads.ROLE_REQUESTS, asked.paging(), given)
    return page_answer(request, page)


@router.post(
    "/role-requests", summary="Ask for a role", status_code=201, response_model=RoleRequestShown
)
async def ask(
    write: WriteOf,
    actor: SignedIn,
    body: RoleAsked,
) -> Any:
    """Ask for a role for oneself."""
    deed = write.deed(actor)

    async def act(tx: Transaction) -> Any:
        asked_id = await request_role(tx, deed, Role(body.role), body.reason)
        return await reads.role_request(tx, asked_id)

    payload = ["role.ask", body.model_dump(exclude={"request_key"})]
    return await write.once(actor, body, payload, act)


@router.post(
    "/role-requests/{role_request_id}/answer",
    summary="Answer a request",
    response_model=RoleRequestShown,
)
async def answer_one(
    write: WriteOf,
    actor: ManagesPeople,
    role_request_id: RowIdInPath,
    body: RoleAnswer,
) -> Any:
    """Grant or refuse a role."""
    deed = write.deed(actor)

    async def act(tx: Transaction) -> Any:
        granted, note = body.granted, body.note
        await answer_role_request(tx, deed, role_request_id, granted=granted, note=note)
        return await reads.role_request(tx, role_request_id)

    payload = ["role.answer", role_request_id, body.model_dump(exclude={"request_key"})]
    return await write.once(actor, body, payload, act)
