"""What makes an item right, and what an import row does to one. Pure."""

import re
from dataclasses import fields, replace
from fractions import Fraction
from typing import Any

from truestock.catalog.errors.items import (
    CurrencyFormError,
    GtinTakenError,
    ItemDescriptionError,
    ItemFixedError,
    ItemNameError,
    PackFactorError,
    PackIsBaseUnitError,
    PackRepeatedError,
    PacksTooManyError,
    PictureLinkError,
    PriceRangeError,
    ShelfLifeError,
    SkuFormError,
    TrackingUnknownError,
    UnitFormError,
)
from truestock.catalog.model.items import Item, ItemFields, ItemRow, Pack, Tracking
from truestock.catalog.rules.gtin import comparable, require_gtin
from truestock.catalog.rules.texts import is_code, is_currency, is_name, is_text

NAME_LENGTH_MAX = 300
DESCRIPTION_LENGTH_MAX = 10_000
UNIT_LENGTH_MAX = 32
PICTURE_URL_LENGTH_MAX = 2_000
PRICE_MAX = 10**15
SHELF_LIFE_DAYS_MAX = 36_500
FACTOR_MAX = 10**9
PACKS_MAX = 50

_PICTURE_URL = re.compile(r"https?://[^\s\x00]+")


def checked(item: ItemFields) -> ItemFields:
    """Return the item, packs in order of size with factors in lowest terms; raise what is wrong."""
    if not is_code(item.sku):
        raise SkuFormError(sku=item.sku)
    if not is_name(item.name, NAME_LENGTH_MAX):
        raise ItemNameError
    if not is_text(item.description, DESCRIPTION_LENGTH_MAX):
        raise ItemDescriptionError
    if not is_code(item.base_unit, UNIT_LENGTH_MAX):
        raise UnitFormError(unit=item.base_unit)
    if item.gtin is not None:
        require_gtin(item.gtin)
    if item.shelf_life_days is not None and not 1 <= item.shelf_life_days <= SHELF_LIFE_DAYS_MAX:
        raise ShelfLifeError(shelf_life_days=item.shelf_life_days)
    _require_money(item)
    if item.picture_url is not None and not _is_picture_url(item.picture_url):
        raise PictureLinkError
    packs = tuple(checked_pack(pack) for pack in item.packs)
    _require_distinct(item, packs)
    return replace(item, packs=tuple(sorted(packs, key=_size)))


def checked_pack(pack: Pack) -> Pack:
    """Return the pack with its factor in lowest terms; raise what is wrong with it."""
    if not is_code(pack.unit, UNIT_LENGTH_MAX):
        raise UnitFormError(unit=pack.unit)
    numerator, denominator = pack.factor_numerator, pack.factor_denominator
    if not (1 <= numerator <= FACTOR_MAX and 1 <= denominator <= FACTOR_MAX):
        raise PackFactorError(unit=pack.unit)
    if pack.gtin is not None:
        require_gtin(pack.gtin)
    lowest = Fraction(numerator, denominator)
    return replace(pack, factor_numerator=lowest.numerator, factor_denominator=lowest.denominator)


def gtins(item: ItemFields) -> list[tuple[str, str | None]]:
    """Return every GTIN of the item with the pack's unit, None for the base unit's."""
    own = [(item.gtin, None)] if item.gtin is not None else []
    return own + [(pack.gtin, pack.unit) for pack in item.packs if pack.gtin is not None]


def fields_of(item: Item) -> ItemFields:
    """Return what a person decided of a stored item."""
    return ItemFields(**{each.name: getattr(item, each.name) for each in fields(ItemFields)})


def new_from_row(row: ItemRow) -> ItemFields:
    """Return the new item that an import row describes; without a name it is named by its SKU."""
    given = _given(row)
    return checked(ItemFields(**{"sku": row.sku, "name": row.sku, **given}))


def changed_by_row(item: ItemFields, row: ItemRow) -> ItemFields:
    """Return the item as an import row changes it.

    Raises `ItemFixedError` when it would change base unit or tracking: that is not for a file.
    """
    changed = checked(replace(item, **_given(row)))
    if (changed.base_unit, changed.tracking) != (item.base_unit, item.tracking):
        raise ItemFixedError(base_unit=item.base_unit, tracking=item.tracking.value)
    return changed


def _given(row: ItemRow) -> dict[str, Any]:
    given = {each.name: getattr(row, each.name) for each in fields(ItemRow)}
    given = {name: value for name, value in given.items() if value is not None}
    if "tracking" in given:
        if given["tracking"] not in set(Tracking):
            raise TrackingUnknownError(tracking=given["tracking"])
        given["tracking"] = Tracking(given["tracking"])
    return given


def _size(pack: Pack) -> tuple[Fraction, str]:
    return Fraction(pack.factor_numerator, pack.factor_denominator), pack.unit


def _require_money(item: ItemFields) -> None:
    if not is_currency(item.currency):
        raise CurrencyFormError(currency=item.currency)
    for price in (item.list_price_minor, item.cost_minor):
        if price is not None and not 0 <= price <= PRICE_MAX:
            raise PriceRangeError(price_minor=price)


def _is_picture_url(text: str) -> bool:
    return (
        len(text) <= PICTURE_URL_LENGTH_MAX
        and _PICTURE_URL.fullmatch(text) is not None
        and is_text(text, PICTURE_URL_LENGTH_MAX)
    )


def _require_distinct(item: ItemFields, packs: tuple[Pack, ...]) -> None:
    if len(packs) > PACKS_MAX:
        raise PacksTooManyError(packs=len(packs))
    units: set[str] = set()
    for pack in packs:
        if pack.unit == item.base_unit:
            raise PackIsBaseUnitError(unit=pack.unit)
        if pack.unit in units:
            raise PackRepeatedError(unit=pack.unit)
        units.add(pack.unit)
    codes: set[str] = set()
    for gtin, _unit in gtins(item):
        if comparable(gtin) in codes:
            raise GtinTakenError(gtin=gtin, sku=item.sku)
        codes.add(comparable(gtin))
