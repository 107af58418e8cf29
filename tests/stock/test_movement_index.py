"""The coarse index of the ledger: it follows the seals, once, and says what the lines say."""

import asyncio
from typing import Any

import httpx
import pytest

from support.callers import paged
from support.company import CLERK, delivery, keyed, receipt, transfer
from truestock.database import Database
from truestock.database.invariants import broken_invariants
from truestock.stock.operations import movement_index
from truestock.stock.operations.ledger import Ledger
from truestock.stock.operations.movement_index import index_movements
from truestock.stock.operations.seals import extend_seals
from truestock.stock.reads.movement_index import IndexEnd, index_end

BIN_1, BIN_2, BIN_3 = "BIN-1", "BIN-2", "BIN-3"  # in the South, the North, the South


async def rows(database: Database, sql: str) -> list[Any]:
    async with database.asking() as tx:
        return [tuple(row) for row in await tx.rows(sql)]


@pytest.fixture
async def spread(company: Database, ledger: Ledger) -> Database:
    """Thirty movements, their ids forty apart, so that blocks of a hundred hold two or three."""
    async with company.writing() as tx:
        await tx.run("ALTER SEQUENCE movement_id_seq INCREMENT BY 40")
    for number in range(10):
        await ledger.post(CLERK, receipt("SKU-1", 5, (BIN_1, BIN_2)[number % 2]), f"in-{number}")
    for number in range(10):
        moved = transfer("SKU-1", 1, *((BIN_1, BIN_3), (BIN_1, BIN_2))[number % 2])
        await ledger.post(CLERK, moved, f"over-{number}")
    for number in range(10):
        await ledger.post(CLERK, delivery("SKU-1", 1, BIN_2), f"out-{number}")
    return company


async def test_only_what_is_sealed_is_entered_and_once(spread: Database) -> None:
    assert await index_movements(spread) == 0
    await extend_seals(spread)
    last = (await rows(spread, "SELECT max(movement_id) FROM movement"))[0][0]
    assert await index_movements(spread) == last
    assert await index_movements(spread) == 0
    async with spread.asking() as tx:
        assert await index_end(tx) == IndexEnd(last, last)
    by_sites = "SELECT site_ids, sum(movement_count)::int FROM movement_day GROUP BY 1 ORDER BY 1"
    assert await rows(spread, by_sites) == [([1], 15), ([1, 2], 5), ([2], 10)]


async def test_several_at_once_enter_it_once(
    spread: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(movement_index, "MOVEMENTS_AT_ONCE", 90)
    await extend_seals(spread)
    await asyncio.gather(*[index_movements(spread) for _ in range(4)])
    await index_movements(spread)
    assert await rows(spread, "SELECT sum(movement_count)::int FROM movement_day") == [(30,)]


async def test_lists_of_places_are_the_same_however_far_the_index_goes(
    spread: Database, ledger: Ledger, administrator: httpx.AsyncClient, monkeypatch: Any
) -> None:
    monkeypatch.setattr(movement_index, "MOVEMENTS_AT_ONCE", 130)
    places = await rows(spread, "SELECT location_id FROM location WHERE code ~ '^(BIN|SUPP)'")
    questions = [{"location_id": place} for (place,) in places]
    questions += [{"site_id": site} for site in (1, 2, 99)]

    async def everything() -> list[Any]:
        return [
            [
                (line["movement_id"], line["line_number"])
                for line in await paged(administrator, "movements", limit=4, sort=sort, **question)
            ]
            for question in questions
            for sort in ("recorded_at", "-recorded_at")
        ]

    before = await everything()
    assert sum(len(each) for each in before) > 100
    await extend_seals(spread)
    await index_movements(spread)
    assert await everything() == before
    await ledger.post_many(CLERK, [keyed(receipt("SKU-2", 1, BIN_2), f"new-{n}") for n in range(9)])
    after = await everything()
    assert [len(each) for each in after] != [len(each) for each in before]
    await extend_seals(spread)
    await index_movements(spread)
    assert await everything() == after


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM movement_block_location WHERE block = 3",
        "UPDATE movement_block SET site_ids = '{}' WHERE block = 3",
        "DELETE FROM movement_block WHERE block = 3",
        "UPDATE movement_day SET movement_count = movement_count + 1",
    ],
)
async def test_a_fault_in_the_index_is_found(spread: Database, statement: str) -> None:
    await extend_seals(spread)
    await index_movements(spread)

    async def planted() -> list[str]:
        async with spread.writing() as tx:
            await tx.run(statement)
            found = [each.name for each in await broken_invariants(tx)]
            raise _UndoneError(found)

    with pytest.raises(_UndoneError) as caught:
        await planted()
    assert caught.value.args[0] == ["movement_index_is_complete"]


class _UndoneError(Exception):
    """Rolls back what was planted, with what was found."""
