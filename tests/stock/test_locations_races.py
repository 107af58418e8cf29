"""Closing and changing locations while others post into them, on real connections."""

import asyncio
from contextlib import suppress

import pytest

from support.company import CLERK, delivery, keyed, on_hand, receipt
from truestock.catalog.model.items import ItemFields
from truestock.catalog.operations.items import create_item, delete_item
from truestock.database import Database
from truestock.kernel.errors import BusyError, TruestockError
from truestock.stock.errors.locations import (
    LocationNotEmptyError,
    LocationUsedError,
)
from truestock.stock.model.locations import LocationFields, LocationKind, PlaceStatus
from truestock.stock.model.movements import Posted
from truestock.stock.operations import locations
from truestock.stock.operations.ledger import Ledger
from truestock.stock.reads.locations import location_by_id

SITE = 2


async def a_bin(database: Database, code: str) -> int:
    async with database.writing() as tx:
        fields = LocationFields(code=code, kind=LocationKind.BIN)
        return (await locations.create_location(tx, CLERK, SITE, fields)).location_id


async def version_of(database: Database, location_id: int) -> int:
    async with database.asking() as tx:
        return (await location_by_id(tx, CLERK, location_id)).version


async def close(database: Database, location_id: int) -> bool:
    """Try to close a location; tells whether it was empty."""
    version = await version_of(database, location_id)
    try:
        async with database.writing() as tx:
            await locations.deactivate_location(tx, CLERK, location_id, version)
    except LocationNotEmptyError:
        return False
    return True


async def test_no_posting_slips_into_a_location_that_is_being_closed(
    company: Database, ledger: Ledger
) -> None:
    """Each round is one race on a place that has never had a balance, and one on an empty one."""
    closed_first = 0
    for round_number in range(12):
        code = f"RACE-{round_number}"
        place = await a_bin(company, code)
        if round_number % 2:
            for number, movement in enumerate(
                (receipt("SKU-1", 1, code), delivery("SKU-1", 1, code))
            ):
                await ledger.post(CLERK, movement, f"before-{code}-{number}")

        async def post(number: int, code: str = code) -> Posted | TruestockError:
            await asyncio.sleep(0.001 * (number % 3))
            try:
                return await ledger.post(
                    CLERK, receipt(f"SKU-{number}", 1, code), f"race-{code}-{number}"
                )
            except TruestockError as refused:
                return refused

        async def shut(place: int = place, late: float = 0.0015 * (round_number % 4)) -> bool:
            await asyncio.sleep(late)
            return await close(company, place)

        posted, closed = await asyncio.gather(
            asyncio.gather(*(post(number) for number in range(1, 7))), shut()
        )
        accepted = sum(isinstance(each, Posted) for each in posted)
        refusals = {each.code for each in posted if isinstance(each, TruestockError)}
        assert refusals <= {"location_inactive"}
        async with company.asking() as tx:
            found = await location_by_id(tx, CLERK, place)
        held = sum([await on_hand(company, f"SKU-{number}", code) for number in range(1, 7)])
        assert held == accepted
        assert (found.status is PlaceStatus.INACTIVE) == closed
        if closed:
            assert held == 0
            closed_first += 1
    assert closed_first


async def test_a_closed_location_takes_no_movement_at_once(
    company: Database, ledger: Ledger
) -> None:
    place = await a_bin(company, "CLOSING")
    await ledger.post(CLERK, receipt("SKU-1", 1, "CLOSING"), "in")
    assert not await close(company, place)
    await ledger.post(CLERK, delivery("SKU-1", 1, "CLOSING"), "out")
    assert await close(company, place)
    for _once_more in range(2):
        with pytest.raises(TruestockError) as refused:
            await ledger.post(CLERK, receipt("SKU-1", 1, "CLOSING"), "after")
        assert refused.value.code == "location_inactive"


