"""Keeping and removing saved views; counting the figures that are kept."""

from datetime import datetime
from time import monotonic

from truestock.database import Database, Transaction
from truestock.kernel.actor import Actor
from truestock.overview.errors import ViewUnknownError
from truestock.overview.reads import count_figures, figures_due, site_ids
from truestock.overview.writes import add_view, forget_figures, keep_figures, remove_view


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
