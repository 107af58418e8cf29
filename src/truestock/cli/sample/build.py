"""Building the sample company, step by step, each of which may be repeated."""

import secrets
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any, Final, TypeVar

from truestock.catalog.model.parties import PartyRow
from truestock.catalog.model.terms import PriceBreak, TermFields
from truestock.catalog.operations.items import import_items
from truestock.catalog.operations.parties import import_parties
from truestock.catalog.operations.terms import put_term
from truestock.catalog.reads.items import item_page
from truestock.catalog.reads.terms import terms_of_items
from truestock.cli.sample import Progress
from truestock.cli.sample.catalogue import CUSTOMERS, SUPPLIERS
from truestock.cli.sample.goods import Good, goods
from truestock.cli.sample.places import STORES, location_rows, site_fields
from truestock.cli.sample.year import Year
from truestock.database import Database, Transaction
from truestock.database.request_keys import Request, answer_once, payload_hash
from truestock.documents.model import (
    DocumentRecorded,
    DocumentType,
    KeyedDocument,
    NewDocument,
    NewDocumentLine,
)
from truestock.documents.operations.bulk import create_and_post_many
from truestock.documents.operations.drafts import cancel_document, create_document
from truestock.documents.operations.reversing import reverse_document
from truestock.http.paging import PageRequest
from truestock.identity.model import Deed, Origin, PersonDraft, Role
from truestock.identity.operations import add_person, job_actor, prepared_password
from truestock.identity.reads import credentials
from truestock.kernel.actor import Actor
from truestock.kernel.errors import TruestockError
from truestock.stock.operations.ledger import Ledger, posting_connections
from truestock.stock.operations.location_imports import import_locations
from truestock.stock.operations.sites import create_site
from truestock.stock.reads.locations import sites as find_sites

ACTOR: Final = "sample company"
DOCUMENTS_AT_ONCE: Final = 150
TERMS_AT_ONCE: Final = 200
SECOND_SOURCE_EVERY: Final = 4
REVERSED: Final = 3

PEOPLE: Final = (
    ("manager", "Store management", Role.MANAGER, None),
    ("operator", "Central store floor", Role.OPERATOR, "CENTRAL"),
    ("lakeside", "Lakeside shop floor", Role.OPERATOR, "LAKESIDE"),
    ("dispatcher", "Dispatch desk", Role.DISPATCHER, None),
    ("biller", "Billing desk", Role.BILLER, None),
    ("buyer", "Purchasing desk", Role.BUYER, None),
    ("accountant", "Accounting desk", Role.ACCOUNTANT, None),
    ("viewer", "Sales floor screen", Role.VIEWER, None),
)


class OtherDataError(TruestockError):
    """The sample company is made in an empty database only; this one has other items or sites."""

    code = "sample_other_data"
    status = 409


class _NotYetError(Exception):
    """A step that was not done before; undoes the look."""


