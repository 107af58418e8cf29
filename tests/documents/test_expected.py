"""What open documents bring and take: in totals, by site, and in what may be promised by date."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from documents.desk import Desk, adjustment, delivery, line, receipt, transfer
from support.callers import caller
from truestock.database import Database
from truestock.http.paging import PageRequest
from truestock.stock.model.balances import ItemStock
from truestock.stock.model.explanations import Promise
from truestock.stock.model.movements import NewReservation
from truestock.stock.reads.balances import item_stock, stock_page
from truestock.stock.reads.reservations import available_to_promise
from truestock.web.app import Application

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
NORTH, SOUTH = 1, 2


def day(ahead: int) -> date:
    return TODAY + timedelta(days=ahead)


async def stock(desk: Desk, sites: list[int] | None = None) -> ItemStock:
    async with desk.database.reading() as tx:
        return await item_stock(tx, sites, 1)


async def both(desk: Desk, sites: list[int] | None = None) -> tuple[int, int]:
    found = await stock(desk, sites)
    async with desk.database.asking() as tx:
        page = await stock_page(tx, sites, PageRequest(20, None, None), {"item_id": 1})
    totals = (found.quantity_incoming, found.quantity_outgoing)
    for row in page.items:
        assert (row["quantity_incoming"], row["quantity_outgoing"]) == totals
    return totals


async def promise(
    desk: Desk, site_id: int | None = None, sites: list[int] | None = None
) -> Promise:
    async with desk.database.reading() as tx:
        return await available_to_promise(tx, sites, 1, NOW, site_id=site_id)


def promised(found: Promise) -> list[tuple[date, int, int]]:
    return [(each.date, each.quantity_projected, each.quantity_promisable) for each in found.points]


async def test_a_draft_is_incoming_until_it_is_posted_or_cancelled(desk: Desk) -> None:
    written = await desk.write(receipt(line("SKU-1", 5)))
    dropped = await desk.write(receipt(line("SKU-1", 7)))
    assert await both(desk) == (12, 0)
    await desk.cancel(dropped)
    changed = await desk.change(written, receipt(line("SKU-1", 1, unit="box"), line("SKU-2", 2)))
    assert await both(desk) == (12, 0)
    await desk.post(changed)
    assert await both(desk) == (0, 0)
    assert (await stock(desk)).quantity_on_hand == 12


async def test_a_transfer_comes_and_goes_by_site_and_is_nothing_to_the_company(desk: Desk) -> None:
    await desk.write(transfer(line("SKU-1", 4), source="BIN-1", target="BIN-2"))
    await desk.write(transfer(line("SKU-1", 9), source="BIN-1", target="BIN-3"))
    await desk.write(delivery(line("SKU-1", 3), source="BIN-2"))
    assert await both(desk) == (0, 3)
    assert await both(desk, [NORTH]) == (4, 3)
    assert await both(desk, [SOUTH]) == (0, 4)
    assert await both(desk, [NORTH, SOUTH]) == (0, 3)
    by_site = {each.site_id: each for each in (await stock(desk)).sites}
    assert (by_site[NORTH].quantity_incoming, by_site[NORTH].quantity_outgoing) == (4, 3)
    assert (by_site[SOUTH].quantity_incoming, by_site[SOUTH].quantity_outgoing) == (0, 4)
    assert [each.site_id for each in (await stock(desk, [NORTH])).sites] == [NORTH]


async def test_an_adjustment_is_nothing_to_wait_for(desk: Desk) -> None:
    await desk.write(adjustment(line("SKU-1", 4), reason_code="found", target="BIN-1"))
    assert await both(desk) == (0, 0)


async def test_a_reversal_that_waits_goes_the_other_way(desk: Desk) -> None:
    original = await desk.posted(receipt(line("SKU-1", 5)))
    await desk.policy("receipt", four_eyes=False, approval_needed=True)
    drafted = await desk.read((await desk.reverse(original))["document_id"])
    assert await both(desk) == (0, 5)
    await desk.cancel(drafted)
    assert await both(desk) == (0, 0)


async def test_what_may_be_promised_follows_the_days_of_open_documents(desk: Desk) -> None:
    await desk.posted(receipt(line("SKU-1", 10)))
    await desk.write(delivery(line("SKU-1", 8), due_on=day(3)))
    coming = await desk.write(receipt(line("SKU-1", 20), due_on=day(5)))
    found = await promise(desk)
    assert promised(found) == [(day(0), 10, 2), (day(3), 2, 2), (day(5), 22, 22)]
    assert [(each.kind, each.quantity) for each in found.expected] == [
        ("delivery", -8),
        ("receipt", 20),
    ]
    assert found.expected[1].number == coming.number


async def test_without_a_day_what_goes_is_gone_today_and_what_comes_is_not_counted_on(
    desk: Desk,
) -> None:
    await desk.posted(receipt(line("SKU-1", 10)))
    await desk.write(delivery(line("SKU-1", 4)))
    await desk.write(receipt(line("SKU-1", 100)))
    found = await promise(desk)
    assert promised(found) == [(day(0), 6, 6)]
    assert await both(desk) == (100, 4)
    assert [each.due_on for each in found.expected] == [None, None]


async def test_the_moment_of_a_draft_is_its_day_unless_it_has_one(desk: Desk) -> None:
    at = NOW - timedelta(days=2)
    await desk.write(receipt(line("SKU-1", 3), occurred_at=at))
    await desk.write(receipt(line("SKU-1", 4), occurred_at=at, due_on=day(9)))
    assert promised(await promise(desk)) == [(day(0), 3, 3), (day(9), 7, 7)]


async def test_held_stock_is_no_promise_and_damaged_goods_are_none(desk: Desk) -> None:
    await desk.write(receipt(line("SKU-1", 5, disposition="quarantine"), due_on=day(1)))
    assert promised(await promise(desk)) == [(day(0), 0, 0)]
    assert await both(desk) == (5, 0)


async def reserve(desk: Desk, quantity: int, key: str, **more: Any) -> None:
    asked = NewReservation(sku="SKU-1", location="BIN-1", quantity=quantity, **more)
    await desk.ledger.reserve(desk.actor, asked, key)


@pytest.fixture
async def holding(desk: Desk) -> Desk:
    rights = desk.actor.permissions | {"stock.reserve"}
    found = Desk(desk.database, desk.ledger, type(desk.actor)(101, desk.actor.kind, "C", rights))
    await found.posted(receipt(line("SKU-1", 10)))
    return found


async def test_a_promise_with_a_time_limit_is_free_on_the_day_after(holding: Desk) -> None:
    soon = datetime.now(UTC) + timedelta(days=2)
    await reserve(holding, 4, "a", expires_at=soon, priority=5)
    await reserve(holding, 3, "b", priority=1)
    found = await promise(holding)
    free_on = soon.date() + timedelta(days=1)
    assert promised(found) == [(day(0), 3, 3), (free_on, 7, 7)]
    assert [(each.date, each.quantity) for each in found.released] == [(free_on, 4)]
    assert [each.quantity for each in found.holders] == [3, 4]
    assert (await promise(holding, NORTH)).holders == []


async def test_the_end_of_the_calendar_is_a_day_as_well(holding: Desk) -> None:
    await reserve(holding, 4, "a", expires_at=datetime.max.replace(tzinfo=UTC))
    await holding.write(delivery(line("SKU-1", 1), due_on=date.max))
    found = await promise(holding)
    assert [(each.date, each.quantity) for each in found.released] == [(date.max, 4)]
    async with holding.database.writing() as tx:
        await tx.run("UPDATE site SET time_zone = 'Pacific/Auckland'")
    assert (await promise(holding, SOUTH)).released[0].date == date.max


async def test_what_is_reserved_for_a_document_does_not_go_twice(holding: Desk) -> None:
    soon = datetime.now(UTC) + timedelta(days=2)
    written = await holding.write(delivery(line("SKU-1", 6), due_on=day(4)))
    await reserve(holding, 4, "a", expires_at=soon)
    async with holding.database.writing() as tx:
        await tx.run("UPDATE reservation SET document_id = $1", written.document_id)
    assert promised(await promise(holding)) == [(day(0), 6, 4), (day(4), 4, 4)]
    async with holding.database.writing() as tx:
        await tx.run("UPDATE reservation SET document_id = NULL")


async def test_days_are_those_of_the_site(desk: Desk) -> None:
    async with desk.database.writing() as tx:
        await tx.run("UPDATE site SET time_zone = 'Pacific/Auckland' WHERE site_id = 1")
    async with desk.database.reading() as tx:
        late = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)
        found = await available_to_promise(tx, None, 1, late, site_id=NORTH)
    assert found.points[0].date == date(2026, 3, 3)


async def test_somebody_of_one_site_sees_only_its_own_side(
    desk: Desk, application: Application, company: Database
) -> None:
    await desk.posted(receipt(line("SKU-1", 10)))
    await desk.write(transfer(line("SKU-1", 4), source="BIN-1", target="BIN-2", due_on=day(1)))
    await desk.write(receipt(line("SKU-1", 50), due_on=day(1)))

    async def seen(client: httpx.AsyncClient, path: str) -> Any:
        answer = await client.get(f"/api/v1/{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async with caller(application, company, "stock.read", site_ids=(NORTH,)) as north:
        found = await seen(north, "items/1/stock")
        assert (found["quantity_incoming"], found["quantity_outgoing"]) == (4, 0)
        assert [each["site_id"] for each in found["sites"]] == [NORTH]
        [row] = (await seen(north, "stock?item_id=1"))["items"] or [{"quantity_incoming": 4}]
        assert row["quantity_incoming"] == 4
        found = await seen(north, "items/1/availability")
        assert [each["quantity"] for each in found["expected"]] == [4]
        south = await seen(north, f"items/1/availability?site_id={SOUTH}")
        assert (south["expected"], south["quantity_on_hand"]) == ([], 0)
