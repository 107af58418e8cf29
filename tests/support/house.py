"""The application with two routes that ask for rights, a clock that stands, people to act."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import httpx
from fastapi import Depends, FastAPI

from truestock.database import Database
from truestock.http.handlers import requires
from truestock.identity.operations import Gate
from truestock.kernel.actor import Actor
from truestock.kernel.settings import Settings
from truestock.web.app import create_app

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
    boss: Actor
    keys: int = 0
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def caller(self, *, base: str = "http://test", **headers: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, client=PEER)
        client = httpx.AsyncClient(transport=transport, base_url=base, headers=headers)
        self.clients.append(client)
        return client

    async def signed_in(
        self, login: str = "boss", password: str = PASSWORD, *, base: str = "http://test"
    ) -> httpx.AsyncClient:
        client = self.caller(base=base)
        answer = await client.post("/api/v1/session", json={"login": login, "password": password})
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


def assembled(
    database: Database, settings: Settings, clock: Callable[[], datetime], boss: Actor
) -> House:
    app = create_app(settings, database, clock=clock)

    @app.post("/api/v1/stock-probe")
    async def probe(actor: Annotated[Actor, Depends(requires("stock.post"))]) -> dict[str, int]:
        return {"actor_id": actor.actor_id}

    @app.get("/api/v1/sites-probe/{site_id}")
    async def site(
        site_id: int, actor: Annotated[Actor, Depends(requires("stock.read"))]
    ) -> dict[str, int]:
        actor.require_site(site_id)
        return {"site_id": site_id}

    return House(app, app.state.gate, boss)