class Builder:
    """Builds the sample company in one database."""

    def __init__(self, database: Database, ledger: Ledger, progress: Progress) -> None:
        """Take where to build and whom to tell."""
        self._database = database
        self._ledger = ledger
        self._tell = progress

    async def build(self, now: datetime) -> None:
        """Build what is not there yet; raises `OtherDataError`."""
        async with self._database.writing() as tx:
            actor = await job_actor(tx, ACTOR)
        if await self._was_done(actor, "finished"):
            return
        if not await self._was_done(actor, "begun"):
            await self._require_empty()
        begun = await self._once(actor, "begun", lambda _tx: _answer({"today": str(now.date())}))
        today = date.fromisoformat(begun["today"])
        self._tell("sites and locations", 0.01)
        await self._places(actor)
        self._tell("items, suppliers and customers", 0.03)
        stock = goods()
        parties = await self._parties(actor)
        ids = await self._items(actor, stock)
        await self._terms(actor, stock, ids, parties)
        self._tell("people", 0.16)
        await self._people(actor, now)
        last = await self._documents(actor, Year(stock, parties, today))
        self._tell("corrections and drafts", 0.99)
        await self._reversals(actor, last, now)
        await self._drafts(actor, stock, parties, now)
        await self._once(actor, "finished", lambda _tx: _answer({"today": str(today)}))
        self._tell("done", 1.0)

    async def _was_done(self, actor: Actor, step: str) -> bool:
        async def look(_tx: Transaction) -> Any:
            raise _NotYetError

        try:
            await answer_once(self._database, _request(actor, step), look)
        except _NotYetError:
            return False
        return True

    async def _once(
        self, actor: Actor, step: str, act: Callable[[Transaction], Awaitable[Any]]
    ) -> Any:
        return (await answer_once(self._database, _request(actor, step), act)).body

    async def _require_empty(self) -> None:
        async with self._database.asking() as tx:
            page = await item_page(tx, PageRequest(1, None, None), {})
            known = await find_sites(tx, codes=[store.code for store in STORES])
        if page.items or known:
            raise OtherDataError

    async def _places(self, actor: Actor) -> None:
        async with self._database.writing() as tx:
            for store in STORES:
                if not await find_sites(tx, codes=[store.code]):
                    await create_site(tx, actor, site_fields(store))
                await import_locations(tx, actor, location_rows(store))

    async def _parties(self, actor: Actor) -> dict[str, int]:
        rows = [
            PartyRow(
                kind="supplier",
                code=code,
                name=name,
                email=f"orders@{code.lower()}.example",
                address=f"{name}, Industrial Way {number}",
            )
            for number, (code, name, _days, _minimum) in enumerate(SUPPLIERS.values(), start=1)
        ] + [
            PartyRow(kind="customer", code=code, name=name, email=f"office@{code.lower()}.example")
            for code, name in CUSTOMERS
        ]
        async with self._database.writing() as tx:
            outcomes = await import_parties(tx, actor, rows)
        return {
            row.code: outcome.row_id
            for row, outcome in zip(rows, outcomes, strict=True)
            if outcome.row_id is not None
        }

    async def _items(self, actor: Actor, stock: Sequence[Good]) -> dict[str, int]:
        ids: dict[str, int] = {}
        for rows in _parts([good.row for good in stock], 500):
            async with self._database.writing() as tx:
                for outcome in await import_items(tx, actor, rows):
                    assert outcome.row_id is not None, outcome  # noqa: S101 - our own items
                    ids[outcome.key] = outcome.row_id
        return ids

    async def _terms(
        self, actor: Actor, stock: Sequence[Good], ids: dict[str, int], parties: dict[str, int]
    ) -> None:
        for part in _parts(stock, TERMS_AT_ONCE):
            async with self._database.writing() as tx:
                known = await terms_of_items(tx, [ids[good.row.sku] for good in part])
                there = {(term.supplier_id, term.item_id) for term in known}
                for good in part:
                    for supplier, term in _terms_of(good):
                        key = (parties[SUPPLIERS[supplier][0]], ids[good.row.sku])
                        if key not in there:
                            await put_term(tx, actor, *key, version=None, term=term)
            self._tell("supplier terms", 0.03 + 0.12 * part[-1].number / len(stock))

    async def _people(self, actor: Actor, now: datetime) -> None:
        async with self._database.asking() as tx:
            places = await find_sites(tx, codes=[store.code for store in STORES])
        site_ids = {site.code: site.site_id for site in places}
        for login, name, role, site in PEOPLE:
            bound = (site_ids[site],) if site is not None else None
            draft = PersonDraft(login, name, (role,), f"{login}@oakmere.example", bound)
            async with self._database.asking() as tx:
                if await credentials(tx, login) is not None:
                    continue
            kept = await prepared_password(draft, secrets.token_urlsafe(24))
            async with self._database.writing() as tx:
                await add_person(tx, Deed(actor, now, Origin(ACTOR)), draft, kept, temporary=True)

    async def _documents(self, actor: Actor, year: Year) -> list[tuple[KeyedDocument, int]]:
        """Record the year; returns its last documents with their ids."""
        last: list[tuple[KeyedDocument, int]] = []
        played = list(year.documents())
        done = 0
        async with posting_connections(self._database, size_max=2) as posting:
            for part in _parts(played, DOCUMENTS_AT_ONCE):
                recorded = await create_and_post_many(posting, self._ledger, actor, part)
                last = []
                for keyed, outcome in zip(part, recorded, strict=True):
                    if not isinstance(outcome, DocumentRecorded):
                        raise outcome
                    last.append((keyed, outcome.document_id))
                done += len(part)
                at = part[-1].document.occurred_at
                shown = f"a year of documents, {at:%B %Y}" if at else "a year of documents"
                self._tell(shown, 0.17 + 0.81 * done / len(played))
        return last

    async def _reversals(
        self, actor: Actor, last: Sequence[tuple[KeyedDocument, int]], now: datetime
    ) -> None:
        sold = [each for each in last if each[0].document.type is DocumentType.DELIVERY]
        for number, (_keyed, document_id) in enumerate(sold[-REVERSED:], start=1):
            await reverse_document(
                self._database,
                self._ledger,
                actor,
                document_id,
                f"sample/reversal/{number}",
                reason="Rung up twice",
                now=now,
            )

    async def _drafts(
        self, actor: Actor, stock: Sequence[Good], parties: dict[str, int], now: datetime
    ) -> None:
        for number, draft in enumerate(_open_drafts(stock, parties), start=1):

            async def write(tx: Transaction, draft: NewDocument = draft) -> Any:
                made = await create_document(tx, actor, draft, now)
                return {"document_id": made.document_id}

            await self._once(actor, f"draft/{number}", write)

        async def write_and_cancel(tx: Transaction) -> Any:
            [draft, *_] = _open_drafts(stock, parties)
            made = await create_document(tx, actor, draft, now)
            reason = "The customer ordered it twice"
            await cancel_document(tx, actor, made.document_id, made.version, reason)
            return {"document_id": made.document_id}

        await self._once(actor, "cancelled", write_and_cancel)


