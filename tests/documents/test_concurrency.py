"""Several at once: tasks, connections and processes; nothing is posted twice, no number is lost."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from documents.desk import CHIEF, CLERK, Desk, delivery, line, receipt, transfer
from support.company import CLERK as KEEPER
from support.company import on_hand
from support.company import receipt as movement
from support.counting import counted_database
from truestock.database import connect
from truestock.database.request_keys import Request, answer_once, payload_hash
from truestock.documents.errors import AlreadyPostedError, DocumentCancelledError
from truestock.documents.operations.drafts import create_document
from truestock.documents.operations.posting import post_document
from truestock.kernel import clock
from truestock.kernel.errors import StaleVersionError, TruestockError
from truestock.stock.operations.ledger import Ledger
from truestock.stock.operations.locations import change_location
from truestock.stock.reads.locations import location_by_id

POSTER = Path(__file__).with_name("posting_process.py")


async def outcome(awaitable: Any) -> Any:
    try:
        return await awaitable
    except TruestockError as error:
        return error


async def test_eight_tasks_under_eight_keys_post_one_movement(desk: Desk) -> None:
    written = await desk.write(receipt(line("SKU-1", 10)))
    outcomes = await asyncio.gather(*[outcome(desk.post(written, f"k{n}")) for n in range(8)])
    posted = [each for each in outcomes if isinstance(each, dict)]
    refused = [each for each in outcomes if isinstance(each, AlreadyPostedError)]
    assert (len(posted), len(refused)) == (1, 7)
    movement_id = posted[0]["movements"][0]["movement_id"]
    assert {tuple(each.facts["movement_ids"]) for each in refused} == {(movement_id,)}
    assert await desk.value("SELECT count(*) FROM movement") == 1


async def test_eight_tasks_under_one_key_get_one_answer(desk: Desk) -> None:
    written = await desk.write(receipt(line("SKU-1", 10)))
    outcomes = await asyncio.gather(*[desk.post(written, "double click") for _ in range(8)])
    assert all(each == outcomes[0] for each in outcomes)
    assert await on_hand(desk.database, "SKU-1", "BIN-1") == 10


async def test_two_processes_post_the_same_documents_once(desk: Desk, dsn: str) -> None:
    written = [await desk.write(receipt(line("SKU-1", 1), line("SKU-2", 1))) for _ in range(30)]
    ids = ",".join(str(each.document_id) for each in written)
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, str(POSTER), dsn, ids, name, stdout=asyncio.subprocess.PIPE
        )
        for name in ("left", "right")
    ]
    async with asyncio.timeout(90):
        told = [(await each.communicate())[0].decode().splitlines()[-1] for each in processes]
    assert [each.returncode for each in processes] == [0, 0]
    both = list(zip(*[each.split() for each in told], strict=True))
    assert len(both) == 30
    assert all(sorted(pair) == ["already_posted", "posted"] for pair in both)
    assert await on_hand(desk.database, "SKU-1", "BIN-1") == 30


async def test_an_edit_and_a_posting_at_once_come_one_after_the_other(desk: Desk) -> None:
    for turn in range(20):
        written = await desk.write(receipt(line("SKU-1", 1)))
        changed, posted = await asyncio.gather(
            outcome(desk.change(written, receipt(line("SKU-1", 2)))),
            outcome(desk.post(written, f"edit-{turn}")),
        )
        assert isinstance(posted, dict), posted
        found = await desk.read(written.document_id)
        if isinstance(changed, TruestockError):
            assert changed.code == "not_draft"
            assert found.lines[0].quantity == 1
        else:
            assert found.lines[0].quantity == 2
    total = await desk.value("SELECT sum(quantity_base) FROM document_line")
    assert await on_hand(desk.database, "SKU-1", "BIN-1") == total


async def test_two_edits_from_one_version_end_with_one_and_a_stale_one(desk: Desk) -> None:
    written = await desk.write(receipt(line("SKU-1", 1)))
    outcomes = await asyncio.gather(
        *[outcome(desk.change(written, receipt(line("SKU-1", n + 2)))) for n in range(6)]
    )
    stale = [each for each in outcomes if isinstance(each, StaleVersionError)]
    assert len(stale) == 5
    assert (await desk.read(written.document_id)).version == 2


async def test_a_cancel_and_a_posting_at_once_leave_one_of_them(desk: Desk) -> None:
    for turn in range(10):
        written = await desk.write(receipt(line("SKU-1", 1)))
        cancelled, posted = await asyncio.gather(
            outcome(desk.cancel(written)), outcome(desk.post(written, f"cancel-{turn}"))
        )
        state = (await desk.read(written.document_id)).state
        if state == "posted":
            assert isinstance(cancelled, TruestockError)
            assert isinstance(posted, dict)
        else:
            assert isinstance(posted, DocumentCancelledError)


async def test_eight_reversals_at_once_make_one(desk: Desk) -> None:
    original = await desk.posted(receipt(line("SKU-1", 10)))
    outcomes = await asyncio.gather(
        *[outcome(desk.reverse(original, key=f"undo-{n}")) for n in range(8)]
    )
    assert sum(isinstance(each, dict) for each in outcomes) == 1
    codes = {each.code for each in outcomes if isinstance(each, TruestockError)}
    assert codes == {"document_reversed"}
    assert await on_hand(desk.database, "SKU-1", "BIN-1") == 0


async def test_opposite_transfers_and_reversals_do_not_deadlock(desk: Desk) -> None:
    items = [f"SKU-{n}" for n in range(1, 9)]
    await desk.posted(receipt(*[line(sku, 1_000) for sku in items]))
    await desk.posted(receipt(*[line(sku, 1_000) for sku in items], target="BIN-3"))

    async def work(number: int) -> None:
        skus = items if number % 2 else items[::-1]
        source, target = ("BIN-1", "BIN-3") if number % 3 else ("BIN-3", "BIN-1")
        for _ in range(4):
            document = await desk.write(
                transfer(*[line(sku, 1) for sku in skus], source=source, target=target)
            )
            await desk.post(document, f"{number}-{document.number}")
            if number % 4 == 0:
                await desk.reverse(document, key=f"undo-{document.number}")

    await asyncio.gather(*[work(number) for number in range(8)])
    assert await desk.value("SELECT count(*) FROM document WHERE state <> 'posted'") == 0


async def waiting(desk: Desk, count: int) -> None:
    """Return when so many sessions of this database wait for a lock."""
    asked = (
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
        "AND datname = current_database()"
    )
    async with asyncio.timeout(10):
        while await desk.value(asked) < count:
            await asyncio.sleep(0.02)


async def test_a_reversal_and_a_change_of_its_places_policy_come_one_after_the_other(
    desk: Desk,
) -> None:
    """The reversal holds the balances; the change holds the place and waits for the balances."""
    original = await desk.posted(receipt(line("SKU-1", 10)))

    async def changed() -> Any:
        async with desk.database.writing() as tx:
            place = await tx.value("SELECT location_id FROM location WHERE code = 'BIN-1'")
            found = await location_by_id(tx, KEEPER, place)
            more = {"negative_allowed": True}
            return await change_location(tx, KEEPER, place, found.version, more)

    async with desk.database.writing() as blocker:
        await blocker.run("LOCK TABLE audit_event IN SHARE MODE")
        reversing = asyncio.create_task(outcome(desk.reverse(original)))
        await waiting(desk, 1)
        changing = asyncio.create_task(outcome(changed()))
        await waiting(desk, 2)
    assert isinstance(await reversing, dict)
    assert not isinstance(await changing, TruestockError)
    assert await on_hand(desk.database, "SKU-1", "BIN-1") == 0


async def test_one_key_for_a_document_and_a_movement_at_once_does_not_deadlock(
    desk: Desk, dsn: str
) -> None:
    """Somebody uses one key for two things at the same moment; one of them is told so, at once."""
    await desk.posted(receipt(line("SKU-1", 1)))
    written = await desk.write(receipt(line("SKU-1", 10)))
    other = await connect(dsn)
    ledger = Ledger(other, clock.now)
    await ledger.post(CLERK, movement("SKU-1", 1), "warm")
    async with desk.database.writing() as blocker:
        await blocker.run("SELECT FROM balance FOR NO KEY UPDATE")
        first = asyncio.create_task(outcome(ledger.post(CLERK, movement("SKU-1", 5), "both")))
        await waiting(desk, 1)
        second = asyncio.create_task(outcome(desk.post(written, "both")))
        await waiting(desk, 2)
    told = [await first, await second]
    await ledger.close()
    await other.close()
    refused = [each.code for each in told if isinstance(each, TruestockError)]
    assert refused == ["request_key_reused"], "one was told that the server is busy: a deadlock"


async def test_numbers_have_no_gap_when_many_write_and_some_fail(desk: Desk) -> None:
    async def attempt(number: int) -> None:
        async def act(tx: Any) -> str:
            found = await create_document(tx, CLERK, receipt(line("SKU-1")), clock.now())
            if number % 3 == 0:
                raise RuntimeError
            return found.number

        try:
            request = Request(CLERK.actor_id, f"write-{number}", payload_hash(number))
            await answer_once(desk.database, request, act)
        except RuntimeError:
            return

    await asyncio.gather(*[attempt(number) for number in range(60)])
    assert await desk.value("SELECT count(*) FROM document") == 40
    assert await desk.value("SELECT max(number_index) FROM document") == 40
    assert await desk.value("SELECT last_index FROM document_counter") == 40


async def test_a_crash_between_claim_and_commit_leaves_nothing(desk: Desk, dsn: str) -> None:
    written = await desk.write(receipt(line("SKU-1", 10)))
    before = await desk.value("SELECT count(*) FROM request")
    other = await connect(dsn)
    ledger = Ledger(other, clock.now)
    async with desk.database.writing() as blocker:
        await blocker.run("LOCK TABLE audit_event IN SHARE MODE")
        posting = asyncio.create_task(
            post_document(other, ledger, CLERK, written.document_id, "crash")
        )
        for _ in range(100):
            waiting = await blocker.value(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                "AND datname = current_database()"
            )
            if waiting:
                break
            await asyncio.sleep(0.05)
        assert waiting
        await blocker.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        with pytest.raises(TruestockError) as caught:
            await posting
        assert caught.value.status == 503
    await ledger.close()
    await other.close()
    assert await desk.value("SELECT count(*) FROM request") == before
    assert await desk.value("SELECT count(*) FROM movement") == 0
    assert (await desk.read(written.document_id)).state == "draft"
    assert (await desk.post(written, "crash"))["state"] == "posted"


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize("mode", ["post", "create", "reverse"])
async def test_the_number_of_statements_does_not_depend_on_the_lines(dsn: str, mode: str) -> None:
    counts = []
    async with counted_database(dsn) as (database, seen):
        counted = Desk(database, Ledger(database, clock.now), CHIEF)
        for span in (range(40, 41), range(1, 2), range(2, 12), range(12, 40)):
            lines = [line(f"SKU-{n}", 5) for n in span]
            stock = await counted.posted(receipt(*lines))
            first = await counted.write(delivery(*lines))
            seen.clear()
            if mode == "create":
                await counted.write(delivery(*lines))
            elif mode == "post":
                await counted.post(first)
            else:
                await counted.reverse(stock)
            counts.append(len(seen))
        await counted.ledger.close()
    assert len(set(counts[1:])) == 1, counts  # the first one filled the cache of facts
    assert counts[1] <= 26
