"""Reservations: who holds what, and what may still be promised by date."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from truestock.database import Listing, ReadTransaction, load_sql
from truestock.database.sql import Sort
from truestock.http.paging import Page, PageRequest, fetch_page
from truestock.stock.errors.movements import ReservationUnknownError
from truestock.stock.model.explanations import Dated, Expected, Promise, ReservationShown
from truestock.stock.reads.balances import item_stock
from truestock.stock.reads.locations import sites as find_sites
from truestock.stock.reads.scope import Sites, listed, may_see, scope_of
from truestock.stock.rules.promising import dated, promisable

SHOWN_MAX = 100
_BY_PRIORITY = PageRequest(SHOWN_MAX, None, "priority")

_SHOWN = load_sql(__name__, "reservations_shown")
_EXPIRED = load_sql(__name__, "expired_reservations")
_EXPECTED_LINES = load_sql(__name__, "expected_lines")
_RELEASED = load_sql(__name__, "released_by_day")
_LIST = Listing(
    load_sql(__name__, "reservation_list"),
    {
        "recorded_at": Sort("r.reservation_id", "bigint"),
        "priority": Sort("r.priority", "smallint"),
    },
    "r.reservation_id",
    "-recorded_at",
)
_FILTERS = ("state", "balance_id", "item_id", "location_id", "document_id", "actor_id", "site_id")


async def reservation_page(
    tx: ReadTransaction, sites: Sites, asked: PageRequest, filters: Mapping[str, Any]
) -> Page:
    """Return a page of reservations, each with the fields of `ReservationShown`, newest first.

    Filters: state, balance_id, item_id, location_id, document_id, actor_id, site_id. Sorts:
    recorded_at, priority.
    """
    given = {name: filters.get(name) for name in _FILTERS} | {"site_ids": listed(sites)}
    page = await fetch_page(tx, _LIST, asked, given)
    found = await _shown(tx, [item["reservation_id"] for item in page.items])
    items = [found[item["reservation_id"]] for item in page.items]
    for item in items:
        del item["site_id"]
    return Page(items, page.next_cursor)


async def reservation_shown(
    tx: ReadTransaction, sites: Sites, reservation_id: int
) -> ReservationShown:
    """Return one reservation; raises `ReservationUnknownError`."""
    found = (await _shown(tx, [reservation_id])).get(reservation_id)
    if found is None or not may_see(sites, found.pop("site_id")):
        raise ReservationUnknownError(reservation_id=reservation_id)
    return ReservationShown(**found)


async def pending_on(tx: ReadTransaction, balance_id: int) -> list[ReservationShown]:
    """Return the promises that hold stock of a balance, first come by priority."""
    given = {"state": "pending", "balance_id": balance_id}
    page = await reservation_page(tx, None, _BY_PRIORITY, given)
    return [ReservationShown(**item) for item in page.items]


async def expired_reservations(tx: ReadTransaction, limit: int) -> list[int]:
    """Return pending reservations whose time is over by the database's clock."""
    return [row[0] for row in await tx.rows(_EXPIRED, limit)]


async def available_to_promise(
    tx: ReadTransaction,
    sites: Sites,
    item_id: int,
    now: datetime,
    *,
    site_id: int | None = None,
) -> Promise:
    """Return what of an item may be promised from each day on, at one site or all of the asker's.

    Days are those of the site's time zone; without one site they are UTC's. Raises
    `ItemNotFoundError`. Open `tx` with `reading()`.
    """
    zone, asked = "UTC", scope_of(sites, site_id)
    if site_id is not None:
        found = await find_sites(tx, site_ids=[site_id])
        zone = found[0].time_zone if found else zone
    today = now.astimezone(ZoneInfo(zone)).date()
    stock = await item_stock(tx, asked, item_id)
    scope = listed(asked)
    expected = [Expected(*row) for row in await tx.rows(_EXPECTED_LINES, item_id, scope)]
    released = [Dated(*row) for row in await tx.rows(_RELEASED, item_id, scope, zone)]
    points = promisable(stock.quantity_available, today, [*dated(expected, today), *released])
    pending = {"state": "pending", "item_id": item_id}
    holders = await reservation_page(tx, asked, _BY_PRIORITY, pending)
    return Promise(
        item_id,
        site_id,
        stock.quantity_on_hand,
        stock.quantity_reserved,
        stock.quantity_available,
        points,
        expected[:SHOWN_MAX],
        released[:SHOWN_MAX],
        [ReservationShown(**each) for each in holders.items],
    )


async def _shown(tx: ReadTransaction, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    rows = await tx.rows(_SHOWN, ids) if ids else []
    return {row["reservation_id"]: dict(row) for row in rows}
