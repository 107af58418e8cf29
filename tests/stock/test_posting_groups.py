"""Groups on real PostgreSQL: grouping changes no answer, and no statement is paid per line."""

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import asyncpg
import msgspec
import pytest

from conftest import with_database
from support.company import CLERK, delivery, found_company, keyed, on_hand, receipt
from support.counting import counted_database
from truestock.database import Database, connect
from truestock.kernel import clock
from truestock.kernel.errors import BusyError, TruestockError
from truestock.stock.model.movements import (
    NewLine,
    NewMovement,
    NewReservation,
    Posted,
    Refused,
    Release,
    Reserved,
)
from truestock.stock.operations.ledger import Ledger, refusal_of
from truestock.stock.reads.ledger import reservation_balances

Step = tuple[Any, ...]


def random_waves(seed: int, count: int) -> list[list[Step]]:
    """Steps in waves: those of a wave may go together, and end only promises of earlier waves."""
    choose = random.Random(seed)  # noqa: S311 - a reproducible sample
    waves: list[list[Step]] = [[]]
    promises = promises_before = 0
    for number in range(count):
        if choose.random() < 0.12:
            waves.append([])
            promises_before = promises
        verb = choose.choices(
            ["move", "promise", "void", "fulfil", "undo", "repeat", "reuse"], [8, 2, 1, 2, 1, 1, 1]
        )[0]
        if verb in {"void", "fulfil", "undo"} and not promises_before:
            verb = "move"
        lines = [random_line(choose) for _ in range(choose.choice([1, 1, 2, 3]))]
        waves[-1].append((verb, f"k{number}", lines, choose.randrange(1_000)))
        promises += verb == "promise"
    return waves


def random_line(choose: random.Random) -> NewLine:
    here, there = choose.sample(["BIN-1", "BIN-2", "BIN-3"], 2)
    sides = choose.choice([(None, there), (here, None), (here, there)])
    sku, quantity = f"SKU-{choose.randint(1, 3)}", choose.randint(1, 6)
    source, target = sides[0] or "SUPPLIER", sides[1] or "CUSTOMER"
    return NewLine(sku=sku, quantity=quantity, source_location=source, target_location=target)


class Run:
    """Takes waves one by one or together, and keeps the outcomes without numbers of rows."""

    def __init__(self, database: Database, ledger: Ledger) -> None:
        self.database = database
        self.ledger = ledger
        self.outcomes: list[Any] = []
        self.held: list[tuple[int, NewLine]] = []
        self.movements: list[int] = []
        self.before: list[tuple[str, NewMovement]] = []

    async def call(self, step: Step) -> Any:
        """What to await. All that must be looked up for it is: so callers come in their order."""
        verb, key, lines, chance = step
        movement = NewMovement(kind="move", lines=lines)
        if verb == "promise":
            asked = NewReservation(sku=lines[0].sku, location="BIN-1", quantity=lines[0].quantity)
            return self.ledger.reserve(CLERK, asked, key)
        if verb in {"void", "fulfil"} and self.held:
            reservation_id, line = self.held[chance % len(self.held)]
            if verb == "void":
                async with self.database.asking() as tx:
                    found = await reservation_balances(tx, [reservation_id])
                return self.ledger.queue.submit(
                    [Release(1, key, bytes(16), reservation_id, found[reservation_id], "voided")]
                )
            out = msgspec.structs.replace(
                line, source_location="BIN-1", target_location="CUSTOMER", quantity=1 + chance % 4
            )
            movement = NewMovement(kind="delivery", lines=[out])
            return self.ledger.fulfil(CLERK, reservation_id, movement, key)
        if verb == "undo" and self.movements:
            movement_id = self.movements[chance % len(self.movements)]
            prepared = await self.ledger.prepare_reversals(CLERK, [movement_id], key, None)
            return self.ledger.queue.submit(prepared.commands)
        if verb == "repeat" and self.before:
            key, movement = self.before[chance % len(self.before)]
        elif verb == "reuse" and self.before:
            key, _ = self.before[chance % len(self.before)]
        self.before.append((key, movement))
        return self.ledger.post(CLERK, movement, key)

    async def wave(self, steps: list[Step], size: int) -> None:
        calls = [await self.call(step) for step in steps]
        outcomes: list[Any] = []
        for start in range(0, len(calls), size):
            together = calls[start : start + size]
            outcomes += await asyncio.gather(*together, return_exceptions=True)
        for step, outcome in zip(steps, outcomes, strict=True):
            if isinstance(outcome, Reserved) and step[0] == "promise":
                self.held.append((outcome.reservation_id, step[2][0]))
            if isinstance(outcome, Posted) and not outcome.replayed and step[0] == "move":
                self.movements.append(outcome.movement_id)
            self.outcomes.append((step[0], plain(outcome)))


