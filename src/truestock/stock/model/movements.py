"""Movements as asked for, as resolved and as decided.

These are msgspec structs, not data classes, because a posting makes several of them per line and
the border decodes JSON straight into them.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, NamedTuple

import msgspec


class MovementKind(StrEnum):
    """Why stock moves."""

    RECEIPT = "receipt"
    DELIVERY = "delivery"
    TRANSFER = "transfer"
    ADJUSTMENT = "adjustment"
    SCRAP = "scrap"
    REVERSAL = "reversal"
    COUNT = "count"
    BUILD = "build"
    MOVE = "move"


class Disposition(StrEnum):
    """Usability of stock; only `available` may be reserved or counts as available."""

    AVAILABLE = "available"
    QUALITY_HOLD = "quality_hold"
    QUARANTINE = "quarantine"
    DAMAGED = "damaged"
    EXPIRED = "expired"
    RETURNED = "returned"


class NewLine(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, kw_only=True):
    """A line as asked for: the item by `sku` or `item_id`, places by code, quantity as entered."""

    quantity: int | Decimal
    sku: str | None = None
    item_id: int | None = None
    unit: str | None = None
    source_location: str | None = None
    target_location: str | None = None
    lot: str | None = None
    disposition: Disposition = Disposition.AVAILABLE
    target_disposition: Disposition | None = None
    unit_cost: Decimal | None = None


class NewMovement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A movement as asked for; `occurred_at` None means now.

    Receipts come from SUPPLIER and deliveries go to CUSTOMER unless a line says otherwise.
    """

    kind: Literal[
        "receipt", "delivery", "transfer", "adjustment", "scrap", "count", "build", "move"
    ]
    lines: list[NewLine]
    request_key: str | None = None
    occurred_at: datetime | None = None
    reason: str = ""
    note: str = ""


class NewReservation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A promise as asked for: so much of an item at a place, until a moment (None: no end)."""

    quantity: int | Decimal
    location: str
    sku: str | None = None
    item_id: int | None = None
    unit: str | None = None
    lot: str | None = None
    request_key: str | None = None
    priority: int = 100
    expires_at: datetime | None = None
    note: str = ""


class BalanceKey(NamedTuple):
    """What a balance is of: an item at a place, maybe of a lot, in a disposition.

    A tuple, because millions of them are dictionary keys.
    """

    item_id: int
    location_id: int
    lot_id: int | None
    disposition: str


class Line(msgspec.Struct, frozen=True, gc=False):
    """A resolved line: balances by id, quantity in base units."""

    source_balance_id: int
    target_balance_id: int
    quantity: int
    unit_entered: str | None = None
    quantity_entered: Decimal | int | None = None
    unit_cost_minor: Decimal | None = None
    serial_lot_id: int | None = None


class Post(msgspec.Struct, frozen=True):
    """A resolved command: move these lines, all or nothing.

    `reservation_id` names a pending reservation that this movement fulfils; its balance is the
    source of the first line.
    """

    actor_id: int
    request_key: str
    payload_hash: bytes
    kind: str
    occurred_at: datetime | None
    lines: tuple[Line, ...]
    reason: str = ""
    note: str = ""
    document_id: int | None = None
    reverses_id: int | None = None
    reservation_id: int | None = None


class Reserve(msgspec.Struct, frozen=True):
    """A resolved command: promise this much of one balance."""

    actor_id: int
    request_key: str
    payload_hash: bytes
    balance_id: int
    quantity: int
    priority: int = 100
    expires_at: datetime | None = None
    document_id: int | None = None
    note: str = ""


class Release(msgspec.Struct, frozen=True):
    """A resolved command: end a pending reservation without a movement."""

    actor_id: int
    request_key: str
    payload_hash: bytes
    reservation_id: int
    balance_id: int
    state: Literal["voided", "expired"]


Command = Post | Reserve | Release


class BalanceState(msgspec.Struct, frozen=True, gc=False):
    """A locked balance as the decision sees it."""

    quantity_on_hand: int
    quantity_reserved: int
    physical: bool
    negative_allowed: bool
    disposition: str = "available"


class ReservationState(msgspec.Struct, frozen=True, gc=False):
    """A reservation whose balance is locked."""

    balance_id: int
    quantity: int
    state: str
    expires_at: datetime | None


class Posted(msgspec.Struct, frozen=True):
    """What a posted movement answers. Quantities are right after the line, in base units."""

    movement_id: int
    recorded_at: datetime
    lines: list["PostedLine"]
    status: Literal["posted"] = "posted"
    replayed: bool = False


class PostedLine(msgspec.Struct, frozen=True, gc=False):
    """Both balances right after one line."""

    line_number: int
    source_quantity_on_hand: int
    target_quantity_on_hand: int


class Reserved(msgspec.Struct, frozen=True):
    """What a reservation command answers."""

    reservation_id: int
    state: str
    quantity: int
    replayed: bool = False


class Refused(msgspec.Struct, frozen=True):
    """A stored refusal: the problem's members as first given."""

    problem: dict[str, Any]
    replayed: bool = False
