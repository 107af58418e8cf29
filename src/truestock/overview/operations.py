"""Keeping and removing saved views; counting figures that are kept; reading notifications."""

from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from truestock.database import Database, Transaction
from truestock.kernel.actor import Actor
from truestock.notify import forget_notifications, mark_all_read, mark_read
from truestock.overview.errors import NotificationUnknownError, ViewUnknownError
from truestock.overview.reads import count_figures, figures_due, site_ids
from truestock.overview.writes import add_view, forget_figures, keep_figures, remove_view

NOTIFICATIONS_KEPT: Final = timedelta(days=90)


async def save_view(
    tx: Transaction, actor: Actor, page: str, name: str, query: str, *, shared: bool
) -> int:
    """Keep a list with its filters under a name; returns the view's id."""
    return await add_view(tx, actor.actor_id, page, name, query, shared=shared)


async def forget_view(tx: Transaction, actor: Actor, view_id: int) -> None:
    """Remove one's own view; raises `ViewUnknownError`."""
    if not await remove_view(tx, view_id, actor.actor_id):
        raise ViewUnknownError(view_id=view_id)


async def keep_stock_figures(database: Database, now: datetime) -> int:
    """Count figures of the company and of each site, if they are due; returns how many scopes.

    Each is counted in a snapshot of its own: nothing waits for it, nor it for anything.
    """
    async with database.asking() as tx:
        if not await figures_due(tx, now):
            return 0
        every = await site_ids(tx)
    for site_id in [None, *every]:
        began = monotonic()
        async with database.reading() as tx:
            figures = await count_figures(tx, None if site_id is None else [site_id], now)
        async with database.writing() as writing:
            milliseconds = round((monotonic() - began) * 1_000)
            await keep_figures(writing, site_id, figures, milliseconds)
    async with database.writing() as writing:
        await forget_figures(writing)
    return len(every) + 1


async def read_notification(tx: Transaction, actor: Actor, notification_id: int) -> None:
    """Mark one's own notification as read; raises `NotificationUnknownError`."""
    if not await mark_read(tx, actor.actor_id, notification_id):
        raise NotificationUnknownError(notification_id=notification_id)


async def read_notifications(tx: Transaction, actor: Actor, last_id: int) -> None:
    """Mark one's notifications up to the last one seen as read."""
    await mark_all_read(tx, actor.actor_id, last_id)


async def forget_old_notifications(tx: Transaction, now: datetime) -> None:
    """Forget what was told over 90 days ago."""
    await forget_notifications(tx, now - NOTIFICATIONS_KEPT)
