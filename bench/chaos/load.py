"""Client processes around one fault, and the retry of every key afterwards."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench.chaos.caller import Caller, UnknownOutcomeError
from bench.chaos.installation import CHECKOUT, Installation, kill_group
from bench.chaos.journal import Asked, outcomes_of, read_journal
from truestock.kernel.processes import end_with_parent

CLIENTS = 2
THREADS = 3
STOP_SECONDS_MAX = 30.0
RETRY_SECONDS_MAX = 60.0


class Load:
    """Clients posting to one installation, each with a journal on a disk that stays."""

    def __init__(self, place: Installation, journals: Path, name: str, seed: str) -> None:
        self.journals = [journals / f"{name}-{each}.jsonl" for each in range(CLIENTS)]
        assert journals.stat().st_dev != place.data_dir.stat().st_dev or not place.on_loop_disk
        environment = os.environ | {"CHAOS_API_KEY": place.api_key}
        self.unknown: Counter[str] = Counter()
        self._processes: list[subprocess.Popen[bytes]] = []
        for each, journal in enumerate(self.journals):
            arguments = [str(place.port), str(journal), f"{name}c{each}t", f"{seed}/{each}"]
            with (place.logs / "clients.log").open("ab") as log:
                self._processes.append(
                    subprocess.Popen(
                        [sys.executable, "-m", "bench.chaos.client", *arguments, str(THREADS)],
                        env=environment,
                        cwd=CHECKOUT,
                        stdout=log,
                        stderr=log,
                        start_new_session=True,
                        preexec_fn=end_with_parent,  # noqa: PLW1509 - one system call
                    )
                )

    def answered(self) -> int:
        """Count the answers so far."""
        count = 0
        for journal in self.journals:
            if journal.exists():
                count += journal.read_bytes().count(b'\n{"answered"')
        return count

    def wait_for_answers(self, count: int, seconds_max: float) -> float | None:
        """Wait for so many answers in all; return the seconds, or None when they did not come."""
        began = time.monotonic()
        while time.monotonic() - began < seconds_max:
            if self.answered() >= count:
                return time.monotonic() - began
            assert all(each.poll() is None for each in self._processes), "a client ended by itself"
            time.sleep(0.05)
        return None

    def stop(self) -> list[Asked]:
        """Tell the clients to end and return everything they asked, from the journals."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            try:
                status = process.wait(STOP_SECONDS_MAX)
            finally:
                kill_group(process)
            assert status == 0, f"a client ended with {status}; see clients.log"
        self._processes = []
        return [each for path in self.journals for each in read_journal(path, self.unknown)]

    def kill(self) -> None:
        """End the clients however they are."""
        for process in self._processes:
            kill_group(process)


def retried(place: Installation, requests: Sequence[Asked]) -> list[Asked]:
    """Send every request again, answered or not, with its own keys; return the new answers."""
    until = time.monotonic() + RETRY_SECONDS_MAX

    def again(share: Sequence[Asked]) -> list[Asked]:
        caller = Caller(place.port, place.api_key)
        found = [Asked(each.path, each.body, _repeated(caller, each, until)) for each in share]
        caller.close()
        return found

    shares = [requests[start::THREADS] for start in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        parts = list(pool.map(again, shares))
    ordered: list[Any] = [None] * len(requests)
    for start, part in enumerate(parts):
        ordered[start::THREADS] = part
    return ordered


def _repeated(caller: Caller, request: Asked, until: float) -> list[Any]:
    while time.monotonic() < until:
        try:
            answer = caller.post(request.path, request.body)
        except UnknownOutcomeError:
            time.sleep(0.1)
        else:
            return outcomes_of(answer, len(request.movements))
    return []