def plain(outcome: Any) -> Any:
    """An outcome without what numbers and moments may differ in."""
    if isinstance(outcome, list):
        [outcome] = outcome
        outcome = refusal_of(outcome) if isinstance(outcome, Refused) else outcome
    if isinstance(outcome, Posted):
        return ("posted", outcome.replayed, outcome.lines)
    if isinstance(outcome, Reserved):
        return ("reserved", outcome.replayed, outcome.state, outcome.quantity)
    assert isinstance(outcome, TruestockError), outcome
    shortages = outcome.facts.get("shortages", [])
    return (outcome.code, [(each["line_number"], each["quantity_missing"]) for each in shortages])


async def balances(database: Database) -> list[tuple[object, ...]]:
    async with database.asking() as tx:
        rows = await tx.rows(
            """
            SELECT sku, location.code, quantity_on_hand, quantity_reserved
            FROM balance JOIN item USING (item_id) JOIN location USING (location_id)
            WHERE quantity_on_hand <> 0 OR quantity_reserved <> 0 ORDER BY sku, location.code
            """
        )
    return [tuple(row) for row in rows]


async def done_in(database: Database, waves: list[list[Step]], sizes: list[int]) -> Run:
    ledger = Ledger(database, clock.now, group_max=7)
    opening = [
        keyed(receipt(f"SKU-{sku}", 15, f"BIN-{place}"), f"open{sku}/{place}")
        for sku in (1, 2, 3)
        for place in (1, 2, 3)
    ]
    await ledger.post_many(CLERK, opening)
    warm = [NewLine(sku="SKU-1", quantity=10**9, source_location="BIN-1", target_location="BIN-2")]
    run = Run(database, ledger)
    for sku in (1, 2, 3):  # every balance is known, so that callers arrive in their order
        for source in ("BIN-1", "BIN-2", "BIN-3", "SUPPLIER"):
            for target in ("BIN-1", "BIN-2", "BIN-3", "CUSTOMER"):
                if source != target:
                    line = msgspec.structs.replace(
                        warm[0], sku=f"SKU-{sku}", source_location=source, target_location=target
                    )
                    movement = NewMovement(kind="move", lines=[line, line])
                    with suppress(TruestockError):
                        await ledger.prepare(CLERK, [keyed(movement, "warm")])
    for number, wave in enumerate(waves):
        await run.wave(wave, sizes[number % len(sizes)])
    await ledger.close()
    return run


@pytest.fixture
async def other(server_dsn: str, template: str) -> AsyncIterator[Database]:
    """A second database with the same company."""
    admin = await asyncpg.connect(server_dsn)
    name = f"other_{os.getpid()}_{os.urandom(4).hex()}"
    await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY wal_log')
    opened = await connect(with_database(server_dsn, name))
    await found_company(opened)
    yield opened
    await opened.close()
    await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await admin.close()


