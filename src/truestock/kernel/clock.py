"""The only place that asks what time it is; everything else gets a moment as an argument."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""A source of aware UTC moments; tests pass one that stands still."""


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)
