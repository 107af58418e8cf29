"""Groups on real PostgreSQL: grouping changes no answer, and no statement is paid per line."""

import asyncio
import random

import pytest

from support.company import CLERK, delivery, found_company, keyed, on_hand, receipt, transfer
from support.counting import counted_database
from truestock.database import Database
from truestock.kernel import clock
from truestock.kernel.errors import BusyError
from truestock.stock.model.movements import Posted
from truestock.stock.operations.ledger import Ledger
from truestock.stock.operations.resolve import Asked


def random_movements(seed: int, count: int) -> list[Asked]:
    choose = random.Random(seed)  # noqa: S311 - a reproducible sample
    asked = []
    for number in range(count):
        sku = f"SKU-{choose.randint(1, 3)}"
        bins = choose.sample(["BIN-1", "BIN-2", "BIN-3"], 2)
        quantity = choose.randint(1, 6)
        movement = choose.choice(
            [
                receipt(sku, quantity, bins[0]),
                delivery(sku, quantity, bins[0]),
                transfer(sku, quantity, bins[0], bins[1]),
            ]
        )
        asked.append(keyed(movement, f"k{number}"))
    return asked


async def balances(database: Database) -> list[tuple[object, ...]]:
    async with database.asking() as tx:
        rows = await tx.rows(
            """
            SELECT sku, location.code, quantity_on_hand
            FROM balance JOIN item USING (item_id) JOIN location USING (location_id)
            WHERE quantity_on_hand <> 0 ORDER BY sku, location.code
            """
        )
    return [tuple(row) for row in rows]


async def posted_in_groups(database: Database, asked: list[Asked], sizes: list[int]) -> list[str]:
    ledger = Ledger(database, clock.now)
    outcomes = []
    start = 0
    while start < len(asked):
        size = sizes[start % len(sizes)]
        outcomes += await ledger.post_many(CLERK, asked[start : start + size])
        start += size
    await ledger.close()
    return [type(outcome).__name__ for outcome in outcomes]


@pytest.mark.parametrize("seed", range(4))
async def test_group_posting_equals_one_by_one(
    company: Database, server_dsn: str, template: str, seed: int
) -> None:
    import asyncpg

    from conftest import with_database
    from truestock.database import connect

    asked = random_movements(seed, 120)
    one_by_one = await posted_in_groups(company, asked, [1])
    expected = await balances(company)
    admin = await asyncpg.connect(server_dsn)
    name = f"other_{seed}_{id(asked)}"
    await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY wal_log')
    other = await connect(with_database(server_dsn, name))
    try:
        await found_company(other)
        grouped = await posted_in_groups(other, asked, [7, 1, 31, 2])
        assert grouped == one_by_one
        assert await balances(other) == expected
    finally:
        await other.close()
        await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await admin.close()


async def test_callers_on_one_balance_are_served_in_the_order_they_came(ledger: Ledger) -> None:
    await ledger.post(CLERK, receipt("SKU-1", 50), "r")
    posted = await asyncio.gather(
        *[ledger.post(CLERK, delivery("SKU-1", 1), f"d{number}") for number in range(50)]
    )
    left = [each.lines[0].source_quantity_on_hand for each in posted]
    assert left == list(range(49, -1, -1))


async def test_one_callers_refusal_never_touches_another(ledger: Ledger, company: Database) -> None:
    await ledger.post(CLERK, receipt("SKU-1", 10), "r")
    outcomes = await asyncio.gather(
        *[ledger.post(CLERK, delivery("SKU-1", 3), f"d{number}") for number in range(20)],
        *[ledger.post(CLERK, receipt("SKU-2", 1), f"x{number}") for number in range(20)],
        return_exceptions=True,
    )
    assert sum(isinstance(each, Posted) for each in outcomes) == 3 + 20
    assert await on_hand(company, "SKU-1", "BIN-1") == 1
    assert await on_hand(company, "SKU-2", "BIN-1") == 20


async def test_a_long_queue_answers_busy(company: Database) -> None:
    ledger = Ledger(company, clock.now, waiting_max=5)
    await ledger.post(CLERK, receipt("SKU-1", 1), "warm")
    results = await asyncio.gather(
        *[ledger.post(CLERK, receipt("SKU-1", 1), f"k{number}") for number in range(50)],
        return_exceptions=True,
    )
    busy = [each for each in results if isinstance(each, BusyError)]
    assert busy
    assert busy[0].retry_after_seconds == 1
    acknowledged = sum(isinstance(each, Posted) for each in results)
    assert await on_hand(company, "SKU-1", "BIN-1") == 1 + acknowledged
    await ledger.close()


async def test_the_statements_of_a_batch_do_not_grow_with_it(company: Database, dsn: str) -> None:
    assert company is not None  # the company is there before anybody posts
    async with counted_database(dsn) as (database, seen):
        ledger = Ledger(database, clock.now)
        warm = [keyed(receipt(f"SKU-{number}", 1), f"w{number}") for number in range(1, 41)]
        await ledger.post_many(CLERK, warm)
        counts = {}
        for size in (1, 10, 40):
            seen.clear()
            asked = [
                keyed(receipt(f"SKU-{number}", 1), f"{size}/{number}")
                for number in range(1, size + 1)
            ]
            outcomes = await ledger.post_many(CLERK, asked)
            assert all(isinstance(each, Posted) for each in outcomes)
            counts[size] = len(seen)
        await ledger.close()
    assert counts == {1: 5, 10: 5, 40: 5}, seen
