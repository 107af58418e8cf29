"""What identity's routes share: who acts from where, the session of the request, field types."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, cast

from fastapi import Depends, Request, Response
from pydantic import Field

from truestock.database import Transaction
from truestock.http.bodies import RowId, Text, WriteBody
from truestock.http.handlers import (
    SIGNED_IN,
    DatabaseOf,
    KeyHeader,
    request_key_of,
    requires,
    write_once,
)
from truestock.identity.errors import PersonOnlyError
from truestock.identity.model import PERMISSIONS, Deed, SessionFound
from truestock.identity.operations import Gate, here
from truestock.kernel.actor import Actor

RoleName = Literal[
    "admin", "manager", "operator", "dispatcher", "biller", "buyer", "accountant", "viewer"
]
PermissionName = Annotated[str, Field(max_length=60, examples=sorted(PERMISSIONS)[:1])]
Name = Annotated[Text, Field(min_length=1, max_length=200, examples=["Robin Field"])]
Login = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._@+-]{1,99}$", examples=["robin"])]
Password = Annotated[Text, Field(min_length=1, max_length=1000)]
"""Length and weakness are judged by the rules, with a sentence; this only bounds the work."""
SiteIds = Annotated[list[RowId], Field(min_length=1, max_length=1000)]

SignedIn = Annotated[Actor, Depends(requires(SIGNED_IN))]
ManagesPeople = Annotated[Actor, Depends(requires("user.manage"))]
ManagesKeys = Annotated[Actor, Depends(requires("key.manage"))]


def gate_of(request: Request) -> Gate:
    """Return the application's gate."""
    return cast("Gate", request.app.state.gate)


def deed_of(request: Request, actor: Actor) -> Deed:
    """Return who acts, now, from where this request came."""
    return Deed(actor, request.app.state.clock(), here())


def session_of(request: Request) -> SessionFound:
    """Return the session of a signed-in person; raises `PersonOnlyError` for a key."""
    found = getattr(request.state, "session", None)
    if found is None:
        raise PersonOnlyError
    return cast("SessionFound", found)


@dataclass(frozen=True, slots=True)
class Write:
    """What every write needs beside its actor and body (a FastAPI dependency)."""

    request: Request
    response: Response
    database: DatabaseOf
    key: KeyHeader = None

    async def once(
        self, actor: Actor, body: WriteBody, payload: Any, act: Callable[[Transaction], Any]
    ) -> Any:
        """Run `act` under the request key and return its answer; noticed by this process at once.

        `payload` is what the write depends on. It must hold no secret, because what is kept of it
        is a fast hash.
        """
        request_key = request_key_of(self.key, body.request_key)
        answer = await write_once(self.database, actor, request_key, payload, act)
        gate_of(self.request).finder.forget()
        if answer.replayed:
            self.response.headers["Idempotent-Replayed"] = "true"
        return answer.body

    def deed(self, actor: Actor) -> Deed:
        """Return who acts, now, from where."""
        return deed_of(self.request, actor)


WriteOf = Annotated[Write, Depends(Write)]
