"""What a handler asks for: the actor with a permission, the database, the request key of a write.

`requires("permission")` is the only way to an actor, so every route shows its permission; a test
lists them. How an actor is found (session cookie, API key) is `identity`'s business: `web` puts its
loader into `app.state.find_actor`.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, cast

from fastapi import Depends, Header, Request

from truestock.database import Database
from truestock.database.request_keys import (
    Answer,
    answer_once,
    checked_request_key,
    payload_hash,
)
from truestock.database.request_keys import Request as WriteRequest
from truestock.database.transactions import Transaction
from truestock.http.problems import NotSignedInError, RequestKeyMissingError
from truestock.kernel.actor import Actor
from truestock.kernel.errors import InvalidInputError

FindActor = Callable[[Request], Awaitable[Actor | None]]

SIGNED_IN = "signed_in"
"""The permission every signed-in actor has."""


class RequestKeysDifferError(InvalidInputError):
    """The request_key in the body and the Idempotency-Key header differ."""

    code = "request_keys_differ"


def database(request: Request) -> Database:
    """Return the application's database (a FastAPI dependency)."""
    return cast("Database", request.app.state.database)


DatabaseOf = Annotated[Database, Depends(database)]


class requires:  # noqa: N801 - reads as a word in the signature of a route
    """A dependency that yields the actor if it holds `permission`: `Depends(requires("x.y"))`."""

    def __init__(self, permission: str) -> None:
        """Name the permission this route needs."""
        self.permission = permission

    async def __call__(self, request: Request) -> Actor:
        """Find the actor of the request; 401 without one, 403 without the permission."""
        find = cast("FindActor", request.app.state.find_actor)
        actor = await find(request)
        if actor is None:
            raise NotSignedInError
        if self.permission != SIGNED_IN:
            actor.require(self.permission)
        request.state.actor = actor
        return actor


KeyHeader = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)]


def request_key_of(header: str | None, body: str | None) -> str:
    """Return the request key from header or body; both must agree when both are given."""
    if header and body and header != body:
        raise RequestKeysDifferError
    key = header or body
    if not key:
        raise RequestKeyMissingError
    return checked_request_key(key)


async def write_once(
    where: Database,
    actor: Actor,
    key: str,
    payload: Any,
    act: Callable[[Transaction], Awaitable[Any]],
) -> Answer:
    """Run `act` in one transaction under the request key; see `answer_once`.

    `payload` is everything the write depends on: the operation's name and its decoded input.
    """
    asked = WriteRequest(actor.actor_id, key, payload_hash(payload))
    return await answer_once(where, asked, act)
