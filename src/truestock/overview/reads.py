"""Questions across slices: the dashboard, search, saved views."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from truestock.catalog.reads import search_items
from truestock.database import ReadTransaction, load_sql
from truestock.documents.reads import search_documents
from truestock.http.paging import Page, PageRequest, fetch_page
from truestock.kernel.actor import Actor
from truestock.monitoring.reads import last_verification
from truestock.notify import NOTIFICATIONS, unread_count
from truestock.overview.model import Dashboard, DayCount, Found, SavedView, ShortItem, StockFigures
from truestock.stock.reads.locations import search_locations

DAYS_SHOWN = 14
SHORT_ITEMS_SHOWN = 8
FOUND_MAX = 20

COUNTED_AT_ONCE_MAX = 20_000
"""With more balances than this, figures over all of them are those that a job has counted."""

_FACTS = load_sql(__name__, "dashboard_facts")
_FIGURES = load_sql(__name__, "stock_figures")
_KEPT = load_sql(__name__, "kept_figures")
_DUE = load_sql(__name__, "figures_due")
_SITES = load_sql(__name__, "site_ids")
_DOCUMENTS = load_sql(__name__, "document_counts")
_BY_DAY = load_sql(__name__, "movements_by_day")
_VIEWS = load_sql(__name__, "views")


async def dashboard(
    tx: ReadTransaction, actor: Actor, now: datetime, site_id: int | None = None
) -> Dashboard:
    """Return the first look of the day, of one site or of all that are the actor's.

    Days are those of UTC; the figures are of one snapshot. Raises `ForbiddenError` for a site that
    is not the actor's.
    """
    actor.require_site(site_id)
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    own = None if actor.site_ids is None else sorted(actor.site_ids)
    sites = own if site_id is None else [site_id]
    facts = await tx.row(_FACTS)
    documents = await tx.row(_DOCUMENTS, today, today - timedelta(days=1), sites)
    assert facts is not None  # noqa: S101 - a SELECT without FROM has one row
    assert documents is not None  # noqa: S101 - an aggregate has one row
    by_day = await tx.rows(_BY_DAY, today - timedelta(days=DAYS_SHOWN - 1), today, sites)
    kept = (
        await _kept_figures(tx, sites) if facts["balance_id_last"] > COUNTED_AT_ONCE_MAX else None
    )
    figures = kept or await count_figures(tx, sites, now)
    verified = await last_verification(tx)
    broken = bool(verified and verified["broken"])
    return Dashboard(
        as_of=now,
        counted_at=figures.counted_at,
        item_count=facts["item_count"],
        balance_count=figures.balance_count,
        **documents,
        movements_today=by_day[-1]["movement_count"],
        movements_by_day=[DayCount(**row) for row in by_day],
        short_item_count=figures.short_item_count,
        short_items=figures.short_items,
        verification_state="never" if verified is None else "broken" if broken else "proven",
        verified_at=verified["recorded_at"] if verified else None,
        sealed_movement_id=facts["sealed_movement_id"],
    )


async def count_figures(
    tx: ReadTransaction, sites: Sequence[int] | None, now: datetime
) -> StockFigures:
    """Count over all balances of these sites; None is every site."""
    row = await tx.row(_FIGURES, sites, SHORT_ITEMS_SHOWN)
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    short = msgspec.json.decode(row["short_items"], type=list[ShortItem])
    return StockFigures(row["balance_count"], row["short_item_count"], short, now)


async def figures_due(tx: ReadTransaction, now: datetime) -> bool:
    """Tell whether it is time to count figures that are kept."""
    return bool(await tx.value(_DUE, COUNTED_AT_ONCE_MAX, now))


async def site_ids(tx: ReadTransaction) -> list[int]:
    """Return every site."""
    return [row["site_id"] for row in await tx.rows(_SITES)]


async def _kept_figures(tx: ReadTransaction, sites: Sequence[int] | None) -> StockFigures | None:
    """Return figures that a job has counted, of several sites put together; None without any."""
    rows = await tx.rows(_KEPT, sites)
    if not rows:
        return None
    short = [
        each
        for row in rows
        for each in msgspec.json.decode(row["short_items"], type=list[ShortItem])
    ]
    short.sort(key=lambda each: (-each.quantity_reserved, each.sku))
    return StockFigures(
        sum(row["balance_count"] for row in rows),
        sum(row["short_item_count"] for row in rows),
        short[:SHORT_ITEMS_SHOWN],
        min(row["counted_at"] for row in rows),
    )


async def notification_page(
    tx: ReadTransaction, actor: Actor, asked: PageRequest, *, unread: bool | None
) -> tuple[Page, int]:
    """Return a page of what the actor was told, newest first, and how much of all is unread."""
    given = {"actor_id": actor.actor_id, "unread": unread}
    page = await fetch_page(tx, NOTIFICATIONS, asked, given)
    return page, await unread_count(tx, actor.actor_id)


async def found(tx: ReadTransaction, actor: Actor, text: str) -> list[Found]:
    """Return what the text may mean among all the actor may see; exact codes come first."""
    results: list[Found] = []
    if "item.read" in actor.permissions:
        results += [
            Found("item", each.item_id, each.sku, each.name, each.exact)
            for each in await search_items(tx, text)
        ]
    if "location.read" in actor.permissions:
        results += [
            Found("location", each.location_id, each.code, each.name or each.path, each.exact)
            for each in await search_locations(tx, actor, text)
        ]
    if "document.read" in actor.permissions:
        results += [
            Found(
                "document", each.document_id, each.number, f"{each.type}, {each.state}", each.exact
            )
            for each in await search_documents(tx, actor, text)
        ]
    return sorted(results, key=lambda each: not each.exact)[:FOUND_MAX]


async def views(tx: ReadTransaction, actor: Actor, page: str | None) -> list[SavedView]:
    """Return the actor's views and the shared ones, by page and name."""
    return [SavedView(**row) for row in await tx.rows(_VIEWS, actor.actor_id, page)]
