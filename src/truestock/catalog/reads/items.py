"""Items as stored, as listed and as postings need them."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import msgspec

from truestock.catalog.errors.items import ItemNotFoundError
from truestock.catalog.model.items import Item, ItemFacts, ItemStatus, Pack, Tracking
from truestock.catalog.rules.gtin import comparable
from truestock.database import Listing, ReadTransaction, load_sql
from truestock.database.patterns import containing
from truestock.database.sql import Sort
from truestock.database.transactions import Row
from truestock.http.paging import Page, PageRequest, fetch_page

_ITEMS = load_sql(__name__, "items")
_FACTS = load_sql(__name__, "item_facts")
_OWNERS = load_sql(__name__, "gtin_owners")

ITEM_LIST = Listing(
    text=load_sql(__name__, "item_list"),
    sorts={
        "sku": Sort("i.sku", "text"),
        "name": Sort("i.name", "text"),
        "changed_at": Sort("i.changed_at", "timestamptz"),
    },
    key="i.item_id",
    default="sku",
)


async def items(
    tx: ReadTransaction, *, item_ids: Sequence[int] = (), skus: Sequence[str] = ()
) -> list[Item]:
    """Return the items with these ids or SKUs, in no order; unknown ones are left out."""
    return [_item(row) for row in await tx.rows(_ITEMS, list(item_ids), list(skus))]


async def item_by_id(tx: ReadTransaction, item_id: int) -> Item:
    """Return one item; raises `ItemNotFoundError`."""
    found = await items(tx, item_ids=[item_id])
    if not found:
        raise ItemNotFoundError(item_id=item_id)
    return found[0]


async def item_by_sku(tx: ReadTransaction, sku: str) -> Item:
    """Return one item; raises `ItemNotFoundError`."""
    found = await items(tx, skus=[sku])
    if not found:
        raise ItemNotFoundError(sku=sku)
    return found[0]


async def item_page(tx: ReadTransaction, asked: PageRequest, filters: Mapping[str, Any]) -> Page:
    """Return a page of items. Filters: `q` (in SKU or name, or a whole GTIN), status, tracking."""
    text = filters.get("q")
    given = {
        "status": filters.get("status"),
        "tracking": filters.get("tracking"),
        "pattern": containing(text) if text else None,
        "gtin_14": comparable(text) if text else None,
    }
    return await fetch_page(tx, ITEM_LIST, asked, given)


async def item_facts(
    tx: ReadTransaction, skus: Sequence[str], item_ids: Sequence[int]
) -> list[ItemFacts]:
    """Return what postings need of these items, in no order; unknown ones are left out."""
    return [_facts(row) for row in await tx.rows(_FACTS, list(skus), list(item_ids))]


async def gtin_owners(tx: ReadTransaction, gtins: Sequence[str]) -> dict[str, str]:
    """Return the SKU that has each of these GTINs; keys are 14 digits."""
    rows = await tx.rows(_OWNERS, [comparable(gtin) for gtin in gtins])
    return {row["gtin_14"]: row["sku"] for row in rows}


def _item(row: Row) -> Item:
    given = dict(row)
    given["packs"] = msgspec.json.decode(given["packs"], type=tuple[Pack, ...])
    given["tracking"] = Tracking(given["tracking"])
    given["status"] = ItemStatus(given["status"])
    return Item(**given)


def _facts(row: Row) -> ItemFacts:
    packs = zip(row["units"] or (), row["numerators"] or (), row["denominators"] or (), strict=True)
    return ItemFacts(
        item_id=row["item_id"],
        sku=row["sku"],
        tracking=Tracking(row["tracking"]),
        status=ItemStatus(row["status"]),
        base_unit=row["base_unit"],
        packs={unit: Fraction(numerator, denominator) for unit, numerator, denominator in packs},
    )
