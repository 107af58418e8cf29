"""Migrations are numbered plain SQL files, applied forwards by yoyo, each in one transaction.

One process migrates at a time. The lock is the server's and goes with the connection; yoyo's own is
a row that a killed process leaves behind, so whoever holds ours removes it.
"""

import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.resources import as_file, files
from urllib.parse import urlsplit, urlunsplit

import psycopg

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # yoyo 9 imports with deprecation warnings of its own
    from yoyo import get_backend, read_migrations

LOCK = 5_871_203_664
"""Of all advisory locks in a database, the one that means migrating."""


def _for_yoyo(dsn: str) -> str:
    return urlunsplit(urlsplit(dsn)._replace(scheme="postgresql+psycopg"))


def pending_migrations(dsn: str) -> list[str]:
    """Return the names of migrations that are shipped but not applied, in order."""
    with as_file(files("truestock.database").joinpath("migrations")) as folder:
        backend = get_backend(_for_yoyo(dsn))
        with closing(backend.connection):
            return [migration.id for migration in backend.to_apply(read_migrations(str(folder)))]


def migrate(dsn: str) -> list[str]:
    """Apply what is pending and return the names applied; waits while another process migrates."""
    migrations_folder = files("truestock.database").joinpath("migrations")
    with as_file(migrations_folder) as folder, _alone(dsn):
        backend = get_backend(_for_yoyo(dsn))
        migrations = read_migrations(str(folder))
        with closing(backend.connection):
            backend.break_lock()
            with backend.lock():
                chosen = backend.to_apply(migrations)
                names = [migration.id for migration in chosen]
                backend.apply_migrations(chosen)
    return names


@contextmanager
def _alone(dsn: str) -> Iterator[None]:
    with psycopg.connect(dsn) as connection:
        connection.execute("SET LOCAL lock_timeout = 0")
        connection.execute("SET LOCAL statement_timeout = 0")
        connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        yield
