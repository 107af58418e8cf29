"""What became of each row of an import."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """The four things that can happen to a row."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """One row's outcome: `row_number` counts from 1; `reason` is a sentence, `code` is stable."""

    row_number: int
    key: str
    outcome: Outcome
    row_id: int | None = None
    code: str | None = None
    reason: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
