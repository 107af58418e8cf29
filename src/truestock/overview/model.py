"""What the overview answers. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Found:
    """A search result; `exact` ones open at once."""

    kind: Literal["item", "location", "document"]
    id: int
    code: str
    label: str
    exact: bool


@dataclass(frozen=True, slots=True)
class SavedView:
    """A list with its filters under a name."""

    view_id: int
    page: str
    name: str
    query: str
    shared: bool
    owner_name: str
    own: bool


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many movements happened on a day (UTC)."""

    day: date
    movement_count: int


@dataclass(frozen=True, slots=True)
class ShortItem:
    """An active item of which nothing is left to give, though it has been there."""

    item_id: int
    sku: str
    name: str
    base_unit: str
    quantity_on_hand: int
    quantity_reserved: int


@dataclass(frozen=True, slots=True)
class StockFigures:
    """What is told of all balances of some sites, and when it was counted."""

    balance_count: int
    short_item_count: int
    short_items: list[ShortItem]
    counted_at: datetime


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The first look of the day, at one's own sites; only the catalogue is everybody's.

    Counts are of this very moment, none is estimated. But where balances are very many, what is
    counted over all of them (`balance_count`, `short_...`) is of `counted_at`, some minutes ago;
    for somebody of several sites an item is then counted at each where it is short.
    """

    as_of: datetime
    counted_at: datetime
    item_count: int
    balance_count: int
    documents_posted_today: int
    documents_posted_yesterday: int
    open_drafts: int
    movements_today: int
    movements_by_day: list[DayCount]
    short_item_count: int
    short_items: list[ShortItem]
    verification_state: Literal["proven", "broken", "never"]
    verified_at: datetime | None
    sealed_movement_id: int | None
