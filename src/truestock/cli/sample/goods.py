"""Items out of families: names, codes, prices, packs, numbers on the barcode."""

from dataclasses import dataclass
from itertools import product

from truestock.catalog.model.items import ItemRow, Pack
from truestock.catalog.rules.gtin import check_digit
from truestock.cli.sample.catalogue import Family, families

GTIN_BEGINNING = "2"
"""GS1 leaves numbers that begin so to each company for its own use: no other item has them."""
MARGIN = 0.58


@dataclass(frozen=True, slots=True)
class Good:
    """An item with what the year needs to know of it."""

    number: int
    row: ItemRow
    family: Family
    cost_minor: int


def goods() -> list[Good]:
    """Return every item of the company, always the same."""
    found: list[Good] = []
    for family in families():
        for first, second in product(family.first, family.second):
            number = len(found) + 1
            price = _rounded(family.price * first.factor * second.factor)
            cost = int(price * MARGIN)
            row = ItemRow(
                sku=f"{family.code}-{first.code}-{second.code}",
                name=f"{family.name} {first.words}, {second.words}",
                base_unit=family.unit,
                gtin=_gtin(f"{GTIN_BEGINNING}{number:011d}"),
                tracking=family.tracking,
                shelf_life_days=family.shelf_life_days,
                currency="EUR",
                list_price_minor=price,
                cost_minor=cost,
                packs=_packs(family, number),
            )
            found.append(Good(number, row, family, cost))
    return found


def _rounded(cents: float) -> int:
    """Return a price as shops write it: ending in nine, above ten euros in ninety."""
    step = 10 if cents < 1_000 else 100  # noqa: PLR2004 - ten euros
    return max(round(cents / step) * step - step // 10, 9)


def _gtin(digits: str) -> str:
    return digits + check_digit(digits)


def _packs(family: Family, number: int) -> tuple[Pack, ...]:
    return tuple(
        Pack(unit, factor, 1, _gtin(f"{place}{GTIN_BEGINNING}{number:011d}"))
        for place, (unit, factor) in enumerate(family.packs, start=1)
    )
