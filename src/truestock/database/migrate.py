"""Migrations are numbered plain SQL files, applied forwards by yoyo, each in one transaction."""

import warnings
from contextlib import closing
from importlib.resources import as_file, files
from urllib.parse import urlsplit, urlunsplit

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # yoyo 9 imports with deprecation warnings of its own
    from yoyo import get_backend, read_migrations


def _for_yoyo(dsn: str) -> str:
    return urlunsplit(urlsplit(dsn)._replace(scheme="postgresql+psycopg"))


def pending_migrations(dsn: str) -> list[str]:
    """Return the names of migrations that are shipped but not applied, in order."""
    with as_file(files("truestock.database").joinpath("migrations")) as folder:
        backend = get_backend(_for_yoyo(dsn))
        with closing(backend.connection):
            return [migration.id for migration in backend.to_apply(read_migrations(str(folder)))]


def migrate(dsn: str) -> list[str]:
    """Apply what is pending, under a lock of the cluster, and return the names applied."""
    with as_file(files("truestock.database").joinpath("migrations")) as folder:
        backend = get_backend(_for_yoyo(dsn))
        migrations = read_migrations(str(folder))
        with closing(backend.connection), backend.lock():
            chosen = backend.to_apply(migrations)
            names = [migration.id for migration in chosen]
            backend.apply_migrations(chosen)
    return names
