"""The dashboard of somebody limited to sites, and figures that a job counts."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from support.company import CLERK, delivery, found_company, receipt, transfer
from support.served import Served, serve
from truestock.database import Database
from truestock.documents.model import DocumentType, NewDocument, NewDocumentLine
from truestock.documents.operations.drafts import create_document
from truestock.documents.operations.posting import post_document
from truestock.kernel import clock
from truestock.kernel.actor import Actor, ActorKind
from truestock.overview import reads
from truestock.overview.model import Dashboard
from truestock.overview.operations import keep_stock_figures
from truestock.stock.operations.ledger import Ledger
from truestock.stock.operations.movement_index import index_movements
from truestock.stock.operations.seals import extend_seals

NORTH, SOUTH = 1, 2  # BIN-2 is in the North, BIN-1 and BIN-3 in the South


WRITER = replace(
    CLERK, permissions=CLERK.permissions | {"document.write", "document.post", "stock.post"}
)


def written(place: str, lines: Sequence[NewDocumentLine] = ()) -> NewDocument:
    return NewDocument(type=DocumentType.RECEIPT, target=place, lines=lines)


@pytest.fixture
async def served(database: Database) -> AsyncIterator[Served]:
    """In the South five of SKU-1, three of which went North; SKU-2 sold out in the South, not in
    the North; a draft for the North."""
    running = await serve(database)
    await found_company(database)
    ledger = Ledger(database, clock.now)
    await ledger.post(CLERK, receipt("SKU-1", 5, "BIN-1"), "a")
    await ledger.post(CLERK, transfer("SKU-1", 3, "BIN-1", "BIN-2"), "b")
    await ledger.post(CLERK, receipt("SKU-2", 5, "BIN-1"), "c")
    await ledger.post(CLERK, delivery("SKU-2", 5, "BIN-1"), "d")
    await ledger.post(CLERK, receipt("SKU-2", 1, "BIN-2"), "e")
    lines = [NewDocumentLine(item="SKU-3", quantity=1)]
    async with database.writing() as tx:
        await create_document(tx, WRITER, written("BIN-2"), clock.now())
        posted = await create_document(tx, WRITER, written("BIN-3", lines), clock.now())
    await post_document(database, ledger, WRITER, posted.document_id, "f")
    await ledger.close()
    yield running
    await running.close()


async def shown(served: Served, *sites: int) -> dict[str, Any]:
    key = await served.key("stock.read", site_ids=sites or None)
    answer = await served.call("GET", "/dashboard", api_key=key)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert found["movements_by_day"][-1]["movement_count"] == found["movements_today"]
    return found


FIGURES = (
    "balance_count",
    "movements_today",
    "open_drafts",
    "documents_posted_today",
    "short_item_count",
)
EXPECTED: dict[tuple[int, ...], tuple[int, ...]] = {
    (): (4, 6, 1, 1, 0),
    (NORTH,): (2, 2, 1, 0, 0),
    (SOUTH,): (2, 5, 0, 1, 1),
    (NORTH, SOUTH): (4, 6, 1, 1, 0),
}


async def test_everybody_sees_the_figures_of_their_own_sites(
    served: Served, database: Database
) -> None:
    for _not_indexed_then_indexed in range(2):
        for sites, expected in EXPECTED.items():
            found = await shown(served, *sites)
            assert tuple(found[name] for name in FIGURES) == expected, sites
        await extend_seals(database)
        await index_movements(database)
    assert [each["sku"] for each in (await shown(served, SOUTH))["short_items"]] == ["SKU-2"]


async def test_many_balances_are_counted_by_a_job_as_it_says(
    served: Served, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await keep_stock_figures(database, clock.now()) == 0
    monkeypatch.setattr(reads, "COUNTED_AT_ONCE_MAX", 0)
    at = clock.now()
    assert await keep_stock_figures(database, at) == 3
    assert await keep_stock_figures(database, at) == 0
    async with database.writing() as tx:
        await tx.run("UPDATE stock_figure SET milliseconds = 20")
    for sites, expected in EXPECTED.items():
        if sites != (NORTH, SOUTH):
            found = await shown(served, *sites)
            assert tuple(found[name] for name in FIGURES) == expected, sites
            assert found["counted_at"] == at.isoformat().replace("+00:00", "Z")
    both = await shown(served, NORTH, SOUTH)
    assert (both["balance_count"], both["short_item_count"]) == (4, 1)
    assert [each["sku"] for each in both["short_items"]] == ["SKU-2"]
    assert await keep_stock_figures(database, at + timedelta(seconds=5.9)) == 0
    assert await keep_stock_figures(database, at + timedelta(seconds=6.1)) == 3


async def test_before_the_job_has_counted_they_are_counted_when_asked(
    served: Served, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "COUNTED_AT_ONCE_MAX", 0)
    south = Actor(1, ActorKind.PERSON, "S", frozenset(), frozenset({SOUTH}))
    async with database.reading() as tx:
        found: Dashboard = await reads.dashboard(tx, south, clock.now())
    assert (found.balance_count, found.short_item_count) == (2, 1)
    assert served.database is database


async def test_a_site_that_is_gone_is_no_longer_counted(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await found_company(database)
    monkeypatch.setattr(reads, "COUNTED_AT_ONCE_MAX", -1)
    assert await keep_stock_figures(database, clock.now()) == 3
    async with database.writing() as tx:
        await tx.run("DELETE FROM location WHERE site_id = 1")
        await tx.run("DELETE FROM site WHERE site_id = 1")
    later = clock.now() + timedelta(hours=1)
    assert await keep_stock_figures(database, later) == 2
    async with database.asking() as tx:
        assert await tx.value("SELECT count(*) FROM stock_figure") == 2
