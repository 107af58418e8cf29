"""Suppliers and customers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PartyKind(StrEnum):
    """Which side of trade a party is on; a firm that is both has two parties."""

    SUPPLIER = "supplier"
    CUSTOMER = "customer"


class PartyStatus(StrEnum):
    """Whether new documents may name a party."""

    ACTIVE = "active"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class Contact:
    """A person or desk to reach at a party."""

    name: str
    email: str | None = None
    phone: str | None = None
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyFields:
    """All of a party that a person decides."""

    kind: PartyKind
    code: str
    name: str
    email: str | None = None
    phone: str | None = None
    address: str = ""
    currency: str = "EUR"
    note: str = ""
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A stored party with its contacts."""

    party_id: int
    kind: PartyKind
    code: str
    name: str
    email: str | None
    phone: str | None
    address: str
    currency: str
    note: str
    contacts: tuple[Contact, ...]
    status: PartyStatus
    version: int
    recorded_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyRow:
    """A row of an import; None is "not given": kept as it is, or the default of a new party."""

    kind: str
    code: str
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    address: str | None = None
    currency: str | None = None
    note: str | None = None
