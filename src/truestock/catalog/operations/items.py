"""The verbs of items: create, change, archive, restore, delete, import.

Every change raises the fact stamp as its last statement, so that no posting uses an old fact.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from truestock.catalog.errors.items import GtinTakenError
from truestock.catalog.model.imports import Outcome, PlannedRow, RowOutcome
from truestock.catalog.model.items import Item, ItemFields, ItemRow, ItemStatus
from truestock.catalog.operations.facts import raise_fact_stamp
from truestock.catalog.operations.trail import Subject, differences, record
from truestock.catalog.reads import items as reads
from truestock.catalog.rules import items as rules
from truestock.catalog.rules.gtin import comparable
from truestock.catalog.rules.imports import planned_items
from truestock.catalog.rules.texts import is_storable
from truestock.catalog.writes import items as writes
from truestock.database import Transaction
from truestock.kernel.actor import Actor
from truestock.kernel.errors import about
from truestock.kernel.versions import require_version


async def create_item(tx: Transaction, actor: Actor, item: ItemFields) -> Item:
    """Add an item with its packs. Raises `SkuTakenError`, `GtinTakenError` or what is wrong."""
    actor.require("item.write")
    checked = rules.checked(item)
    await _require_free_gtins(tx, checked)
    with about(sku=checked.sku):
        ids = await writes.add_items(tx, [checked])
    item_id = ids[checked.sku]
    await record(tx, actor, "created", Subject("item", item_id), before=None, after=checked)
    created = await reads.item_by_id(tx, item_id)
    await raise_fact_stamp(tx)
    return created


async def change_item(
    tx: Transaction, actor: Actor, item_id: int, version: int, changes: Mapping[str, Any]
) -> Item:
    """Give an item new values for these fields of `ItemFields`; packs are replaced as a whole.

    Raises `StaleVersionError`, `ItemFixedError`, `SkuTakenError`, `GtinTakenError`.
    """
    actor.require("item.write")
    found = await _locked(tx, item_id, version)
    before = rules.fields_of(found)
    after = rules.checked(replace(before, **changes))
    if after == before:
        return found
    await _require_free_gtins(tx, after)
    with about(sku=after.sku):
        await writes.change_items(tx, [(item_id, after)])
    await record(tx, actor, "changed", Subject("item", item_id), before=before, after=after)
    changed = await reads.item_by_id(tx, item_id)
    await raise_fact_stamp(tx)
    return changed


async def archive_item(tx: Transaction, actor: Actor, item_id: int, version: int) -> Item:
    """Take an item out of use; its history stays. An archived item stays as it is."""
    return await _put_status(tx, actor, item_id, version, ItemStatus.ARCHIVED)


async def restore_item(tx: Transaction, actor: Actor, item_id: int, version: int) -> Item:
    """Take an archived item back into use. An active item stays as it is."""
    return await _put_status(tx, actor, item_id, version, ItemStatus.ACTIVE)


async def delete_item(tx: Transaction, actor: Actor, item_id: int, version: int) -> None:
    """Delete an item that never moved; raises `ItemMovedError` for one that did."""
    actor.require("item.write")
    found = await _locked(tx, item_id, version)
    with about(sku=found.sku):
        await writes.remove_item(tx, item_id)
    await record(
        tx, actor, "deleted", Subject("item", item_id), before=rules.fields_of(found), after=None
    )
    await raise_fact_stamp(tx)


async def import_items(tx: Transaction, actor: Actor, rows: Sequence[ItemRow]) -> list[RowOutcome]:
    """Create or change items by SKU, thousands at a time; every row has its own outcome.

    A row changes only what it gives, and never base unit or tracking of an existing item. The
    number of statements does not depend on the number of rows. Running it again changes nothing.
    """
    actor.require("item.write")
    await writes.lock_imports(tx)
    skus = sorted({row.sku for row in rows if is_storable(row.sku)})
    await writes.lock_items(tx, skus=skus)
    stored = {item.sku: item for item in await reads.items(tx, skus=skus)}
    owners = await reads.gtin_owners(tx, _gtins_named(rows))
    planned = planned_items(rows, stored, owners)
    new = [each for each in planned if each.outcome.outcome is Outcome.CREATED]
    changed = [each for each in planned if each.outcome.outcome is Outcome.CHANGED]
    ids = await writes.add_items(tx, [each.after for each in new if each.after]) if new else {}
    if changed:
        await writes.change_items(tx, _with_ids(changed))
    if new or changed:
        await _record_import(tx, actor, new, changed)
        await raise_fact_stamp(tx)
    return [_with_new_id(each.outcome, ids) for each in planned]


async def _locked(tx: Transaction, item_id: int, version: int) -> Item:
    await writes.lock_items(tx, item_ids=[item_id])
    found = await reads.item_by_id(tx, item_id)
    require_version(found.version, version)
    return found


async def _require_free_gtins(tx: Transaction, item: ItemFields) -> None:
    """Name the item that has one of these codes; the constraint has the last word."""
    codes = [gtin for gtin, _unit in rules.gtins(item)]
    owners = await reads.gtin_owners(tx, codes) if codes else {}
    for gtin in codes:
        owner = owners.get(comparable(gtin), item.sku)
        if owner != item.sku:
            raise GtinTakenError(gtin=gtin, sku=owner)


async def _put_status(
    tx: Transaction, actor: Actor, item_id: int, version: int, status: ItemStatus
) -> Item:
    actor.require("item.write")
    found = await _locked(tx, item_id, version)
    if found.status is status:
        return found
    await writes.set_status(tx, item_id, status)
    verb = "archived" if status is ItemStatus.ARCHIVED else "restored"
    before, after = {"status": found.status}, {"status": status}
    await record(tx, actor, verb, Subject("item", item_id), before=before, after=after)
    changed = await reads.item_by_id(tx, item_id)
    await raise_fact_stamp(tx)
    return changed


def _gtins_named(rows: Sequence[ItemRow]) -> list[str]:
    codes = [row.gtin for row in rows] + [pack.gtin for row in rows for pack in row.packs or ()]
    return [code for code in codes if code is not None and code.isascii() and code.isdigit()]


def _with_ids(planned: Sequence[PlannedRow[ItemFields]]) -> list[tuple[int, ItemFields]]:
    return [
        (each.outcome.row_id, each.after)
        for each in planned
        if each.outcome.row_id is not None and each.after is not None
    ]


def _with_new_id(outcome: RowOutcome, ids: Mapping[str, int]) -> RowOutcome:
    if outcome.outcome is Outcome.CREATED:
        return replace(outcome, row_id=ids[outcome.key])
    return outcome


async def _record_import(
    tx: Transaction,
    actor: Actor,
    new: Sequence[PlannedRow[ItemFields]],
    changed: Sequence[PlannedRow[ItemFields]],
) -> None:
    pairs = {each.outcome.key: differences(each.before, each.after) for each in changed}
    before = {"changed": {sku: old for sku, (old, _new) in pairs.items()}}
    after = {
        "created": [each.outcome.key for each in new],
        "changed": {sku: now for sku, (_old, now) in pairs.items()},
    }
    await record(tx, actor, "imported", Subject("item"), before=before, after=after)
