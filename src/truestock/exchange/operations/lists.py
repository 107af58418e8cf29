"""The lists that can be exported: who may, how a page is read, which columns it has.

Pages are those of the list itself, with its own filters and its own look at the actor's sites.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from truestock.catalog.reads.items import item_page
from truestock.catalog.reads.parties import party_page
from truestock.database import ReadTransaction
from truestock.documents.reads.lists import document_numbers, document_page
from truestock.exchange.model.exports import ColumnKind, ExportColumn
from truestock.exchange.rules.values import DECIMALS_BY_CURRENCY
from truestock.http.paging import Page, PageRequest, fetch_page
from truestock.identity.reads import AUDIT_EVENTS, PEOPLE
from truestock.kernel.actor import Actor
from truestock.stock.reads.balances import balance_page, stock_page
from truestock.stock.reads.locations import location_page, site_page
from truestock.stock.reads.movements import line_page
from truestock.stock.reads.reservations import reservation_page

Filters = Mapping[str, Any]
ReadPage = Callable[[ReadTransaction, Actor, PageRequest, Filters], Awaitable[Page]]


@dataclass(frozen=True, slots=True)
class ExportList:
    """A list that can be exported. `prices` are columns kept in minor units, by their new name."""

    name: str
    permission: str
    page: ReadPage
    columns: tuple[ExportColumn, ...]
    prices: tuple[tuple[str, str], ...] = ()

    def cells(self, row: Mapping[str, Any]) -> list[Any]:
        """Return the row's values in the order of the columns; prices in whole currency."""
        plain = dict(row)
        for name, minor in self.prices:
            plain[name] = _price(row[minor], row["currency"])
        return [plain[column.name] for column in self.columns]


def _price(minor: int | None, currency: str) -> Decimal | None:
    return None if minor is None else Decimal(minor).scaleb(-DECIMALS_BY_CURRENCY.get(currency, 2))


async def _items(tx: ReadTransaction, _actor: Actor, asked: PageRequest, given: Filters) -> Page:
    return await item_page(tx, asked, given)


async def _parties(tx: ReadTransaction, _actor: Actor, asked: PageRequest, given: Filters) -> Page:
    return await party_page(tx, asked, given)


async def _stock(tx: ReadTransaction, actor: Actor, asked: PageRequest, given: Filters) -> Page:
    return await stock_page(tx, actor.site_ids, asked, given)


async def _balances(tx: ReadTransaction, actor: Actor, asked: PageRequest, given: Filters) -> Page:
    return await balance_page(tx, actor.site_ids, asked, given)


async def _lines(tx: ReadTransaction, actor: Actor, asked: PageRequest, given: Filters) -> Page:
    """Return lines with the number of their document, where the actor may see documents."""
    page = await line_page(tx, actor.site_ids, asked, given)
    ids = {row["document_id"] for row in page.items} - {None}
    named = {}
    if ids and "document.read" in actor.permissions:
        found = await document_numbers(tx, actor, sorted(ids))
        named = {each.document_id: each.number for each in found}
    items = [{**row, "document_number": named.get(row["document_id"])} for row in page.items]
    return Page(items, page.next_cursor)


async def _audit(tx: ReadTransaction, _actor: Actor, asked: PageRequest, given: Filters) -> Page:
    return await fetch_page(tx, AUDIT_EVENTS, asked, given)


async def _reservations(
    tx: ReadTransaction, actor: Actor, asked: PageRequest, given: Filters
) -> Page:
    return await reservation_page(tx, actor.site_ids, asked, given)


async def _people(tx: ReadTransaction, _actor: Actor, asked: PageRequest, given: Filters) -> Page:
    return await fetch_page(tx, PEOPLE, asked, given)


def _columns(names: str) -> tuple[ExportColumn, ...]:
    """Return columns from `name:kind` words; a bare name is text."""
    found = []
    for word in names.split():
        name, _, kind = word.partition(":")
        found.append(ExportColumn(name, ColumnKind(kind or "text")))
    return tuple(found)


LISTS: Final = {
    each.name: each
    for each in (
        ExportList(
            "items",
            "item.read",
            _items,
            _columns(
                "sku name base_unit gtin tracking currency list_price:decimal cost:decimal"
                " picture_url status item_id:whole changed_at:moment"
            ),
            (("list_price", "list_price_minor"), ("cost", "cost_minor")),
        ),
        ExportList(
            "parties",
            "party.read",
            _parties,
            _columns("kind code name email phone currency status party_id:whole changed_at:moment"),
        ),
        ExportList(
            "sites",
            "location.read",
            site_page,
            _columns(
                "code name time_zone address status location_count:whole site_id:whole"
                " changed_at:moment"
            ),
        ),
        ExportList(
            "locations",
            "location.read",
            location_page,
            _columns(
                "code site_code name kind path physical:yes_no pickable:yes_no sellable:yes_no"
                " receiving:yes_no negative_allowed:yes_no capacity:whole status location_id:whole"
                " changed_at:moment"
            ),
        ),
        ExportList(
            "stock",
            "stock.read",
            _stock,
            _columns(
                "sku name base_unit quantity_on_hand:whole quantity_reserved:whole"
                " quantity_available:whole quantity_incoming:whole quantity_outgoing:whole state"
                " status item_id:whole"
            ),
        ),
        ExportList(
            "balances",
            "stock.read",
            _balances,
            _columns(
                "sku item_name base_unit site_code location_code lot_code disposition"
                " quantity_on_hand:whole quantity_reserved:whole quantity_available:whole"
                " balance_id:whole"
            ),
        ),
        ExportList(
            "movements",
            "stock.read",
            _lines,
            _columns(
                "movement_id:whole line_number:whole kind occurred_at:moment recorded_at:moment"
                " sku item_name base_unit quantity:whole source_location_code target_location_code"
                " lot_code source_disposition target_disposition unit_entered"
                " quantity_entered:decimal unit_cost_minor:decimal source_quantity_after:whole"
                " target_quantity_after:whole reason note document_number document_id:whole"
                " reverses_id:whole reversed_by_id:whole actor_name"
            ),
        ),
        ExportList(
            "reservations",
            "stock.read",
            _reservations,
            _columns(
                "reservation_id:whole state sku item_name site_code location_code lot_code"
                " quantity:whole quantity_posted:whole priority:whole expires_at:moment actor_name"
                " document_id:whole movement_id:whole note recorded_at:moment resolved_at:moment"
            ),
        ),
        ExportList(
            "documents",
            "document.read",
            document_page,
            _columns(
                "number type state party_name source_location_code target_location_code reference"
                " reason_code line_count:whole occurred_at:moment due_on:day recorded_at:moment"
                " posted_at:moment created_by approved:yes_no reverses_id:whole"
                " reversed_by_id:whole document_id:whole"
            ),
        ),
        ExportList(
            "users",
            "user.manage",
            _people,
            _columns("login name email roles status signed_in_at:moment actor_id:whole"),
        ),
        ExportList(
            "audit",
            "audit.read",
            _audit,
            _columns(
                "occurred_at:moment actor_name action subject_kind subject_id:whole before after"
                " address request_id audit_event_id:whole actor_id:whole"
            ),
        ),
    )
}
"""By the name of the list in the address of the API."""
