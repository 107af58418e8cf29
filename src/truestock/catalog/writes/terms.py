"""Changes of supplier terms."""

from truestock.catalog.model.terms import TermFields
from truestock.database import Transaction, load_sql

_ADD = load_sql(__name__, "add_term")
_CHANGE = load_sql(__name__, "change_term")
_UNPREFER = load_sql(__name__, "unprefer_others")
_REMOVE_BREAKS = load_sql(__name__, "remove_price_breaks")
_ADD_BREAKS = load_sql(__name__, "add_price_breaks")
_REMOVE = load_sql(__name__, "remove_term")


async def add_term(tx: Transaction, supplier_id: int, item_id: int, term: TermFields) -> None:
    """Insert terms; when they are preferred, the item's former preferred ones no longer are."""
    await _unprefer_others(tx, supplier_id, item_id, term)
    await tx.run(_ADD, supplier_id, item_id, *_columns(term))
    await _add_breaks(tx, supplier_id, item_id, term)


async def change_term(tx: Transaction, supplier_id: int, item_id: int, term: TermFields) -> None:
    """Give terms new fields and price breaks."""
    await _unprefer_others(tx, supplier_id, item_id, term)
    await tx.run(_CHANGE, supplier_id, item_id, *_columns(term))
    await tx.run(_REMOVE_BREAKS, supplier_id, item_id)
    await _add_breaks(tx, supplier_id, item_id, term)


async def remove_term(tx: Transaction, supplier_id: int, item_id: int) -> None:
    """Delete terms with their price breaks."""
    await tx.run(_REMOVE, supplier_id, item_id)


def _columns(term: TermFields) -> tuple[str | int | bool, ...]:
    return (
        term.supplier_sku,
        term.lead_time_days,
        term.order_minimum,
        term.order_multiple,
        term.currency,
        term.preferred,
    )


async def _unprefer_others(
    tx: Transaction, supplier_id: int, item_id: int, term: TermFields
) -> None:
    if term.preferred:
        await tx.run(_UNPREFER, supplier_id, item_id)


async def _add_breaks(tx: Transaction, supplier_id: int, item_id: int, term: TermFields) -> None:
    if term.price_breaks:
        await tx.run(
            _ADD_BREAKS,
            supplier_id,
            item_id,
            [each.quantity_minimum for each in term.price_breaks],
            [each.unit_price_minor for each in term.price_breaks],
        )
