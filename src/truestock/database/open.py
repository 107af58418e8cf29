"""The database of this installation: the one the settings name, or the embedded one."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from truestock.database.embedded import running_server
from truestock.database.migrate import migrate
from truestock.database.pool import Database, connect
from truestock.database.slow_queries import log_slower_than
from truestock.kernel.settings import Settings


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
            yield database
        finally:
            await database.close()
    finally:
        await asyncio.to_thread(place.__exit__, None, None, None)
