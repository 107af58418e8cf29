"""Balances and totals as they are shown: one, a list, sums by item, one item's stock by place.

`sites` are the sites the asker may see; None is every site, and only then virtual places too. A
list stays flat in the size of the data: filters that leave little are gathered first and sorted,
otherwise an index is walked in the order of the sort. Sorting by a quantity is the exception; no
index may hold a quantity (a posting would have to change it), so it looks at all that is left, and
is refused where that is too much.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from truestock.catalog.errors.items import ItemNotFoundError
from truestock.catalog.reads import items as catalog
from truestock.database import Listing, ReadTransaction, load_sql
from truestock.database.patterns import containing, starting_with
from truestock.database.sql import Sort, numbered
from truestock.database.transactions import Row
from truestock.http.paging import Page, PageRequest, fetch_page
from truestock.kernel.errors import TruestockError
from truestock.stock.errors.balances import BalanceUnknownError, SortTooWideError
from truestock.stock.model.balances import (
    BalanceShown,
    ItemStock,
    PlaceTotals,
    SiteTotals,
    StockState,
)
from truestock.stock.reads.scope import Sites, listed, may_see, scope_of

GATHERED_MAX = 2_000
"""Up to so many rows are gathered and sorted; above that, an index walk meets them soon enough."""
MATCHED_MAX = 1_000
CONTAINING_LENGTH_MIN = 3
"""Shorter text has no trigram within a word; it is looked for where SKUs and names begin."""

QUANTITY_SORTED_MAX = 100_000
"""Among so many balances quantities are sorted; that takes a tenth of a second."""

_SHOWN = load_sql(__name__, "balance_shown")
_COUNT_UP_TO = load_sql(__name__, "balance_count_up_to")
_SHOWN_MANY = load_sql(__name__, "balances_shown")
_AT = load_sql(__name__, "balance_at")
_OF_ITEMS = load_sql(__name__, "balance_ids_of_items")
_OF_PLACES = load_sql(__name__, "balance_ids_of_places")
_HELD = load_sql(__name__, "balance_ids_held")
_MATCHING = load_sql(__name__, "item_ids_matching")
_AT_SITES = load_sql(__name__, "item_ids_at_sites")
_NEGATIVE = load_sql(__name__, "item_ids_negative")
_EXPECTED = load_sql(__name__, "expected_of_items")
_EXPECTED_BY_SITE = load_sql(__name__, "expected_by_site")
_ITEM_STOCK = load_sql(__name__, "item_stock")

_SKU = Sort("i.sku", "text")
_PLACE = Sort("l.code", "text")
_QUANTITY = Sort("b.quantity_on_hand", "bigint")
_SORTS = {"sku": _SKU, "location_code": _PLACE, "quantity_on_hand": _QUANTITY}


def _balance_listing(file: str) -> Listing:
    return Listing(load_sql(__name__, file), _SORTS, "b.balance_id", "sku")


_WHOLE = _balance_listing("balance_list")
_WALKS = {
    "sku": _balance_listing("balance_list_by_sku"),
    "location_code": _balance_listing("balance_list_by_place"),
    "quantity_on_hand": _WHOLE,
}
_TOTAL_SORTS = {
    "sku": _SKU,
    "name": Sort("i.name", "text"),
    "quantity_on_hand": Sort("t.quantity_on_hand", "bigint"),
    "quantity_available": Sort("t.quantity_available", "bigint"),
}
_STOCK = Listing(load_sql(__name__, "stock_list"), _TOTAL_SORTS, "i.item_id", "sku")
_STOCK_SUMMED = Listing(load_sql(__name__, "stock_list_summed"), _TOTAL_SORTS, "i.item_id", "sku")


async def balance_shown(tx: ReadTransaction, sites: Sites, balance_id: int) -> BalanceShown:
    """Return one balance; raises `BalanceUnknownError` also when it is not the asker's to see."""
    row = await tx.row(_SHOWN, balance_id)
    if row is None or not may_see(sites, row["site_id"]):
        raise BalanceUnknownError(balance_id=balance_id)
    return BalanceShown(*row)


async def balance_at(
    tx: ReadTransaction,
    sites: Sites,
    sku: str,
    location: str,
    *,
    lot: str | None = None,
    disposition: str = "available",
) -> BalanceShown:
    """Return the balance of these codes; raises `BalanceUnknownError`."""
    row = await tx.row(_AT, sku, location, lot, disposition)
    if row is None or not may_see(sites, row["site_id"]):
        raise BalanceUnknownError(sku=sku, location=location, lot=lot, disposition=disposition)
    return BalanceShown(*row)


async def balances_shown(
    tx: ReadTransaction, balance_ids: Sequence[int]
) -> dict[int, BalanceShown]:
    """Return the balances that exist among these ids, whoever asks."""
    return {row[0]: BalanceShown(*row) for row in await tx.rows(_SHOWN_MANY, balance_ids)}


