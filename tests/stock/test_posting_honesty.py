"""Nobody is told before it is so: answers and the moment of the commit, seen from outside."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest

from support.callers import receipt_body
from support.company import CLERK, delivery, on_hand, receipt
from truestock.database import Database
from truestock.kernel.errors import TruestockError
from truestock.stock.model.movements import NewReservation, Posted
from truestock.stock.operations.ledger import Ledger
from truestock.web.app import Application

AT_COMMIT = """
CREATE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(4711);
    IF NEW.request_key LIKE 'doomed%' THEN
        RAISE EXCEPTION 'the commit fails';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON request
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION at_commit();
"""
"""A deferred trigger runs within COMMIT: there it waits for the gate, or fails."""
AT_THE_GATE = """
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted
"""


@pytest.fixture
async def gate(company: Database, dsn: str) -> AsyncIterator[Any]:
    """Something to close and open; while it is closed, no group gets through its COMMIT."""
    async with company.writing() as tx:
        await tx.run(AT_COMMIT)
    connection = await asyncpg.connect(dsn)

    @asynccontextmanager
    async def closed() -> AsyncIterator[None]:
        await connection.execute("SELECT pg_advisory_lock(4711)")
        try:
            yield
        finally:
            await connection.execute("SELECT pg_advisory_unlock(4711)")

    yield closed
    await connection.close()


async def arrived(company: Database, count: int = 1) -> None:
    """Return when so many groups stand in their COMMIT."""
    async with asyncio.timeout(10), company.asking() as tx:
        while await tx.value(AT_THE_GATE) < count:
            await asyncio.sleep(0.01)


async def test_nobody_is_answered_before_the_commit(
    ledger: Ledger, company: Database, gate: Any
) -> None:
    await ledger.post(CLERK, receipt("SKU-1", 1), "warm")
    wanted = NewReservation(sku="SKU-1", location="BIN-1", quantity=1)
    async with gate():
        asked = [
            asyncio.ensure_future(ledger.post(CLERK, receipt("SKU-1", 5), "post")),
            asyncio.ensure_future(ledger.reserve(CLERK, wanted, "hold")),
            asyncio.ensure_future(ledger.post(CLERK, delivery("SKU-2", 5), "refused")),
        ]
        await arrived(company)
        done, _ = await asyncio.wait(asked, timeout=0.5)
        assert not done, "somebody was answered while the group was not committed"
        assert await on_hand(company, "SKU-1", "BIN-1") == 1
    posted, held, refused = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(posted, Posted)
    assert getattr(held, "state", "") == "pending"
    assert isinstance(refused, TruestockError)
    assert await on_hand(company, "SKU-1", "BIN-1") == 6


async def test_a_caller_over_http_hears_nothing_before_the_commit(
    administrator: httpx.AsyncClient, company: Database, gate: Any
) -> None:
    async with gate():
        asked = asyncio.ensure_future(
            administrator.post(
                "/api/v1/movements",
                json=receipt_body("SKU-1", 5),
                headers={"Idempotency-Key": "k"},
            )
        )
        await arrived(company)
        done, _ = await asyncio.wait([asked], timeout=0.5)
        assert not done
    assert (await asked).status_code == 201


async def test_a_commit_that_fails_is_told_to_the_one_it_concerns(
    ledger: Ledger, company: Database, gate: Any
) -> None:
    assert gate
    await ledger.post(CLERK, receipt("SKU-1", 1), "warm")
    results = await asyncio.gather(
        *[ledger.post(CLERK, receipt("SKU-1", 1), f"a{number}") for number in range(5)],
        ledger.post(CLERK, receipt("SKU-1", 100), "doomed"),
        *[ledger.post(CLERK, receipt("SKU-1", 1), f"b{number}") for number in range(5)],
        return_exceptions=True,
    )
    assert [isinstance(each, Posted) for each in results] == [True] * 5 + [False] + [True] * 5
    assert await on_hand(company, "SKU-1", "BIN-1") == 11
    async with company.asking() as tx:
        assert await tx.value("SELECT count(*) FROM movement") == 11
        assert await tx.value("SELECT count(*) FROM request WHERE request_key = 'doomed'") == 0


async def test_who_goes_away_during_the_commit_is_recorded_and_the_retry_says_so(
    ledger: Ledger, company: Database, gate: Any
) -> None:
    await ledger.post(CLERK, receipt("SKU-1", 1), "warm")
    async with gate():
        leaving = asyncio.ensure_future(ledger.post(CLERK, receipt("SKU-1", 5), "gone"))
        staying = asyncio.ensure_future(ledger.post(CLERK, receipt("SKU-2", 5), "stays"))
        await arrived(company)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
    assert isinstance(await staying, Posted)
    again = await ledger.post(CLERK, receipt("SKU-1", 5), "gone")
    assert again.replayed
    assert await on_hand(company, "SKU-1", "BIN-1") == 6


async def test_who_goes_away_before_its_turn_is_recorded_or_not_and_the_retry_tells(
    ledger: Ledger, company: Database, gate: Any
) -> None:
    await ledger.post(CLERK, receipt("SKU-1", 1), "warm")
    async with gate():
        first = asyncio.ensure_future(ledger.post(CLERK, receipt("SKU-1", 5), "first"))
        await arrived(company)
        leaving = asyncio.ensure_future(ledger.post(CLERK, receipt("SKU-1", 7), "gone"))
        behind = asyncio.ensure_future(ledger.post(CLERK, receipt("SKU-1", 9), "behind"))
        while ledger.queue.waiting_count < 2:
            await asyncio.sleep(0)
        leaving.cancel()
    assert isinstance(await first, Posted)
    assert isinstance(await behind, Posted)
    assert ledger.queue.waiting_count == 0
    there = await on_hand(company, "SKU-1", "BIN-1")
    assert there in {15, 22}
    again = await ledger.post(CLERK, receipt("SKU-1", 7), "gone")
    assert again.replayed == (there == 22)
    assert await on_hand(company, "SKU-1", "BIN-1") == 22


async def test_another_balance_does_not_wait_for_a_group_in_its_commit(
    ledger: Ledger, company: Database, gate: Any
) -> None:
    """What is behind a held balance waits; the rest goes, as far as its own COMMIT."""
    for sku in ("SKU-1", "SKU-2"):
        await ledger.post(CLERK, receipt(sku, 1), f"warm{sku}")
    async with gate():
        asked = [asyncio.ensure_future(ledger.post(CLERK, receipt("SKU-1", 1), "one"))]
        await arrived(company)
        asked.append(asyncio.ensure_future(ledger.post(CLERK, receipt("SKU-1", 1), "same")))
        asked.append(asyncio.ensure_future(ledger.post(CLERK, receipt("SKU-2", 1), "other")))
        await arrived(company, 2)
        assert ledger.queue.waiting_count == 1
    assert all(isinstance(each, Posted) for each in await asyncio.gather(*asked))


async def test_too_many_that_wait_are_answered_503_and_when_to_come_again(
    application: Application, administrator: httpx.AsyncClient, company: Database, gate: Any
) -> None:
    queue = application.state.ledger.queue
    queue._waiting_max = 3

    async def ask(number: int) -> httpx.Response:
        return await administrator.post(
            "/api/v1/movements",
            json=receipt_body("SKU-1", 1),
            headers={"Idempotency-Key": f"k{number}"},
        )

    assert (await ask(0)).status_code == 201
    async with gate():
        first = asyncio.ensure_future(ask(1))
        await arrived(company)
        more = [asyncio.ensure_future(ask(number)) for number in range(2, 12)]
        done, waiting = await asyncio.wait(more, timeout=1)
        answers = [each.result() for each in done]
        assert len(waiting) == 3
        assert {each.status_code for each in answers} == {503}
        assert {each.headers["Retry-After"] for each in answers} == {"1"}
        assert {each.json()["code"] for each in answers} == {"busy"}
    served = [await first, *await asyncio.gather(*waiting)]
    assert {each.status_code for each in served} == {201}
    assert await on_hand(company, "SKU-1", "BIN-1") == 5
    again = [await ask(number) for number in range(1, 12)]
    assert {each.status_code for each in again} == {200, 201}
    assert sum(each.json()["replayed"] for each in again) == 4
    assert await on_hand(company, "SKU-1", "BIN-1") == 12


async def test_a_group_is_told_of_the_fault_when_the_database_is_not_itself(
    ledger: Ledger, company: Database
) -> None:
    """A lost connection concerns the whole group: everybody is to come again, nobody is posted."""
    await ledger.post(CLERK, receipt("SKU-1", 1), "warm")
    odd = msgspec.structs.replace(receipt("SKU-1", 1), note="x")
    async with company.writing() as blocker:
        await blocker.run("LOCK TABLE request IN SHARE MODE")
        asked = [
            asyncio.ensure_future(ledger.post(CLERK, odd, f"k{number}")) for number in range(5)
        ]
        killed = 0
        async with asyncio.timeout(10):
            while not killed:
                await asyncio.sleep(0.02)
                async with company.asking() as tx:
                    killed = await tx.value(
                        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                        "WHERE wait_event_type = 'Lock' AND datname = current_database()"
                    )
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert {getattr(each, "status", None) for each in results} == {503}
    assert await on_hand(company, "SKU-1", "BIN-1") == 1
    again = await asyncio.gather(*[ledger.post(CLERK, odd, f"k{n}") for n in range(5)])
    assert not any(each.replayed for each in again)
