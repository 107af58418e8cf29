"""One round: load, a fault at a random moment, recovery, comparison, retries, verification."""

import random
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from bench.chaos.compare import Found, changed_answers, compared
from bench.chaos.installation import CouldNotStartError, Installation
from bench.chaos.journal import Asked
from bench.chaos.load import Load, retried
from truestock.monitoring.model import Verification

WARM_UP_ANSWERS = 20
FIRST_ANSWER_SECONDS_MAX = 60.0
RECOVERY_SECONDS_MAX = 60.0
SHOWN_MAX = 3
SAFE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}


@dataclass
class Round:
    """What one round did and saw."""

    name: str
    fault: str
    seed: str
    kind: Literal["real", "control", "planted"] = "real"
    """A planted fault must be caught; a control shows what a weaker test would not have seen."""
    must_show: Literal["lost", "doubled"] = "lost"
    """By what a planted fault must be caught; any other finding would be luck."""
    settings: dict[str, str] = field(default_factory=dict)
    """How the database flushed during the load."""
    fault_after_seconds: float = 0.0
    recovery_seconds: float | None = None
    asked: int = 0
    acknowledged: int = 0
    unanswered: int = 0
    recorded_unanswered: int = 0
    lost: int = 0
    doubled: int = 0
    drifted: int = 0
    changed_answers: int = 0
    broken_rules: int = 0
    faults: list[str] = field(default_factory=list)
    unknown: dict[str, int] = field(default_factory=dict)
    """What clients met instead of a definite answer, and how often."""
    rules_verified: int = 0

    @property
    def clean(self) -> bool:
        """Tell whether nothing went wrong."""
        return not self.faults

    @property
    def good(self) -> bool:
        """Tell whether the round ended as it must: clean, or caught by what was planted."""
        if self.kind == "planted":
            return bool(getattr(self, self.must_show))
        return self.clean

    def add(self, found: Found, *, when: str) -> None:
        """Take the differences of a comparison."""
        for count, kind in (
            (found.lost, "lost"),
            (found.doubled, "doubled"),
            (found.drifted, "drifted"),
        ):
            setattr(self, kind, max(getattr(self, kind), len(count)))
            self.faults += [f"{when}: {kind}: {sentence}" for sentence in count]

    def take_verification(self, verified: Verification) -> None:
        """Take the result of `truestock verify`."""
        self.rules_verified, self.broken_rules = verified.rules, len(verified.broken)
        for rule in verified.broken:
            self.faults.append(f"verify: {rule['name']}: {rule['sentence']}")

    def plain(self) -> dict[str, Any]:
        """Return what is kept as JSON; of the faults only the first."""
        kept = asdict(self) | {"good": self.good, "faults": self.faults[:20]}
        return kept | {"faults_in_all": len(self.faults)}


@dataclass
class Bench:
    """What all rounds on one installation share: its history of requests and the randomness."""

    place: Installation
    journals: Path
    history: list[Asked]
    choose: random.Random
    number: int = 0

    def round(
        self,
        name: str,
        fault: str,
        strike: Callable[[Load], None],
        recover: Callable[[], None] | None,
        *,
        kind: Literal["real", "control", "planted"] = "real",
        planted: dict[str, str] | None = None,
    ) -> Round:
        """Run one round. Without `recover`, Truestock must come back by itself under load.

        `planted` are the settings of the database that differ from safe ones; that it really runs
        with them, or else with safe ones, is made sure of before the fault.
        """
        self.number += 1
        seed = f"{self.choose.getrandbits(32):08x}"
        this = Round(name, fault, seed, kind)
        this.settings = self.place.flushing()
        assert this.settings == SAFE | (planted or {}), f"it runs with {this.settings}"
        moment = random.Random(seed).uniform(0.8, 2.2)
        load = Load(self.place, self.journals, f"{name}{self.number}", seed)
        requests: list[Asked] = []
        try:
            waited = load.wait_for_answers(WARM_UP_ANSWERS, FIRST_ANSWER_SECONDS_MAX)
            assert waited is not None, "the clients got no answers; see clients.log and serve.log"
            time.sleep(moment)
            this.fault_after_seconds = round(moment, 2)
            began = time.monotonic()
            strike(load)
            if recover is None:
                self._recovered_by_itself(this, load)
                requests = load.stop()
            else:
                requests = load.stop()
                recover()
                this.recovery_seconds = round(time.monotonic() - began, 1)
            self._judge(this, requests)
        except CouldNotStartError as error:
            requests = requests or load.stop()
            this.asked = sum(len(each.movements) for each in requests)
            this.lost = this.acknowledged = sum(len(each.outcomes) for each in requests)
            this.faults.append(f"everything is lost, the database does not start: {error}")
        finally:
            load.kill()
        this.unknown = dict(load.unknown.most_common(6))
        if this.kind == "real":
            this.faults += [f"clients met {each}" for each in this.unknown if "status 500" in each]
        self.history += requests
        return this

    def _recovered_by_itself(self, this: Round, load: Load) -> None:
        before = load.answered()
        # The first answers may have been under way; some more show that new ones are given.
        waited = load.wait_for_answers(before + 10, RECOVERY_SECONDS_MAX)
        if waited is None:
            this.faults.append(f"no answers within {RECOVERY_SECONDS_MAX:.0f} s after the fault")
        else:
            this.recovery_seconds = round(waited, 1)
            time.sleep(0.5)

    def _judge(self, this: Round, requests: list[Asked]) -> None:
        before = self._compared(requests)
        mine = compared(requests, [], {})
        this.asked, this.acknowledged = mine.asked, mine.acknowledged
        this.unanswered = mine.unanswered
        this.recorded_unanswered = before.recorded_unanswered
        this.add(before, when="after recovery")
        again = retried(self.place, requests)
        changed = changed_answers(requests, again)
        this.changed_answers = len(changed)
        this.faults += [f"retry: {sentence}" for sentence in changed]
        for request, repeat in zip(requests, again, strict=True):
            if not request.outcomes or this.kind == "planted":  # what was lost is posted anew
                request.outcomes = repeat.outcomes
        this.add(self._compared(requests), when="after retries")
        this.take_verification(self.place.verified())

    def _compared(self, requests: list[Asked]) -> Found:
        return compared([*self.history, *requests], self.place.recorded(), self.place.balances())
