"""Databases for tests: one server, one migrated template, one copy for each test that asks.

The server is Truestock's own embedded one in a throw-away directory, or the one that
TRUESTOCK_TEST_DATABASE_URL names (its user must be allowed to create databases).
"""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx
import pytest

from support.plain_settings import plain_settings
from truestock.database import Database, connect
from truestock.database.embedded import ServerInUseError, remove, running_server
from truestock.database.invariants import broken_invariants
from truestock.database.migrate import migrate
from truestock.identity.model import PERMISSIONS, Deed, KeyDraft, Origin
from truestock.identity.operations import create_api_key, job_actor
from truestock.kernel.clock import now
from truestock.web.app import Application, create_app

UNSAFE_AND_QUICK = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "200",
    "autovacuum": "off",
}
"""For data that are thrown away; durability is proven by `make chaos`, not by these tests.

Autovacuum runs as another role; a database it is in cannot be dropped by ours.
"""


def with_database(dsn: str, name: str) -> str:
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))


@pytest.fixture(scope="session")
def server_dsn(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[str]:
    """An address of a server where databases may be created; all workers share one server."""
    given = os.environ.get("TRUESTOCK_TEST_DATABASE_URL")
    if given:
        yield given
        return
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    with running_server(shared / "server", options=UNSAFE_AND_QUICK) as at:
        yield at.dsn()
    with suppress(ServerInUseError):
        remove(shared / "server")


@pytest.fixture(scope="session")
async def template(server_dsn: str, worker_id: str) -> AsyncIterator[str]:
    """The name of a migrated database that tests copy; one per worker."""
    name = f"template_{worker_id}_{os.getpid()}"
    admin = await asyncpg.connect(server_dsn)
    await admin.execute(f'CREATE DATABASE "{name}"')
    migrate(with_database(server_dsn, name))
    yield name
    await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await admin.close()


@pytest.fixture
async def dsn(server_dsn: str, template: str) -> AsyncIterator[str]:
    """The address of a fresh migrated database."""
    name = f"test_{os.getpid()}_{os.urandom(4).hex()}"
    admin = await asyncpg.connect(server_dsn)
    await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY wal_log')
    yield with_database(server_dsn, name)
    await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await admin.close()


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[Database]:
    """A fresh database; afterwards every invariant must hold."""
    opened = await connect(dsn)
    yield opened
    async with opened.reading() as tx:
        broken = await broken_invariants(tx)
    await opened.close()
    assert not broken, f"invariants broken: {broken}"


@pytest.fixture
def empty_folder() -> Iterator[Path]:
    """A short-pathed folder that goes away afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="ts-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def application(database: Database) -> AsyncIterator[Application]:
    """The whole application on a fresh database, running."""
    settings = plain_settings(rate_anonymous="100000/minute", rate_key="1000000/minute")
    app = create_app(settings, database)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def stranger(application: Application) -> AsyncIterator[httpx.AsyncClient]:
    """A caller without any credentials."""
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.fixture
async def administrator(
    application: Application, database: Database
) -> AsyncIterator[httpx.AsyncClient]:
    """A caller with an API key that may do everything."""
    async with database.writing() as tx:
        deed = Deed(await job_actor(tx, "tests"), now(), Origin("tests"))
        made = await create_api_key(tx, deed, KeyDraft("all rights", tuple(sorted(PERMISSIONS))))
    transport = httpx.ASGITransport(application)
    headers = {"X-API-Key": made.text}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", headers=headers
    ) as client:
        yield client
