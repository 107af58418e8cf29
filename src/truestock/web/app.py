"""The web application, assembled: every slice's routes, the edge around them, what must be open.

`create_app` takes an open database, or opens the installation's own while it lives. What a slice's
`api` may have: `router` (under /api/v1), `probes` (a router elsewhere), `thin_routes`, and
`lifespan(state)`, an async context manager that puts what its routes need into the state.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from starlette.datastructures import State
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from truestock import __version__
from truestock.database import Database
from truestock.database.open import open_database
from truestock.http.cache import Cache
from truestock.http.metrics import observe_posting_group, posting_queue, show_pool
from truestock.http.problems import install_problem_answers
from truestock.http.thin import ThinRoute
from truestock.identity.api import install_gate
from truestock.kernel.clock import Clock, now
from truestock.kernel.processes import calm_collector
from truestock.kernel.settings import Settings
from truestock.kernel.slices import slice_modules
from truestock.web.document import openapi_document
from truestock.web.edge import Edge
from truestock.web.endpoints import call_endpoint, endpoints, path_index
from truestock.web.reference import reference_router
from truestock.web.site import Site

STATIC = Path(__file__).parent / "static"
GAUGES_SHOWN_SECONDS = 5


class Application(FastAPI):
    """FastAPI with our edge around it instead of a stack of middleware."""

    thin_routes: tuple[ThinRoute, ...] = ()
    edge: Edge | None = None

    def build_middleware_stack(self) -> ASGIApp:
        """Return the little that stays inside the edge: error handlers and files to close."""
        return ExceptionMiddleware(
            AsyncExitStackMiddleware(call_endpoint), handlers=self.exception_handlers
        )

    def openapi(self) -> dict[str, Any]:
        """Return the document of all routes, thin ones included; made once."""
        if self.openapi_schema is None:
            self.openapi_schema = openapi_document(self, self.thin_routes)
        return self.openapi_schema

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request through the edge, or run the lifespan."""
        if scope["type"] == "http":
            if self.edge is None:
                self.edge = self.make_edge()
            await self.edge(scope, receive, send)
        elif scope["type"] == "lifespan":
            scope["app"] = self
            await self.router.lifespan(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    def make_edge(self) -> Edge:
        """Build the index of all routes and the layer around them."""
        index = path_index([*self.thin_routes, *endpoints(self)])
        return Edge(self, self.build_middleware_stack(), index)


def create_app(
    settings: Settings,
    database: Database | None = None,
    *,
    clock: Clock = now,
) -> Application:
    """Assemble the application. Without `database` its lifespan opens the installation's own."""
    app = Application(
        title="Truestock",
        version=__version__,
        summary="Inventory and warehouses on one double-entry stock ledger.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan(settings, database),
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.settings = settings
    app.state.clock = clock
    app.state.draining = False
    app.state.site = Site(STATIC)
    app.state.cache = Cache(settings)
    install_problem_answers(app)
    thin: list[ThinRoute] = []
    for module in slice_modules("api"):
        for name in ("router", "probes"):
            if hasattr(module, name):
                app.include_router(getattr(module, name))
        thin.extend(getattr(module, "thin_routes", ()))
    app.include_router(reference_router)
    app.thin_routes = tuple(thin)
    if database is not None:
        install_gate(app, database, settings, clock)
    return app


def _lifespan(settings: Settings, given: Database | None) -> Callable[[Application], Any]:
    @asynccontextmanager
    async def lifespan(app: Application) -> AsyncIterator[None]:
        async with AsyncExitStack() as opened:
            if given is None:
                database = await opened.enter_async_context(
                    open_database(settings, application="truestock web")
                )
                install_gate(app, database, settings, app.state.clock)
            for module in slice_modules("api"):
                if hasattr(module, "lifespan"):
                    await opened.enter_async_context(module.lifespan(app.state))
            await opened.enter_async_context(_gauges_shown(app.state))
            opened.push_async_callback(app.state.cache.close)
            calm_collector()
            yield
            app.state.draining = True

    return lifespan


@asynccontextmanager
async def _gauges_shown(state: State) -> AsyncIterator[None]:
    """Keep the gauges of pool and poster fresh, so that any process can answer for all."""
    pool, queue = state.database.pool, state.ledger.queue
    queue.observe_group_sizes(observe_posting_group)

    async def show() -> None:
        while True:
            show_pool(pool.get_size(), pool.get_idle_size())
            posting_queue.set(queue.waiting_count)
            await asyncio.sleep(GAUGES_SHOWN_SECONDS)

    task = asyncio.create_task(show())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