async def balance_page(
    tx: ReadTransaction, sites: Sites, asked: PageRequest, filters: Mapping[str, Any]
) -> Page:
    """Return a page of physical balances, each with the fields of `BalanceShown`.

    Filters: q (in SKU or name, or a GTIN), item_id, sku, site_id, location_id, disposition,
    nonzero. Sorts: sku, location_code, quantity_on_hand. Raises `SortTooWideError`.
    """
    given = _place_filters(sites, filters)
    given |= {name: filters.get(name) for name in ("location_id", "disposition")}
    given["nonzero"] = True if filters.get("nonzero") else None
    given |= await _item_filters(tx, filters)
    gathered = await _gathered(tx, given)
    sort = asked.sort or "sku"
    listing = _WALKS.get(sort.removeprefix("-"), _WHOLE)
    if gathered is not None:
        given = {"balance_ids": gathered, "pattern": given["pattern"]}
        listing = _WHOLE
    elif listing is _WHOLE:
        await _require_sortable(tx, sort, given)
    page = await fetch_page(tx, listing, asked, given | _joins(sort, given) | _way(asked, sort))
    ids = [item["balance_id"] for item in page.items]
    rows = await tx.rows(_SHOWN_MANY, ids) if ids else []
    found = {row["balance_id"]: dict(row) for row in rows}
    return Page([found[each] for each in ids], page.next_cursor)


async def stock_page(
    tx: ReadTransaction, sites: Sites, asked: PageRequest, filters: Mapping[str, Any]
) -> Page:
    """Return a page of items with their totals.

    Filters: q, item_id, sku, site_id, state. Sorts: sku, name, quantity_on_hand,
    quantity_available. With a site, or sorted by a quantity, only items that have been in stock.
    Raises `SortTooWideError`.
    """
    given = _place_filters(sites, filters) | {"state": filters.get("state")}
    given |= await _item_filters(tx, filters)
    given["at_sites"] = given["site_id"] or given["site_ids"]
    out = given["state"] == StockState.OUT and given["at_sites"] is None
    given["out_everywhere"] = True if out else None
    if given["item_ids"] is None and given["state"] == StockState.NEGATIVE:
        given["item_ids"] = _if_few(await tx.rows(_NEGATIVE, GATHERED_MAX + 1))
    if given["item_ids"] is None and given["at_sites"] is not None:
        statement, values = numbered(_AT_SITES, given | {"gathered_max": GATHERED_MAX + 1})
        given["item_ids"] = _if_few(await tx.rows(statement, *values))
    sort = asked.sort or "sku"
    name = sort.removeprefix("-")
    way = {f"{name}_{where}": flag for where, flag in _way(asked, sort).items()}
    listing = _STOCK_SUMMED if name.startswith("quantity") else _STOCK
    if listing is _STOCK_SUMMED:
        await _require_sortable(tx, sort, given)
    page = await fetch_page(tx, listing, asked, given | way)
    await _add_expected(tx, page, scope_of(sites, given["site_id"]))
    return page


async def _add_expected(tx: ReadTransaction, page: Page, scope: Sites) -> None:
    """Add what is incoming and outgoing to the items of a page: looked up for these alone."""
    ids = [item["item_id"] for item in page.items]
    rows = await tx.rows(_EXPECTED, ids, listed(scope)) if ids else []
    expected = {row["item_id"]: row for row in rows}
    for item in page.items:
        for name in ("quantity_incoming", "quantity_outgoing"):
            item[name] = expected[item["item_id"]][name] if item["item_id"] in expected else 0


async def item_stock(tx: ReadTransaction, sites: Sites, item_id: int) -> ItemStock:
    """Return all stock of an item at the asker's sites; raises `ItemNotFoundError`."""
    item = await catalog.item_by_id(tx, item_id)
    rows = await tx.rows(_ITEM_STOCK, item_id, listed(sites))
    expected = await tx.row(_EXPECTED, [item_id], listed(sites))
    by_site = await _by_site(tx, sites, item_id, rows)
    on_hand, reserved, available = (sum(row[name] for row in rows) for name in _SUMS)
    lowest = min((row["quantity_lowest"] for row in rows), default=0)
    return ItemStock(
        item_id,
        item.sku,
        item.name,
        item.base_unit,
        on_hand,
        reserved,
        available,
        expected["quantity_incoming"] if expected else 0,
        expected["quantity_outgoing"] if expected else 0,
        _state(on_hand, lowest),
        by_site,
        [PlaceTotals(*(row[name] for name in _PLACE_COLUMNS)) for row in rows],
    )


async def _by_site(
    tx: ReadTransaction, sites: Sites, item_id: int, rows: Sequence[Row]
) -> list[SiteTotals]:
    """Return an item's totals by site, also of sites where it is only expected."""
    codes: dict[int, str] = {}
    sums: defaultdict[int, list[int]] = defaultdict(lambda: [0] * 5)
    for row in rows:
        codes[row["site_id"]] = row["site_code"]
        for place, name in enumerate(_SUMS):
            sums[row["site_id"]][place] += row[name]
    for row in await tx.rows(_EXPECTED_BY_SITE, item_id, listed(sites)):
        codes[row["site_id"]] = row["site_code"]
        sums[row["site_id"]][3:] = row["quantity_incoming"], row["quantity_outgoing"]
    in_order = sorted(codes, key=codes.__getitem__)
    return [SiteTotals(site_id, codes[site_id], *sums[site_id]) for site_id in in_order]


