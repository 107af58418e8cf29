"""The short way: wrong beliefs are found out by the database, and nobody is told anything wrong."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from support.company import CLERK, delivery, keyed, on_hand, receipt, transfer
from support.counting import counted_database
from truestock.database import Database, load_sql
from truestock.kernel import clock
from truestock.kernel.errors import TruestockError
from truestock.stock.model.movements import NewReservation, Posted, Refused
from truestock.stock.operations.beliefs import Beliefs
from truestock.stock.operations.ledger import Ledger, open_ledger, refusal_of

RECORD_GROUP = "INSERT INTO movement_line"


@pytest.fixture
async def other(company: Database) -> AsyncIterator[Ledger]:
    """The ledger of another process on the same database: it shares nothing but the tables."""
    opened = Ledger(company, clock.now)
    yield opened
    await opened.close()


async def test_what_another_process_posted_is_never_overwritten(
    ledger: Ledger, other: Ledger, company: Database
) -> None:
    for number in range(10):
        mine = await ledger.post(CLERK, receipt("SKU-1", 1), f"mine-{number}")
        theirs = await other.post(CLERK, receipt("SKU-1", 10), f"theirs-{number}")
        assert mine.lines[0].target_quantity_on_hand == number * 11 + 1
        assert theirs.lines[0].target_quantity_on_hand == (number + 1) * 11
    assert await on_hand(company, "SKU-1", "BIN-1") == 110


async def test_nobody_is_refused_because_of_an_old_belief(ledger: Ledger, other: Ledger) -> None:
    await ledger.post(CLERK, receipt("SKU-1", 1), "r1")
    await ledger.post(CLERK, delivery("SKU-1", 1), "d1")
    await other.post(CLERK, receipt("SKU-1", 5), "r2")
    posted = await ledger.post(CLERK, delivery("SKU-1", 5), "d2")
    assert posted.lines[0].source_quantity_on_hand == 0


async def test_nothing_is_sold_that_another_process_sold(
    ledger: Ledger, other: Ledger, company: Database
) -> None:
    await ledger.post(CLERK, receipt("SKU-1", 5), "r1")
    await other.post(CLERK, delivery("SKU-1", 4), "d1")
    with pytest.raises(TruestockError) as refused:
        await ledger.post(CLERK, delivery("SKU-1", 2), "d2")
    assert refused.value.facts["shortages"][0]["quantity_available"] == 1
    assert await on_hand(company, "SKU-1", "BIN-1") == 1


async def test_a_promise_of_another_process_is_kept(ledger: Ledger, other: Ledger) -> None:
    await ledger.post(CLERK, receipt("SKU-1", 5), "r1")
    await other.reserve(CLERK, NewReservation(sku="SKU-1", location="BIN-1", quantity=4), "promise")
    with pytest.raises(TruestockError, match="not enough stock"):
        await ledger.post(CLERK, delivery("SKU-1", 2), "d1")


async def test_coming_back_to_the_same_number_is_still_a_change(
    ledger: Ledger, other: Ledger, company: Database
) -> None:
    """Lines are numbered in the order of their balances' locks, or running quantities break."""
    await ledger.post(CLERK, receipt("SKU-1", 5), "r1")
    await other.post(CLERK, receipt("SKU-1", 3), "r2")
    await other.post(CLERK, delivery("SKU-1", 3), "d2")
    await ledger.post(CLERK, receipt("SKU-1", 1), "r3")
    async with company.asking() as tx:
        rows = await tx.rows(
            "SELECT target_quantity_after FROM movement_line JOIN movement USING (movement_id)"
            " WHERE kind = 'receipt' ORDER BY movement_id"
        )
    assert [row[0] for row in rows] == [5, 8, 6]


async def test_a_place_closed_meanwhile_takes_nothing(ledger: Ledger, company: Database) -> None:
    await ledger.post(CLERK, receipt("SKU-1", 1), "r1")
    async with company.writing() as tx:
        await tx.run("UPDATE location SET status = 'inactive' WHERE code = 'BIN-1'")
        await tx.run("UPDATE fact_stamp SET stamp = stamp + 1")
    with pytest.raises(TruestockError) as refused:
        await ledger.post(CLERK, receipt("SKU-1", 1), "r2")
    assert refused.value.code == "location_inactive"
    assert await on_hand(company, "SKU-1", "BIN-1") == 1


async def test_a_place_closed_while_the_group_waits_for_its_locks_takes_nothing(
    ledger: Ledger, company: Database, dsn: str
) -> None:
    await ledger.post(CLERK, receipt("SKU-1", 1), "r1")
    closing = await asyncpg.connect(dsn)
    work = closing.transaction()
    await work.start()
    await closing.execute(
        "SELECT FROM balance WHERE item_id = 1 ORDER BY balance_id FOR NO KEY UPDATE"
    )
    posting = asyncio.create_task(ledger.post(CLERK, receipt("SKU-1", 1), "r2"))
    await asyncio.sleep(0.2)
    assert not posting.done()
    await closing.execute("UPDATE location SET status = 'inactive' WHERE code = 'BIN-1'")
    await closing.execute("UPDATE fact_stamp SET stamp = stamp + 1")
    await work.commit()
    await closing.close()
    with pytest.raises(TruestockError) as refused:
        await posting
    assert refused.value.code == "location_inactive"
    assert await on_hand(company, "SKU-1", "BIN-1") == 1


