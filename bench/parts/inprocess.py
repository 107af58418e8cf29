"""In-process posting: so many callers, each with one movement at a time, on one `Ledger`.

Usage: python -m bench.parts.inprocess DSN CALLERS SECONDS ITEMS. Prints one JSON line.
"""

import asyncio
import json
import random
import sys
import time
import uuid

import uvloop

from truestock.database import connect
from truestock.kernel import clock
from truestock.kernel.actor import Actor, ActorKind
from truestock.kernel.processes import calm_collector
from truestock.stock.model.movements import NewLine, NewMovement, Posted
from truestock.stock.operations.ledger import Ledger, open_ledger
from truestock.stock.operations.resolve import Asked

ACTOR = Actor(1, ActorKind.JOB, "bench", frozenset({"stock.post"}))


async def warm(ledger: Ledger, items: int) -> None:
    """Post every item once, so that balances exist and facts are cached, as in a company."""
    prefix = uuid.uuid4().hex[:20]
    skus = [f"SKU-{number}" for number in range(1, items + 1)]
    for start in range(0, items, 500):
        asked = [
            Asked(
                NewMovement(
                    kind="receipt", lines=[NewLine(sku=sku, quantity=1, target_location="B-1")]
                ),
                f"{prefix}-{sku}",
            )
            for sku in skus[start : start + 500]
        ]
        outcomes = await ledger.post_many(ACTOR, asked)
        assert all(isinstance(outcome, Posted) for outcome in outcomes), outcomes[0]


async def main() -> None:
    dsn, callers, seconds, items = sys.argv[1], *map(int, sys.argv[2:])
    database = await connect(dsn)
    counts = [0] * callers
    prefix = uuid.uuid4().hex[:20]

    async def call(ledger: Ledger, caller: int, until: float) -> None:
        while time.perf_counter() < until:
            counts[caller] += 1
            line = NewLine(sku=f"SKU-{random.randint(1, items)}", quantity=1, target_location="B-1")
            movement = NewMovement(kind="receipt", lines=[line])
            await ledger.post(ACTOR, movement, f"{prefix}-{caller}-{counts[caller]}")

    async with open_ledger(database, clock.now, group_max=1000, waiting_max=20_000) as ledger:
        await warm(ledger, items)
        calm_collector()  # as the processes of Truestock do
        sizes: list[int] = []
        ledger.queue.observe_group_sizes(sizes.append)
        began, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*[call(ledger, each, began + seconds) for each in range(callers)])
        taken = time.perf_counter() - began
        cpu = time.process_time() - cpu
    await database.close()
    print(
        json.dumps(
            {
                "acknowledged": sum(counts),
                "seconds": taken,
                "cpu_seconds": cpu,
                "group_mean": sum(sizes) / len(sizes),
            }
        )
    )


if __name__ == "__main__":
    uvloop.run(main())
