"""An application of identity's routes alone, a clock that stands, people to act."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import Depends, FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from truestock.database import Database
from truestock.http.handlers import requires
from truestock.http.problems import install_problem_answers
from truestock.http.request_ids import begin_request
from truestock.http.security import SecurityLayer
from truestock.identity.api import install_gate, router
from truestock.identity.model import Deed, KeyDraft, KeyMade, Origin
from truestock.identity.operations import Gate, create_api_key, create_first_administrator
from truestock.kernel.actor import Actor
from truestock.kernel.settings import Settings

PASSWORD = "correct horse battery"
PEER = ("203.0.113.9", 50_000)


class StandingClock:
    """A clock that goes on only when told."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def go_on(self, **by: float) -> None:
        self.moment += timedelta(**by)


@dataclass
class House:
    """One running application, its gate, and ways to call it."""

    app: FastAPI
    gate: Gate
    wrapped: ASGIApp
    keys: int = 0
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def caller(self, *, base: str = "http://test", **headers: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.wrapped, client=PEER)
        client = httpx.AsyncClient(transport=transport, base_url=base, headers=headers)
        self.clients.append(client)
        return client

    async def signed_in(
        self, login: str = "boss", password: str = PASSWORD, *, base: str = "http://test"
    ) -> httpx.AsyncClient:
        client = self.caller(base=base)
        answer = await client.post(
            "/api/v1/session", json={"login": login, "password": password}
        )
        assert answer.status_code == 201, answer.text
        client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        return client

    def once(self) -> dict[str, str]:
        self.keys += 1
        return {"Idempotency-Key": f"test-{self.keys}"}

    async def add_person(
        self, boss: httpx.AsyncClient, login: str = "robin", **fields: Any
    ) -> dict[str, Any]:
        given = {
            "login": login,
            "name": login.title(),
            "password": PASSWORD,
            "password_temporary": False,
            "roles": ["viewer"],
        }
        answer = await boss.post("/api/v1/users", json=given | fields, headers=self.once())
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found


def assembled(database: Database, settings: Settings, clock: Callable[[], datetime]) -> House:
    app = FastAPI()
    install_problem_answers(app)
    gate = install_gate(app, database, settings, clock)
    app.include_router(router)

    @app.post("/api/v1/stock-probe")
    async def probe(actor: Actor = Depends(requires("stock.post"))) -> dict[str, int]:  # noqa: B008, FAST002
        return {"actor_id": actor.actor_id}

    @app.get("/api/v1/sites-probe/{site_id}")
    async def site(site_id: int, actor: Actor = Depends(requires("stock.read"))) -> dict[str, int]:  # noqa: B008, FAST002
        actor.require_site(site_id)
        return {"site_id": site_id}

    inner = SecurityLayer(app, settings)

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        begin_request(None)
        await inner(scope, receive, send)

    return House(app, gate, wrapped)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def settings() -> Settings:
    return Settings(
        _env_file=None,
        rate_anonymous="10000/minute",
        rate_login="10000/minute",
    )


@pytest.fixture
async def boss(database: Database, clock: StandingClock) -> Actor:
    return await create_first_administrator(
        database, clock, login="boss", name="The Boss", password=PASSWORD
    )


@pytest.fixture
async def house(
    database: Database, settings: Settings, clock: StandingClock, boss: Actor
) -> House:
    return assembled(database, settings, clock)


@pytest.fixture
def another_house(
    database: Database, settings: Settings, clock: StandingClock
) -> Callable[[], House]:
    """Another process on the same database."""
    return lambda: assembled(database, settings, clock)


@pytest.fixture
def make_key(
    database: Database, clock: StandingClock, boss: Actor
) -> Callable[..., Any]:
    async def make(*scopes: str, **fields: Any) -> KeyMade:
        async with database.writing() as tx:
            deed = Deed(boss, clock(), Origin("test", "test"))
            return await create_api_key(
                tx, deed, KeyDraft("A key", scopes or ("stock.read",), **fields)
            )

    return make
