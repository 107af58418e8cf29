"""Balances and totals as they are shown. Quantities are in the item's base unit."""

from dataclasses import dataclass
from enum import StrEnum


class StockState(StrEnum):
    """What a total says at a glance."""

    OK = "ok"
    OUT = "out"
    NEGATIVE = "negative"


@dataclass(frozen=True, slots=True)
class BalanceShown:
    """One balance: an item at a place, maybe of a lot, in a disposition.

    `quantity_available` is what may be sold and picked now and is not reserved. Virtual places
    (supplier, customer ...) belong to no site and may be below zero.
    """

    balance_id: int
    item_id: int
    sku: str
    item_name: str
    base_unit: str
    site_id: int | None
    site_code: str | None
    location_id: int
    location_code: str
    lot_code: str | None
    disposition: str
    quantity_on_hand: int
    quantity_reserved: int
    quantity_available: int


@dataclass(frozen=True, slots=True)
class SiteTotals:
    """An item's totals at one site."""

    site_id: int
    site_code: str
    quantity_on_hand: int
    quantity_reserved: int
    quantity_available: int
    quantity_incoming: int
    quantity_outgoing: int


@dataclass(frozen=True, slots=True)
class PlaceTotals:
    """An item's totals at one location, over lots and dispositions."""

    site_code: str
    location_id: int
    location_code: str
    quantity_on_hand: int
    quantity_reserved: int
    quantity_available: int


@dataclass(frozen=True, slots=True)
class ItemStock:
    """All stock of one item: in the company (or the asker's sites), by site, by location.

    Incoming and outgoing are what open documents bring from outside of these sites and take out
    of them; of one site, transfers from and to others count as well.
    """

    item_id: int
    sku: str
    name: str
    base_unit: str
    quantity_on_hand: int
    quantity_reserved: int
    quantity_available: int
    quantity_incoming: int
    quantity_outgoing: int
    state: StockState
    sites: list[SiteTotals]
    locations: list[PlaceTotals]