async def test_a_repeat_among_others_is_told_its_answer_and_they_are_posted(
    ledger: Ledger, company: Database
) -> None:
    first = await ledger.post(CLERK, receipt("SKU-1", 1), "again")
    outcomes = await asyncio.gather(
        *[ledger.post(CLERK, receipt("SKU-1", 1), f"k{number}") for number in range(20)],
        ledger.post(CLERK, receipt("SKU-1", 1), "again"),
        ledger.post(CLERK, receipt("SKU-2", 1), "twin"),
        ledger.post(CLERK, receipt("SKU-2", 1), "twin"),
    )
    repeated, twin, other_twin = outcomes[-3:]
    assert (repeated.movement_id, repeated.replayed) == (first.movement_id, True)
    assert twin.movement_id == other_twin.movement_id
    assert sorted((twin.replayed, other_twin.replayed)) == [False, True]
    assert await on_hand(company, "SKU-1", "BIN-1") == 21
    assert await on_hand(company, "SKU-2", "BIN-1") == 1


async def test_what_was_decided_on_a_group_that_failed_is_decided_anew(
    company: Database, other: Ledger
) -> None:
    """The second group sells what the first one would have received, had its key been free."""
    ledger = Ledger(company, clock.now, group_max=1)
    await ledger.post(CLERK, receipt("SKU-1", 1), "warm")
    await other.post(CLERK, receipt("SKU-9", 1), "taken")
    received, sold = await asyncio.gather(
        ledger.post_many(CLERK, [keyed(receipt("SKU-1", 4), "taken")]),
        ledger.post_many(CLERK, [keyed(delivery("SKU-1", 5), "sale")]),
    )
    await ledger.close()
    assert refusal_of(received[0]).code == "request_key_reused"
    assert isinstance(sold[0], Refused)
    assert await on_hand(company, "SKU-1", "BIN-1") == 1


async def test_two_processes_on_the_same_balances_lose_nothing(company: Database) -> None:
    """Transfers both ways over few balances: any order of locks but one would deadlock."""

    async def write(ledger: Ledger, name: str) -> int:
        done = 0
        for number in range(40):
            outcomes = await asyncio.gather(
                *[
                    ledger.post_many(
                        CLERK,
                        [
                            keyed(transfer(f"SKU-{sku}", 1, *places), f"{name}{number}/{sku}")
                            for sku in ((1, 2, 3) if name == "a" else (3, 2, 1))
                        ],
                    )
                    for places in ([("BIN-1", "BIN-2")] if number % 2 else [("BIN-2", "BIN-1")])
                ]
            )
            done += sum(isinstance(each, Posted) for each in outcomes[0])
        return done

    async with (
        open_ledger(company, clock.now, group_max=1000, waiting_max=1000) as first,
        open_ledger(company, clock.now, group_max=1000, waiting_max=1000) as second,
    ):
        for place in ("BIN-1", "BIN-2"):
            for sku in (1, 2, 3):
                await first.post(CLERK, receipt(f"SKU-{sku}", 100, place), f"{place}/{sku}")
        done = await asyncio.gather(write(first, "a"), write(second, "b"))
    assert list(done) == [120, 120]
    for sku in (1, 2, 3):
        there = [await on_hand(company, f"SKU-{sku}", place) for place in ("BIN-1", "BIN-2")]
        assert sum(there) == 200


async def test_balances_are_locked_in_the_order_given(company: Database, dsn: str) -> None:
    """The one statement of a group has nothing but the shape of its plan to order its locks."""
    assert company is not None
    sql = load_sql("truestock.stock.writes.ledger", "record_group")
    update = sql[sql.index("UPDATE balance") : sql.index("),\ngiven")].replace("RETURNING 1", "")
    session = {
        "plan_cache_mode": "force_generic_plan",
        "enable_seqscan": "off",
        "enable_hashjoin": "off",
        "enable_mergejoin": "off",
    }
    connection = await asyncpg.connect(dsn, server_settings=session)
    for row_count in (0, 20_000):
        await connection.execute(
            "INSERT INTO item (sku, name) SELECT 'X-' || i, 'X' FROM generate_series(1, $1) AS i"
            if row_count
            else "SELECT $1::integer",
            row_count,
        )
        await connection.execute(
            "INSERT INTO balance (balance_id, item_id, location_id, physical)"
            " SELECT 1000000 + item_id, item_id, location_id, true"
            " FROM item, location WHERE code = 'BIN-9' ON CONFLICT DO NOTHING"
        )
        await connection.execute("ANALYZE balance")
        await connection.execute(f"PREPARE locking AS {update}")
        rows = await connection.fetch(
            "EXPLAIN (COSTS off) EXECUTE locking ('{}', '{}', '{}', '{}', '{}')"
        )
        await connection.execute("DEALLOCATE locking")
        plan = [row[0].strip(" ->") for row in rows]
        assert plan[:3] == ["Update on balance", "Nested Loop", "Function Scan on c"], plan
    await connection.close()


