"""What a supplier asks and promises for an item."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PriceBreak:
    """From this many base units on, one base unit costs this much, in minor units."""

    quantity_minimum: int
    unit_price_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TermFields:
    """All of a supplier's terms that a person decides. Quantities are in base units."""

    lead_time_days: int
    supplier_sku: str = ""
    order_minimum: int = 1
    order_multiple: int = 1
    currency: str = "EUR"
    preferred: bool = False
    price_breaks: tuple[PriceBreak, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierTerm:
    """Stored terms, with the codes of supplier and item for people."""

    supplier_id: int
    supplier_code: str
    supplier_name: str
    item_id: int
    sku: str
    lead_time_days: int
    supplier_sku: str
    order_minimum: int
    order_multiple: int
    currency: str
    preferred: bool
    price_breaks: tuple[PriceBreak, ...]
    version: int
    recorded_at: datetime
    changed_at: datetime
