"""Thin routes: the few hot ones, from the socket to the command without the framework between.

A slice lists them as `thin_routes` in its `api`; `web` puts them in front of the application. One
gets the same as any other route: the security layer, its actor, rate limit and permission, strict
decoding (unknown fields refused), problem answers. What OpenAPI says of it comes from the same
classes that decode and encode (`thin_schema`).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request

from truestock.database import Database
from truestock.http.handlers import request_key_of
from truestock.http.paging import FilterUnknownError
from truestock.http.problems import BodyNotJsonError
from truestock.kernel.actor import Actor
from truestock.kernel.errors import InvalidInputError, TruestockError


class ClientGoneError(TruestockError):
    """The caller closed the connection before the body was complete."""

    code = "client_gone"
    status = 400


@dataclass(frozen=True, slots=True)
class ThinCall:
    """One request to a thin route, decoded. `command` is None when the route takes no body."""

    actor: Actor
    command: Any
    parameters: Mapping[str, str]
    """Of the path, as text."""
    query: Mapping[str, str]
    """Only names that the route declares."""
    request: Request

    @property
    def database(self) -> Database:
        """The application's database."""
        found: Database = self.request.app.state.database
        return found

    def request_key(self, in_body: str | None = None) -> str:
        """Return the request key of header or body; refuses as `request_key_of` does."""
        return request_key_of(self.request.headers.get("idempotency-key"), in_body)


@dataclass(frozen=True, slots=True)
class ThinAnswer:
    """An answer that is not just JSON bytes with the route's own status."""

    body: bytes
    status: int = 200
    headers: tuple[tuple[bytes, bytes], ...] = ()


Handler = Callable[[ThinCall], Awaitable[bytes | ThinAnswer]]


@dataclass(frozen=True)
class ThinRoute:
    """A hot route and all there is to say of it in the OpenAPI document.

    `body` and `answer` are msgspec Structs, or types made of them; structs of a body must forbid
    unknown fields. `query` names the query parameters with their sentences.
    """

    method: str
    path: str
    permission: str
    summary: str
    handler: Handler
    answer: Any
    body: Any = None
    status: int = 200
    status_replayed: int | None = None
    """Of a repeat under the same request key, when it differs; the answer is the same."""
    tags: tuple[str, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)
    body_example: Any = None
    answer_example: Any = None
    errors: tuple[type[TruestockError], ...] = ()

    @cached_property
    def decoder(self) -> "msgspec.json.Decoder[Any]":
        """Decodes a body into the command, strictly."""
        return msgspec.json.Decoder(self.body, strict=True)


def json_command(decoder: "msgspec.json.Decoder[Any]", body: bytes) -> Any:
    """Decode a body; raises `InvalidInputError` naming the field, or `BodyNotJsonError`."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        reason, _, where = str(error).partition(" - at `")
        named = where.rstrip("`").removeprefix("$").removeprefix(".") or "body"
        raise InvalidInputError(faults=[{"field": named, "reason": reason}]) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BodyNotJsonError(reason=str(error)) from error


async def whole_body(request: Request) -> bytes:
    """Read the body to its end; its size is watched by the security layer."""
    parts: list[bytes] = []
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        part = message.get("body", b"")
        if part:
            parts.append(part)
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def known_query(raw: bytes, allowed: Mapping[str, str]) -> dict[str, str]:
    """Return the query parameters; raises `FilterUnknownError` for one that is not allowed."""
    if not raw:
        return {}
    found = dict(parse_qsl(raw.decode("latin-1"), keep_blank_values=True))
    unknown = sorted(name for name in found if name not in allowed)
    if unknown:
        raise FilterUnknownError(unknown=unknown, known=sorted(allowed))
    return found


async def thin_answer(
    route: ThinRoute,
    parameters: Mapping[str, str],
    request: Request,
    actor: Actor,
) -> ThinAnswer:
    """Decode, call and return the answer. The actor has been found and has the permission.

    Raises a `TruestockError` for whatever is refused.
    """
    query = known_query(request.scope.get("query_string", b""), route.query)
    command = None
    if route.body is not None:
        command = json_command(route.decoder, await whole_body(request))
    answered = await route.handler(ThinCall(actor, command, parameters, query, request))
    return answered if isinstance(answered, ThinAnswer) else ThinAnswer(answered, route.status)
