"""What has changed meanwhile: a repeat gets its first answer, a neighbour is not touched."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from support.company import CLERK, delivery, keyed, on_hand, receipt
from truestock.database import Database
from truestock.kernel import clock
from truestock.kernel.errors import RequestKeyReusedError, TruestockError
from truestock.stock.model.movements import NewReservation, Posted, Refused
from truestock.stock.operations.ledger import Ledger


async def change(company: Database, statement: str) -> None:
    """Change a fact as the catalogue does: the stamp is raised in the same transaction."""
    async with company.writing() as tx:
        await tx.run(statement)
        await tx.run("UPDATE fact_stamp SET stamp = stamp + 1")


async def test_a_reservation_goes_on_after_the_catalogue_changed(
    ledger: Ledger, company: Database
) -> None:
    await ledger.post(CLERK, receipt("SKU-1", 10), "r1")
    asked = NewReservation(sku="SKU-1", location="BIN-1", quantity=2)
    await ledger.reserve(CLERK, asked, "h1")
    await change(company, "UPDATE item SET name = 'Renamed' WHERE sku = 'SKU-2'")
    held = await ledger.reserve(CLERK, asked, "h2")
    await change(company, "UPDATE item SET name = 'Renamed again' WHERE sku = 'SKU-2'")
    await ledger.fulfil(CLERK, held.reservation_id, delivery("SKU-1", 2), "f2")
    await change(company, "UPDATE location SET status = 'inactive' WHERE code = 'BIN-1'")
    with pytest.raises(TruestockError) as refused:
        await ledger.reserve(CLERK, asked, "h3")
    assert refused.value.code == "location_inactive"


async def test_everybody_of_a_group_is_resolved_anew_when_facts_have_changed(
    ledger: Ledger, company: Database
) -> None:
    for number in range(1, 6):
        await ledger.post(CLERK, receipt(f"SKU-{number}", 1), f"warm{number}")
    await change(company, "UPDATE item SET status = 'archived' WHERE sku = 'SKU-3'")
    results = await asyncio.gather(
        *[ledger.post(CLERK, receipt(f"SKU-{n}", 1), f"k{n}") for n in range(1, 6)],
        return_exceptions=True,
    )
    assert [type(each) is Posted for each in results] == [True, True, False, True, True]
    assert getattr(results[2], "code", "") == "item_archived"


async def test_a_repeat_gets_its_answer_although_the_place_is_closed_by_now(
    ledger: Ledger, company: Database
) -> None:
    first = await ledger.post(CLERK, receipt("SKU-1", 10), "r1")
    await change(company, "UPDATE location SET status = 'inactive' WHERE code = 'BIN-1'")
    again = await ledger.post(CLERK, receipt("SKU-1", 10), "r1")
    assert (again.movement_id, again.replayed) == (first.movement_id, True)
    with pytest.raises(RequestKeyReusedError):
        await ledger.post(CLERK, receipt("SKU-1", 11), "r1")
    outcomes = await ledger.post_many(
        CLERK, [keyed(receipt("SKU-1", 1), "new"), keyed(receipt("SKU-1", 10), "r1")]
    )
    assert [type(each) is Posted for each in outcomes] == [False, True]
    assert await on_hand(company, "SKU-1", "BIN-1") == 10


async def test_a_repeated_reservation_gets_its_answer_after_its_time(ledger: Ledger) -> None:
    await ledger.post(CLERK, receipt("SKU-1", 10), "r1")
    soon = clock.now() + timedelta(seconds=0.3)
    asked = NewReservation(sku="SKU-1", location="BIN-1", quantity=2, expires_at=soon)
    held = await ledger.reserve(CLERK, asked, "h1")
    await asyncio.sleep(0.4)
    again = await ledger.reserve(CLERK, asked, "h1")
    assert (again.reservation_id, again.replayed) == (held.reservation_id, True)


async def test_a_lot_of_an_item_that_was_deleted_is_not_looked_for_without_end(
    ledger: Ledger, company: Database
) -> None:
    for code in ("lot_missing", "item_unknown"):
        lot = None if code == "lot_missing" else "L-1"
        asked = receipt("LOT-1", 1, lot=lot)
        with pytest.raises(TruestockError) as refused:
            await asyncio.wait_for(ledger.post(CLERK, asked, code), 30)
        assert refused.value.code == code
        await change(company, "DELETE FROM item WHERE sku = 'LOT-1'")


async def test_a_fault_nobody_foresaw_concerns_the_one_who_asked_for_it(
    ledger: Ledger, company: Database
) -> None:
    async with company.writing() as tx:
        await tx.run("ALTER TABLE request ADD CONSTRAINT unforeseen CHECK (note <> 'odd')")
    await ledger.post(CLERK, receipt("SKU-1", 1), "warm")
    odd = msgspec.structs.replace(receipt("SKU-2", 1), note="odd")
    results = await asyncio.gather(
        *[ledger.post(CLERK, receipt("SKU-1", 1), f"a{number}") for number in range(5)],
        ledger.post(CLERK, odd, "odd"),
        *[ledger.post(CLERK, receipt("SKU-3", 1), f"b{number}") for number in range(5)],
        return_exceptions=True,
    )
    assert [type(each) is Posted for each in results] == [True] * 5 + [False] + [True] * 5
    assert await on_hand(company, "SKU-1", "BIN-1") == 6


async def test_a_serial_does_not_leave_a_place_where_it_is_not_whatever_the_policy(
    ledger: Ledger, company: Database
) -> None:
    await change(company, "UPDATE location SET negative_allowed = true WHERE code = 'BIN-1'")
    asked = [
        keyed(delivery("SER-1", 1, lot="A1"), "serial"),
        keyed(delivery("SKU-1", 3), "plain"),
        keyed(receipt("SER-1", 1, lot="A1"), "in"),
        keyed(delivery("SER-1", 1, lot="A1"), "out"),
    ]
    outcomes = await ledger.post_many(CLERK, asked)
    assert [type(each) is Posted for each in outcomes] == [False, True, True, True]
    assert isinstance(outcomes[0], Refused)
    assert outcomes[0].problem["code"] == "serial_elsewhere"
    assert await on_hand(company, "SKU-1", "BIN-1") == -3
