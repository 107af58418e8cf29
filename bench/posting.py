"""`make bench-posting`: movements per second against raw SQL on the same server in the same run.

Raw is the best single-movement transaction we can write: one statement that locks two balances in
key order, writes one ledger row and changes both balances, run by pgbench (a C client) with
prepared statements over the same socket. fsync is on throughout. Runs of raw and of Truestock take
turns, so that a machine that slows down slows both.
"""

import argparse
import asyncio
import os
import re
import statistics
import subprocess
from typing import Any

from bench.parts.installation import Installation, api_key, fill, installation, served
from bench.parts.processes import figures_of
from bench.parts.results import save
from truestock.database import connect

ITEMS = 10_000
RAW_SETUP = """
CREATE TABLE raw_balance (
    id int PRIMARY KEY, quantity bigint NOT NULL CHECK (quantity > -1000000000)
) WITH (fillfactor = 60);
INSERT INTO raw_balance SELECT i, 0 FROM generate_series(1, 20000) AS i;
CREATE TABLE raw_ledger (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, source int, target int, quantity bigint,
    recorded_at timestamptz DEFAULT now());
"""
RAW_SCRIPT = r"""
\set source random(1, 10000)
\set target random(10001, 20000)
WITH line AS (INSERT INTO raw_ledger (source, target, quantity) VALUES (:source, :target, 1)),
locked AS (SELECT id FROM raw_balance WHERE id IN (:source, :target) ORDER BY id FOR NO KEY UPDATE)
UPDATE raw_balance SET quantity = quantity + CASE WHEN raw_balance.id = :source THEN -1 ELSE 1 END
FROM locked WHERE raw_balance.id = locked.id;
"""


class Bench:
    """One installation and the figures found on it."""

    def __init__(self, place: Installation, seconds: int, rounds: int) -> None:
        self.place = place
        self.seconds = seconds
        self.rounds = rounds
        self.figures: dict[str, list[float]] = {}
        self.details: dict[str, list[dict[str, Any]]] = {}

    def note(self, name: str, rate: float, detail: dict[str, Any]) -> None:
        self.figures.setdefault(name, []).append(rate)
        self.details.setdefault(name, []).append(detail)
        extra = "  ".join(
            f"{key}={value:.1f}" for key, value in detail.items() if key.startswith(("p50", "p99"))
        )
        print(f"  {name:<22}{rate:>10.0f} /s  {extra}", flush=True)

    def raw(self, clients: int) -> None:
        script = self.place.folder / "raw.pgbench"
        script.write_text(RAW_SCRIPT)
        command = [str(self.place.programs.bin("pgbench")), "-n", "-M", "prepared", "-j", "2"]
        command += ["-c", str(clients), "-T", str(self.seconds), "-f", str(script)]
        done = subprocess.run(
            command, env=self.place.environment, capture_output=True, text=True, check=True
        )
        found = re.search(r"tps = ([0-9.]+)", done.stdout)
        assert found, done.stdout
        self.note(f"raw {clients}", float(found[1]), {})

    def http(self, name: str, address: str, key: str, kind: str, connections: int) -> None:
        detail = posted(address, key, kind, connections, self.seconds)
        assert set(detail["statuses"]) <= {"200", "201"}, detail
        self.note(name, detail["acknowledged"] / detail["seconds"], detail)

    def inprocess(self, callers: int) -> None:
        detail = figures_of("bench.parts.inprocess", self.place.dsn, callers, self.seconds, ITEMS)
        self.note(f"in process {callers}", detail["acknowledged"] / detail["seconds"], detail)

    def median(self, name: str) -> float:
        return statistics.median(self.figures[name])


def posted(address: str, key: str, kind: str, connections: int, seconds: float) -> dict[str, Any]:
    about = (address, key, kind, connections, ITEMS, "--seconds", seconds)
    return figures_of("bench.parts.load", *about)


async def prepare(place: Installation) -> None:
    database = await connect(place.dsn)
    await fill(database, ITEMS)
    async with database.writing() as tx:
        for statement in RAW_SETUP.split(";\n"):
            if statement.strip():
                await tx.run(statement)
    await database.close()


async def verified(place: Installation) -> int:
    from truestock.database.invariants import broken_invariants

    database = await connect(place.dsn, statement_timeout="600s")
    async with database.reading() as tx:
        broken = await broken_invariants(tx)
        count = int(await tx.value("SELECT count(*) FROM movement"))
    await database.close()
    assert not broken, broken
    return count


def measure(bench: Bench, processes: int) -> None:
    with served(bench.place, processes) as web:
        address = web.address
        key = api_key(bench.place)
        print("warming", flush=True)
        figures_of("bench.parts.inprocess", bench.place.dsn, 50, 1, ITEMS)
        posted(address, key, "batch", 4, 6)
        for number in range(bench.rounds):
            print(f"round {number + 1} of {bench.rounds}", flush=True)
            bench.raw(50)
            bench.http("batch of 100, 8", address, key, "batch", 8)
            bench.raw(10)
            bench.http("single 50", address, key, "single", 50)
            bench.http("single spread 64", address, key, "single", 64)
            bench.http("single hot 64", address, key, "hot", 64)
            bench.raw(50)
            bench.http("single 10", address, key, "single", 10)
            bench.http("single 1", address, key, "single", 1)
            bench.raw(1)
            bench.inprocess(200)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=4, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--processes", type=int, default=1, help="web processes")
    asked = parser.parse_args()
    with installation() as place:
        asyncio.run(prepare(place))
        bench = Bench(place, asked.seconds, asked.rounds)
        measure(bench, asked.processes)
        count = asyncio.run(verified(place))
    print(f"{count} movements, every invariant holds; load average {os.getloadavg()[0]:.1f}")
    raw = bench.median("raw 50")
    ratios = {
        "ratio_batch": bench.median("batch of 100, 8") / raw,
        "ratio_single": bench.median("single 50") / raw,
        "ratio_inprocess": bench.median("in process 200") / raw,
        "ratio_hot": bench.median("single hot 64") / bench.median("single spread 64"),
    }
    medians = {name: statistics.median(rates) for name, rates in bench.figures.items()}
    for name, rate in medians.items():
        print(f"  {name:<22}{rate:>10.0f} /s   {rate / raw:>6.2f} x raw 50")
    save("posting", {"ratios": ratios, "per_second": medians, "details": bench.details})
    print("FIGURE " + " ".join(f"{name}={value:.2f}" for name, value in ratios.items()))


if __name__ == "__main__":
    main()
