"""Sites and the places within them: what is asked for, what is stored, what a posting needs."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PlaceStatus(StrEnum):
    """Whether a site or location takes movements."""

    ACTIVE = "active"
    INACTIVE = "inactive"


class LocationKind(StrEnum):
    """What a place is. The virtual ones are the other side of the double entry."""

    ZONE = "zone"
    AISLE = "aisle"
    BIN = "bin"
    DOCK = "dock"
    STAGE = "stage"
    TRANSIT = "transit"
    SUPPLIER = "supplier"
    CUSTOMER = "customer"
    ADJUSTMENT = "adjustment"
    SCRAP = "scrap"
    PRODUCTION = "production"


PHYSICAL_KINDS = frozenset(
    {
        LocationKind.ZONE,
        LocationKind.AISLE,
        LocationKind.BIN,
        LocationKind.DOCK,
        LocationKind.STAGE,
        LocationKind.TRANSIT,
    }
)
"""Kinds that a person may create; they stand in a site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFields:
    """All of a site that a person decides. `time_zone` is an IANA name; it sets the site's day."""

    code: str
    name: str
    time_zone: str = "UTC"
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A stored site."""

    site_id: int
    code: str
    name: str
    time_zone: str
    address: str
    status: PlaceStatus
    version: int
    recorded_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationFields:
    """All of a location that a person decides. `capacity` is in base units of what lies there."""

    code: str
    kind: LocationKind
    name: str = ""
    parent_id: int | None = None
    pickable: bool = True
    sellable: bool = True
    receiving: bool = True
    negative_allowed: bool = False
    capacity: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A stored location. `path` is the site's code and the codes from the top down to here."""

    location_id: int
    site_id: int | None
    site_code: str | None
    parent_id: int | None
    parent_code: str | None
    code: str
    name: str
    kind: LocationKind
    physical: bool
    path: str
    pickable: bool
    sellable: bool
    receiving: bool
    negative_allowed: bool
    capacity: int | None
    status: PlaceStatus
    version: int
    recorded_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationRow:
    """A row of an import; None is "not given": kept as it is, or the default of a new location.

    A parent may stand in the same file. An import never moves a location to another parent or site.
    """

    code: str
    site: str | None = None
    parent: str | None = None
    kind: str | None = None
    name: str | None = None
    pickable: bool | None = None
    sellable: bool | None = None
    receiving: bool | None = None
    negative_allowed: bool | None = None
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class NewPlace:
    """A location ready to be stored: its id is reserved, its path is known."""

    location_id: int
    site_id: int
    parent_id: int | None
    path: str
    fields: LocationFields


@dataclass(frozen=True, slots=True)
class Span:
    """Numbers from `first` to `last`, written with at least `digits` digits."""

    first: int
    last: int
    digits: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Rack:
    """A zone with numbered aisles and numbered bins in each: `A`, `A-01`, `A-01-001`.

    The flags and the capacity are those of the bins; zone and aisles hold no stock to pick.
    """

    zone: str
    zone_name: str = ""
    parent_id: int | None = None
    aisles: Span
    bins: Span
    separator: str = "-"
    pickable: bool = True
    sellable: bool = True
    receiving: bool = True
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class LocationFacts:
    """What a posting needs to know of a location."""

    location_id: int
    code: str
    site_id: int | None
    kind: LocationKind
    physical: bool
    status: PlaceStatus
    negative_allowed: bool
    pickable: bool
    sellable: bool


@dataclass(frozen=True, slots=True)
class LocationFound:
    """A search result; `exact` opens at once."""

    location_id: int
    code: str
    name: str
    path: str
    kind: LocationKind
    status: PlaceStatus
    exact: bool
