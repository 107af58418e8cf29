"""The whole application without a socket, an administrator, and API keys to call it with."""

from dataclasses import dataclass, field
from typing import Any

import httpx

from truestock.database import Database
from truestock.identity.model import Deed, KeyDraft, KeyMade, Origin
from truestock.identity.operations import create_api_key, create_first_administrator
from truestock.kernel import clock
from truestock.kernel.actor import Actor
from truestock.kernel.settings import Settings
from truestock.web.app import create_app

EVERYTHING = (
    "item.read",
    "item.write",
    "location.read",
    "location.write",
    "party.read",
    "party.write",
    "audit.read",
)


@dataclass
class Served:
    """A running application; `call` sends a request as the holder of the first key."""

    app: Any
    database: Database
    boss: Actor
    api_key: str = ""
    asked: int = 0
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def client(self, api_key: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app)
        headers = {"X-API-Key": api_key}
        made = httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers)
        self.clients.append(made)
        return made

    async def key(self, *scopes: str, site_ids: tuple[int, ...] | None = None) -> str:
        async with self.database.writing() as tx:
            deed = Deed(self.boss, clock.now(), Origin("test", "test"))
            draft = KeyDraft("A key", scopes or EVERYTHING, site_ids=site_ids)
            made: KeyMade = await create_api_key(tx, deed, draft)
        return made.text

    async def call(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """Send a request; a write gets a fresh request key, `version` becomes If-Match."""
        headers = dict(more.pop("headers", {}))
        version = more.pop("version", None)
        if method != "GET":
            self.asked += 1
            headers.setdefault("Idempotency-Key", f"test-{self.asked}")
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        if body is not None:
            more["json"] = body
        client = self.client(more.pop("api_key", self.api_key))
        return await client.request(method, f"/api/v1{path}", headers=headers, **more)

    async def close(self) -> None:
        for client in self.clients:
            await client.aclose()


async def serve(database: Database) -> Served:
    """Assemble the application over a fresh database."""
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]  # pydantic-settings takes it
        rate_anonymous="100000/minute",
        rate_login="100000/minute",
        rate_key="1000000/minute",
    )
    boss = await create_first_administrator(
        database, clock.now, login="boss", name="The Boss", password="correct horse battery"
    )
    served = Served(create_app(settings, database), database, boss)
    served.api_key = await served.key()
    return served
