"""Why a number is what it is, who holds what, how stock went and what may be promised."""

from dataclasses import dataclass
from datetime import date, datetime

from truestock.stock.model.balances import BalanceShown


@dataclass(frozen=True, slots=True)
class WhyLine:
    """One line as this balance saw it: what it changed and what there was right after it."""

    movement_id: int
    line_number: int
    kind: str
    occurred_at: datetime
    recorded_at: datetime
    delta: int
    running_quantity: int
    other_location_code: str
    document_id: int | None
    actor_id: int
    actor_name: str | None
    request_key: str
    reason: str
    note: str
    reverses_id: int | None
    reversed_by_id: int | None


@dataclass(frozen=True, slots=True)
class ReservationShown:
    """A promise on one balance. While pending, `quantity` is held; smaller priority comes first."""

    reservation_id: int
    state: str
    quantity: int
    quantity_posted: int
    priority: int
    expires_at: datetime | None
    balance_id: int
    item_id: int
    sku: str
    item_name: str
    site_code: str | None
    location_id: int
    location_code: str
    lot_code: str | None
    actor_id: int
    actor_name: str | None
    request_key: str
    document_id: int | None
    movement_id: int | None
    note: str
    recorded_at: datetime
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Why:
    """A balance, the lines that make it (a page of them) and the promises on it."""

    balance: BalanceShown
    lines: list[WhyLine]
    reservations: list[ReservationShown]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class HistoryPoint:
    """What there was at the end of a day, by when it happened."""

    date: date
    quantity_on_hand: int


@dataclass(frozen=True, slots=True)
class ItemHistory:
    """Closing quantities of the last `days` days; fewer than asked for when very much happened."""

    item_id: int
    time_zone: str
    days: int
    points: list[HistoryPoint]


@dataclass(frozen=True, slots=True)
class Dated:
    """What is to come (above zero) or to go (below zero) on a day."""

    date: date
    quantity: int


@dataclass(frozen=True, slots=True)
class PromisePoint:
    """From this day on so much is expected, and so much of it may be promised."""

    date: date
    quantity_projected: int
    quantity_promisable: int


@dataclass(frozen=True, slots=True)
class Expected:
    """What an open document brings (above zero) or takes (below zero).

    `due_on` None is not known: what goes counts from today on, what comes on no day at all.
    """

    document_id: int
    number: str
    kind: str
    due_on: date | None
    quantity: int


@dataclass(frozen=True, slots=True)
class Promise:
    """What of an item may be promised, by date, and what makes it so.

    `expected` are the open documents in the order of their days, `released` what promises with a
    time limit give back when nobody uses them, `holders` the pending promises, first by priority.
    Of each list the first hundred are shown; the points count all.
    """

    item_id: int
    site_id: int | None
    quantity_on_hand: int
    quantity_reserved: int
    quantity_available: int
    points: list[PromisePoint]
    expected: list[Expected]
    released: list[Dated]
    holders: list[ReservationShown]
