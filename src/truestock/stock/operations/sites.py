"""The verbs of sites: create, change, activate, deactivate, delete."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from truestock.catalog.operations.facts import raise_fact_stamp
from truestock.catalog.operations.trail import Subject, record
from truestock.database import Transaction
from truestock.kernel.actor import Actor
from truestock.kernel.errors import ForbiddenError, about
from truestock.kernel.versions import require_version
from truestock.stock.model.locations import PlaceStatus, Site, SiteFields
from truestock.stock.operations.locations import close_tree
from truestock.stock.reads import locations as reads
from truestock.stock.rules import locations as rules
from truestock.stock.writes import locations as writes


async def create_site(tx: Transaction, actor: Actor, site: SiteFields) -> Site:
    """Add a site; only who is not limited to sites may. Raises `SiteCodeTakenError`."""
    actor.require("location.write")
    if actor.site_ids is not None:
        raise ForbiddenError(permission="location.write", reason="limited to sites")
    checked = rules.checked_site(site)
    with about(site=checked.code):
        site_id = await writes.add_site(tx, checked)
    await record(tx, actor, "created", Subject("site", site_id), before=None, after=checked)
    return await reads.site_by_id(tx, actor, site_id)


async def change_site(
    tx: Transaction, actor: Actor, site_id: int, version: int, changes: Mapping[str, Any]
) -> Site:
    """Give a site new values for these fields of `SiteFields`; a new code renames all paths."""
    found = await _in_turn(tx, actor, site_id, version)
    before = rules.site_fields_of(found)
    after = rules.checked_site(replace(before, **changes))
    if after == before:
        return found
    with about(site=after.code):
        await writes.change_site(tx, site_id, after)
    if after.code != before.code:
        await writes.move_paths(tx, f"/{before.code}", f"/{after.code}")
    await record(tx, actor, "changed", Subject("site", site_id), before=before, after=after)
    return await reads.site_by_id(tx, actor, site_id)


async def deactivate_site(tx: Transaction, actor: Actor, site_id: int, version: int) -> Site:
    """Close a site and all its locations; raises `LocationNotEmptyError` while stock is there."""
    found = await _in_turn(tx, actor, site_id, version)
    if found.status is PlaceStatus.INACTIVE:
        return found
    await close_tree(tx, f"/{found.code}")
    return await _put_status(tx, actor, found, PlaceStatus.INACTIVE)


async def activate_site(tx: Transaction, actor: Actor, site_id: int, version: int) -> Site:
    """Open a site again; its locations stay as they are until they are activated."""
    found = await _in_turn(tx, actor, site_id, version)
    if found.status is PlaceStatus.ACTIVE:
        return found
    return await _put_status(tx, actor, found, PlaceStatus.ACTIVE)


async def delete_site(tx: Transaction, actor: Actor, site_id: int, version: int) -> None:
    """Delete a site without locations; raises `SiteUsedError`."""
    found = await _in_turn(tx, actor, site_id, version)
    with about(site=found.code):
        await writes.remove_site(tx, site_id)
    before = rules.site_fields_of(found)
    await record(tx, actor, "deleted", Subject("site", site_id), before=before, after=None)


async def _in_turn(tx: Transaction, actor: Actor, site_id: int, version: int) -> Site:
    actor.require("location.write")
    await reads.site_by_id(tx, actor, site_id)
    await writes.lock_sites(tx, site_ids=[site_id])
    found = await reads.site_by_id(tx, actor, site_id)
    require_version(found.version, version)
    return found


async def _put_status(tx: Transaction, actor: Actor, found: Site, status: PlaceStatus) -> Site:
    await writes.set_site_status(tx, found.site_id, status)
    verb = "activated" if status is PlaceStatus.ACTIVE else "deactivated"
    before, after = {"status": found.status}, {"status": status}
    subject = Subject("site", found.site_id)
    await record(tx, actor, verb, subject, before=before, after=after)
    changed = await reads.site_by_id(tx, actor, found.site_id)
    await raise_fact_stamp(tx)
    return changed
