"""The verbs of locations: create, change, move, activate, deactivate, delete.

Changes of one site's tree take turns on the site's row, so paths and cycles need no other lock.
What a posting must not overlook locks the location against new balances, then its balances in the
order in which postings lock them. The fact stamp is raised last.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from truestock.catalog.operations.facts import raise_fact_stamp
from truestock.catalog.operations.trail import Subject, record
from truestock.database import Transaction
from truestock.kernel.actor import Actor
from truestock.kernel.errors import about
from truestock.kernel.versions import require_version
from truestock.stock.errors.locations import (
    LocationFixedError,
    LocationNotEmptyError,
    NegativeStockError,
    ParentInactiveError,
    ParentUnknownError,
    SiteInactiveError,
)
from truestock.stock.model.locations import Location, LocationFields, NewPlace, PlaceStatus, Site
from truestock.stock.reads import locations as reads
from truestock.stock.rules import locations as rules
from truestock.stock.writes import locations as writes


async def create_location(
    tx: Transaction, actor: Actor, site_id: int, location: LocationFields
) -> Location:
    """Add a location to a site. Raises `LocationCodeTakenError`, `ParentUnknownError` ..."""
    site = await _site_in_turn(tx, actor, site_id)
    if site.status is not PlaceStatus.ACTIVE:
        raise SiteInactiveError(site=site.code)
    checked = rules.checked_location(location)
    parent = await _parent(tx, actor, site_id, checked.parent_id)
    if parent is not None and parent.status is not PlaceStatus.ACTIVE:
        raise ParentInactiveError(parent=parent.code)
    path = rules.path_of(site.code, parent.path if parent else None, checked.code)
    [location_id] = await writes.new_location_ids(tx, 1)
    with about(location=checked.code):
        await writes.add_locations(
            tx, [NewPlace(location_id, site_id, checked.parent_id, path, checked)]
        )
    await record(tx, actor, "created", Subject("location", location_id), before=None, after=checked)
    created = await reads.location_by_id(tx, actor, location_id)
    await raise_fact_stamp(tx)
    return created


async def change_location(
    tx: Transaction, actor: Actor, location_id: int, version: int, changes: Mapping[str, Any]
) -> Location:
    """Give a location new values for these fields of `LocationFields`; a new parent moves it.

    Raises `StaleVersionError`, `LocationCycleError`, `LocationCodeTakenError`,
    `NegativeStockError`, `ParentInactiveError` and what is wrong with the values.
    """
    found, site = await _in_turn(tx, actor, location_id, version)
    before = rules.fields_of(found)
    after = rules.checked_location(replace(before, **changes))
    if after == before:
        return found
    path = await _path_after(tx, actor, site, found, after)
    if after.negative_allowed != before.negative_allowed:
        await _change_negative(tx, found, allowed=after.negative_allowed)
    with about(location=after.code):
        await writes.change_locations(tx, [(location_id, path, after)])
        if path != found.path:
            await writes.move_paths(tx, found.path, path)
    await record(tx, actor, "changed", Subject("location", location_id), before=before, after=after)
    changed = await reads.location_by_id(tx, actor, location_id)
    await raise_fact_stamp(tx)
    return changed


async def deactivate_location(
    tx: Transaction, actor: Actor, location_id: int, version: int
) -> Location:
    """Close a location and all below it; raises `LocationNotEmptyError` while stock is there.

    No posting can slip in: one that came first is seen here, a later one sees the new stamp.
    """
    found, _site = await _in_turn(tx, actor, location_id, version)
    if found.status is PlaceStatus.INACTIVE:
        return found
    await close_tree(tx, found.path)
    return await _status_changed(tx, actor, found, PlaceStatus.INACTIVE)


async def activate_location(
    tx: Transaction, actor: Actor, location_id: int, version: int
) -> Location:
    """Open a location again; what lies below it stays as it is. Raises `ParentInactiveError`."""
    found = await _openable(tx, actor, location_id, version)
    if found.status is PlaceStatus.ACTIVE:
        return found
    await writes.set_status(tx, [location_id], PlaceStatus.ACTIVE)
    return await _status_changed(tx, actor, found, PlaceStatus.ACTIVE)


async def activate_tree(tx: Transaction, actor: Actor, location_id: int, version: int) -> Location:
    """Open a location and all below it. Raises `ParentInactiveError`, `SiteInactiveError`."""
    found = await _openable(tx, actor, location_id, version)
    await writes.set_status(tx, await writes.lock_tree(tx, found.path), PlaceStatus.ACTIVE)
    return await _status_changed(tx, actor, found, PlaceStatus.ACTIVE)


async def delete_location(tx: Transaction, actor: Actor, location_id: int, version: int) -> None:
    """Delete a location that is empty and was never used.

    Raises `LocationUsedError`, `LocationHasChildrenError`, `LocationFixedError`.
    """
    found, _site = await _in_turn(tx, actor, location_id, version)
    with about(location=found.code):
        await writes.remove_location(tx, location_id)
    await record(
        tx,
        actor,
        "deleted",
        Subject("location", location_id),
        before=rules.fields_of(found),
        after=None,
    )
    await raise_fact_stamp(tx)


async def close_tree(tx: Transaction, path: str) -> None:
    """Deactivate all locations at and below a path, the site being locked.

    Raises `LocationNotEmptyError`. Looks before it locks: full places are refused without making
    any posting wait. Then the locations are locked, so that no balance can appear, and after them
    the balances, in the order of postings; what the second look sees is final.
    """
    await _require_empty(tx, path)
    location_ids = await writes.lock_tree(tx, path)
    await writes.lock_balances(tx, location_ids)
    await _require_empty(tx, path)
    await writes.set_status(tx, location_ids, PlaceStatus.INACTIVE)


async def _require_empty(tx: Transaction, path: str) -> None:
    stock = await reads.stock_below(tx, path)
    if stock:
        raise LocationNotEmptyError(stock=stock)


async def _site_in_turn(tx: Transaction, actor: Actor, site_id: int) -> Site:
    actor.require("location.write")
    actor.require_site(site_id)
    await writes.lock_sites(tx, site_ids=[site_id])
    return await reads.site_by_id(tx, actor, site_id)


async def _in_turn(
    tx: Transaction, actor: Actor, location_id: int, version: int
) -> tuple[Location, Site]:
    """Return a location that may be changed, and its site, once it is our turn at the site."""
    actor.require("location.write")
    seen = await reads.location_by_id(tx, actor, location_id)
    if seen.site_id is None:
        raise LocationFixedError(location=seen.code)
    site = await _site_in_turn(tx, actor, seen.site_id)
    found = await reads.location_by_id(tx, actor, location_id)
    require_version(found.version, version)
    return found, site


async def _parent(
    tx: Transaction, actor: Actor, site_id: int | None, parent_id: int | None
) -> Location | None:
    if parent_id is None:
        return None
    found = await reads.locations(tx, location_ids=[parent_id])
    if not found or found[0].site_id != site_id or not actor.may_act_at(site_id):
        raise ParentUnknownError(parent_id=parent_id)
    return found[0]


async def _path_after(
    tx: Transaction, actor: Actor, site: Site, found: Location, after: LocationFields
) -> str:
    parent = await _parent(tx, actor, site.site_id, after.parent_id)
    if parent is not None and after.parent_id != found.parent_id:
        rules.require_outside(found.path, parent.path)
        if found.status is PlaceStatus.ACTIVE and parent.status is not PlaceStatus.ACTIVE:
            raise ParentInactiveError(parent=parent.code)
    return rules.path_of(site.code, parent.path if parent else None, after.code)


async def _change_negative(tx: Transaction, found: Location, *, allowed: bool) -> None:
    await writes.lock_locations(tx, [found.location_id])
    await writes.lock_balances(tx, [found.location_id])
    below_zero = await reads.negative_stock_at(tx, found.location_id) if not allowed else []
    if below_zero:
        raise NegativeStockError(stock=below_zero)
    await writes.set_balances_negative(tx, found.location_id, allowed=allowed)


async def _openable(tx: Transaction, actor: Actor, location_id: int, version: int) -> Location:
    found, site = await _in_turn(tx, actor, location_id, version)
    if site.status is not PlaceStatus.ACTIVE:
        raise SiteInactiveError(site=site.code)
    parent = await _parent(tx, actor, found.site_id, found.parent_id)
    if parent is not None and parent.status is not PlaceStatus.ACTIVE:
        raise ParentInactiveError(parent=parent.code)
    return found


async def _status_changed(
    tx: Transaction, actor: Actor, found: Location, status: PlaceStatus
) -> Location:
    verb = "activated" if status is PlaceStatus.ACTIVE else "deactivated"
    subject = Subject("location", found.location_id)
    before, after = {"status": found.status}, {"status": status}
    await record(tx, actor, verb, subject, before=before, after=after)
    changed = await reads.location_by_id(tx, actor, found.location_id)
    await raise_fact_stamp(tx)
    return changed
