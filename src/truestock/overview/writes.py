"""Changes of saved views and of the figures that are kept."""

import msgspec

from truestock.database import Transaction, load_sql
from truestock.overview.model import StockFigures

_ADD = load_sql(__name__, "add_view")
_KEEP_FIGURES = load_sql(__name__, "keep_figures")
_FORGET_FIGURES = load_sql(__name__, "forget_figures")
_REMOVE = load_sql(__name__, "remove_view")


async def keep_figures(
    tx: Transaction, site_id: int | None, figures: StockFigures, milliseconds: int
) -> None:
    """Keep what was counted for a site (None: the company) and how long that took."""
    await tx.run(
        _KEEP_FIGURES,
        site_id,
        figures.balance_count,
        figures.short_item_count,
        msgspec.json.encode(figures.short_items).decode(),
        figures.counted_at,
        milliseconds,
    )


async def forget_figures(tx: Transaction) -> None:
    """Forget what was counted for sites that are gone."""
    await tx.run(_FORGET_FIGURES)


async def add_view(
    tx: Transaction, actor_id: int, page: str, name: str, query: str, *, shared: bool
) -> int:
    """Keep a view; return its id."""
    return int(await tx.value(_ADD, actor_id, page, name, query, shared))


async def remove_view(tx: Transaction, view_id: int, actor_id: int) -> bool:
    """Remove a view of this actor; tell whether there was one."""
    return await tx.value(_REMOVE, view_id, actor_id) is not None
