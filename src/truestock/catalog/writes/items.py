"""Changes of items; each statement takes any number of them."""

from collections.abc import Sequence
from typing import Any

from truestock.catalog.model.items import ItemFields, ItemStatus
from truestock.catalog.rules.items import gtins
from truestock.database import Transaction, load_sql

_LOCK = load_sql(__name__, "lock_items")
_LOCK_IMPORTS = load_sql(__name__, "lock_imports")
_ADD = load_sql(__name__, "add_items")
_CHANGE = load_sql(__name__, "change_items")
_REMOVE_PACKS = load_sql(__name__, "remove_packs")
_REMOVE_GTINS = load_sql(__name__, "remove_gtins")
_ADD_PACKS = load_sql(__name__, "add_packs")
_ADD_GTINS = load_sql(__name__, "add_gtins")
_SET_STATUS = load_sql(__name__, "set_item_status")
_REMOVE = load_sql(__name__, "remove_item")


async def lock_imports(tx: Transaction) -> None:
    """Wait for other imports of the catalogue; held until the transaction ends."""
    await tx.run(_LOCK_IMPORTS)


async def lock_items(
    tx: Transaction, *, item_ids: Sequence[int] = (), skus: Sequence[str] = ()
) -> None:
    """Lock items in the order of their ids; postings go on, other changes wait."""
    await tx.rows(_LOCK, list(item_ids), list(skus))


async def add_items(tx: Transaction, items: Sequence[ItemFields]) -> dict[str, int]:
    """Insert items with packs and codes; returns the ids by SKU."""
    rows = await tx.rows(_ADD, *_columns(items))
    ids: dict[str, int] = {row["sku"]: row["item_id"] for row in rows}
    await _add_packs_and_gtins(tx, [(ids[item.sku], item) for item in items])
    return ids


async def change_items(tx: Transaction, items: Sequence[tuple[int, ItemFields]]) -> None:
    """Give items new fields; packs and codes are put anew, so that they may swap names."""
    ids = [item_id for item_id, _item in items]
    await tx.run(_REMOVE_GTINS, ids)
    await tx.run(_REMOVE_PACKS, ids)
    await tx.run(_CHANGE, *_columns([item for _item_id, item in items]), ids)
    await _add_packs_and_gtins(tx, items)


async def set_status(tx: Transaction, item_id: int, status: ItemStatus) -> None:
    """Archive or restore an item."""
    await tx.run(_SET_STATUS, item_id, status)


async def remove_item(tx: Transaction, item_id: int) -> None:
    """Delete an item; the foreign keys of what still needs it refuse."""
    await tx.run(_REMOVE, item_id)


def _columns(items: Sequence[ItemFields]) -> tuple[list[Any], ...]:
    return (
        [item.sku for item in items],
        [item.name for item in items],
        [item.description for item in items],
        [item.base_unit for item in items],
        [item.tracking for item in items],
        [item.shelf_life_days for item in items],
        [item.currency for item in items],
        [item.list_price_minor for item in items],
        [item.cost_minor for item in items],
        [item.picture_url for item in items],
    )


async def _add_packs_and_gtins(tx: Transaction, items: Sequence[tuple[int, ItemFields]]) -> None:
    packs = [(item_id, pack) for item_id, item in items for pack in item.packs]
    if packs:
        await tx.run(
            _ADD_PACKS,
            [item_id for item_id, _pack in packs],
            [pack.unit for _item_id, pack in packs],
            [pack.factor_numerator for _item_id, pack in packs],
            [pack.factor_denominator for _item_id, pack in packs],
        )
    codes = [(item_id, unit, gtin) for item_id, item in items for gtin, unit in gtins(item)]
    if codes:
        await tx.run(
            _ADD_GTINS,
            [item_id for item_id, _unit, _gtin in codes],
            [unit for _item_id, unit, _gtin in codes],
            [gtin for _item_id, _unit, gtin in codes],
        )
