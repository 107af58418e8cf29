"""What makes sites and locations right, where they lie in the tree, what an import does. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from truestock.stock.errors.locations import (
    CapacityError,
    LocationCodeFormError,
    LocationCycleError,
    LocationKindError,
    LocationNameError,
    LocationTooDeepError,
    RackTooLargeError,
    SiteAddressError,
    SiteCodeFormError,
    SiteNameError,
    TimeZoneUnknownError,
)
from truestock.stock.model.locations import (
    PHYSICAL_KINDS,
    Location,
    LocationFields,
    LocationRow,
    Rack,
    Site,
    SiteFields,
    Span,
)

NAME_LENGTH_MAX = 200
ADDRESS_LENGTH_MAX = 2_000
PATH_LENGTH_MAX = 1_000
CAPACITY_MAX = 10**12
RACK_LOCATIONS_MAX = 5_000
RACK_NUMBER_MAX = 999_999
RACK_DIGITS_MAX = 6

_SITE_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_LOCATION_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_TIME_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+/-]{0,63}")


def checked_site(site: SiteFields) -> SiteFields:
    """Return the site; raise what is wrong with it."""
    if not _SITE_CODE.fullmatch(site.code):
        raise SiteCodeFormError(site=site.code)
    if not site.name.strip(" ") or len(site.name) > NAME_LENGTH_MAX or not is_storable(site.name):
        raise SiteNameError
    if len(site.address) > ADDRESS_LENGTH_MAX or not is_storable(site.address):
        raise SiteAddressError
    if not is_time_zone(site.time_zone):
        raise TimeZoneUnknownError(time_zone=site.time_zone)
    return site


def is_time_zone(name: str) -> bool:
    """Tell whether the time zone database knows this name."""
    if not _TIME_ZONE.fullmatch(name):
        return False
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def checked_location(location: LocationFields) -> LocationFields:
    """Return the location; raise what is wrong with it."""
    if not _LOCATION_CODE.fullmatch(location.code):
        raise LocationCodeFormError(location=location.code)
    if location.kind not in PHYSICAL_KINDS:
        raise LocationKindError(kind=location.kind)
    if len(location.name) > NAME_LENGTH_MAX or not is_storable(location.name):
        raise LocationNameError
    if location.capacity is not None and not 1 <= location.capacity <= CAPACITY_MAX:
        raise CapacityError(capacity=location.capacity)
    return location


def path_of(site_code: str, parent_path: str | None, code: str) -> str:
    """Return the path of a location; raises `LocationTooDeepError`."""
    path = f"{parent_path or '/' + site_code}/{code}"
    if len(path) > PATH_LENGTH_MAX:
        raise LocationTooDeepError(location=code)
    return path


def require_outside(path: str, new_parent_path: str) -> None:
    """Raise `LocationCycleError` when the new parent is the location itself or lies within it."""
    if new_parent_path == path or new_parent_path.startswith(path + "/"):
        raise LocationCycleError(path=path, parent_path=new_parent_path)


def site_fields_of(site: Site) -> SiteFields:
    """Return what a person decided of a stored site."""
    return SiteFields(**{each.name: getattr(site, each.name) for each in fields(SiteFields)})


def fields_of(location: Location) -> LocationFields:
    """Return what a person decided of a stored location."""
    given = {each.name: getattr(location, each.name) for each in fields(LocationFields)}
    return LocationFields(**given)


def rack_rows(rack: Rack, site_code: str, parent_code: str | None) -> list[LocationRow]:
    """Return the rows of a rack: the zone, its aisles, the bins of each aisle.

    Raises `RackTooLargeError` when the numbers are out of range or make too many locations.
    """
    for span in (rack.aisles, rack.bins):
        _require_span(span)
    aisles, bins = _length(rack.aisles), _length(rack.bins)
    if 1 + aisles + aisles * bins > RACK_LOCATIONS_MAX:
        raise RackTooLargeError(locations=1 + aisles + aisles * bins)
    return list(_rack_rows(rack, site_code, parent_code))


def _rack_rows(rack: Rack, site_code: str, parent_code: str | None) -> Iterator[LocationRow]:
    flags: Mapping[str, Any] = {
        "pickable": rack.pickable,
        "sellable": rack.sellable,
        "receiving": rack.receiving,
    }
    yield LocationRow(
        code=rack.zone,
        site=site_code,
        parent=parent_code,
        kind="zone",
        name=rack.zone_name,
        **flags,
    )
    for aisle_number in range(rack.aisles.first, rack.aisles.last + 1):
        aisle = f"{rack.zone}{rack.separator}{aisle_number:0{rack.aisles.digits}d}"
        yield LocationRow(code=aisle, site=site_code, parent=rack.zone, kind="aisle", **flags)
        for bin_number in range(rack.bins.first, rack.bins.last + 1):
            code = f"{aisle}{rack.separator}{bin_number:0{rack.bins.digits}d}"
            yield LocationRow(
                code=code,
                site=site_code,
                parent=aisle,
                kind="bin",
                capacity=rack.capacity,
                **flags,
            )


def _length(span: Span) -> int:
    return span.last - span.first + 1


def _require_span(span: Span) -> None:
    rising = 0 <= span.first <= span.last <= RACK_NUMBER_MAX
    if not rising or not 1 <= span.digits <= RACK_DIGITS_MAX:
        raise RackTooLargeError(first=span.first, last=span.last, digits=span.digits)


def is_storable(text: str) -> bool:
    """Tell whether PostgreSQL can hold this text: no NUL, no half of a surrogate pair."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
