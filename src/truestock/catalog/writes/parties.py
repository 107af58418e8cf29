"""Changes of suppliers and customers; each statement takes any number of them."""

from collections.abc import Sequence

from truestock.catalog.model.parties import PartyFields, PartyStatus
from truestock.database import Transaction, load_sql

_LOCK = load_sql(__name__, "lock_parties")
_ADD = load_sql(__name__, "add_parties")
_CHANGE = load_sql(__name__, "change_parties")
_REMOVE_CONTACTS = load_sql(__name__, "remove_contacts")
_ADD_CONTACTS = load_sql(__name__, "add_contacts")
_SET_STATUS = load_sql(__name__, "set_party_status")
_REMOVE = load_sql(__name__, "remove_party")


async def lock_parties(
    tx: Transaction,
    *,
    party_ids: Sequence[int] = (),
    codes: Sequence[tuple[str, str]] = (),
) -> None:
    """Lock parties, by id or (kind, code), in the order of their ids."""
    kinds = [kind for kind, _code in codes]
    await tx.rows(_LOCK, list(party_ids), kinds, [code for _kind, code in codes])


async def add_parties(
    tx: Transaction, parties: Sequence[PartyFields]
) -> dict[tuple[str, str], int]:
    """Insert parties with contacts; returns the ids by (kind, code)."""
    kinds = [party.kind for party in parties]
    rows = await tx.rows(_ADD, kinds, *_columns(parties))
    ids = {(row["kind"], row["code"]): row["party_id"] for row in rows}
    await _add_contacts(tx, [(ids[party.kind, party.code], party) for party in parties])
    return ids


async def change_parties(tx: Transaction, parties: Sequence[tuple[int, PartyFields]]) -> None:
    """Give parties new fields and contacts; the kind stays."""
    ids = [party_id for party_id, _party in parties]
    await tx.run(_REMOVE_CONTACTS, ids)
    await tx.run(_CHANGE, *_columns([party for _party_id, party in parties]), ids)
    await _add_contacts(tx, parties)


async def set_status(tx: Transaction, party_id: int, status: PartyStatus) -> None:
    """Archive or restore a party."""
    await tx.run(_SET_STATUS, party_id, status)


async def remove_party(tx: Transaction, party_id: int) -> None:
    """Delete a party; the foreign keys of what still needs it refuse."""
    await tx.run(_REMOVE, party_id)


def _columns(parties: Sequence[PartyFields]) -> tuple[list[str | None], ...]:
    return (
        [party.code for party in parties],
        [party.name for party in parties],
        [party.email for party in parties],
        [party.phone for party in parties],
        [party.address for party in parties],
        [party.currency for party in parties],
        [party.note for party in parties],
    )


async def _add_contacts(tx: Transaction, parties: Sequence[tuple[int, PartyFields]]) -> None:
    contacts = [(party_id, each) for party_id, party in parties for each in party.contacts]
    if contacts:
        await tx.run(
            _ADD_CONTACTS,
            [party_id for party_id, _contact in contacts],
            [contact.name for _party_id, contact in contacts],
            [contact.email for _party_id, contact in contacts],
            [contact.phone for _party_id, contact in contacts],
            [contact.role for _party_id, contact in contacts],
        )
