"""What is printed while the rounds go on, kept as JSON, and said in the last line."""

import json
import os
import time
from pathlib import Path
from typing import Any

from bench.chaos.rounds import SHOWN_MAX, Round

CAUTION = (
    "kill -9 alone proves little: what a killed process wrote stays in the page cache. Only the "
    "power cuts test durability, and only because the same cut catches fsync=off."
)


class Report:
    """Collects rounds; knows whether the run as a whole is good."""

    def __init__(self, seed: int, commit: str) -> None:
        self._seed, self._commit = seed, commit
        self._rounds: list[Round] = []
        self._skipped: dict[str, str] = {}
        self._error = ""
        self._began = time.monotonic()
        load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
        print(f"Chaos, seed {seed}, commit {commit}, {os.cpu_count()} cores, load {load}")

    def add(self, this: Round) -> None:
        """Print and keep one round."""
        self._rounds.append(this)
        came_back = "-" if this.recovery_seconds is None else f"{this.recovery_seconds} s"
        verdict = {"real": "ok", "control": "as expected", "planted": "caught"}[this.kind]
        lines = [
            (
                f"{time.monotonic() - self._began:4.0f} s  {this.fault}"
                f" (seed {this.seed}, {this.fault_after_seconds} s into the load)"
            ),
            (
                f"        {this.asked} asked, {this.acknowledged} acknowledged,"
                f" {this.unanswered} open ({this.recorded_unanswered} of them recorded);"
                f" back after {came_back}"
            ),
            (
                f"        lost {this.lost}, doubled {this.doubled}, balances off {this.drifted},"
                f" other answers {this.changed_answers}, rules broken {this.broken_rules} of"
                f" {this.rules_verified}: {verdict if this.good else 'BAD'}"
            ),
        ]
        print("\n".join(lines), flush=True)
        for answer, count in list(this.unknown.items())[:SHOWN_MAX]:
            print(f"        {count} x {answer}")
        for sentence in this.faults[:SHOWN_MAX]:
            print(f"           {sentence[:200]}", flush=True)

    def skip(self, what: str, reason: str) -> None:
        """Note what cannot be done on this machine."""
        self._skipped[what] = reason
        print(f"SKIPPED {what}: {reason}")

    def broken(self, error: BaseException) -> None:
        """Note that the run ended early."""
        self._error = f"{type(error).__name__}: {error}"

    def save(self, path: Path) -> None:
        """Write everything as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        facts: dict[str, Any] = {
            "seed": self._seed,
            "commit": self._commit,
            "seconds": round(time.monotonic() - self._began, 1),
            "figure": self._figure(),
            "skipped": self._skipped,
            "error": self._error,
            "caution": CAUTION,
            "rounds": [each.plain() for each in self._rounds],
        }
        path.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")

    def end(self) -> int:
        """Print the last lines; return the exit status."""
        bad = [each for each in self._rounds if not each.good]
        for each in bad:
            print(f"BAD {each.fault} (seed {each.seed}): {len(each.faults)} findings")
        allowed = os.environ.get("CHAOS_ALLOW_SKIP") == "1"
        if self._skipped and not allowed:
            print("Not everything was tried; CHAOS_ALLOW_SKIP=1 accepts that.")
        print(CAUTION)
        if self._skipped:
            print("This run could not cut the power, so it says nothing about durability.")
        figure = " ".join(f"{name}={value}" for name, value in self._figure().items())
        print(f"FIGURE {figure}")
        return 1 if bad or not self._rounds or (self._skipped and not allowed) else 0

    def _figure(self) -> dict[str, Any]:
        real = [each for each in self._rounds if each.kind == "real"]
        planted = [each for each in self._rounds if each.kind == "planted"]
        return {
            "rounds": len(real),
            "acked": sum(each.acknowledged for each in real),
            "lost": sum(each.lost for each in real),
            "doubled": sum(each.doubled for each in real),
            "planted_caught": f"{sum(each.good for each in planted)}/{len(planted)}",
        }
