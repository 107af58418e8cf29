"""The database of this installation: the one the settings name, or the embedded one.

An embedded server that dies while it is in use is started again by whoever uses it; the pools
connect anew by themselves.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import structlog

from truestock.database.embedded import EmbeddedPostgresError, EmbeddedServer, running_server
from truestock.database.migrate import migrate
from truestock.database.pool import Database, connect
from truestock.database.slow_queries import log_slower_than
from truestock.kernel.settings import Settings

LOOK_SECONDS = 1.0
"""Between looks whether the embedded server died; ten times as long when it cannot be started."""

_log = structlog.get_logger(__name__)


@contextmanager
def database_address(settings: Settings) -> Iterator[str]:
    """Give the database's address; the embedded server runs at least while it is held.

    Raises an `EmbeddedPostgresError` when the embedded server cannot be used.
    """
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    with running_server(settings.data_dir) as address:
        yield address.dsn()


@asynccontextmanager
async def open_database(
    settings: Settings, *, migrated: bool = False, application: str = "truestock"
) -> AsyncIterator[Database]:
    """Give an open pool, after applying pending migrations if asked; starts and stops as needed.

    Raises what `database_address` and `connect` raise.
    """
    log_slower_than(settings.slow_query_seconds)
    place = database_address(settings)
    dsn = await asyncio.to_thread(place.__enter__)
    try:
        if migrated:
            await asyncio.to_thread(migrate, dsn)
        database = await connect(
            dsn, size_max=settings.database_pool_size, application_name=application
        )
        try:
            async with _kept_alive(settings):
                yield database
        finally:
            await database.close()
    finally:
        await asyncio.to_thread(place.__exit__, None, None, None)


@asynccontextmanager
async def _kept_alive(settings: Settings) -> AsyncIterator[None]:
    if settings.database_url is not None:
        yield
        return
    keeping = asyncio.create_task(_keep_alive(EmbeddedServer(settings.data_dir)))
    try:
        yield
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping


async def _keep_alive(server: EmbeddedServer) -> None:
    pause = LOOK_SECONDS
    while True:
        await asyncio.sleep(pause)
        pause = LOOK_SECONDS
        try:
            if await asyncio.to_thread(server.revive):
                _log.warning("database_restarted", reason="its processes had died")
        except (EmbeddedPostgresError, OSError) as error:
            pause = LOOK_SECONDS * 10
            _log.exception("database_cannot_restart", error=str(error))
