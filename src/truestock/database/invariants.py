"""Invariants are SQL files in `<slice>/invariants/`; each must return no rows, ever."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from truestock.database.transactions import ReadTransaction

SHOWN_MAX = 10


@dataclass(frozen=True, slots=True)
class Invariant:
    """One rule: its slice, its name (the file's), its sentence (the file's first line), its SQL."""

    slice_name: str
    name: str
    sentence: str
    statement: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that does not hold: how many rows break it and the first few of them."""

    name: str
    sentence: str
    count: int
    rows: list[dict[str, Any]]


@cache
def every_invariant() -> tuple[Invariant, ...]:
    """Return all invariants of the installed slices, in order of slice and name."""
    found = []
    for folder in sorted(files("truestock").iterdir(), key=lambda each: each.name):
        place = folder.joinpath("invariants")
        if not place.is_dir():
            continue
        for file in sorted(place.iterdir(), key=lambda each: each.name):
            if file.name.endswith(".sql"):
                text = file.read_text(encoding="utf-8")
                sentence = text.splitlines()[0].removeprefix("--").strip()
                found.append(Invariant(folder.name, file.name.removesuffix(".sql"), sentence, text))
    return tuple(found)


async def broken_invariants(tx: ReadTransaction) -> list[Broken]:
    """Run every invariant in this snapshot and return those that do not hold."""
    broken = []
    for rule in every_invariant():
        rows = await tx.rows(rule.statement)
        if rows:
            shown = [dict(row) for row in rows[:SHOWN_MAX]]
            broken.append(Broken(rule.name, rule.sentence, len(rows), shown))
    return broken
