"""Suppliers and customers as stored and as listed."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from truestock.catalog.errors.parties import PartyNotFoundError
from truestock.catalog.model.parties import Contact, Party, PartyKind, PartyStatus
from truestock.database import Listing, ReadTransaction, load_sql
from truestock.database.patterns import containing
from truestock.database.sql import Sort
from truestock.database.transactions import Row
from truestock.http.paging import Page, PageRequest, fetch_page

_PARTIES = load_sql(__name__, "parties")

PARTY_LIST = Listing(
    text=load_sql(__name__, "party_list"),
    sorts={
        "code": Sort("p.code", "text"),
        "name": Sort("p.name", "text"),
        "changed_at": Sort("p.changed_at", "timestamptz"),
    },
    key="p.party_id",
    default="code",
)


async def parties(
    tx: ReadTransaction,
    *,
    party_ids: Sequence[int] = (),
    codes: Sequence[tuple[str, str]] = (),
) -> list[Party]:
    """Return the parties with these ids or (kind, code), in no order; unknown ones left out."""
    kinds = [kind for kind, _code in codes]
    rows = await tx.rows(_PARTIES, list(party_ids), kinds, [code for _kind, code in codes])
    return [_party(row) for row in rows]


async def party_by_id(tx: ReadTransaction, party_id: int) -> Party:
    """Return one party; raises `PartyNotFoundError`."""
    found = await parties(tx, party_ids=[party_id])
    if not found:
        raise PartyNotFoundError(party_id=party_id)
    return found[0]


async def party_page(tx: ReadTransaction, asked: PageRequest, filters: Mapping[str, Any]) -> Page:
    """Return a page of parties. Filters: `q` (in code or name), kind, status."""
    text = filters.get("q")
    given = {
        "kind": filters.get("kind"),
        "status": filters.get("status"),
        "pattern": containing(text) if text else None,
    }
    return await fetch_page(tx, PARTY_LIST, asked, given)


def _party(row: Row) -> Party:
    given = dict(row)
    given["contacts"] = msgspec.json.decode(given["contacts"], type=tuple[Contact, ...])
    given["kind"] = PartyKind(given["kind"])
    given["status"] = PartyStatus(given["status"])
    return Party(**given)
