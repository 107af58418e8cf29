"""What becomes of each row of an import, decided row by row before anything is written."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar

from truestock.catalog.errors.imports import RowRepeatedError
from truestock.kernel.errors import TruestockError

Fields = TypeVar("Fields")
Row = TypeVar("Row")


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


@dataclass(frozen=True, slots=True)
class PlannedRow(Generic[Fields]):
    """One row: its outcome, and what to write when it creates or changes."""

    outcome: RowOutcome
    before: Fields | None = None
    after: Fields | None = None


def planned_rows(
    rows: Iterable[tuple[int, Row]],
    key_of: Callable[[Row], Hashable],
    decide: Callable[[Row], tuple[int | None, Fields | None, Fields]],
) -> list[PlannedRow[Fields]]:
    """Plan numbered rows in order. `decide` returns (id, before, after) or raises a refusal.

    The second row with the same key is refused; `before` None makes a row new.
    """
    seen: set[Hashable] = set()
    planned: list[PlannedRow[Fields]] = []
    for number, row in rows:
        key = key_of(row)
        shown = " ".join(key) if isinstance(key, tuple) else str(key)
        try:
            if key in seen:
                raise RowRepeatedError(key=shown)
            seen.add(key)
            row_id, before, after = decide(row)
        except TruestockError as error:
            planned.append(PlannedRow(refused(number, shown, error)))
            continue
        what = Outcome.CREATED if before is None else Outcome.CHANGED
        if before == after:
            what = Outcome.UNCHANGED
        planned.append(PlannedRow(RowOutcome(number, shown, what, row_id), before, after))
    return planned


def refused(row_number: int, key: str, error: TruestockError) -> RowOutcome:
    """Return the outcome of a row that an error stands against."""
    return RowOutcome(row_number, key, Outcome.REFUSED, None, error.code, error.detail, error.facts)
