"""Everything at once on twenty balances: acknowledged equals recorded, by the callers' own books.

Short by default; `make concurrency` runs it for 30 s each and keeps the figures.
"""

import asyncio
import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from stock.journals import MovementRow, ReservationRow, Tables, Told, differences
from stock.random_writer import BINS, CLERK, SKUS
from support.company import keyed, receipt
from truestock.database import Database
from truestock.database.invariants import broken_invariants, every_invariant
from truestock.kernel import clock
from truestock.stock.model.movements import Posted
from truestock.stock.operations.ledger import Ledger

WRITER = Path(__file__).with_name("random_writer.py")
SECONDS = float(os.environ.get("TRUESTOCK_CONCURRENCY_SECONDS", "6"))
RESULT = os.environ.get("TRUESTOCK_CONCURRENCY_RESULT", "")
OPENING = 30
TOLD = ("post", "reserve", "void", "fulfil", "expire", "reverse", "document", "undone")

MOVEMENTS = """
SELECT movement_id, movement.request_key, movement.recorded_at, reverses_id, json_agg(
    json_build_array(sku, s.code, t.code, line.quantity, source_quantity_after,
        target_quantity_after) ORDER BY line_number)::text AS lines
FROM movement
JOIN movement_line AS line USING (movement_id)
JOIN balance AS source ON source.balance_id = line.source_balance_id
JOIN balance AS target ON target.balance_id = line.target_balance_id
JOIN location AS s ON s.location_id = source.location_id
JOIN location AS t ON t.location_id = target.location_id
JOIN item ON item.item_id = source.item_id
GROUP BY movement_id, movement.request_key, movement.recorded_at, reverses_id
"""
RESERVATIONS = """
SELECT reservation_id, request_key, sku, location.code, quantity, state,
    reservation.recorded_at, resolved_at,
    movement_id
FROM reservation JOIN balance USING (balance_id) JOIN item USING (item_id)
    JOIN location USING (location_id)
"""
BALANCES = """
SELECT sku, location.code, sum(quantity_on_hand)::bigint, sum(quantity_reserved)::bigint
FROM balance JOIN item USING (item_id) JOIN location USING (location_id)
GROUP BY sku, location.code
"""


async def tables(database: Database) -> Tables:
    async with database.reading() as tx:
        movements = [
            MovementRow(
                row["movement_id"],
                row["request_key"],
                row["recorded_at"],
                msgspec.convert(json.loads(row["lines"]), MovementRow.__annotations__["lines"]),
                row["reverses_id"],
            )
            for row in await tx.rows(MOVEMENTS)
        ]
        reservations = [
            ReservationRow(key, name, (sku, code), *rest)
            for key, name, sku, code, *rest in await tx.rows(RESERVATIONS)
        ]
        balances = {(row[0], row[1]): (row[2], row[3]) for row in await tx.rows(BALANCES)}
    return Tables(movements, reservations, balances)


async def opened(company: Database) -> list[Told]:
    """Some stock everywhere, so that there is something to take at once."""
    ledger = Ledger(company, clock.now)
    told = []
    asked = [
        keyed(receipt(sku, OPENING, place), f"{sku}/{place}") for sku in SKUS for place in BINS
    ]
    for each, outcome in zip(asked, await ledger.post_many(CLERK, asked), strict=True):
        assert isinstance(outcome, Posted)
        [line] = each.movement.lines
        lines = ((str(line.sku), "SUPPLIER", str(line.target_location), OPENING),)
        told.append(Told(each.request_key, "post", outcome.movement_id, asked=lines))
    await ledger.close()
    return told


async def watched(company: Database, over: asyncio.Event) -> int:
    """Look at every invariant again and again while others write; return how often."""
    looks = 0
    while not over.is_set():
        async with company.reading() as tx:
            broken = await broken_invariants(tx)
        assert not broken, f"in the middle of it: {broken}"
        looks += 1
        await asyncio.sleep(0.5)
    return looks


async def ran(
    dsn: str, folder: Path, processes: int, tasks: int
) -> tuple[list[Told], Counter[str], list[str]]:
    """Let writers write; return what they were told, how much of what, and faults."""
    journals = [folder / f"{seed}.jsonl" for seed in range(processes)]
    running = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            *[str(WRITER), dsn, str(seed), str(SECONDS), str(tasks), str(journal)],
            env={**os.environ, "PYTHONPATH": str(WRITER.parents[1])},
        )
        for seed, journal in enumerate(journals)
    ]
    for process in running:
        assert await asyncio.wait_for(process.wait(), SECONDS + 90) == 0
    told: list[Told] = []
    counts: Counter[str] = Counter()
    faults: list[str] = []
    for journal in journals:
        head, *lines = journal.read_bytes().split(b"\n")
        found = msgspec.json.decode(head)
        faults += found["faults"]
        counts.update(found["counts"])
        told += [msgspec.json.decode(line, type=Told) for line in lines]
    return told, counts, faults


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("processes", "tasks"), [(1, 16), (4, 4)], ids=["one process", "four"])
async def test_whatever_was_acknowledged_is_recorded_and_nothing_else(
    company: Database, dsn: str, tmp_path: Path, processes: int, tasks: int
) -> None:
    told = await opened(company)
    over = asyncio.Event()
    watching = asyncio.create_task(watched(company, over))
    try:
        more, counts, faults = await ran(dsn, tmp_path, processes, tasks)
    finally:
        over.set()
        looks = await watching
    async with company.asking() as tx:
        deadlocks = await tx.value(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        )
    recorded = await tables(company)
    found = differences([*told, *more], recorded)
    report(f"{processes} x {tasks}", counts, recorded, looks=looks, deadlocks=deadlocks)
    assert not faults, (len(faults), faults[:10])
    assert not found, found[:10]
    assert deadlocks == 0
    assert counts["busy"] <= len(more) / 100, counts
    for each in TOLD:
        assert counts[each] > SECONDS / 2, (each, counts)
    for each in ("refused", "repeats", "twins", "left", "change: archive", "change: policy"):
        assert counts[each], (each, counts)
    assert counts["refused: item_archived"] + counts["refused: location_inactive"]


def report(shape: str, counts: Counter[str], recorded: Tables, **more: Any) -> None:
    """Print the figures; keep them when asked to."""
    facts = {
        "shape": f"{shape} tasks on {len(SKUS) * len(BINS)} balances",
        "seconds": SECONDS,
        "answers": sum(counts[each] for each in (*TOLD, "refused")),
        "movements_recorded": len(recorded.movements),
        "reservations_recorded": len(recorded.reservations),
        "invariants": len(every_invariant()),
        **more,
        "counts": dict(sorted(counts.items())),
    }
    sys.stdout.write(f"\n{json.dumps(facts, indent=2)}\n")
    if RESULT:
        path = Path(RESULT)
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = json.loads(path.read_text()) if path.exists() else {}
        path.write_text(json.dumps(kept | {shape: facts}, indent=2) + "\n")
