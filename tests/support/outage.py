"""A database that is gone for a while."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import asyncpg


@asynccontextmanager
async def shut_out(server_dsn: str, dsn: str) -> AsyncIterator[None]:
    """Let nobody into the database, and end whoever is in it, while the block runs."""
    name = urlsplit(dsn).path.removeprefix("/")
    admin = await asyncpg.connect(server_dsn)
    await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    await admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
    )
    try:
        yield
    finally:
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        await admin.close()
