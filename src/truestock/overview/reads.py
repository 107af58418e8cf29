"""Questions across slices: the dashboard, search, saved views."""

from datetime import datetime, timedelta

from truestock.catalog.reads import search_items
from truestock.database import ReadTransaction, load_sql
from truestock.documents.reads import search_documents
from truestock.kernel.actor import Actor
from truestock.monitoring.reads import last_verification
from truestock.overview.model import Dashboard, DayCount, Found, SavedView, ShortItem
from truestock.stock.reads.locations import search_locations

DAYS_SHOWN = 14
SHORT_ITEMS_SHOWN = 8
FOUND_MAX = 20

_COUNTS = load_sql(__name__, "dashboard_counts")
_DOCUMENTS = load_sql(__name__, "document_counts")
_BY_DAY = load_sql(__name__, "movements_by_day")
_SHORT = load_sql(__name__, "short_items")
_VIEWS = load_sql(__name__, "views")


async def dashboard(tx: ReadTransaction, actor: Actor, now: datetime) -> Dashboard:
    """Return the first look of the day; days are those of UTC. Figures of one snapshot."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    sites = None if actor.site_ids is None else sorted(actor.site_ids)
    counts = await tx.row(_COUNTS, today)
    documents = await tx.row(_DOCUMENTS, today, today - timedelta(days=1))
    assert counts is not None  # noqa: S101 - a SELECT without FROM has one row
    assert documents is not None  # noqa: S101 - the same
    by_day = await tx.rows(_BY_DAY, today - timedelta(days=DAYS_SHOWN - 1), today)
    short = await tx.rows(_SHORT, sites, SHORT_ITEMS_SHOWN)
    verified = await last_verification(tx)
    broken = bool(verified and verified["broken"])
    return Dashboard(
        as_of=now,
        **counts,
        **documents,
        movements_by_day=[DayCount(**row) for row in by_day],
        short_item_count=short[0]["found"] if short else 0,
        short_items=[
            ShortItem(**{name: row[name] for name in ShortItem.__dataclass_fields__})
            for row in short
        ],
        verification_state="never" if verified is None else "broken" if broken else "proven",
        verified_at=verified["recorded_at"] if verified else None,
    )


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
