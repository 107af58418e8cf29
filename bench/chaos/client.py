"""A client process: posts movements, single and in batches, and retries by key until answered.

Usage: python -m bench.chaos.client PORT JOURNAL NAME SEED THREADS, the API key in CHAOS_API_KEY.
Runs until SIGTERM; what is not answered by then stays open in the journal.
"""

import os
import random
import signal
import sys
import threading
from collections import Counter
from pathlib import Path

from bench.chaos.caller import Caller, UnknownOutcomeError
from bench.chaos.journal import Body, JournalWriter

SKUS = [f"CHAOS-{number}" for number in range(1, 13)]
BINS = [f"BIN-{number}" for number in range(1, 5)]
SINGLE, BATCH = "/api/v1/movements", "/api/v1/movements/batch"
PAUSE_SECONDS = 0.1


def movement(choose: random.Random, request_key: str) -> Body:
    """Return a receipt, a delivery (which may be refused) or a transfer of one or two lines."""
    kind = choose.choices(["receipt", "delivery", "transfer"], [5, 3, 3])[0]
    lines = []
    for sku in choose.sample(SKUS, choose.choice([1, 1, 2])):
        here, there = choose.sample(BINS, 2)
        line: Body = {"sku": sku, "quantity": choose.randint(1, 20)}
        if kind != "receipt":
            line["source_location"] = here
        if kind != "delivery":
            line["target_location"] = there
        lines.append(line)
    return {"kind": kind, "request_key": request_key, "lines": lines}


def request(choose: random.Random, name: str) -> tuple[str, Body]:
    """Return the path and the body of one request; a quarter are batches of 5 to 20."""
    if choose.random() < 0.75:
        return SINGLE, movement(choose, name)
    count = choose.randint(5, 20)
    return BATCH, {"movements": [movement(choose, f"{name}.{part}") for part in range(count)]}


class Client:
    """Threads that share a journal and an end."""

    def __init__(self, port: int, api_key: str, journal: JournalWriter) -> None:
        self._port, self._api_key, self._journal = port, api_key, journal
        self.stop = threading.Event()
        self.unknown: Counter[str] = Counter()

    def run(self, name: str, seed: str) -> None:
        """Post until stopped."""
        choose = random.Random(seed)
        caller = Caller(self._port, self._api_key)
        number = 0
        while not self.stop.is_set():
            number += 1
            path, body = request(choose, f"{name}-{number}")
            self._journal.asked(f"{name}-{number}", path, body)
            self._until_answered(caller, f"{name}-{number}", path, body)

    def _until_answered(self, caller: Caller, number: str, path: str, body: Body) -> None:
        while not self.stop.is_set():
            try:
                answer = caller.post(path, body)
            except UnknownOutcomeError as unknown:
                self.unknown[str(unknown)[:100]] += 1
                self.stop.wait(PAUSE_SECONDS)
            else:
                self._journal.answered(number, answer)
                return


def main() -> None:
    port, journal_path, name, seed, threads = sys.argv[1:]
    journal = JournalWriter(Path(journal_path))
    client = Client(int(port), os.environ["CHAOS_API_KEY"], journal)
    signal.signal(signal.SIGTERM, lambda _number, _frame: client.stop.set())
    running = [
        threading.Thread(target=client.run, args=(f"{name}{each}", f"{seed}/{each}"))
        for each in range(int(threads))
    ]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    journal.unknown(client.unknown)
    journal.close()


if __name__ == "__main__":
    main()
