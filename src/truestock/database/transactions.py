"""Reading and writing transactions as different types: a signature tells whether a function writes.

Only `Database` makes them, so nothing outside this package can begin or commit.
"""

from collections.abc import Iterable, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg

from truestock.database.errors import translated
from truestock.database.slow_queries import note_if_slow

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

Row = asyncpg.Record
Connection: TypeAlias = "asyncpg.Connection[Row] | PoolConnectionProxy[Row]"


class ReadTransaction:
    """An open transaction that answers questions. Statements see one snapshot each."""

    def __init__(self, connection: Connection) -> None:
        """Wrap a connection on which a transaction is open."""
        self._connection = connection

    @property
    def connection(self) -> Connection:
        """The driver's connection, for libraries that enqueue within our transaction."""
        return self._connection

    async def rows(self, sql: str, *values: Any) -> list[Row]:
        """Run one statement and return all its rows."""
        began = perf_counter()
        try:
            return await self._connection.fetch(sql, *values)
        except asyncpg.PostgresError as error:
            raise translated(error) from error
        finally:
            note_if_slow(sql, began)

    async def row(self, sql: str, *values: Any) -> Row | None:
        """Run one statement and return its first row, or None."""
        began = perf_counter()
        try:
            return await self._connection.fetchrow(sql, *values)
        except asyncpg.PostgresError as error:
            raise translated(error) from error
        finally:
            note_if_slow(sql, began)

    async def value(self, sql: str, *values: Any) -> Any:
        """Run one statement and return the first column of its first row, or None."""
        began = perf_counter()
        try:
            return await self._connection.fetchval(sql, *values)
        except asyncpg.PostgresError as error:
            raise translated(error) from error
        finally:
            note_if_slow(sql, began)


class Transaction(ReadTransaction):
    """An open transaction that may change data; it commits when its `async with` block ends."""

    async def run(self, sql: str, *values: Any) -> str:
        """Run one statement for its effect; returns PostgreSQL's command tag."""
        began = perf_counter()
        try:
            return await self._connection.execute(sql, *values)
        except asyncpg.PostgresError as error:
            raise translated(error) from error
        finally:
            note_if_slow(sql, began)

    async def run_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each row, pipelined; for small sets without a set-based form."""
        began = perf_counter()
        try:
            await self._connection.executemany(sql, rows)
        except asyncpg.PostgresError as error:
            raise translated(error) from error
        finally:
            note_if_slow(sql, began)

    def savepoint(self) -> Any:
        """Return an async context manager; an exception inside undoes only what was inside."""
        return self._connection.transaction()
