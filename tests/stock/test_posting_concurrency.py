"""Many writers at once: acknowledged equals recorded, nothing is oversold, nothing deadlocks.

Ten ledgers stand for ten processes. The same over HTTP is in test_rivals_failures.py, and all verbs
at once in test_posting_mix.py.
"""

import asyncio
from collections.abc import AsyncIterator

import pytest

from support.company import CLERK, delivery, on_hand, receipt, transfer
from truestock.database import Database, connect
from truestock.kernel import clock
from truestock.kernel.errors import TruestockError
from truestock.stock.model.movements import NewReservation, Posted
from truestock.stock.operations.ledger import Ledger


@pytest.fixture
async def ledgers(company: Database, dsn: str) -> AsyncIterator[list[Ledger]]:
    """Ten ledgers with pools of their own, as ten processes would have."""
    assert company is not None  # the company is there before anybody posts
    pools = [await connect(dsn, size_max=2) for _ in range(10)]
    opened = [Ledger(pool, clock.now) for pool in pools]
    yield opened
    for each, pool in zip(opened, pools, strict=True):
        await each.close()
        await pool.close()


def is_posted(outcome: object) -> bool:
    if isinstance(outcome, BaseException) and not isinstance(outcome, TruestockError):
        raise outcome
    return isinstance(outcome, Posted)


async def test_no_update_is_lost(ledgers: list[Ledger], company: Database) -> None:
    await ledgers[0].post(CLERK, receipt("SKU-1", 1000), "start")
    await asyncio.gather(
        *[
            ledgers[number % 10].post(CLERK, receipt("SKU-1", 1), f"add{number}")
            for number in range(200)
        ]
    )
    assert await on_hand(company, "SKU-1", "BIN-1") == 1200


async def test_ten_are_never_sold_forty_times(ledgers: list[Ledger], company: Database) -> None:
    await ledgers[0].post(CLERK, receipt("SKU-1", 10), "start")
    outcomes = await asyncio.gather(
        *[
            ledgers[number % 10].post(CLERK, delivery("SKU-1", 1), f"sell{number}")
            for number in range(40)
        ],
        return_exceptions=True,
    )
    assert sum(map(is_posted, outcomes)) == 10
    assert await on_hand(company, "SKU-1", "BIN-1") == 0


async def test_taking_more_than_there_is_takes_nothing(
    ledgers: list[Ledger], company: Database
) -> None:
    await ledgers[0].post(CLERK, receipt("SKU-1", 10), "start")
    with pytest.raises(TruestockError):
        await ledgers[0].post(CLERK, delivery("SKU-1", 25), "much")
    assert await on_hand(company, "SKU-1", "BIN-1") == 10


async def test_transfers_do_not_invent_stock(ledgers: list[Ledger], company: Database) -> None:
    await ledgers[0].post(CLERK, receipt("SKU-1", 20), "start")
    outcomes = await asyncio.gather(
        *[
            ledgers[number % 10].post(CLERK, transfer("SKU-1", 1, "BIN-1", "BIN-2"), f"t{number}")
            for number in range(40)
        ],
        return_exceptions=True,
    )
    assert sum(map(is_posted, outcomes)) == 20
    assert await on_hand(company, "SKU-1", "BIN-1") == 0
    assert await on_hand(company, "SKU-1", "BIN-2") == 20


async def test_five_are_never_promised_twice(ledgers: list[Ledger]) -> None:
    await ledgers[0].post(CLERK, receipt("SKU-1", 5), "start")
    outcomes = await asyncio.gather(
        *[
            each.reserve(CLERK, NewReservation(sku="SKU-1", location="BIN-1", quantity=5), f"h{n}")
            for n, each in enumerate(ledgers)
        ],
        return_exceptions=True,
    )
    assert sum(not isinstance(each, BaseException) for each in outcomes) == 1


async def test_twins_of_one_key_post_once(ledgers: list[Ledger], company: Database) -> None:
    for round_ in range(20):
        outcomes = await asyncio.gather(
            *[each.post(CLERK, receipt("SKU-1", 1), f"twin{round_}") for each in ledgers]
        )
        assert len({each.movement_id for each in outcomes}) == 1
    assert await on_hand(company, "SKU-1", "BIN-1") == 20


async def test_one_key_with_two_payloads_is_one_of_them(ledgers: list[Ledger]) -> None:
    for round_ in range(20):
        outcomes = await asyncio.gather(
            *[
                each.post(CLERK, receipt(f"SKU-{number + 1}", 1), f"key{round_}")
                for number, each in enumerate(ledgers)
            ],
            return_exceptions=True,
        )
        assert sum(map(is_posted, outcomes)) == 1
