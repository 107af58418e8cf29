"""`make bench-reads`: questions per second, and how long they take, against a bare handler.

100,000 items at 10 locations (1,000,000 balances) and 5,000,000 ledger lines, and the same at one
tenth, in two databases of one embedded server. Truestock answers through `truestock serve` with an
API key; the bare handler (`parts/bare.py`) runs the same SQL behind nothing, served the same way,
with as many database connections. They take turns under the same load.

`ratio`: Truestock's requests per second in those of the bare handler. `flat`: the time of the
slowest hundredth at full size in that at one tenth.
"""

import argparse
import asyncio
import os
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from bench.parts import big_company
from bench.parts.installation import Installation, Served, api_key, installation, running, served
from bench.parts.processes import figures_of, free_port
from bench.parts.requests import LIST
from bench.parts.results import save
from truestock.database.slow_queries import log_slower_than

QUESTIONS = {
    "balance": "/api/v1/balances/lookup?sku=SKU-{item}&location=B-{bin}",
    "item": "/api/v1/items/by-sku/SKU-{item}",
    "list": LIST,
    "list of site": "/api/v1/stock?site_id={site}",
    "why": "/api/v1/balances/{balance}/why",
}
SIDES = ("truestock", "bare", "truestock at a tenth")
ONLY_OURS = {"list of site"}
"""Asked without a bare counterpart: other filters take other statements."""
FLAT = ("balance", "item", "list")


@dataclass(frozen=True)
class Side:
    """One server to ask, and how many items it knows."""

    server: Served
    key: str
    items: int


@contextmanager
def bare_handler(place: Installation) -> Iterator[Served]:
    address = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "bench.parts.bare", place.dsn, address.partition(":")[2]]
    with running(command, dict(os.environ), address, "/") as found:
        yield found


class Bench:
    """The sides and every figure found: by question and side, one for each round."""

    def __init__(self, sides: dict[str, Side], seconds: float, connections: int) -> None:
        self.sides = sides
        self.seconds = seconds
        self.connections = connections
        self.found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)

    def ask(self, question: str, side: str, seconds: float | None = None) -> dict[str, Any]:
        to = self.sides[side]
        about = (to.server.address, to.key, QUESTIONS[question], self.connections, to.items)
        detail = figures_of("bench.parts.load", *about, "--seconds", seconds or self.seconds)
        assert set(detail["statuses"]) == {"200"}, (question, side, detail)
        detail["per_second"] = detail["requests"] / detail["seconds"]
        return detail

    def round(self, number: int) -> None:
        """Ask everything of every side, in another order each time."""
        for question in QUESTIONS:
            sides = self.sides_of(question)
            for place in range(len(sides)):
                side = sides[(place + number) % len(sides)]
                detail = self.ask(question, side)
                self.found[question, side].append(detail)
                print(
                    f"  {question:<14}{side:<22}{detail['per_second']:>8.0f} /s"
                    f"  p50={detail['p50_ms']:.1f} p99={detail['p99_ms']:.1f} ms",
                    flush=True,
                )

    def median(self, question: str, side: str, figure: str) -> float:
        return float(statistics.median(each[figure] for each in self.found[question, side]))

    def sides_of(self, question: str) -> list[str]:
        return [side for side in SIDES if side != "bare" or question not in ONLY_OURS]

    def table(self) -> dict[str, dict[str, float]]:
        rows = {}
        for question in QUESTIONS:
            row = {
                f"{figure} {side}": self.median(question, side, figure)
                for side in self.sides_of(question)
                for figure in ("per_second", "p50_ms", "p99_ms")
            }
            if question not in ONLY_OURS:
                row["ratio"] = row["per_second truestock"] / row["per_second bare"]
            row["flat"] = row["p99_ms truestock"] / row["p99_ms truestock at a tenth"]
            rows[question] = row
        return rows


def same_answers(bench: Bench) -> None:
    """Both handlers must give the same rows, or the comparison means nothing."""
    ours, bare = bench.sides["truestock"], bench.sides["bare"]
    for path, part in (
        (QUESTIONS["balance"].format(item=50, bin=3), ()),
        (QUESTIONS["item"].format(item=50), ()),
        (LIST.format(hundred=42), ("items",)),
        (QUESTIONS["why"].format(balance=501), ("balance",)),
    ):
        answers = []
        for side in (ours, bare):
            headers = {"X-API-Key": side.key}
            found = httpx.get(f"http://{side.server.address}{path}", headers=headers).json()
            for name in part:
                found = found[name]
            answers.append(found if isinstance(found, list) else [found])
        for mine, theirs in zip(*answers, strict=True):
            differing = {name for name in mine if mine[name] != theirs.get(name)}
            assert not differing, (path, differing, mine, theirs)


def measure(full: Installation, tenth: Installation, asked: argparse.Namespace) -> Bench:
    with ExitStack() as running_now:
        here = running_now.enter_context
        key = api_key(full)
        bench = Bench(
            {
                "truestock": Side(here(served(full)), key, asked.items),
                "bare": Side(here(bare_handler(full)), key, asked.items),
                SIDES[2]: Side(here(served(tenth)), api_key(tenth), asked.items // 10),
            },
            asked.seconds,
            asked.connections,
        )
        same_answers(bench)
        print("warming", flush=True)
        for question in QUESTIONS:
            for side in bench.sides_of(question):
                bench.ask(question, side, asked.seconds / 2)
        for number in range(asked.rounds):
            print(f"round {number + 1} of {asked.rounds}", flush=True)
            bench.round(number)
    return bench


async def filled(place: Installation, items: int) -> Installation:
    """Load both databases; returns the one with a tenth."""
    tenth = await place.another("tenth")
    for dsn, count in ((tenth.dsn, items // 10), (place.dsn, items)):
        await big_company.load(dsn, count)
        await big_company.verify(dsn)
    return tenth


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000, help="a multiple of 1,000")
    parser.add_argument("--seconds", type=float, default=5, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=32)
    asked = parser.parse_args()
    log_slower_than(3600)
    with installation() as place:
        print(f"loading {asked.items:,} items and a tenth of it", flush=True)
        tenth = asyncio.run(filled(place, asked.items))
        bench = measure(place, tenth, asked)
    report(bench.table(), bench)


def report(rows: dict[str, dict[str, float]], bench: Bench) -> None:
    columns = {
        "requests/s": "per_second truestock",
        "bare": "per_second bare",
        "ratio": "ratio",
        "p50 ms": "p50_ms truestock",
        "p99 ms": "p99_ms truestock",
        "bare p99": "p99_ms bare",
        "tenth p99": f"p99_ms {SIDES[2]}",
        "flat": "flat",
    }
    print("\n" + " " * 14 + "".join(f"{title:>11}" for title in columns))
    for question, row in rows.items():
        shown = (f"{row[name]:>11.2f}" if name in row else " " * 11 for name in columns.values())
        print(f"{question:<14}" + "".join(shown))
    print(f"load average {os.getloadavg()[0]:.1f}, {bench.connections} connections")
    figures = {
        "ratio_balance": rows["balance"]["ratio"],
        "ratio_item": rows["item"]["ratio"],
        "flat_ratio": max(rows[question]["flat"] for question in FLAT),
        "p99_list_ms": rows["list"]["p99_ms truestock"],
    }
    details = {f"{question}, {side}": found for (question, side), found in bench.found.items()}
    save("reads", {"figures": figures, "medians": rows, "details": details})
    print("FIGURE " + " ".join(f"{name}={value:.2f}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
