import os
import subprocess
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import asyncpg
import pytest

from conftest import with_database
from truestock.database.migrate import migrate, pending_migrations

MIGRATE = "import sys; from truestock.database.migrate import migrate; migrate(sys.argv[1])"


@pytest.fixture
async def empty_dsn(server_dsn: str) -> AsyncIterator[str]:
    """The address of a database nothing was migrated in."""
    name = f"empty_{os.getpid()}_{os.urandom(4).hex()}"
    admin = await asyncpg.connect(server_dsn)
    await admin.execute(f'CREATE DATABASE "{name}"')
    yield with_database(server_dsn, name)
    await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await admin.close()


async def test_the_lock_of_a_killed_migration_hinders_nobody(empty_dsn: str) -> None:
    migrate(empty_dsn)
    connection = await asyncpg.connect(empty_dsn)
    await connection.execute("INSERT INTO yoyo_lock (locked, ctime, pid) VALUES (1, now(), 4711)")
    assert migrate(empty_dsn) == []
    assert await connection.fetchval("SELECT count(*) FROM yoyo_lock") == 0
    await connection.close()


def test_a_migration_killed_at_any_moment_is_taken_up_by_the_next(empty_dsn: str) -> None:
    for seconds in (0.5, 0.7, 0.9, 1.1):
        process = subprocess.Popen([sys.executable, "-c", MIGRATE, empty_dsn])
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    migrate(empty_dsn)
    assert pending_migrations(empty_dsn) == []


def test_two_that_migrate_at_once_both_succeed_and_each_migration_runs_once(empty_dsn: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        applied = list(pool.map(migrate, [empty_dsn, empty_dsn]))
    assert sorted(map(bool, applied)) == [False, True]
    assert pending_migrations(empty_dsn) == []