async def test_a_batch_with_something_new_uses_no_old_fact(
    company: Database, ledger: Ledger
) -> None:
    """Looking up the second line finds newer facts; the first must not keep the older ones."""
    place = await a_bin(company, "OLD")
    for number, movement in enumerate((receipt("SKU-1", 1, "OLD"), delivery("SKU-1", 1, "OLD"))):
        await ledger.post(CLERK, movement, f"old-{number}")
    assert await close(company, place)
    await a_bin(company, "NEW")
    asked = [keyed(receipt("SKU-1", 1, code), f"batch-{code}") for code in ("OLD", "NEW")]
    first, second = await ledger.post_many(CLERK, asked)
    assert isinstance(first, TruestockError)
    assert first.code == "location_inactive"
    assert isinstance(second, Posted)


async def test_what_was_deleted_is_unknown_even_when_it_is_remembered(
    company: Database, ledger: Ledger
) -> None:
    place = await a_bin(company, "SHORT-LIVED")
    async with company.writing() as tx:
        item = await create_item(tx, CLERK, ItemFields(sku="SHORT-LIVED", name="Short-lived"))
    for sku, code in (("SKU-1", "nowhere"), ("SHORT-LIVED", "nowhere"), ("nothing", "SHORT-LIVED")):
        with pytest.raises(TruestockError):
            await ledger.post(CLERK, receipt(sku, 1, code), f"learn-{sku}")
    async with company.writing() as tx:
        await locations.delete_location(tx, CLERK, place, 1)
        await delete_item(tx, CLERK, item.item_id, 1)
    for sku, code, reason in (
        ("SKU-1", "SHORT-LIVED", "location_unknown"),
        ("SHORT-LIVED", "BIN-1", "item_unknown"),
    ):
        with pytest.raises(TruestockError) as refused:
            async with asyncio.timeout(10):
                await ledger.post(CLERK, receipt(sku, 1, code), f"late-{sku}")
        assert refused.value.code == reason


async def test_a_location_with_a_balance_is_not_deleted_even_when_it_is_being_made(
    company: Database, ledger: Ledger
) -> None:
    for round_number in range(6):
        code = f"GONE-{round_number}"
        place = await a_bin(company, code)

        async def remove(place: int = place) -> TruestockError | None:
            try:
                async with company.writing() as tx:
                    await locations.delete_location(tx, CLERK, place, 1)
            except LocationUsedError as used:
                return used
            return None

        async def post(code: str = code) -> Posted | TruestockError:
            try:
                return await ledger.post(CLERK, receipt("SKU-1", 1, code), f"gone-{code}")
            except TruestockError as refused:
                return refused

        posted, kept = await asyncio.gather(post(), remove())
        if isinstance(posted, Posted):
            assert isinstance(kept, LocationUsedError)
            assert await on_hand(company, "SKU-1", code) == 1
        else:
            assert posted.code in {"location_unknown", BusyError.code}


async def test_new_balances_carry_the_policy_of_the_moment(
    company: Database, ledger: Ledger
) -> None:
    """The invariant that is checked afterwards compares every balance with its location."""
    place = await a_bin(company, "POLICY")

    async def flip() -> None:
        for round_number in range(10):
            async with company.writing() as tx:
                changes = {"negative_allowed": round_number % 2 == 0}
                await locations.change_location(tx, CLERK, place, round_number + 1, changes)

    async def post(number: int) -> None:
        for round_number in range(4):
            sku = f"SKU-{number * 4 + round_number + 1}"
            while True:
                with suppress(BusyError):  # facts changed too often; the same key asks again
                    await ledger.post(CLERK, receipt(sku, 1, "POLICY"), f"policy-{sku}")
                    break

    await asyncio.gather(flip(), *(post(number) for number in range(6)))


async def test_batches_and_closing_do_not_deadlock(company: Database, ledger: Ledger) -> None:
    places = [await a_bin(company, f"MANY-{number}") for number in range(6)]

    async def post(number: int) -> None:
        asked = [
            keyed(receipt("SKU-2", 1, f"MANY-{(number + step) % 6}"), f"many-{number}-{step}")
            for step in range(6)
        ]
        await ledger.post_many(CLERK, asked)

    async def shut(place: int) -> None:
        await close(company, place)

    await asyncio.gather(*(post(number) for number in range(8)), *(shut(place) for place in places))
