"""What an import of locations will do to each row, decided before anything is written. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from truestock.catalog.model.imports import PlannedRow, planned_rows
from truestock.kernel.actor import Actor
from truestock.stock.errors.locations import (
    LocationFixedError,
    LocationKindError,
    LocationMovesError,
    ParentInactiveError,
    ParentUnknownError,
    SiteInactiveError,
    SiteNotFoundError,
)
from truestock.stock.model.locations import (
    Location,
    LocationFields,
    LocationKind,
    LocationRow,
    NewPlace,
    PlaceStatus,
    Site,
)
from truestock.stock.rules.locations import checked_location, fields_of, path_of


@dataclass(frozen=True, slots=True)
class Ground:
    """What an import builds on: stored locations and sites by code, and ids for new locations."""

    actor: Actor
    locations: Mapping[str, Location]
    sites: Mapping[str, Site]
    new_ids: Iterator[int]


@dataclass(frozen=True, slots=True)
class LocationPlan:
    """The outcome of each row in the order of the file, and the locations to add."""

    rows: list[PlannedRow[LocationFields]]
    new_places: list[NewPlace]


def planned_locations(rows: Sequence[LocationRow], ground: Ground) -> LocationPlan:
    """Plan rows, parents before children wherever they stand in the file."""
    new: dict[str, NewPlace] = {}

    def decide(row: LocationRow) -> tuple[int | None, LocationFields | None, LocationFields]:
        found = ground.locations.get(row.code)
        if found is not None:
            if found.site_id is None:
                raise LocationFixedError(location=row.code)
            ground.actor.require_site(found.site_id)
            return found.location_id, fields_of(found), changed_by_row(found, row)
        place = _new_place(row, ground, new)
        new[row.code] = place
        return place.location_id, None, place.fields

    ordered, rest = parents_first(rows, lambda code: code in ground.locations)
    numbered = [(index + 1, rows[index]) for index in [*ordered, *rest]]
    planned = planned_rows(numbered, lambda row: row.code, decide)
    planned.sort(key=lambda each: each.outcome.row_number)
    return LocationPlan(planned, list(new.values()))


def _new_place(row: LocationRow, ground: Ground, new: Mapping[str, NewPlace]) -> NewPlace:
    fields_given = new_from_row(row)
    if row.parent is None:
        site = _site(row.site, ground)
        path = path_of(site.code, None, row.code)
        return NewPlace(next(ground.new_ids), site.site_id, None, path, fields_given)
    parent_id, site_id, parent_path = _parent(row, ground, new)
    path = path_of("", parent_path, row.code)
    under = replace(fields_given, parent_id=parent_id)
    return NewPlace(next(ground.new_ids), site_id, parent_id, path, under)


def _site(code: str | None, ground: Ground) -> Site:
    site = ground.sites.get(code or "")
    if site is None:
        raise SiteNotFoundError(site=code)
    ground.actor.require_site(site.site_id)
    if site.status is not PlaceStatus.ACTIVE:
        raise SiteInactiveError(site=code)
    return site


def _parent(row: LocationRow, ground: Ground, new: Mapping[str, NewPlace]) -> tuple[int, int, str]:
    """Return id, site and path of the row's parent, stored or from the same file."""
    made, stored = new.get(row.parent or ""), ground.locations.get(row.parent or "")
    if made is not None:
        found = (made.location_id, made.site_id, made.path)
    elif stored is not None and stored.site_id is not None:
        ground.actor.require_site(stored.site_id)
        if stored.status is not PlaceStatus.ACTIVE:
            raise ParentInactiveError(parent=row.parent)
        found = (stored.location_id, stored.site_id, stored.path)
    else:
        raise ParentUnknownError(parent=row.parent)
    if row.site is not None and _site(row.site, ground).site_id != found[1]:
        raise ParentUnknownError(parent=row.parent, site=row.site)
    return found


def new_from_row(row: LocationRow) -> LocationFields:
    """Return the new location that an import row describes, its parent left out; else a bin."""
    given = {"kind": LocationKind.BIN, **_given(row)}
    return checked_location(LocationFields(**given))


def changed_by_row(location: Location, row: LocationRow) -> LocationFields:
    """Return the location as an import row changes it.

    Raises `LocationMovesError` when the row names another parent or site, or would change whether
    stock below zero is allowed: those are not for a file.
    """
    if row.site is not None and row.site != location.site_code:
        raise LocationMovesError(site=location.site_code)
    if row.parent is not None and row.parent != location.parent_code:
        raise LocationMovesError(parent=location.parent_code)
    before = fields_of(location)
    after = checked_location(replace(before, **_given(row)))
    if after.negative_allowed != before.negative_allowed:
        raise LocationMovesError(negative_allowed=before.negative_allowed)
    return after


def parents_first(
    rows: Sequence[LocationRow], known: Callable[[str], bool]
) -> tuple[list[int], list[int]]:
    """Return row indexes in an order where a parent comes before its children, and the rest.

    The rest lies under itself or under a parent that neither the file nor the database has.
    """
    by_parent: dict[str, list[int]] = {}
    waiting: list[int] = []
    for index, row in enumerate(rows):
        if row.parent is None or known(row.parent):
            waiting.append(index)
        else:
            by_parent.setdefault(row.parent, []).append(index)
    ordered = []
    for index in waiting:
        ordered.append(index)
        waiting.extend(by_parent.pop(rows[index].code, ()))
    return ordered, sorted(index for left in by_parent.values() for index in left)


def _given(row: LocationRow) -> dict[str, Any]:
    names = [each.name for each in fields(LocationFields) if each.name != "parent_id"]
    given = {name: getattr(row, name) for name in names}
    given = {name: value for name, value in given.items() if value is not None}
    if "kind" in given:
        if given["kind"] not in set(LocationKind):
            raise LocationKindError(kind=given["kind"])
        given["kind"] = LocationKind(given["kind"])
    return given
