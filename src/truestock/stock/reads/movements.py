"""Posted movements: lists of lines in recorded order, one movement whole.

`sites` are the sites the asker may see; None is every site. Somebody limited to sites sees the
lines that touch one of them. Recorded order is the order of the ledger; a moment is found in it by
halving, a place by the coarse index, so a list costs the same in a long history as in a short one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from truestock.catalog.errors.items import ItemNotFoundError
from truestock.catalog.reads import items as catalog
from truestock.database import Listing, ReadTransaction, load_sql
from truestock.database.sql import Sort, numbered
from truestock.database.transactions import Row
from truestock.http.paging import Page, PageRequest, fetch_page
from truestock.stock.errors.movements import MovementUnknownError
from truestock.stock.model.movement_lines import LineShown, MovementShown
from truestock.stock.reads.movement_index import index_end
from truestock.stock.reads.scope import Sites, listed, may_see

CLOCK_SLACK = timedelta(minutes=5)
"""Ids and moments of postings at the same time may differ in order by less than this."""
AHEAD_MAX = timedelta(days=1)
"""What has happened is recorded at most this much earlier (the ledger refuses more)."""

_SHOWN = load_sql(__name__, "movement_lines_shown")
_KEYS_OF_MOVEMENT = load_sql(__name__, "line_keys_of_movement")
_OF_ITEM = load_sql(__name__, "balance_ids_of_item")
_ID_AT = load_sql(__name__, "movement_id_at")

_SORTS = {"recorded_at": Sort("l.movement_id", "bigint")}
_WALK = Listing(load_sql(__name__, "movement_line_list"), _SORTS, "l.line_number", "-recorded_at")
_OF_BALANCES = Listing(
    load_sql(__name__, "movement_line_list_of_balances"), _SORTS, "l.line_number", "-recorded_at"
)
_OF_PLACES = Listing(
    load_sql(__name__, "movement_line_list_of_places"), _SORTS, "l.line_number", "-recorded_at"
)
_ON_MOVEMENT = (
    "kind",
    "actor_id",
    "document_id",
    "recorded_from",
    "recorded_to",
    "occurred_from",
    "occurred_to",
)
LineKey = tuple[int, int]
"""A line by its movement's id and its number within it."""

_HEAD = tuple(each.name for each in fields(MovementShown) if each.name != "lines")


async def line_page(
    tx: ReadTransaction, sites: Sites, asked: PageRequest, filters: Mapping[str, Any]
) -> Page:
    """Return a page of lines, each with the fields of `LineShown`, newest recorded first.

    Filters: item_id, sku, location_id, site_id, kind, document_id, actor_id, and moments
    recorded_from, recorded_to, occurred_from, occurred_to (from is included, to is not).
    """
    given = {name: filters.get(name) for name in (*_ON_MOVEMENT, "location_id", "site_id")}
    given["site_ids"] = listed(sites)
    given |= await _bounds(tx, given)
    given["with_movement"] = any(given[name] is not None for name in _ON_MOVEMENT) or None
    item_id = await _item_id(tx, filters)
    if item_id is not None:
        statement, values = numbered(_OF_ITEM, given | {"item_id": item_id})
        ids = [row[0] for row in await tx.rows(statement, *values)]
        page = await _of_balances(tx, asked, given, ids)
    elif given["document_id"] is None and any(
        given[name] is not None for name in ("location_id", "site_id", "site_ids")
    ):
        page = await _of_places(tx, asked, given)
    else:
        page = await fetch_page(tx, _WALK, asked, given)
    return await _with_lines(tx, sites, page)


async def movement_shown(tx: ReadTransaction, sites: Sites, movement_id: int) -> MovementShown:
    """Return a movement with its lines; raises `MovementUnknownError`.

    Somebody limited to sites sees the whole movement if any line touches one of them.
    """
    rows = await tx.rows(_KEYS_OF_MOVEMENT, movement_id)
    keys = [(row["movement_id"], row["line_number"]) for row in rows]
    found = await _lines(tx, sites, keys)
    lines = [LineShown(**found[key]) for key in keys]
    touched = {line.source_site_id for line in lines} | {line.target_site_id for line in lines}
    if not lines or (sites is not None and touched.isdisjoint(sites)):
        raise MovementUnknownError(movement_id=movement_id)
    head = {name: getattr(lines[0], name) for name in _HEAD}
    return MovementShown(**head, lines=lines)


