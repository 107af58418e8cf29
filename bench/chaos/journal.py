"""What the clients asked and what they were answered, written down before it is believed.

A line is on its way to another file system before the request is sent, and again before its
answer counts. One write call a line, so a killed client leaves whole lines.
"""

import json
import os
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Body = dict[str, Any]


@dataclass
class Outcome:
    """What became of one movement: its id when posted, the code of the refusal when not."""

    movement_id: int | None
    code: str
    content: Any

    def same_as(self, other: "Outcome") -> bool:
        """Tell whether a repeat gave the answer of the first time."""
        mine = (self.movement_id, self.code, self.content)
        return mine == (other.movement_id, other.code, other.content)


@dataclass
class Asked:
    """One request: path and body, when it was answered, and the outcome of each key."""

    path: str
    body: Body
    outcomes: list[Outcome] = field(default_factory=list)
    answered_at: float | None = None

    @property
    def movements(self) -> list[Body]:
        """The movements in it, one for a single request."""
        found: list[Body] = self.body.get("movements", [self.body])
        return found


class JournalWriter:
    """Appends to one journal; threads may share it."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def asked(self, number: str, path: str, body: Body) -> None:
        """Note a request that is about to be sent."""
        self._write({"asked": number, "path": path, "body": body})

    def answered(self, number: str, answer: Any) -> None:
        """Note a definite answer."""
        self._write({"answered": number, "at": time.time(), "answer": answer})

    def unknown(self, counts: dict[str, int]) -> None:
        """Note what came instead of definite answers, and how often; the retries followed."""
        self._write({"unknown": counts})

    def close(self) -> None:
        """Flush to the disk and close."""
        os.fsync(self._handle)
        os.close(self._handle)

    def _write(self, line: Body) -> None:
        data = (json.dumps(line) + "\n").encode()
        assert os.write(self._handle, data) == len(data)


def read_journal(path: Path, unknown: "Counter[str]") -> list[Asked]:
    """Return the requests of a journal in the order they were asked; add up what was unknown."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        lines = file.read().splitlines()
    requests: dict[str, Asked] = {}
    for line in lines:
        event = json.loads(line)
        if "asked" in event:
            requests[event["asked"]] = Asked(event["path"], event["body"])
        elif "unknown" in event:
            unknown.update(event["unknown"])
        else:
            request = requests[event["answered"]]
            request.outcomes = outcomes_of(event["answer"], len(request.movements))
            request.answered_at = event["at"]
    return list(requests.values())


def outcomes_of(answer: Any, count: int) -> list[Outcome]:
    """Return the outcome of each movement from the answer to a single or a batch request."""
    entries = [answer]
    if "movement_id" not in answer and "code" not in answer:
        [entries] = [value for value in answer.values() if isinstance(value, list)]
    assert len(entries) == count, f"{count} movements were asked, {len(entries)} answered"
    return [_outcome(entry) for entry in entries]


def _outcome(entry: Body) -> Outcome:
    if entry.get("movement_id") is not None:
        content = [entry.get("recorded_at"), entry.get("lines")]
        return Outcome(int(entry["movement_id"]), "posted", content)
    problem = entry.get("problem", entry)
    return Outcome(None, str(problem["code"]), problem.get("detail"))
