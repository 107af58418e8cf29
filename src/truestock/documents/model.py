"""Documents as asked for, as drafted, as stored and as listed.

What comes in thousands is a msgspec struct, as in the ledger; the rest are data classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal

import msgspec

from truestock.stock.model.movements import Disposition


class DocumentType(StrEnum):
    """The types that have verbs so far."""

    RECEIPT = "receipt"
    DELIVERY = "delivery"
    TRANSFER = "transfer"
    ADJUSTMENT = "adjustment"


TYPE_BY_ALIAS = {
    "IMPORT": DocumentType.RECEIPT,
    "EXPORT": DocumentType.DELIVERY,
    "TRANSFER": DocumentType.TRANSFER,
}
"""Words that others use for our types."""


class DocumentState(StrEnum):
    """Where a document is; orders will have states of their own."""

    DRAFT = "draft"
    POSTED = "posted"
    CANCELLED = "cancelled"


class NewDocumentLine(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A line as asked for: the item by SKU or id, places by code or id, quantity as entered.

    `unit` None is the item's base unit; a place None is the document's. `unit_cost` is in minor
    units of the item's currency, for one base unit.
    """

    item: str | int
    quantity: int | Decimal
    unit: str | None = None
    lot: str | None = None
    disposition: Disposition = Disposition.AVAILABLE
    unit_cost: Decimal | None = None
    source: str | int | None = None
    target: str | int | None = None


class NewDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A document as asked for, places by code or id; `occurred_at` None is when it is posted."""

    type: DocumentType
    lines: Sequence[NewDocumentLine] = ()
    source: str | int | None = None
    target: str | int | None = None
    party_id: int | None = None
    reference: str = ""
    note: str = ""
    reason_code: str | None = None
    occurred_at: datetime | None = None
    due_on: date | None = None


class KeyedDocument(msgspec.Struct, frozen=True):
    """A document of an import with the request key that makes a repeat harmless."""

    document: NewDocument
    request_key: str


class DocumentRecorded(msgspec.Struct, frozen=True):
    """What a document of an import became; `replayed` when an earlier run had recorded it."""

    document_id: int
    number: str
    movement_id: int
    replayed: bool = False


class Place(msgspec.Struct, frozen=True, gc=False):
    """A location as a document names it; without a site it is a virtual one."""

    location_id: int
    code: str
    site_id: int | None


class DraftLine(msgspec.Struct, frozen=True, gc=False):
    """A checked line: item and own places by id, quantity in base units beside the entered one."""

    item_id: int
    sku: str
    base_unit: str
    unit: str
    quantity_entered: int | Decimal
    quantity_base: int
    lot: str | None
    disposition: Disposition
    unit_cost: Decimal | None
    source: Place | None
    target: Place | None


class Draft(msgspec.Struct, frozen=True):
    """A checked document, ready to be stored."""

    type: DocumentType
    source: Place | None
    target: Place | None
    party_id: int | None
    reference: str
    note: str
    reason_code: str | None
    occurred_at: datetime | None
    lines: Sequence[DraftLine]
    due_on: date | None = None

    @property
    def site_ids(self) -> list[int]:
        """The sites it concerns, one or two."""
        found = {place.site_id for place in (self.source, self.target) if place is not None}
        return sorted(site_id for site_id in found if site_id is not None)


class NewRow(msgspec.Struct, frozen=True):
    """A draft on its way into the tables, with what is known of its posting or its original."""

    document_id: int
    draft: Draft
    actor_id: int
    year: int
    posted_at: datetime | None = None
    reverses_id: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A locked document as a verb sees it: what may be done depends on this."""

    document_id: int
    type: str
    number: str
    state: str
    version: int
    created_by: int
    changed_by: int
    approved_by: int | None
    source_site_id: int | None
    target_site_id: int | None
    reverses_id: int | None
    reversed_by_id: int | None
    four_eyes: bool
    other_approver: bool
    """Whoever approves it is not who wrote it."""


@dataclass(frozen=True, slots=True)
class DocumentValue:
    """What a document's lines in one currency are worth at their items' costs, in minor units.

    Lines of items without a cost are counted and not in the value.
    """

    currency: str
    value_minor: Decimal
    threshold_minor: int | None
    lines_without_cost: int


