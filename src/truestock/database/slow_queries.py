"""Statements slower than a limit are logged with their text and time, never their values."""

from time import perf_counter

import structlog

_log = structlog.get_logger(__name__)
_TEXT_MAX = 500


class _Limit:
    """Slower than this many seconds is slow; the entry point sets it from the settings."""

    seconds: float = 0.5


def log_slower_than(seconds: float) -> None:
    """Set the limit of this process."""
    _Limit.seconds = seconds


def note_if_slow(sql: str, began: float) -> None:
    """Log the statement if it began (by `perf_counter`) longer ago than the limit."""
    taken = perf_counter() - began
    if taken > _Limit.seconds:
        text = " ".join(sql.split())[:_TEXT_MAX]
        _log.warning("slow_query", seconds=round(taken, 3), sql=text)
