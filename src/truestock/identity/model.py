"""Roles as sets of permissions, and what a person, a session and a key are. No I/O.

The table of roles is code, not data: a role means the same in every installation, a change of it is
reviewed like any other change, and a golden test shows it whole.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from truestock.kernel.actor import Actor


class Role(StrEnum):
    """What a person is here; a person may have several roles."""

    ADMIN = "admin"
    MANAGER = "manager"
    OPERATOR = "operator"
    DISPATCHER = "dispatcher"
    BILLER = "biller"
    BUYER = "buyer"
    ACCOUNTANT = "accountant"
    VIEWER = "viewer"


_READ: Final = frozenset(
    {"item.read", "location.read", "party.read", "stock.read", "document.read", "report.read"}
)
_ADMINISTRATION: Final = frozenset({"user.manage", "key.manage", "settings.write", "health.deep"})

PERMISSIONS: Final = (
    _READ
    | _ADMINISTRATION
    | {
        "item.write",
        "location.write",
        "party.write",
        "stock.post",
        "stock.adjust",
        "stock.reverse",
        "stock.reserve",
        "document.write",
        "document.post",
        "document.approve",
        "import.run",
        "job.read",
        "job.manage",
        "settings.read",
        "audit.read",
    }
)
"""Every permission there is, `noun.verb`."""

ROLE_PERMISSIONS: Final = {
    Role.ADMIN: PERMISSIONS,
    Role.MANAGER: PERMISSIONS - _ADMINISTRATION,
    Role.OPERATOR: _READ
    | {"stock.post", "stock.reserve", "document.write", "document.post", "job.read"},
    Role.DISPATCHER: _READ | {"stock.reserve", "document.write", "document.post"},
    Role.BILLER: _READ | {"document.write"},
    Role.BUYER: _READ | {"item.write", "party.write", "document.write", "import.run", "job.read"},
    Role.ACCOUNTANT: _READ | {"document.approve", "audit.read", "settings.read"},
    Role.VIEWER: _READ,
}

ROLE_SENTENCES: Final = {
    Role.ADMIN: "Everything, including people, keys and settings.",
    Role.MANAGER: "Runs the stock: everything but people, keys and the machine.",
    Role.OPERATOR: "Receives, moves, counts and ships at the sites given.",
    Role.DISPATCHER: "Reserves stock and sends deliveries out.",
    Role.BILLER: "Prepares the papers of a delivery.",
    Role.BUYER: "Keeps items and suppliers and prepares orders.",
    Role.ACCOUNTANT: "Reads everything, approves documents, reads the audit trail.",
    Role.VIEWER: "Reads stock, documents and reports.",
}


def permissions_of(roles: Iterable[str]) -> frozenset[str]:
    """Return the union of the permissions of the roles; an unknown role gives nothing."""
    known = (ROLE_PERMISSIONS[Role(role)] for role in roles if role in ROLE_PERMISSIONS)
    return frozenset[str]().union(*known)


def sites_of(site_ids: Iterable[int] | None) -> frozenset[int] | None:
    """Return the sites as a set; None stays None, which is everywhere."""
    return None if site_ids is None else frozenset(site_ids)


@dataclass(frozen=True, slots=True)
class Origin:
    """From where something was asked: the caller's address and the request's id."""

    address: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class SessionFound:
    """A live session: its actor, its id, the CSRF token its writes carry."""

    session_id: int
    actor: Actor
    csrf_token: str
    password_temporary: bool


@dataclass(frozen=True, slots=True)
class SessionStarted:
    """A fresh session; `token` is shown to the caller once and kept only as a hash."""

    session_id: int
    actor: Actor
    token: str
    csrf_token: str
    expires_at: datetime
    password_temporary: bool


@dataclass(frozen=True, slots=True)
class PersonDraft:
    """A person to be made. `site_ids` None is everywhere."""

    login: str
    name: str
    roles: tuple[Role, ...]
    email: str | None = None
    site_ids: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class KeyDraft:
    """An API key to be made. `site_ids` None is everywhere; `valid_days` counts from now."""

    name: str
    scopes: tuple[str, ...]
    site_ids: tuple[int, ...] | None = None
    valid_days: int = 365


@dataclass(frozen=True, slots=True)
class KeyMade:
    """A key that was made or rotated; `text` is shown once and kept only as a hash."""

    actor_id: int
    text: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Deed:
    """Who acts, when and from where: what every change here needs besides its own words."""

    actor: Actor
    at: datetime
    origin: Origin = Origin()


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """What was done to what: `action` is `noun.verb_in_the_past`; before and after as JSON-able."""

    action: str
    subject_kind: str
    subject_id: int | None = None
    before: dict[str, object] | None = None
    after: dict[str, object] | None = None