@dataclass(frozen=True, slots=True)
class Approval:
    """Why a document needs approval (`type`, `value`, `cost_unknown`) or None; and its value."""

    why: str | None
    values: list[DocumentValue]


@dataclass(frozen=True, slots=True)
class DocumentLink:
    """Another document by id and number."""

    document_id: int
    number: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLine:
    """A stored line. Places are where it really moves, whether its own or the document's."""

    line_number: int
    item_id: int
    sku: str
    item_name: str
    quantity: int | Decimal
    unit: str
    quantity_base: int
    base_unit: str
    lot_code: str | None
    disposition: str
    unit_cost: Decimal | None
    source_location_id: int | None
    source_location_code: str | None
    target_location_id: int | None
    target_location_code: str | None


@dataclass(frozen=True, slots=True)
class DocumentMovement:
    """A movement that a document posted; `reversed` when another one undid it."""

    movement_id: int
    kind: str
    occurred_at: datetime
    recorded_at: datetime
    reversed: bool


@dataclass(frozen=True, slots=True)
class DocumentEvent:
    """Who did what to a document, and when."""

    event: str
    at: datetime
    actor_id: int
    actor_name: str
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A stored document with its lines, movements, links and history.

    A draft that needs approval tells why: its type's policy, its value above a threshold, or an
    item whose cost nobody has entered. With `other_approver` its writers cannot approve it.
    """

    document_id: int
    type: str
    number: str
    state: str
    version: int
    party_id: int | None
    party_code: str | None
    party_name: str | None
    source_location_id: int | None
    source_location_code: str | None
    source_site_id: int | None
    target_location_id: int | None
    target_location_code: str | None
    target_site_id: int | None
    reference: str
    note: str
    reason_code: str | None
    occurred_at: datetime | None
    due_on: date | None
    recorded_at: datetime
    changed_at: datetime
    created_by_id: int
    created_by: str
    changed_by_id: int
    changed_by: str
    approved_by_id: int | None
    approved_by: str | None
    approved_at: datetime | None
    posted_by_id: int | None
    posted_by: str | None
    posted_at: datetime | None
    cancelled_by_id: int | None
    cancelled_by: str | None
    cancelled_at: datetime | None
    cancel_reason: str | None
    reverses: DocumentLink | None
    reversed_by: DocumentLink | None
    four_eyes: bool
    other_approver: bool
    approval_needed: bool
    approval_why: Literal["type", "value", "cost_unknown"] | None
    values: list[DocumentValue]
    lines: list[DocumentLine]
    movements: list[DocumentMovement]
    history: list[DocumentEvent]

    @property
    def site_ids(self) -> list[int]:
        """The sites it concerns."""
        return [each for each in (self.source_site_id, self.target_site_id) if each is not None]


@dataclass(frozen=True, slots=True)
class DocumentFound:
    """A search result; `exact` opens at once."""

    document_id: int
    number: str
    type: str
    state: str
    reference: str
    exact: bool


@dataclass(frozen=True, slots=True)
class DocumentNumber:
    """What a document is called, for who knows only its id."""

    document_id: int
    number: str
    type: str
    state: str


@dataclass(frozen=True, slots=True)
class DocumentCount:
    """How many documents of a type are in a state."""

    type: str
    state: str
    count: int


@dataclass(frozen=True, slots=True)
class Threshold:
    """A value in minor units of a currency; above it documents need approval."""

    currency: str
    value_minor: int


@dataclass(frozen=True, slots=True)
class Policy:
    """Who must look at documents of a type before they are posted.

    With any threshold, a draft worth more than its currency's (zero where none is set), or with
    an item without a cost, needs the approval of another person.
    """

    type: str
    prefix: str
    four_eyes: bool
    approval_needed: bool
    thresholds: list[Threshold]
    version: int


@dataclass(frozen=True, slots=True)
class Reason:
    """Why stock is adjusted, and in which direction it may go."""

    reason_code: str
    name: str
    direction: str