async def with_places_named(tx: ReadTransaction, error: TruestockError) -> TruestockError:
    """Return a refusal whose `shortages` also say which item is short where."""
    shortages = error.facts.get("shortages")
    if shortages:
        await name_places(tx, shortages)
    return error


async def name_places(tx: ReadTransaction, shortages: Sequence[dict[str, Any]]) -> None:
    """Add item, place, lot and disposition to shortages that name a balance."""
    found = await balances_shown(tx, [short["balance_id"] for short in shortages])
    for short in shortages:
        balance = found[short["balance_id"]]
        short |= {
            "item_id": balance.item_id,
            "sku": balance.sku,
            "location_code": balance.location_code,
            "lot_code": balance.lot_code,
            "disposition": balance.disposition,
        }


_SUMS = ("quantity_on_hand", "quantity_reserved", "quantity_available")
_PLACE_COLUMNS = ("site_code", "location_id", "location_code", *_SUMS)


def _state(on_hand: int, lowest: int) -> StockState:
    if lowest < 0:
        return StockState.NEGATIVE
    return StockState.OK if on_hand else StockState.OUT


def _place_filters(sites: Sites, filters: Mapping[str, Any]) -> dict[str, Any]:
    return {"site_id": filters.get("site_id"), "site_ids": listed(sites)}


async def _item_filters(tx: ReadTransaction, filters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ids of the items asked for when they are few, else the pattern to meet them by."""
    if filters.get("item_id") is not None:
        return {"item_ids": [filters["item_id"]], "pattern": None}
    if filters.get("sku") is not None:
        try:
            item = await catalog.item_by_sku(tx, filters["sku"])
        except ItemNotFoundError:
            return {"item_ids": [], "pattern": None}
        return {"item_ids": [item.item_id], "pattern": None}
    text = (filters.get("q") or "").strip()
    if not text:
        return {"item_ids": None, "pattern": None}
    pattern = containing(text) if len(text) >= CONTAINING_LENGTH_MIN else starting_with(text)
    gtin = text.rjust(14, "0") if text.isascii() and text.isdigit() else None
    rows = await tx.rows(_MATCHING, pattern, gtin, MATCHED_MAX + 1)
    if len(rows) <= MATCHED_MAX:
        return {"item_ids": [row[0] for row in rows], "pattern": None}
    return {"item_ids": None, "pattern": pattern}


async def _gathered(tx: ReadTransaction, given: Mapping[str, Any]) -> list[int] | None:
    """Return the balances that the filters leave if they are few and quickly found."""
    if given["item_ids"] is not None:
        text = _OF_ITEMS
    elif given["location_id"] or given["site_id"] or given["site_ids"] is not None:
        text = _OF_PLACES
    elif given["disposition"] not in {None, "available"}:
        text = _HELD
    else:
        return None
    statement, values = numbered(text, {**given, "gathered_max": GATHERED_MAX + 1})
    return _if_few(await tx.rows(statement, *values))


async def _require_sortable(tx: ReadTransaction, sort: str, given: Mapping[str, Any]) -> None:
    """Raise unless the filters leave few enough balances to sort them by a quantity."""
    names = ("item_ids", "location_id", "site_id", "site_ids", "disposition")
    asked = {name: given.get(name) for name in names}
    asked |= {"count_max": QUANTITY_SORTED_MAX + 1, **_joins(sort, asked)}
    statement, values = numbered(_COUNT_UP_TO, asked)
    if await tx.value(statement, *values) > QUANTITY_SORTED_MAX:
        raise SortTooWideError(sort=sort, balance_count_max=QUANTITY_SORTED_MAX)


def _if_few(rows: Sequence[Any]) -> list[int] | None:
    return [row[0] for row in rows] if len(rows) <= GATHERED_MAX else None


def _joins(sort: str, given: Mapping[str, Any]) -> dict[str, bool | None]:
    """Tell which tables the statement needs beside the balances."""
    name = sort.removeprefix("-")
    by_site = given.get("site_id") is not None or given.get("site_ids") is not None
    return {
        "with_item": True if name == "sku" or given.get("pattern") else None,
        "with_location": True if name == "location_code" or by_site else None,
    }


def _way(asked: PageRequest, sort: str) -> dict[str, bool | None]:
    """Tell the statement which way it goes and whether it continues."""
    downwards = sort.startswith("-")
    return {
        "upwards": None if downwards else True,
        "downwards": True if downwards else None,
        "onward": True if asked.cursor and not downwards else None,
        "backward": True if asked.cursor and downwards else None,
    }
