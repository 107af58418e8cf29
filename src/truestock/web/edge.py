"""The one layer around everything: what every request gets, whatever answers it.

From the outside inwards: request id, metrics, the access line and a span; the security layer; the
look-up of the route; the answer (thin, FastAPI's or the site's) or a problem document.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from time import perf_counter
from typing import Any

import asyncpg
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from truestock.database.errors import translated
from truestock.http.handlers import SIGNED_IN
from truestock.http.metrics import UNMATCHED, RequestMeter, in_flight
from truestock.http.paths import PathIndex
from truestock.http.problems import NotSignedInError, fault_response, problem_response
from truestock.http.request_ids import begin_request
from truestock.http.security import SecurityLayer
from truestock.http.thin import ThinRoute, thin_answer
from truestock.identity.operations import Gate
from truestock.kernel.errors import NotFoundError, TruestockError
from truestock.kernel.logs import trusted_logger
from truestock.kernel.settings import Settings
from truestock.web.endpoints import SCOPE_KEY, Matched, Target
from truestock.web.site import Site

OURS = frozenset({"api", "health", "metrics", "docs"})
"""Paths whose first segment is one of these are never the single-page application's."""

_REQUEST_ID = b"x-request-id"
_NOTHING = nullcontext()


class MethodNotAllowedError(TruestockError):
    """This address exists but does not answer this method."""

    code = "method_not_allowed"
    status = 405


class _Sent:
    """Sends on, adds the request id to the answer, and remembers the status."""

    __slots__ = ("_request_id", "_send", "status")

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = (_REQUEST_ID, request_id.encode())
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), self._request_id]
        await self._send(message)


class Edge:
    """The outermost ASGI application of the web process."""

    def __init__(self, app: FastAPI, inner: ASGIApp, index: PathIndex[Target]) -> None:
        """Take what answers: the index of routes and FastAPI's inner stack."""
        settings: Settings = app.state.settings
        self._app = app
        self._inner = inner
        self._index = index
        self._site: Site = app.state.site
        self._gate: Gate = app.state.gate
        self._slow_seconds = settings.slow_request_seconds
        self._says_all = settings.access_log
        self._wall = SecurityLayer(self._answer_or_problem, settings)
        self._meter = RequestMeter()
        self._log = trusted_logger()
        self._span = _spans(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        began = perf_counter()
        method = scope["method"]
        sent = _Sent(send, begin_request(_offered_id(scope)))
        target, parameters, allowed = self._index.find(method, scope["path"])
        scope[SCOPE_KEY] = Matched(target, parameters, allowed)
        scope["app"] = self._app
        state = scope.setdefault("state", {})
        template = _template(target)
        in_flight.inc()
        try:
            with self._span(scope, method, template, sent):
                await self._wall(scope, receive, sent)
        finally:
            in_flight.dec()
            seconds = perf_counter() - began
            self._meter.observe(method, template, sent.status, seconds)
            if self._says_all or seconds > self._slow_seconds:
                self._note(method, template, sent.status, seconds, state)

    async def _answer_or_problem(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._answer(scope, receive, watched)
        except Exception as error:
            if begun:
                raise  # too late for a problem document: the server cuts the connection
            await _problem(error)(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        matched: Matched = scope[SCOPE_KEY]
        if isinstance(matched.target, ThinRoute):
            await self._thin(scope, receive, send, matched.target, matched.parameters)
        elif matched.target is not None:
            await self._inner(scope, receive, send)
        elif matched.allowed or _is_ours(scope["path"]):
            await self._gate.actor_of(scope)  # whoever probes for addresses is counted
            if matched.allowed:
                raise MethodNotAllowedError(allowed=sorted(matched.allowed))
            raise NotFoundError
        else:
            await self._site.answer(scope, send)

    async def _thin(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        route: ThinRoute,
        parameters: Mapping[str, str],
    ) -> None:
        actor = await self._gate.actor_of(scope)
        if actor is None:
            raise NotSignedInError
        if route.permission != SIGNED_IN:
            actor.require(route.permission)
        scope["state"]["actor"] = actor
        answer = await thin_answer(route, parameters, Request(scope, receive), actor)
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(answer.body)).encode()),
            *answer.headers,
        ]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    def _note(
        self, method: str, template: str, status: int, seconds: float, state: Mapping[str, Any]
    ) -> None:
        slow = seconds > self._slow_seconds
        actor = state.get("actor")
        say = self._log.warning if slow else self._log.info
        say(
            "slow_request" if slow else "request",
            method=method,
            route=template,
            status=status,
            milliseconds=round(seconds * 1000, 2),
            actor_id=actor.actor_id if actor is not None else None,
        )


def _is_ours(path: str) -> bool:
    return path.split("/", 2)[1] in OURS if path.startswith("/") else True


def _offered_id(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == _REQUEST_ID:
            offered: str = value.decode("latin-1")
            return offered
    return None


def _template(target: Target | None) -> str:
    if target is None:
        return UNMATCHED
    return target.path if isinstance(target, ThinRoute) else target.template


def _problem(error: Exception) -> Response:
    if isinstance(error, asyncpg.PostgresError):
        error = translated(error)
    if not isinstance(error, TruestockError):
        return fault_response(error)
    answer = problem_response(error)
    if isinstance(error, MethodNotAllowedError):
        answer.headers["Allow"] = ", ".join(error.facts["allowed"])
    return answer


def _spans(settings: Settings) -> Callable[..., AbstractContextManager[None]]:
    if not settings.otel_endpoint:
        return _no_span
    from truestock.web.tracing import request_spans

    return request_spans(settings)


def _no_span(*_request: Any) -> AbstractContextManager[None]:
    return _NOTHING
