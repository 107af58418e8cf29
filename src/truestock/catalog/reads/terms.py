"""What suppliers ask and promise, by item and by supplier."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from truestock.catalog.errors.terms import SupplierUnknownError, TermNotFoundError
from truestock.catalog.model.parties import PartyKind
from truestock.catalog.model.terms import PriceBreak, SupplierTerm
from truestock.database import Listing, ReadTransaction, load_sql
from truestock.database.patterns import containing
from truestock.database.sql import Sort
from truestock.database.transactions import Row
from truestock.http.paging import Page, PageRequest, fetch_page

_TERMS = load_sql(__name__, "supplier_terms")
_SUPPLIER = load_sql(__name__, "supplier_kind")

TERM_LIST = Listing(
    text=load_sql(__name__, "term_list"),
    sorts={"sku": Sort("i.sku", "text"), "lead_time_days": Sort("t.lead_time_days", "integer")},
    key="t.item_id",
    default="sku",
)


async def terms_of_items(
    tx: ReadTransaction, item_ids: Sequence[int], supplier_id: int | None = None
) -> list[SupplierTerm]:
    """Return the terms for these items, the preferred supplier of each first."""
    return [_term(row) for row in await tx.rows(_TERMS, list(item_ids), supplier_id)]


async def term(tx: ReadTransaction, supplier_id: int, item_id: int) -> SupplierTerm:
    """Return one supplier's terms for one item; raises `TermNotFoundError`."""
    found = await terms_of_items(tx, [item_id], supplier_id)
    if not found:
        raise TermNotFoundError(supplier_id=supplier_id, item_id=item_id)
    return found[0]


async def term_page(
    tx: ReadTransaction, supplier_id: int, asked: PageRequest, filters: Mapping[str, Any]
) -> Page:
    """Return a page of a supplier's terms. Filter: `q` (in SKU, name or the supplier's SKU)."""
    text = filters.get("q")
    given = {"supplier_id": supplier_id, "pattern": containing(text) if text else None}
    return await fetch_page(tx, TERM_LIST, asked, given)


async def require_supplier(tx: ReadTransaction, supplier_id: int) -> None:
    """Raise `SupplierUnknownError` unless this is a supplier; it stays one until the end."""
    if await tx.value(_SUPPLIER, supplier_id) != PartyKind.SUPPLIER:
        raise SupplierUnknownError(supplier_id=supplier_id)


def _term(row: Row) -> SupplierTerm:
    given = dict(row)
    given["price_breaks"] = msgspec.json.decode(given["price_breaks"], type=tuple[PriceBreak, ...])
    return SupplierTerm(**given)
