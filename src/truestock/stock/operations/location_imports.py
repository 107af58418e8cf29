"""Many locations at once: from a file, or a whole rack by its numbers."""

from collections.abc import Sequence

from truestock.catalog.model.imports import Outcome, PlannedRow, RowOutcome
from truestock.catalog.operations.facts import raise_fact_stamp
from truestock.catalog.operations.trail import Subject, differences, record
from truestock.database import Transaction
from truestock.kernel.actor import Actor
from truestock.stock.errors.locations import (
    LocationCodeTakenError,
    ParentUnknownError,
    RackRefusedError,
)
from truestock.stock.model.locations import LocationFields, LocationRow, Rack
from truestock.stock.reads import locations as reads
from truestock.stock.rules.location_imports import Ground, LocationPlan, planned_locations
from truestock.stock.rules.locations import is_storable, rack_rows
from truestock.stock.writes import locations as writes

NAMED_MAX = 10
"""So many refused codes are named; more would not be read."""


async def import_locations(
    tx: Transaction, actor: Actor, rows: Sequence[LocationRow]
) -> list[RowOutcome]:
    """Create or change locations by code, thousands at a time; every row has its own outcome.

    Parents may stand anywhere in the file. A row changes only what it gives and moves nothing. The
    number of statements does not depend on the number of rows.
    """
    actor.require("location.write")
    plan, ground = await _planned(tx, actor, rows)
    await _carry_out(tx, actor, plan, ground)
    return [each.outcome for each in plan.rows]


async def create_rack(tx: Transaction, actor: Actor, site_id: int, rack: Rack) -> list[RowOutcome]:
    """Add a zone with its aisles and bins, all or nothing; returns code and id of each.

    Raises `RackTooLargeError`, `LocationCodeTakenError` naming the codes that exist already, and
    what is wrong with the codes.
    """
    actor.require("location.write")
    site = await reads.site_by_id(tx, actor, site_id)
    parent_code = None
    if rack.parent_id is not None:
        found = await reads.locations(tx, location_ids=[rack.parent_id])
        if not found or found[0].site_id != site_id:
            raise ParentUnknownError(parent_id=rack.parent_id)
        parent_code = found[0].code
    plan, ground = await _planned(tx, actor, rack_rows(rack, site.code, parent_code))
    taken = [each.outcome.key for each in plan.rows if each.before is not None]
    if taken:
        raise LocationCodeTakenError(locations=taken[:NAMED_MAX], count=len(taken))
    refused = next((each for each in plan.rows if each.outcome.outcome is Outcome.REFUSED), None)
    if refused is not None:
        raise RackRefusedError(
            location=refused.outcome.key,
            reason=refused.outcome.reason,
            reason_code=refused.outcome.code,
        )
    await _carry_out(tx, actor, plan, ground)
    return [each.outcome for each in plan.rows]


async def _planned(
    tx: Transaction, actor: Actor, rows: Sequence[LocationRow]
) -> tuple[LocationPlan, Ground]:
    """Plan once it is our turn at every site that the rows touch."""
    named = {code for row in rows for code in (row.code, row.parent) if code}
    codes = sorted(code for code in named if is_storable(code))
    site_codes = sorted({row.site for row in rows if row.site and is_storable(row.site)})
    seen = await reads.locations(tx, codes=codes)
    site_ids = sorted({each.site_id for each in seen if each.site_id is not None})
    await writes.lock_sites(tx, site_ids=site_ids, codes=site_codes)
    sites = await reads.sites(tx, site_ids=site_ids, codes=site_codes)
    stored = {each.code: each for each in await reads.locations(tx, codes=codes)}
    count = sum(1 for row in rows if row.code not in stored)
    ground = Ground(
        actor,
        stored,
        {site.code: site for site in sites},
        iter(await writes.new_location_ids(tx, count)),
    )
    return planned_locations(rows, ground), ground


async def _carry_out(tx: Transaction, actor: Actor, plan: LocationPlan, ground: Ground) -> None:
    changed = [each for each in plan.rows if each.outcome.outcome is Outcome.CHANGED]
    if not plan.new_places and not changed:
        return
    if plan.new_places:
        await writes.add_locations(tx, plan.new_places)
    if changed:
        await writes.change_locations(tx, [_change(each, ground) for each in changed])
    pairs = {each.outcome.key: differences(each.before, each.after) for each in changed}
    before = {"changed": {code: old for code, (old, _new) in pairs.items()}}
    after = {
        "created": [place.fields.code for place in plan.new_places],
        "changed": {code: new for code, (_old, new) in pairs.items()},
    }
    await record(tx, actor, "imported", Subject("location"), before=before, after=after)
    await raise_fact_stamp(tx)


def _change(planned: PlannedRow[LocationFields], ground: Ground) -> tuple[int, str, LocationFields]:
    found = ground.locations[planned.outcome.key]
    assert planned.after is not None  # noqa: S101 - a changed row has what it changes to
    return found.location_id, found.path, planned.after
