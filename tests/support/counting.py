"""Counting SQL statements, so that a hot path cannot grow one per line again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from truestock.database import Database, connect


class Statements(list[str]):
    """The statements that ran, in order; BEGIN and COMMIT count too, as they are round trips."""


@asynccontextmanager
async def counted_database(dsn: str, **session: str) -> AsyncIterator[tuple[Database, Statements]]:
    """Open a database of a single connection whose statements are all noted."""
    seen = Statements()

    def note(record: Any) -> None:
        seen.append(record.query)

    opened = await connect(dsn, size_max=1, **session)
    async with opened.pool.acquire() as connection:
        connection.add_query_logger(note)
    yield opened, seen
    await opened.close()
