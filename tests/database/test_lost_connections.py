import asyncio

import psycopg
import pytest

from truestock.database import Database
from truestock.database.errors import DatabaseUnavailableError


async def test_a_connection_lost_while_it_is_given_back_is_no_fault(database: Database) -> None:
    loop = asyncio.get_running_loop()
    async with database.asking() as tx:
        assert await tx.value("SELECT 1") == 1
        lost = tx.connection.terminate
        # Two turns later: when the pool has begun to take the connection back.
        loop.call_soon(lambda: loop.call_soon(lost))
    async with database.asking() as tx:
        assert await tx.value("SELECT 1") == 1


async def lose_the_connection(database: Database, dsn: str) -> None:
    async with database.writing() as tx:
        pid = await tx.value("SELECT pg_backend_pid()")
        with psycopg.connect(dsn, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


async def test_a_connection_lost_within_a_transaction_is_unavailability(
    database: Database, dsn: str
) -> None:
    with pytest.raises(DatabaseUnavailableError):
        await lose_the_connection(database, dsn)
    async with database.asking() as tx:
        assert await tx.value("SELECT 1") == 1
