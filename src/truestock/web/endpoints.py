"""Every route of the application in one index: thin ones as they are, FastAPI's as endpoints.

FastAPI tries its routes one after the other and twice for included routers; here the path is looked
up once and the endpoint's own application is called.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from fastapi import FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from pydantic import BaseModel
from starlette.types import ASGIApp, Receive, Scope, Send

from truestock.http.handlers import requires
from truestock.http.paths import PathIndex
from truestock.http.thin import ThinRoute, known_query

API_PREFIX = "/api/v1/"
SCOPE_KEY = "truestock.endpoint"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One route of FastAPI's, ready to be called."""

    method: str
    template: str
    application: ASGIApp
    route: APIRoute
    permission: str | None
    """What `requires(...)` says; None when the route is public."""
    query: dict[str, str] | None
    """The names of its query parameters; None where anything is let through."""


Target = Endpoint | ThinRoute


class Matched(NamedTuple):
    """What a request's method and path led to."""

    target: Target | None
    parameters: dict[str, str]
    allowed: set[str]
    """The methods of this path when none answers this one."""


def _permission_of(dependant: Any) -> str | None:
    for dependency in dependant.dependencies:
        if isinstance(dependency.call, requires):
            return dependency.call.permission
        found = _permission_of(dependency)
        if found is not None:
            return found
    return None


def _query_names(dependant: Any) -> Iterator[str]:
    for field in dependant.query_params:
        kind = field.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from (inner.alias or name for name, inner in kind.model_fields.items())
        else:
            yield field.alias
    for dependency in dependant.dependencies:
        yield from _query_names(dependency)


def _endpoints_of(context: RouteContext) -> Iterator[Endpoint]:
    route, template = context.original_route, context.path
    if not isinstance(route, APIRoute) or template is None:
        return
    strict = template.startswith(API_PREFIX)
    query = dict.fromkeys(_query_names(context.dependant), "") if strict else None
    permission = _permission_of(context.dependant)
    for method in sorted(context.methods or ()):
        yield Endpoint(method, template, context.app, route, permission, query)


def endpoints(app: FastAPI) -> list[Endpoint]:
    """Return every route of the application as an endpoint for each of its methods."""
    return [
        found for context in iter_route_contexts(app.routes) for found in _endpoints_of(context)
    ]


def path_index(listed: Iterable[Target]) -> PathIndex[Target]:
    """Return the look-up from method and path to all given targets."""
    index: PathIndex[Target] = PathIndex()
    for target in listed:
        template = target.path if isinstance(target, ThinRoute) else target.template
        index.add(target.method, template, target)
    return index


async def call_endpoint(scope: Scope, receive: Receive, send: Send) -> None:
    """Call the endpoint that the edge has put into the scope (an ASGI application)."""
    matched: Matched = scope[SCOPE_KEY]
    endpoint = matched.target
    assert isinstance(endpoint, Endpoint)  # noqa: S101 - the edge answers everything else
    if endpoint.query is not None:
        known_query(scope.get("query_string", b""), endpoint.query)
    scope["route"] = endpoint.route
    scope["endpoint"] = endpoint.route.endpoint
    scope["path_params"] = matched.parameters
    await endpoint.application(scope, receive, send)
