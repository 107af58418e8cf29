"""Movements as they are shown: a line with its movement's facts, a movement with its lines."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class LineShown:
    """One line of a posted movement. Quantities are in the item's base unit.

    `quantity_entered` of `unit_entered` is what was typed, when another unit was named. What there
    was afterwards on a side outside of the asker's sites is None.
    """

    movement_id: int
    line_number: int
    kind: str
    occurred_at: datetime
    recorded_at: datetime
    document_id: int | None
    actor_id: int
    actor_name: str | None
    request_key: str
    reason: str
    note: str
    reverses_id: int | None
    reversed_by_id: int | None
    item_id: int
    sku: str
    item_name: str
    base_unit: str
    lot_code: str | None
    source_location_id: int
    source_location_code: str
    target_location_id: int
    target_location_code: str
    source_site_id: int | None
    target_site_id: int | None
    source_balance_id: int
    target_balance_id: int
    source_disposition: str
    target_disposition: str
    quantity: int
    source_quantity_after: int | None
    target_quantity_after: int | None
    unit_entered: str | None
    quantity_entered: Decimal | None
    unit_cost_minor: Decimal | None


@dataclass(frozen=True, slots=True)
class MovementShown:
    """A posted movement with all its lines."""

    movement_id: int
    kind: str
    occurred_at: datetime
    recorded_at: datetime
    document_id: int | None
    actor_id: int
    actor_name: str | None
    request_key: str
    reason: str
    note: str
    reverses_id: int | None
    reversed_by_id: int | None
    lines: list[LineShown]
