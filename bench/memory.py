"""`make bench-memory`: how the web process grows over 100,000 mixed requests.

Postings one by one and in batches, look-ups, lists, explanations, bad input, wrong keys and failed
sign-ins, as in `parts/requests.py`. Growth is counted from the end of a warm-up, when connections,
caches and statements are there. Memory is the resident set of all processes of `truestock serve`.
"""

import argparse
import asyncio
import os
from collections import Counter

import psutil

from bench.parts import big_company
from bench.parts.installation import Installation, api_key, installation, served
from bench.parts.processes import figures_of
from bench.parts.results import save
from truestock.database.slow_queries import log_slower_than

MEBIBYTE = 1024 * 1024
STEP = 10_000


def resident_mb(pid: int) -> float:
    """Return the resident memory of a process and all its descendants, in mebibytes."""
    parent = psutil.Process(pid)
    processes = [parent, *parent.children(recursive=True)]
    return float(sum(each.memory_info().rss for each in processes) / MEBIBYTE)


def measure(place: Installation, asked: argparse.Namespace) -> list[dict[str, float]]:
    """Return requests so far and memory, after the warm-up and after each step."""
    key = api_key(place)
    statuses: Counter[str] = Counter()
    points: list[dict[str, float]] = []
    with served(place) as web:
        about = (web.address, key, "mixed", asked.connections, asked.items, "--requests")
        print(f"  started {resident_mb(web.pid):.1f} MiB", flush=True)
        for done in range(-STEP, asked.requests, STEP):
            figures = figures_of("bench.parts.load", *about, STEP)
            statuses.update(figures["statuses"])
            points.append({"requests": done + STEP, "resident_mb": resident_mb(web.pid)})
            print(
                f"{done + STEP:>9,} requests  {points[-1]['resident_mb']:.1f} MiB"
                f"  {figures['requests'] / figures['seconds']:.0f} /s",
                flush=True,
            )
    print("  answers: " + ", ".join(f"{status} {n}" for status, n in sorted(statuses.items())))
    assert not [status for status in statuses if status.startswith("5")], statuses
    return points


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000, help="after the warm-up")
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=16)
    asked = parser.parse_args()
    log_slower_than(3600)
    with installation() as place:
        asyncio.run(big_company.load(place.dsn, asked.items))
        points = measure(place, asked)
        asyncio.run(big_company.verify(place.dsn))
    growth = points[-1]["resident_mb"] - points[0]["resident_mb"]
    save("memory", {"figures": {"rss_growth_mb": growth}, "points": points})
    print(f"load average {os.getloadavg()[0]:.1f}")
    print(f"FIGURE rss_growth_mb={growth:.1f}")


if __name__ == "__main__":
    main()
