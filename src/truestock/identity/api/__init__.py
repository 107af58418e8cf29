"""Identity's routes, and what puts the gate into an application."""

from fastapi import APIRouter, FastAPI, Request

from truestock.database import Database
from truestock.http.rate_limits import RateLimits
from truestock.identity.api import audit, keys, people, role_requests, sessions
from truestock.identity.operations import ActorFinder, Gate
from truestock.kernel.actor import Actor
from truestock.kernel.clock import Clock
from truestock.kernel.settings import Settings

router = APIRouter(prefix="/api/v1")
for part in (sessions, people, role_requests, keys, audit):
    router.include_router(part.router)


def install_gate(app: FastAPI, database: Database, settings: Settings, clock: Clock) -> Gate:
    """Put the gate into `app.state` (`gate`, `find_actor`), with what its routes need beside it."""
    gate = Gate(ActorFinder(database, settings, clock), RateLimits(settings), settings)

    async def find_actor(request: Request) -> Actor | None:
        return await gate.actor_of(request.scope)

    app.state.database = database
    app.state.settings = settings
    app.state.clock = clock
    app.state.gate = gate
    app.state.find_actor = find_actor
    return gate