@pytest.mark.parametrize("seed", range(6))
async def test_group_posting_equals_one_by_one(
    company: Database, other: Database, seed: int
) -> None:
    waves = random_waves(seed, 150)
    one_by_one = await done_in(company, waves, [1])
    grouped = await done_in(other, waves, [200, 5, 31, 2])
    for number, (first, second) in enumerate(
        zip(one_by_one.outcomes, grouped.outcomes, strict=True)
    ):
        assert first == second, number
    assert await balances(company) == await balances(other)
    told = {kind for _, (kind, *_) in grouped.outcomes}
    assert {"posted", "reserved", "insufficient_stock", "request_key_reused"} <= told


@pytest.mark.parametrize("seed", range(3))
async def test_no_order_and_no_grouping_changes_what_the_acknowledged_add_up_to(
    company: Database, other: Database, seed: int
) -> None:
    """Refusals depend on the order; what was acknowledged and what is there never differ."""
    choose = random.Random(seed)  # noqa: S311 - a reproducible sample
    movements = [
        NewMovement(kind="move", lines=[random_line(choose) for _ in range(choose.randint(1, 3))])
        for _ in range(120)
    ]
    for database in (company, other):
        asked = [keyed(each, f"k{number}") for number, each in enumerate(movements)]
        choose.shuffle(asked)
        ledger = Ledger(database, clock.now, group_max=choose.choice([1, 3, 1_000]))
        parts = []
        while asked:
            size = choose.randint(1, 40)
            parts.append(asked[:size])
            asked = asked[size:]
        outcomes = await asyncio.gather(*[ledger.post_many(CLERK, part) for part in parts])
        await ledger.close()
        expected: Counter[tuple[str, str]] = Counter()
        for part, answers in zip(parts, outcomes, strict=True):
            for each, answer in zip(part, answers, strict=True):
                if isinstance(answer, Posted):
                    for line in each.movement.lines:
                        expected[str(line.sku), str(line.source_location)] -= int(line.quantity)
                        expected[str(line.sku), str(line.target_location)] += int(line.quantity)
        there = {(sku, place): held for sku, place, held, _ in await balances(database)}
        assert there == {place: held for place, held in sorted(expected.items()) if held}
        assert expected


async def test_callers_on_one_balance_are_served_in_the_order_they_came(ledger: Ledger) -> None:
    await ledger.post(CLERK, receipt("SKU-1", 50), "r")
    posted = await asyncio.gather(
        *[ledger.post(CLERK, delivery("SKU-1", 1), f"d{number}") for number in range(50)]
    )
    left = [each.lines[0].source_quantity_on_hand for each in posted]
    assert left == list(range(49, -1, -1))


async def test_whoever_shares_a_balance_is_served_in_the_order_of_arrival(
    company: Database,
) -> None:
    """Of any two callers with a balance in common, the one who came first is recorded first."""
    ledger = Ledger(company, clock.now, group_max=4)
    choose = random.Random(5)  # noqa: S311 - a reproducible sample
    skus = [f"SKU-{number}" for number in range(1, 9)]
    await ledger.post_many(CLERK, [keyed(receipt(sku, 1), f"warm{sku}") for sku in skus])
    asked = [choose.sample(skus, choose.choice([1, 1, 2, 3])) for _ in range(300)]
    posted = await asyncio.gather(
        *[
            ledger.post(
                CLERK,
                NewMovement(
                    kind="receipt",
                    lines=[NewLine(sku=sku, quantity=1, target_location="BIN-1") for sku in each],
                ),
                f"k{number}",
            )
            for number, each in enumerate(asked)
        ]
    )
    await ledger.close()
    last: dict[str, int] = dict.fromkeys(skus, 1)
    for each, answer in zip(asked, posted, strict=True):
        for sku, line in zip(each, answer.lines, strict=True):
            last[sku] += 1
            assert line.target_quantity_on_hand == last[sku]


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
    assert counts == {1: 1, 10: 1, 40: 1}, seen
