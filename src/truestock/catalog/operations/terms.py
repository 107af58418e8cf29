"""The verbs of supplier terms. The item is locked first, so that its terms change in turn."""

from truestock.catalog.errors.terms import TermExistsError
from truestock.catalog.model.terms import SupplierTerm, TermFields
from truestock.catalog.operations.trail import Subject, record
from truestock.catalog.reads import items as item_reads
from truestock.catalog.reads import terms as reads
from truestock.catalog.rules import terms as rules
from truestock.catalog.writes import items as item_writes
from truestock.catalog.writes import terms as writes
from truestock.database import Transaction
from truestock.kernel.actor import Actor
from truestock.kernel.errors import about
from truestock.kernel.versions import require_version


async def put_term(
    tx: Transaction,
    actor: Actor,
    supplier_id: int,
    item_id: int,
    *,
    version: int | None,
    term: TermFields,
) -> SupplierTerm:
    """Set a supplier's terms for an item; `version` None means there are none yet.

    Preferred terms take the preference from the item's other suppliers. Raises `TermExistsError`,
    `TermNotFoundError`, `StaleVersionError`, `SupplierUnknownError`, `ItemNotFoundError`.
    """
    actor.require("item.write")
    checked = rules.checked(term)
    await item_writes.lock_items(tx, item_ids=[item_id])
    await item_reads.item_by_id(tx, item_id)
    await reads.require_supplier(tx, supplier_id)
    with about(supplier_id=supplier_id, item_id=item_id):
        if version is None:
            before = None
            await _require_none(tx, supplier_id, item_id)
            await writes.add_term(tx, supplier_id, item_id, checked)
        else:
            before = await reads.term(tx, supplier_id, item_id)
            require_version(before.version, version)
            await writes.change_term(tx, supplier_id, item_id, checked)
    after = await reads.term(tx, supplier_id, item_id)
    await record(tx, actor, "put", Subject("supplier_term", item_id), before=before, after=after)
    return after


async def delete_term(
    tx: Transaction, actor: Actor, supplier_id: int, item_id: int, version: int
) -> None:
    """Delete a supplier's terms for an item. Raises `TermNotFoundError`, `StaleVersionError`."""
    actor.require("item.write")
    await item_writes.lock_items(tx, item_ids=[item_id])
    before = await reads.term(tx, supplier_id, item_id)
    require_version(before.version, version)
    await writes.remove_term(tx, supplier_id, item_id)
    await record(tx, actor, "deleted", Subject("supplier_term", item_id), before=before, after=None)


async def _require_none(tx: Transaction, supplier_id: int, item_id: int) -> None:
    found = await reads.terms_of_items(tx, [item_id], supplier_id)
    if found:
        raise TermExistsError(version=found[0].version)