Piece = TypeVar("Piece")


def _parts(all_of_it: Iterable[Piece], size: int) -> Iterator[list[Piece]]:
    rest = iter(all_of_it)
    while part := list(islice(rest, size)):
        yield part


def _request(actor: Actor, step: str) -> Request:
    return Request(actor.actor_id, f"sample/{step}", payload_hash("sample", step))


async def _answer(body: Any) -> Any:
    return body


def _terms_of(good: Good) -> list[tuple[str, TermFields]]:
    """Return who delivers an item on which terms: its maker, some also the general wholesaler."""
    pack = good.family.packs[0][1] if good.family.packs else 1
    breaks: tuple[PriceBreak, ...] = (PriceBreak(1, good.cost_minor),)
    if pack > 1:
        breaks += (PriceBreak(pack * 10, max(round(good.cost_minor * 0.93), 1)),)
    _code, _name, days, minimum = SUPPLIERS[good.family.supplier]
    found = [
        (
            good.family.supplier,
            TermFields(
                lead_time_days=days,
                supplier_sku=f"{good.number:05d}",
                order_minimum=max(minimum, pack),
                order_multiple=pack,
                preferred=True,
                price_breaks=breaks,
            ),
        )
    ]
    if good.number % SECOND_SOURCE_EVERY == 0:
        dear = PriceBreak(1, round(good.cost_minor * 1.12) + 1)
        days = SUPPLIERS["harrowgate"][2]
        found.append(("harrowgate", TermFields(lead_time_days=days, price_breaks=(dear,))))
    return found


def _open_drafts(stock: Sequence[Good], parties: dict[str, int]) -> list[NewDocument]:
    """Return documents that somebody has begun and not posted yet."""
    plain = [good for good in stock if good.family.tracking == "none"]
    central, lakeside, hilltop = STORES

    def lines(first: int, count: int, quantity: int) -> list[NewDocumentLine]:
        return [
            NewDocumentLine(item=good.row.sku, quantity=quantity + good.number % 3)
            for good in plain[first : first + count]
        ]

    return [
        NewDocument(
            type=DocumentType.DELIVERY,
            source=central.stage,
            party_id=parties["EVERTURF"],
            reference="Phone order",
            lines=lines(40, 4, 2),
        ),
        NewDocument(
            type=DocumentType.DELIVERY,
            source=central.stage,
            party_id=parties["HEATHCARE"],
            reference="Web order 1088",
            note="Call before delivery.",
            lines=lines(120, 6, 1),
        ),
        NewDocument(
            type=DocumentType.RECEIPT,
            target=central.dock,
            party_id=parties["MILLSTONE"],
            reference="Announced for tomorrow",
            lines=lines(200, 8, 10),
        ),
        NewDocument(
            type=DocumentType.TRANSFER,
            source=central.stage,
            target=hilltop.dock,
            reference="Weekend refill",
            lines=lines(300, 10, 3),
        ),
        NewDocument(
            type=DocumentType.ADJUSTMENT,
            source=lakeside.stage,
            reason_code="damage",
            note="Water in the back room, to be looked at.",
            lines=lines(60, 2, 1),
        ),
    ]
