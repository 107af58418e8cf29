"""The verbs of suppliers and customers: create, change, archive, restore, delete, import."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from truestock.catalog.model.imports import Outcome, PlannedRow, RowOutcome
from truestock.catalog.model.parties import Party, PartyFields, PartyRow, PartyStatus
from truestock.catalog.operations.trail import Subject, differences, record
from truestock.catalog.reads import parties as reads
from truestock.catalog.rules import parties as rules
from truestock.catalog.rules.imports import planned_parties
from truestock.catalog.rules.texts import is_storable
from truestock.catalog.writes import items as item_writes
from truestock.catalog.writes import parties as writes
from truestock.database import Transaction
from truestock.kernel.actor import Actor
from truestock.kernel.errors import about
from truestock.kernel.versions import require_version


async def create_party(tx: Transaction, actor: Actor, party: PartyFields) -> Party:
    """Add a supplier or customer with its contacts. Raises `PartyCodeTakenError`."""
    actor.require("party.write")
    checked = rules.checked(party)
    with about(kind=checked.kind, party=checked.code):
        ids = await writes.add_parties(tx, [checked])
    party_id = ids[checked.kind, checked.code]
    await record(tx, actor, "created", Subject("party", party_id), before=None, after=checked)
    return await reads.party_by_id(tx, party_id)


async def change_party(
    tx: Transaction, actor: Actor, party_id: int, version: int, changes: Mapping[str, Any]
) -> Party:
    """Give a party new values for these fields of `PartyFields`; contacts are replaced as a whole.

    The kind cannot change. Raises `StaleVersionError`, `PartyCodeTakenError`.
    """
    actor.require("party.write")
    found = await _locked(tx, party_id, version)
    before = rules.fields_of(found)
    after = rules.checked(replace(before, **changes))
    assert after.kind is before.kind, "the kind of a party stays"  # noqa: S101 - ours
    if after == before:
        return found
    with about(kind=after.kind, party=after.code):
        await writes.change_parties(tx, [(party_id, after)])
    await record(tx, actor, "changed", Subject("party", party_id), before=before, after=after)
    return await reads.party_by_id(tx, party_id)


async def archive_party(tx: Transaction, actor: Actor, party_id: int, version: int) -> Party:
    """Take a party out of use. An archived one stays as it is."""
    return await _put_status(tx, actor, party_id, version, PartyStatus.ARCHIVED)


async def restore_party(tx: Transaction, actor: Actor, party_id: int, version: int) -> Party:
    """Take an archived party back into use. An active one stays as it is."""
    return await _put_status(tx, actor, party_id, version, PartyStatus.ACTIVE)


async def delete_party(tx: Transaction, actor: Actor, party_id: int, version: int) -> None:
    """Delete a party that nothing names; raises `PartyUsedError` while it has supplier terms."""
    actor.require("party.write")
    found = await _locked(tx, party_id, version)
    with about(kind=found.kind, party=found.code):
        await writes.remove_party(tx, party_id)
    await record(
        tx, actor, "deleted", Subject("party", party_id), before=rules.fields_of(found), after=None
    )


async def import_parties(
    tx: Transaction, actor: Actor, rows: Sequence[PartyRow]
) -> list[RowOutcome]:
    """Create or change parties by kind and code, thousands at a time, each row with its outcome.

    A row changes only what it gives; contacts stay. Running it again changes nothing.
    """
    actor.require("party.write")
    await item_writes.lock_imports(tx)
    codes = sorted({(row.kind, row.code) for row in rows if is_storable(row.kind + row.code)})
    await writes.lock_parties(tx, codes=codes)
    found = await reads.parties(tx, codes=codes)
    planned = planned_parties(rows, {(party.kind.value, party.code): party for party in found})
    new = [each for each in planned if each.outcome.outcome is Outcome.CREATED]
    changed = [each for each in planned if each.outcome.outcome is Outcome.CHANGED]
    ids = await writes.add_parties(tx, [each.after for each in new if each.after]) if new else {}
    if changed:
        await writes.change_parties(tx, _with_ids(changed))
    if new or changed:
        await _record_import(tx, actor, new, changed)
    return [_with_new_id(each, ids) for each in planned]


async def _locked(tx: Transaction, party_id: int, version: int) -> Party:
    await writes.lock_parties(tx, party_ids=[party_id])
    found = await reads.party_by_id(tx, party_id)
    require_version(found.version, version)
    return found


async def _put_status(
    tx: Transaction, actor: Actor, party_id: int, version: int, status: PartyStatus
) -> Party:
    actor.require("party.write")
    found = await _locked(tx, party_id, version)
    if found.status is status:
        return found
    await writes.set_status(tx, party_id, status)
    verb = "archived" if status is PartyStatus.ARCHIVED else "restored"
    before, after = {"status": found.status}, {"status": status}
    await record(tx, actor, verb, Subject("party", party_id), before=before, after=after)
    return await reads.party_by_id(tx, party_id)


def _with_ids(planned: Sequence[PlannedRow[PartyFields]]) -> list[tuple[int, PartyFields]]:
    return [
        (each.outcome.row_id, each.after)
        for each in planned
        if each.outcome.row_id is not None and each.after is not None
    ]


def _with_new_id(
    planned: PlannedRow[PartyFields], ids: Mapping[tuple[str, str], int]
) -> RowOutcome:
    if planned.outcome.outcome is Outcome.CREATED and planned.after is not None:
        key = (planned.after.kind.value, planned.after.code)
        return replace(planned.outcome, row_id=ids[key])
    return planned.outcome


async def _record_import(
    tx: Transaction,
    actor: Actor,
    new: Sequence[PlannedRow[PartyFields]],
    changed: Sequence[PlannedRow[PartyFields]],
) -> None:
    pairs = {each.outcome.key: differences(each.before, each.after) for each in changed}
    before = {"changed": {code: old for code, (old, _new) in pairs.items()}}
    after = {
        "created": [each.outcome.key for each in new],
        "changed": {code: now for code, (_old, now) in pairs.items()},
    }
    await record(tx, actor, "imported", Subject("party"), before=before, after=after)
