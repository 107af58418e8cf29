"""Finding items: as one types, and by exact code as a scanner sends it."""

from collections.abc import Sequence

from truestock.catalog.model.items import CodeMeaning, ItemFound, ItemStatus
from truestock.catalog.rules.gtin import comparable
from truestock.database import ReadTransaction, load_sql
from truestock.database.patterns import containing

FOUND_DEFAULT = 10
FOUND_MAX = 50

_SEARCH = load_sql(__name__, "search_items")
_CODES = load_sql(__name__, "codes")


async def search_items(
    tx: ReadTransaction, text: str, limit: int = FOUND_DEFAULT
) -> list[ItemFound]:
    """Return items for what has been typed so far, best first.

    An exact SKU, GTIN or pack GTIN comes first and is marked; then SKUs and GTINs that start so,
    and if these are few, names and SKUs that contain it (three letters or more). When nothing is
    found, names that nearly contain it forgive a typing error.
    """
    typed = text.strip()
    if not typed:
        return []
    rows = await tx.rows(_SEARCH, typed, comparable(typed), containing(typed), limit)
    return [
        ItemFound(
            row["item_id"],
            row["sku"],
            row["name"],
            ItemStatus(row["status"]),
            row["unit"],
            row["exact"],
        )
        for row in rows
    ]


async def items_by_code(tx: ReadTransaction, codes: Sequence[str]) -> dict[str, CodeMeaning]:
    """Return what each code exactly is: a SKU, or the GTIN of a base unit or pack.

    Unknown codes are left out. A SKU wins over a GTIN that reads the same.
    """
    rows = await tx.rows(_CODES, list(codes), [comparable(code) for code in codes])
    return {row["code"]: CodeMeaning(row["item_id"], row["sku"], row["unit"]) for row in rows}
