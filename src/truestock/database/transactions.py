"""Reading and writing transactions as different types: a signature tells whether a function writes.

Only `Database` makes them, so nothing outside this package can begin or commit.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg

from truestock.database.errors import translated

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
        try:
            return await self._connection.fetch(sql, *values)
        except asyncpg.PostgresError as error:
            raise translated(error) from error

    async def row(self, sql: str, *values: Any) -> Row | None:
        """Run one statement and return its first row, or None."""
        try:
            return await self._connection.fetchrow(sql, *values)
        except asyncpg.PostgresError as error:
            raise translated(error) from error

    async def value(self, sql: str, *values: Any) -> Any:
        """Run one statement and return the first column of its first row, or None."""
        try:
            return await self._connection.fetchval(sql, *values)
        except asyncpg.PostgresError as error:
            raise translated(error) from error


class Transaction(ReadTransaction):
    """An open transaction that may change data; it commits when its `async with` block ends."""

    async def run(self, sql: str, *values: Any) -> str:
        """Run one statement for its effect; returns PostgreSQL's command tag."""
        try:
            return await self._connection.execute(sql, *values)
        except asyncpg.PostgresError as error:
            raise translated(error) from error

    async def run_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each row, pipelined; for small sets without a set-based form."""
        try:
            await self._connection.executemany(sql, rows)
        except asyncpg.PostgresError as error:
            raise translated(error) from error

    def savepoint(self) -> Any:
        """Return an async context manager; an exception inside undoes only what was inside."""
        return self._connection.transaction()
