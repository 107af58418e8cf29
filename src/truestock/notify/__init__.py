"""Telling people: a notice is written in the transaction of what it tells about.

Inside the application it waits for its reader; other channels will take the same notices along.
"""

from truestock.notify.inbox import (
    NOTIFICATIONS,
    Notice,
    forget_notifications,
    mark_all_read,
    mark_read,
    settle,
    tell,
    unread_count,
)

__all__ = [
    "NOTIFICATIONS",
    "Notice",
    "forget_notifications",
    "mark_all_read",
    "mark_read",
    "settle",
    "tell",
    "unread_count",
]
