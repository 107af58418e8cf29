"""A process of four tasks that post, reserve, void and reverse at random for some seconds.

Usage: random_writer.py DSN SEED SECONDS. Prints what was acknowledged, a name and a count a line.
"""

import asyncio
import random
import sys
import time
from collections import Counter

from support.company import CLERK, delivery, receipt, transfer
from truestock.database import connect
from truestock.kernel import clock
from truestock.kernel.errors import TruestockError
from truestock.stock.model.movements import NewReservation
from truestock.stock.operations.ledger import Ledger

BINS = ["BIN-1", "BIN-2", "BIN-3", "BIN-4"]


class Writer:
    """One task: its own random choices, its own keys, what it may reverse or void."""

    def __init__(self, ledger: Ledger, seed: int, counts: Counter[str]) -> None:
        self.ledger = ledger
        self.choose = random.Random(seed)  # noqa: S311 - reproducible load
        self.name = f"w{seed}"
        self.counts = counts
        self.movements: list[int] = []
        self.reservations: list[int] = []
        self.number = 0

    async def run(self, until: float) -> None:
        while time.monotonic() < until:
            self.number += 1
            try:
                await self.step(f"{self.name}/{self.number}")
            except TruestockError as error:
                self.counts["refused" if error.status < 500 else "fault"] += 1

    async def step(self, key: str) -> None:
        choose = self.choose
        sku = f"SKU-{choose.randint(1, 5)}"
        here, there = choose.sample(BINS, 2)
        verb = choose.choices(
            ["receive", "deliver", "transfer", "reverse", "reserve", "void"], [4, 4, 4, 2, 2, 2]
        )[0]
        if verb == "reserve":
            asked = NewReservation(sku=sku, location=here, quantity=choose.randint(1, 5))
            held = await self.ledger.reserve(CLERK, asked, key)
            self.reservations.append(held.reservation_id)
            self.counts["reserved"] += 1
        elif verb == "void" and self.reservations:
            await self.ledger.void(CLERK, self.reservations.pop(), key)
            self.counts["voided"] += 1
        elif verb == "reverse" and self.movements:
            movement_id = self.movements.pop(choose.randrange(len(self.movements)))
            await self.ledger.reverse(CLERK, movement_id, key)
            self.counts["posted"] += 1
        else:
            quantity = choose.randint(1, 9)
            movement = {
                "deliver": delivery(sku, quantity, here),
                "transfer": transfer(sku, quantity, here, there),
            }.get(verb, receipt(sku, quantity, here))
            posted = await self.ledger.post(CLERK, movement, key)
            self.movements.append(posted.movement_id)
            self.counts["posted"] += 1


async def main() -> None:
    dsn, seed, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    database = await connect(dsn, size_max=4)
    ledger = Ledger(database, clock.now)
    counts: Counter[str] = Counter()
    until = time.monotonic() + seconds
    writers = [Writer(ledger, seed * 100 + task, counts) for task in range(4)]
    await asyncio.gather(*[writer.run(until) for writer in writers])
    await ledger.close()
    await database.close()
    for name, count in counts.items():
        sys.stdout.write(f"{name} {count}\n")


if __name__ == "__main__":
    asyncio.run(main())
