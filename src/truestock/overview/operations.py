"""Keeping and removing saved views."""

from truestock.database import Transaction
from truestock.kernel.actor import Actor
from truestock.overview.errors import ViewUnknownError
from truestock.overview.writes import add_view, remove_view


async def save_view(
    tx: Transaction, actor: Actor, page: str, name: str, query: str, *, shared: bool
) -> int:
    """Keep a list with its filters under a name; returns the view's id."""
    return await add_view(tx, actor.actor_id, page, name, query, shared=shared)


async def forget_view(tx: Transaction, actor: Actor, view_id: int) -> None:
    """Remove one's own view; raises `ViewUnknownError`."""
    if not await remove_view(tx, view_id, actor.actor_id):
        raise ViewUnknownError(view_id=view_id)
