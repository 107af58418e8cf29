"""The connection pool and the only place where transactions are opened, committed or undone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg

from truestock.database.errors import DatabaseUnavailableError, translated
from truestock.database.transactions import Connection, ReadTransaction, Row, Transaction

VERSION_MIN = 160_000
"""PostgreSQL 16; balances rely on NULLS NOT DISTINCT (15) and the tested planner (16)."""

_SESSION = {
    "timezone": "UTC",
    "lock_timeout": "10s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",
    "application_name": "truestock",
    "jit": "off",
}


class DatabaseTooOldError(Exception):
    """Truestock needs PostgreSQL 16 or newer."""


async def _keep(_connection: Connection) -> None:
    """Do nothing on release: transactions here always end, and nothing sets session state."""


class Database:
    """A pool of connections to one PostgreSQL database."""

    def __init__(self, pool: "asyncpg.Pool[Row]", dsn: str) -> None:
        """Wrap an open pool of this address; use `connect` to make one."""
        self._pool = pool
        self._dsn = dsn

    @property
    def pool(self) -> "asyncpg.Pool[Row]":
        """The driver's pool, for metrics and the job queue."""
        return self._pool

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[ReadTransaction]:
        """Open a read-only snapshot: every statement inside sees the same moment."""
        async with (
            self._acquired() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            yield ReadTransaction(connection)

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[ReadTransaction]:
        """Borrow a connection for single statements, each its own snapshot and round trip."""
        async with self._acquired() as connection:
            yield ReadTransaction(connection)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Transaction]:
        """Open a READ COMMITTED transaction; commits at the end, undoes on an exception."""
        async with self._acquired() as connection, connection.transaction():
            yield Transaction(connection)

    @asynccontextmanager
    async def writing_at_once(self) -> AsyncIterator[Transaction]:
        """Borrow a connection for one statement that is a transaction of its own.

        It has been committed when the statement's answer is there; an error leaves nothing.
        """
        async with self._acquired() as connection:
            yield Transaction(connection)

    @asynccontextmanager
    async def _acquired(self) -> AsyncIterator[Connection]:
        try:
            connection = await self._pool.acquire()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
            raise DatabaseUnavailableError from error
        try:
            yield connection
        except (ConnectionError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
            raise DatabaseUnavailableError from error
        except asyncpg.PostgresError as error:  # of BEGIN or COMMIT
            meaning = translated(error)
            if meaning is error:
                raise
            raise meaning from error
        finally:
            await asyncio.shield(self._given_back(connection))

    async def _given_back(self, connection: "asyncpg.pool.PoolConnectionProxy[Row]") -> None:
        """Return a connection to the pool; one that was lost meanwhile has left it already.

        That is no fault of the caller's, whose transaction may well have been committed.
        """
        with suppress(ConnectionError, asyncpg.InterfaceError, asyncpg.InternalClientError):
            await self._pool.release(connection)

    async def another(self, *, size_max: int, **session: str) -> "Database":
        """Open a further pool to the same server with other run-time parameters."""
        return await connect(self._dsn, size_max=size_max, **session)

    async def close(self) -> None:
        """Wait for what runs, then close every connection."""
        await self._pool.close()


async def connect(dsn: str, *, size_max: int = 8, **session: str) -> Database:
    """Open a pool and check the server's version.

    `session` overrides run-time parameters. Raises `DatabaseTooOldError` or the driver's error.
    """
    settings: dict[str, Any] = {**_SESSION, **session}
    pool = await asyncpg.create_pool(
        dsn,
        min_size=1,
        max_size=size_max,
        reset=_keep,
        statement_cache_size=512,
        max_cached_statement_lifetime=0,
        server_settings=settings,
        timeout=10,
    )
    async with pool.acquire() as connection:
        number = int(await connection.fetchval("SHOW server_version_num"))
    if number < VERSION_MIN:
        await pool.close()
        raise DatabaseTooOldError(f"This server is PostgreSQL {number // 10_000}; 16 is the least.")
    return Database(pool, dsn)