async def test_usual_postings_cost_one_statement_and_others_still_work(
    company: Database, dsn: str
) -> None:
    assert company is not None
    async with counted_database(dsn) as (database, seen):
        ledger = Ledger(database, clock.now)
        await ledger.post(CLERK, receipt("SKU-1", 9), "warm")
        seen.clear()
        await asyncio.gather(
            *[ledger.post(CLERK, receipt("SKU-1", 1), f"k{number}") for number in range(30)]
        )
        assert [RECORD_GROUP in each for each in seen] == [True], seen
        held = await ledger.reserve(
            CLERK, NewReservation(sku="SKU-1", location="BIN-1", quantity=3), "h"
        )
        await ledger.fulfil(CLERK, held.reservation_id, delivery("SKU-1", 3), "f")
        seen.clear()
        await ledger.post(CLERK, delivery("SKU-1", 1), "after")
        assert [RECORD_GROUP in each for each in seen] == [True], seen
        await ledger.close()
    assert await on_hand(company, "SKU-1", "BIN-1") == 35


async def test_beliefs_do_not_grow_without_end(
    company: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("truestock.stock.operations.beliefs.BALANCES_MAX", 10)
    beliefs: list[Beliefs] = []

    class Watched(Beliefs):
        def __init__(self, database: Database) -> None:
            super().__init__(database)
            beliefs.append(self)

    monkeypatch.setattr("truestock.stock.operations.ledger.Beliefs", Watched)
    ledger = Ledger(company, clock.now)
    for number in range(1, 41):
        await ledger.post(CLERK, receipt(f"SKU-{number}", 1), f"k{number}")
        assert len(beliefs[0].states) <= 12
        assert beliefs[0].states.keys() == beliefs[0].versions.keys()
        promise = NewReservation(sku=f"SKU-{number}", location="BIN-1", quantity=1)
        await ledger.reserve(CLERK, promise, f"h{number}")  # learnt on the careful way
    await ledger.close()


async def test_a_place_opened_again_takes_stock_at_once(ledger: Ledger, company: Database) -> None:
    """A group of nothing but refusals writes nothing; yet it must not refuse by old facts."""

    async def set_status(status: str) -> None:
        async with company.writing() as tx:
            await tx.run("UPDATE location SET status = $1 WHERE code = 'BIN-1'", status)
            await tx.run("UPDATE fact_stamp SET stamp = stamp + 1")

    await ledger.post(CLERK, receipt("SKU-1", 1), "r1")
    await set_status("inactive")
    with pytest.raises(TruestockError) as closed:
        await ledger.post(CLERK, receipt("SKU-1", 1), "r2")
    assert closed.value.code == "location_inactive"
    await set_status("active")
    await ledger.post(CLERK, receipt("SKU-1", 1), "r3")
    await ledger.reserve(CLERK, NewReservation(sku="SKU-1", location="BIN-1", quantity=1), "h")


async def test_who_touches_nothing_that_is_locked_does_not_wait_for_the_lock(
    ledger: Ledger, company: Database, dsn: str
) -> None:
    numbers = range(1, 31)
    await ledger.post_many(
        CLERK, [keyed(receipt(f"SKU-{number}", 5), f"r{number}") for number in numbers]
    )
    holder = await asyncpg.connect(dsn)
    work = holder.transaction()
    await work.start()
    await holder.execute(
        "SELECT FROM balance JOIN location USING (location_id)"
        " WHERE item_id = 7 AND code = 'BIN-1' FOR NO KEY UPDATE OF balance"
    )
    asked = {
        number: asyncio.create_task(
            ledger.post(CLERK, transfer(f"SKU-{number}", 1, "BIN-1", "BIN-2"), f"t{number}")
        )
        for number in numbers
    }
    held_up = asked.pop(7)
    done = await asyncio.wait_for(asyncio.gather(*asked.values()), 5)
    assert all(isinstance(each, Posted) for each in done)
    assert not held_up.done()
    await work.commit()
    await holder.close()
    assert isinstance(await held_up, Posted)
    assert await on_hand(company, "SKU-7", "BIN-2") == 1


async def test_no_commands_have_no_outcomes(ledger: Ledger) -> None:
    assert await asyncio.wait_for(ledger.post_many(CLERK, []), 2) == []
    assert await asyncio.wait_for(ledger.expire(CLERK, []), 2) == []
    assert ledger.queue.waiting_count == 0
