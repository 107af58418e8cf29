"""Lines of stock become movements: one each, or together where they say so. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, get_args

from truestock.exchange.model.imports import ImportKind, Line, Problem
from truestock.stock.model.movements import NewLine, NewMovement

LINES_MAX = 1_000
OPENING_REASON: Final = "Opening stock"

_ALIASES: Final = {"import": "receipt", "export": "delivery", "in": "receipt", "out": "delivery"}
_KINDS: Final = frozenset(get_args(NewMovement.__annotations__["kind"])) - {"count", "build"}


@dataclass(frozen=True, slots=True)
class Unit:
    """What is posted as one movement. `key` is its part of the request key."""

    key: str
    movement: NewMovement
    line_numbers: tuple[int, ...]


def units(kind: ImportKind, lines: Iterable[Line]) -> tuple[list[Unit], list[Problem]]:
    """Return the movements in the order of the file, and what is wrong with the other lines."""
    groups: dict[Any, list[Line]] = {}
    for line in lines:
        together = line.values.get("movement") if kind is ImportKind.MOVEMENTS else None
        groups.setdefault(together or line.number, []).append(line)
    found: list[Unit] = []
    problems: list[Problem] = []
    for members in groups.values():
        wrong = [problem for line in members for problem in (*line.problems, *_wrong(kind, line))]
        wrong = wrong or _wrong_together(members)
        if wrong:
            problems.extend(wrong)
            named = {problem.line_number for problem in wrong}
            problems.extend(
                _of_group(line, wrong[0]) for line in members if line.number not in named
            )
            continue
        numbers = tuple(line.number for line in members)
        found.append(Unit(f"line/{numbers[0]}", _movement(kind, members), numbers))
    return found, problems


def _wrong(kind: ImportKind, line: Line) -> Iterable[Problem]:
    if kind is ImportKind.MOVEMENTS and "kind" in line.values and _kind(line) not in _KINDS:
        yield Problem(
            line.number, "kind", "kind_unknown", f"Write one of: {', '.join(sorted(_KINDS))}."
        )


def _wrong_together(members: Sequence[Line]) -> list[Problem]:
    first = members[0]
    if len(members) > LINES_MAX:
        return [
            Problem(first.number, "movement", "movement_too_long",
                    f"A movement has at most {LINES_MAX:,} lines.")
        ]  # fmt: skip
    shared = ("kind", "occurred_at", "reason", "note")
    return [
        Problem(line.number, name, "movement_differs",
                f"Lines of one movement have the same {name.replace('_', ' ')}.")
        for line in members
        for name in shared
        if line.values.get(name) != first.values.get(name)
    ]  # fmt: skip


def _of_group(line: Line, because: Problem) -> Problem:
    return Problem(
        line.number,
        "",
        "movement_refused",
        f"It is one movement with line {because.line_number}, which is refused.",
    )


def _kind(line: Line) -> str:
    word: str = line.values.get("kind", "")
    return _ALIASES.get(word, word)


def _movement(kind: ImportKind, members: Sequence[Line]) -> NewMovement:
    first = members[0].values
    if kind is ImportKind.OPENING_STOCK:
        lines = [_opening_line(line.values) for line in members]
        return NewMovement(
            kind="adjustment",
            lines=lines,
            occurred_at=first.get("occurred_at"),
            reason=OPENING_REASON,
        )
    return NewMovement(
        kind=_kind(members[0]),  # type: ignore[arg-type]  # one of _KINDS
        lines=[_line(line.values) for line in members],
        occurred_at=first.get("occurred_at"),
        reason=first.get("reason", ""),
        note=first.get("note", ""),
    )


def _opening_line(values: dict[str, Any]) -> NewLine:
    return NewLine(
        quantity=values["quantity"],
        sku=values["sku"],
        unit=values.get("unit"),
        source_location="ADJUSTMENT",
        target_location=values["location"],
        lot=values.get("lot"),
        unit_cost=_cost(values),
    )


def _line(values: dict[str, Any]) -> NewLine:
    return NewLine(
        quantity=values["quantity"],
        sku=values["sku"],
        unit=values.get("unit"),
        source_location=values.get("source_location"),
        target_location=values.get("target_location"),
        lot=values.get("lot"),
        unit_cost=_cost(values),
    )


def _cost(values: dict[str, Any]) -> Decimal | None:
    return Decimal(values["unit_cost"]) if "unit_cost" in values else None
