"""Documents as listed, searched and counted; everybody sees those of their own sites."""

from collections.abc import Mapping, Sequence
from typing import Any

from truestock.database import Listing, ReadTransaction, load_sql
from truestock.database.patterns import starting_with
from truestock.database.sql import Sort
from truestock.documents.model import DocumentCount, DocumentFound, DocumentNumber
from truestock.http.paging import Page, PageRequest, fetch_page
from truestock.kernel.actor import Actor

FOUND_DEFAULT = 10

_SEARCH = load_sql(__name__, "search_documents")
_COUNTS = load_sql(__name__, "count_documents")
_NUMBERS = load_sql(__name__, "document_numbers")

DOCUMENT_LIST = Listing(
    text=load_sql(__name__, "document_list"),
    sorts={
        "number": Sort("d.number", "text"),
        "occurred_at": Sort("coalesce(d.occurred_at, d.recorded_at)", "timestamptz"),
        "recorded_at": Sort("d.recorded_at", "timestamptz"),
    },
    key="d.document_id",
    default="-recorded_at",
)

FILTERS = (
    "type",
    "state",
    "party_id",
    "site_id",
    "item_id",
    "reversed",
    "since",
    "until",
)


async def document_page(
    tx: ReadTransaction, actor: Actor, asked: PageRequest, filters: Mapping[str, Any]
) -> Page:
    """Return a page of the actor's documents.

    Filters: `q` (beginning of number or reference), type, state, party_id, site_id, item_id,
    reversed, since and until (when it occurred, or was recorded; until is not included).
    """
    given = {name: filters.get(name) for name in FILTERS}
    text = (filters.get("q") or "").strip()
    given["number_prefix"] = starting_with(text.upper()) if text else None
    given["reference_prefix"] = starting_with(text.lower()) if text else None
    given["site_ids"] = _own_sites(actor)
    return await fetch_page(tx, DOCUMENT_LIST, asked, given)


async def search_documents(
    tx: ReadTransaction, actor: Actor, text: str, limit: int = FOUND_DEFAULT
) -> list[DocumentFound]:
    """Return documents for what has been typed so far; an exact number comes first, marked."""
    typed = text.strip()
    if not typed or "\x00" in typed:
        return []
    rows = await tx.rows(
        _SEARCH,
        typed.upper(),
        starting_with(typed.upper()),
        starting_with(typed.lower()),
        _own_sites(actor),
        limit,
    )
    return [DocumentFound(**row) for row in rows]


async def document_numbers(
    tx: ReadTransaction, actor: Actor, document_ids: Sequence[int]
) -> list[DocumentNumber]:
    """Return number, type and state of those of these documents that the actor may see."""
    rows = await tx.rows(_NUMBERS, list(document_ids), _own_sites(actor))
    return [DocumentNumber(**row) for row in rows]


async def count_documents(tx: ReadTransaction, actor: Actor) -> list[DocumentCount]:
    """Return how many documents of each type are in each state, at the actor's sites."""
    return [DocumentCount(**row) for row in await tx.rows(_COUNTS, _own_sites(actor))]


def _own_sites(actor: Actor) -> list[int] | None:
    return None if actor.site_ids is None else sorted(actor.site_ids)
