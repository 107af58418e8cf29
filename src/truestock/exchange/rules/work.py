"""What applying an import comes to: steps in a fixed order that follow from the file alone. Pure.

A step is committed whole; after a stop the work goes on with the next one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from truestock.exchange.model.imports import ImportKind, Line, Mapping, Problem
from truestock.exchange.rules.demand import Sheet, demand
from truestock.exchange.rules.lines import read_lines
from truestock.exchange.rules.movements import Unit, units
from truestock.exchange.rules.rows import catalog_row
from truestock.exchange.rules.tables import Table
from truestock.stock.model.locations import LocationRow

CATALOG_ROWS: Final = 1_000
LOCATION_ROWS: Final = 20_000
MOVEMENTS: Final = 500
DOCUMENT_LINES: Final = 6_000
"""So much goes into one step. Locations go together, as a parent may stand anywhere."""

UTC: Final = ZoneInfo("UTC")
CATALOG: Final = frozenset({ImportKind.ITEMS, ImportKind.LOCATIONS, ImportKind.PARTIES})
MOVING: Final = frozenset({ImportKind.OPENING_STOCK, ImportKind.MOVEMENTS})

Piece = TypeVar("Piece")


@dataclass(frozen=True, slots=True)
class CatalogStep:
    """Rows for the catalogue, with the numbers of their lines (0: made from several lines)."""

    kind: ImportKind
    rows: Sequence[Any]
    line_numbers: Sequence[int]


@dataclass(frozen=True, slots=True)
class MovementStep:
    """Movements to post."""

    units: Sequence[Unit]


@dataclass(frozen=True, slots=True)
class DocumentStep:
    """Documents to record and post."""

    sheets: Sequence[Sheet]


Step = CatalogStep | MovementStep | DocumentStep


@dataclass(frozen=True, slots=True)
class Work:
    """All of an import: its steps, what is refused before any, and how many lines there are."""

    steps: list[Step]
    problems: list[Problem]
    lines_total: int
    empty_count: int = 0


def work_of(table: Table, kind: ImportKind, mapping: Mapping, *, together: bool = False) -> Work:
    """Read the whole table and return the work; `together` makes one step of each sort."""
    zone = ZoneInfo(mapping.time_zone) if mapping.time_zone else UTC
    lines = list(read_lines(table, kind, mapping, zone))
    if kind in CATALOG:
        return _catalog_work(kind, lines, together=together)
    if kind in MOVING:
        found, problems = units(kind, lines)
        pieces = _pieces(found, len(found) or 1 if together else MOVEMENTS)
        return Work([MovementStep(piece) for piece in pieces], problems, len(lines))
    sold = demand(lines, mapping)
    steps: list[Step] = [
        CatalogStep(ImportKind.ITEMS, piece, (0,) * len(piece))
        for piece in _pieces(sold.items, CATALOG_ROWS)
    ]
    steps += [DocumentStep(piece) for piece in _sheet_pieces(sold.sheets)]
    return Work(steps, sold.problems, len(lines), sold.empty_count)


def _catalog_work(kind: ImportKind, lines: Sequence[Line], *, together: bool) -> Work:
    rows: list[Any] = []
    numbers: list[int] = []
    problems: list[Problem] = []
    for line in lines:
        row = catalog_row(kind, line)
        if row is None:
            problems.extend(line.problems)
        else:
            rows.append(row)
            numbers.append(line.number)
    size = LOCATION_ROWS if kind is ImportKind.LOCATIONS else CATALOG_ROWS
    if kind is ImportKind.LOCATIONS and len(rows) > LOCATION_ROWS:
        order = _parents_first(rows)
        rows = [rows[at] for at in order]
        numbers = [numbers[at] for at in order]
    if together:
        size = len(rows) or 1
    steps: list[Step] = [
        CatalogStep(kind, rows[at : at + size], numbers[at : at + size])
        for at in range(0, len(rows), size)
    ]
    return Work(steps, problems, len(lines))


def _parents_first(rows: Sequence[LocationRow]) -> list[int]:
    """Return the places of the rows so that a parent in the file stands before its children."""
    parents = {row.code: row.parent for row in rows}

    def depth(code: str) -> int:
        steps, at = 0, parents.get(code)
        while at in parents and steps <= len(parents):
            steps, at = steps + 1, parents[at]
        return steps

    depths = [depth(row.code) for row in rows]
    return sorted(range(len(rows)), key=lambda place: depths[place])


def _pieces(all_of_it: Sequence[Piece], size: int) -> Iterable[Sequence[Piece]]:
    rest = iter(all_of_it)
    while piece := list(islice(rest, size)):
        yield piece


def _sheet_pieces(sheets: Sequence[Sheet]) -> Iterable[Sequence[Sheet]]:
    """Divide documents into steps of about the same number of lines; receipts come first."""
    piece: list[Sheet] = []
    size = 0
    for sheet in sheets:
        if piece and (
            size + len(sheet.quantities) > DOCUMENT_LINES or piece[-1].opening != sheet.opening
        ):
            yield piece
            piece, size = [], 0
        piece.append(sheet)
        size += len(sheet.quantities)
    if piece:
        yield piece
