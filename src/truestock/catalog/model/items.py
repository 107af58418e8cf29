"""Items: what is asked for, what is stored, what a posting needs to know."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction


class Tracking(StrEnum):
    """How single pieces of an item are told apart."""

    NONE = "none"
    LOT = "lot"
    SERIAL = "serial"


class ItemStatus(StrEnum):
    """Whether an item takes new movements and documents."""

    ACTIVE = "active"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class Pack:
    """A further unit: `factor_numerator / factor_denominator` base units, exact, lowest terms."""

    unit: str
    factor_numerator: int
    factor_denominator: int = 1
    gtin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFields:
    """All of an item that a person decides. Prices are in minor units of `currency`."""

    sku: str
    name: str
    description: str = ""
    base_unit: str = "each"
    gtin: str | None = None
    tracking: Tracking = Tracking.NONE
    shelf_life_days: int | None = None
    currency: str = "EUR"
    list_price_minor: int | None = None
    cost_minor: int | None = None
    picture_url: str | None = None
    packs: tuple[Pack, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A stored item with its packs."""

    item_id: int
    sku: str
    name: str
    description: str
    base_unit: str
    gtin: str | None
    tracking: Tracking
    shelf_life_days: int | None
    currency: str
    list_price_minor: int | None
    cost_minor: int | None
    picture_url: str | None
    packs: tuple[Pack, ...]
    status: ItemStatus
    version: int
    recorded_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """A row of an import; None is "not given": kept as it is, or the default of a new item."""

    sku: str
    name: str | None = None
    description: str | None = None
    base_unit: str | None = None
    gtin: str | None = None
    tracking: str | None = None
    shelf_life_days: int | None = None
    currency: str | None = None
    list_price_minor: int | None = None
    cost_minor: int | None = None
    picture_url: str | None = None
    packs: tuple[Pack, ...] | None = None


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What a posting needs to know of an item. `packs` are base units per unit, exact."""

    item_id: int
    sku: str
    tracking: Tracking
    status: ItemStatus
    base_unit: str
    packs: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class ItemFound:
    """A search result. `unit` is the pack's when its own GTIN was found; `exact` opens at once."""

    item_id: int
    sku: str
    name: str
    status: ItemStatus
    unit: str | None
    exact: bool


@dataclass(frozen=True, slots=True)
class CodeMeaning:
    """What a scanned code is: an item, and the unit that the code stands for."""

    item_id: int
    sku: str
    unit: str
