"""One error base: a sentence for people (the docstring), a stable code and facts for programs.

An operating error is a subclass of `TruestockError`; a programmer error is an assertion. A class
may name the database constraints whose violation means the same thing, so that the last word under
concurrency, which is the database's, still reaches the caller as this sentence.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar


class TruestockError(Exception):
    """Something could not be done."""

    code: ClassVar[str] = "error"
    """Stable, dotted-free, snake_case; programs match on it."""
    status: ClassVar[int] = 422
    """The HTTP status this error is answered with."""
    constraints: ClassVar[tuple[str, ...]] = ()
    """Database constraints whose violation is this error."""
    constraints_on_delete: ClassVar[tuple[str, ...]] = ()
    """Foreign keys that mean this error when they stop a deletion; inserting is another error."""
    retry_after_seconds: ClassVar[int | None] = None
    """When set, trying again after this long is sensible."""

    def __init__(self, **facts: Any) -> None:
        """Keep the facts (JSON-able: which item, where, how much is missing)."""
        super().__init__(facts)
        self.facts = facts

    @property
    def title(self) -> str:
        """The sentence that is true of every error of this class."""
        doc = type(self).__doc__ or TruestockError.__doc__ or ""
        return doc.strip().splitlines()[0]

    @property
    def detail(self) -> str:
        """The sentence for this very case; defaults to the title."""
        return self.title

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value!r}" for name, value in self.facts.items())
        return f"{self.detail} ({facts})" if facts else self.detail


class NotFoundError(TruestockError):
    """There is no such thing, or it is not yours to see."""

    code = "not_found"
    status = 404


class InvalidInputError(TruestockError):
    """The request is not of the expected form."""

    code = "invalid_input"
    status = 422


class ForbiddenError(TruestockError):
    """You do not have the right to do this."""

    code = "forbidden"
    status = 403


class StaleVersionError(TruestockError):
    """It was changed by another user since you read it; read it again."""

    code = "stale_version"
    status = 412


class RequestKeyReusedError(TruestockError):
    """This request key was used before with another payload."""

    code = "request_key_reused"
    status = 422


class BusyError(TruestockError):
    """Too much is waiting; try again shortly with the same request key."""

    code = "busy"
    status = 503
    retry_after_seconds = 1


@contextmanager
def about(**facts: Any) -> Iterator[None]:
    """Add facts to an error raised inside: the database knows the constraint, the caller the rest.

    Facts the error already has stay.
    """
    try:
        yield
    except TruestockError as error:
        error.facts = {**facts, **error.facts}
        raise


def every_error_class() -> Iterator[type[TruestockError]]:
    """Yield `TruestockError` and all classes under it that have been imported so far."""
    waiting: list[type[TruestockError]] = [TruestockError]
    while waiting:
        found = waiting.pop()
        yield found
        waiting.extend(found.__subclasses__())
