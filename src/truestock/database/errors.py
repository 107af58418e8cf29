"""Driver errors become ours in this one place, by the name of the violated constraint."""

from functools import cache

import asyncpg

from truestock.kernel.errors import BusyError, TruestockError, every_error_class


class DatabaseUnavailableError(TruestockError):
    """The database cannot be used just now; asking again with the same request key is safe."""

    code = "database_unavailable"
    status = 503
    retry_after_seconds = 2


class DiskFullError(TruestockError):
    """The database has no room left; nothing was changed."""

    code = "disk_full"
    status = 507


class DeadlockError(BusyError):
    """Two requests waited for each other and this one was undone; trying again is safe."""

    code = "deadlock_broken"


class LockWaitError(BusyError):
    """Somebody else is changing this just now and takes long; trying again is safe."""

    code = "lock_not_free"


class ReferenceMissingError(TruestockError):
    """It refers to something that does not exist."""

    code = "reference_missing"


class StillReferencedError(TruestockError):
    """It is still used elsewhere and cannot be deleted."""

    code = "still_referenced"
    status = 409


class ValueRefusedError(TruestockError):
    """The database refused a value."""

    code = "value_refused"


_UNAVAILABLE = (
    asyncpg.CannotConnectNowError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.PostgresIOError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.TooManyConnectionsError,
)
_MEANINGS: tuple[tuple[tuple[type[asyncpg.PostgresError], ...], type[TruestockError]], ...] = (
    ((asyncpg.DiskFullError,), DiskFullError),
    (_UNAVAILABLE, DatabaseUnavailableError),
    ((asyncpg.DeadlockDetectedError,), DeadlockError),
    ((asyncpg.LockNotAvailableError,), LockWaitError),
    ((asyncpg.QueryCanceledError, asyncpg.SerializationError), BusyError),
    ((asyncpg.DataError, asyncpg.UntranslatableCharacterError), ValueRefusedError),
)
"""What kinds of the driver's errors mean; the first that fits is taken."""


@cache
def _by_constraint(_class_count: int) -> dict[str, type[TruestockError]]:
    return {name: found for found in every_error_class() for name in found.constraints}


@cache
def _by_constraint_on_delete(_class_count: int) -> dict[str, type[TruestockError]]:
    return {name: found for found in every_error_class() for name in found.constraints_on_delete}


def error_of_constraint(constraint: str) -> type[TruestockError] | None:
    """Return the error class that a violation of this constraint means, if one is declared."""
    return _by_constraint(sum(1 for _ in every_error_class())).get(constraint)


def error_of_deletion(constraint: str) -> type[TruestockError] | None:
    """Return the error class that is meant when this foreign key stops a deletion, if declared."""
    return _by_constraint_on_delete(sum(1 for _ in every_error_class())).get(constraint)


def translated(error: asyncpg.PostgresError) -> Exception:
    """Return the error to raise instead of the driver's; unknown ones come back as they are."""
    known = _meaning_of_constraint(error)
    if known is not None:
        return known()
    for kinds, meaning in _MEANINGS:
        if isinstance(error, kinds):
            return meaning()
    return error


def _meaning_of_constraint(error: asyncpg.PostgresError) -> type[TruestockError] | None:
    """Return the class a violated constraint means; a foreign key has one for each direction."""
    constraint = getattr(error, "constraint_name", None) or ""
    if not isinstance(error, asyncpg.ForeignKeyViolationError):
        return error_of_constraint(constraint)
    if "still referenced" in (error.detail or ""):
        return error_of_deletion(constraint) or StillReferencedError
    return error_of_constraint(constraint) or ReferenceMissingError
