"""How the stock of an item went, day by day, for a chart."""

from datetime import datetime, timedelta

from truestock.catalog.reads import items as catalog
from truestock.database import ReadTransaction, load_sql
from truestock.stock.model.explanations import HistoryPoint, ItemHistory
from truestock.stock.reads.locations import sites as find_sites
from truestock.stock.reads.movements import AHEAD_MAX, movement_id_at
from truestock.stock.reads.scope import Sites, listed, scope_of

LINES_MAX = 100_000
"""A chart over more lines than this covers fewer days instead of taking longer."""
ZONE_MAX = timedelta(days=1)

_COUNT = load_sql(__name__, "history_line_count")
_HISTORY = load_sql(__name__, "item_history")


async def item_history(
    tx: ReadTransaction,
    sites: Sites,
    item_id: int,
    now: datetime,
    days: int,
    *,
    site_id: int | None = None,
) -> ItemHistory:
    """Return the closing quantity on hand of each of the last days, today being the last.

    A site's days are those of its time zone; without one they are UTC's. Raises
    `ItemNotFoundError`. Open `tx` with `reading()`.
    """
    await catalog.item_by_id(tx, item_id)
    zone, asked = "UTC", scope_of(sites, site_id)
    if site_id is not None:
        found = await find_sites(tx, site_ids=[site_id])
        zone = found[0].time_zone if found else zone
    since = await _since(tx, now, days)
    while days > 1 and await tx.value(_COUNT, item_id, since, LINES_MAX + 1) > LINES_MAX:
        days //= 2
        since = await _since(tx, now, days)
    rows = await tx.rows(_HISTORY, item_id, since, now, zone, days, listed(asked))
    points = [HistoryPoint(row["day"], row["quantity_on_hand"]) for row in rows]
    return ItemHistory(item_id, zone, days, points)


async def _since(tx: ReadTransaction, now: datetime, days: int) -> int:
    """Return an id below which nothing was recorded that happened in these days."""
    return await movement_id_at(tx, now - timedelta(days=days) - ZONE_MAX - AHEAD_MAX)