async def lines_of_balance(
    tx: ReadTransaction,
    sites: Sites,
    asked: PageRequest,
    balance_id: int,
    through: Sequence[int] | None,
) -> Page:
    """Return a page of the lines that touch one balance, newest recorded first.

    A virtual balance is found `through` every balance of its item and lot.
    """
    given: dict[str, Any] = {"others": [balance_id] if through is not None else None}
    page = await _of_balances(tx, asked, given, through or [balance_id])
    return await _with_lines(tx, sites, page)


async def movement_id_at(tx: ReadTransaction, moment: datetime) -> int:
    """Return an id below which nothing was recorded at or after this moment."""
    return int(await tx.value(_ID_AT, moment - CLOCK_SLACK))


async def _with_lines(tx: ReadTransaction, sites: Sites, page: Page) -> Page:
    keys = [(item["movement_id"], item["line_number"]) for item in page.items]
    found = await _lines(tx, sites, keys)
    return Page([found[key] for key in keys], page.next_cursor)


async def _lines(
    tx: ReadTransaction, sites: Sites, keys: Sequence[LineKey]
) -> dict[LineKey, dict[str, Any]]:
    if not keys:
        return {}
    rows = await tx.rows(_SHOWN, *zip(*keys, strict=True))
    return {(row["movement_id"], row["line_number"]): _as_seen(sites, row) for row in rows}


def _as_seen(sites: Sites, row: Row) -> dict[str, Any]:
    """Return a line without what there was afterwards on a side that is not the asker's."""
    line = dict(row)
    for side in ("source", "target"):
        if not may_see(sites, line[f"{side}_site_id"]):
            line[f"{side}_quantity_after"] = None
    return line


async def _item_id(tx: ReadTransaction, filters: Mapping[str, Any]) -> int | None:
    """Return the item asked for; one that does not exist has no lines."""
    if filters.get("item_id") is not None or filters.get("sku") is None:
        return filters.get("item_id")
    try:
        return (await catalog.item_by_sku(tx, filters["sku"])).item_id
    except ItemNotFoundError:
        return 0


async def _bounds(tx: ReadTransaction, given: Mapping[str, Any]) -> dict[str, int | None]:
    """Turn moments into the span of ids to look at."""
    since = [given["recorded_from"]] if given["recorded_from"] else []
    if given["occurred_from"]:
        since.append(given["occurred_from"] - AHEAD_MAX)
    until = given["recorded_to"]
    return {
        "movement_id_from": await movement_id_at(tx, max(since)) if since else None,
        "movement_id_to": await movement_id_at(tx, until + 2 * CLOCK_SLACK) if until else None,
    }


async def _of_balances(
    tx: ReadTransaction, asked: PageRequest, given: Mapping[str, Any], balance_ids: Sequence[int]
) -> Page:
    return await fetch_page(
        tx, _OF_BALANCES, asked, {**given, **_way(asked), "balance_ids": balance_ids}
    )


async def _of_places(tx: ReadTransaction, asked: PageRequest, given: Mapping[str, Any]) -> Page:
    """Look only into blocks of the ledger that touch these places, and after the index's end."""
    end = await index_end(tx)
    blocks = {"block_first": end.block_first, "block_last": end.block_last}
    return await fetch_page(tx, _OF_PLACES, asked, {**given, **blocks, **_way(asked)})


def _way(asked: PageRequest) -> dict[str, bool | None]:
    """Tell the statement which way it goes and whether it continues."""
    downwards = (asked.sort or "-").startswith("-")
    return {
        "downwards": downwards or None,
        "upwards": None if downwards else True,
        "backward": (downwards and asked.cursor is not None) or None,
        "onward": (not downwards and asked.cursor is not None) or None,
    }
