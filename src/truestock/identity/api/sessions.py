"""Routes of signing in and out. No request keys: there is nobody yet, or repeating does no harm."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from truestock.database import Database
from truestock.http.bodies import Body, RowIdInPath, Text
from truestock.http.handlers import DatabaseOf
from truestock.http.lists import PageQuery, page_answer
from truestock.http.paging import fetch_page
from truestock.http.security import current_address, rate_bucket
from truestock.identity import reads
from truestock.identity.api.shared import (
    Password,
    SignedIn,
    deed_of,
    gate_of,
    session_of,
)
from truestock.identity.model import SessionFound, SessionStarted
from truestock.identity.operations import (
    Credentials,
    Visit,
    change_own_password,
    here,
    sign_in,
    sign_out,
    sign_out_everywhere,
)
from truestock.kernel.actor import Actor, ActorKind

router = APIRouter(tags=["session"])


class SignIn(Body):
    """A name and a password."""

    login: Annotated[Text, Field(min_length=1, max_length=200, examples=["robin"])]
    password: Password


class PasswordChange(Body):
    """The present password and the one to come."""

    present: Password
    new: Password


class SessionShown(BaseModel):
    """Who is signed in and what they may do; writes with a cookie carry `csrf_token`."""

    actor_id: int
    kind: str
    name: str
    login: str | None = Field(description="What a person signs in with.")
    roles: list[str] = Field(description="Of a person.")
    permissions: list[str]
    site_ids: list[int] | None = Field(description="Null is everywhere.")
    session_id: int | None
    csrf_token: str | None
    password_temporary: bool = Field(description="True: nothing else before a new password.")


class OwnSession(BaseModel):
    """One open session of the caller."""

    session_id: int
    started_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    agent: str
    is_this: bool


class OwnSessions(BaseModel):
    """A page of open sessions."""

    items: list[OwnSession]
    next_cursor: str | None


async def _shown(
    database: Database, actor: Actor, session: SessionFound | SessionStarted | None
) -> SessionShown:
    login, roles = None, []
    if actor.kind is ActorKind.PERSON:
        async with database.asking() as tx:
            person = await reads.person(tx, actor.actor_id)
        login, roles = person["login"], person["roles"]
    return SessionShown(
        actor_id=actor.actor_id,
        kind=actor.kind,
        name=actor.name,
        login=login,
        roles=roles,
        permissions=sorted(actor.permissions),
        site_ids=None if actor.site_ids is None else sorted(actor.site_ids),
        session_id=session.session_id if session else None,
        csrf_token=session.csrf_token if session else None,
        password_temporary=session.password_temporary if session else False,
    )


@router.post("/session", summary="Sign in", status_code=201)
async def start_session(
    request: Request, response: Response, body: SignIn, database: DatabaseOf
) -> SessionShown:
    """Check name and password and set the session cookie; open to everybody, limited by address."""
    gate, state = gate_of(request), request.app.state
    await gate.limits.login.hit(rate_bucket(current_address()))
    cookies = request.headers.get("cookie", "").encode("latin-1")
    visit = Visit(
        here(),
        request.headers.get("user-agent", ""),
        gate.session_token(request.scope, cookies),
    )
    given = Credentials(body.login, body.password)
    started = await sign_in(database, state.settings, state.clock, given, visit)
    gate.finder.forget()
    _set_cookie(request, response, started.token, state.settings.session_hours_max * 3600)
    return await _shown(database, started.actor, started)


@router.get("/session", summary="Who is signed in")
async def show_session(request: Request, actor: SignedIn, database: DatabaseOf) -> SessionShown:
    """Tell who the caller is and what it may do."""
    return await _shown(database, actor, getattr(request.state, "session", None))


@router.delete("/session", summary="Sign out", status_code=204)
async def end_session(request: Request, actor: SignedIn, database: DatabaseOf) -> Response:
    """End this session on the server and clear its cookie."""
    async with database.writing() as tx:
        await sign_out(tx, deed_of(request, actor), session_of(request).session_id)
    return _signed_out(request)


@router.post("/session/password", summary="Change the own password", status_code=204)
async def change_password(
    request: Request, actor: SignedIn, body: PasswordChange, database: DatabaseOf
) -> Response:
    """Change the caller's password and end its other sessions."""
    await gate_of(request).limits.login.hit(rate_bucket(current_address()))
    session_id = session_of(request).session_id
    deed = deed_of(request, actor)
    await change_own_password(database, deed, session_id, body.present, body.new)
    gate_of(request).finder.forget()
    return Response(status_code=204)


@router.get("/sessions", summary="The own open sessions", response_model=OwnSessions)
async def list_sessions(
    request: Request, actor: SignedIn, asked: Annotated[PageQuery, Query()], database: DatabaseOf
) -> Response:
    """List where the caller is signed in."""
    settings, now = request.app.state.settings, request.app.state.clock()
    idle_since = now - timedelta(minutes=settings.session_idle_minutes)
    given: dict[str, Any] = {"actor_id": actor.actor_id, "now": now, "idle_since": idle_since}
    async with database.asking() as tx:
        page = await fetch_page(tx, reads.SESSIONS, asked.paging(), given)
    present = getattr(request.state, "session", None)
    for item in page.items:
        item["is_this"] = present is not None and item["session_id"] == present.session_id
    return page_answer(request, page)


@router.delete("/sessions/{session_id}", summary="End one own session", status_code=204)
async def end_one_session(
    request: Request, actor: SignedIn, session_id: RowIdInPath, database: DatabaseOf
) -> Response:
    """End one of the caller's sessions; 404 for another person's."""
    async with database.writing() as tx:
        await sign_out(tx, deed_of(request, actor), session_id)
    gate_of(request).finder.forget()
    return Response(status_code=204)


@router.delete("/sessions", summary="Sign out everywhere", status_code=204)
async def end_every_session(request: Request, actor: SignedIn, database: DatabaseOf) -> Response:
    """End all of the caller's sessions, this one too."""
    session_of(request)
    async with database.writing() as tx:
        await sign_out_everywhere(tx, deed_of(request, actor))
    return _signed_out(request)


def _signed_out(request: Request) -> Response:
    gate_of(request).finder.forget()
    response = Response(status_code=204)
    _set_cookie(request, response, "", 0)
    return response


def _set_cookie(request: Request, response: Response, token: str, seconds: int) -> None:
    gate = gate_of(request)
    response.set_cookie(
        gate.cookie_name(request.scope),
        token,
        max_age=seconds,
        path="/",
        secure=gate.is_secure(request.scope),
        httponly=True,
        samesite="strict",
    )
