"""A file as a table: a header and lines of texts, whatever it came as. Pure.

CSV is read as it comes: encoding and delimiter are found out unless given. Line numbers count the
lines of the file from 1, so that an editor shows the same line; in a workbook they are its rows.
"""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from truestock.exchange.errors.files import (
    CellTooLongError,
    EncodingUnknownError,
    FileDamagedError,
    FileEmptyError,
    RowsTooManyError,
    SheetUnknownError,
)
from truestock.exchange.model.imports import Column, Limits, TableForm
from truestock.exchange.rules.packed import is_workbook, require_harmless_workbook, unpacked

DELIMITERS = ",;\t|"
SAMPLES_SHOWN = 3
SAMPLED_ROWS = 200

_SNIFFED_CHARACTERS = 65_536
_SNIFFED_RECORDS = 20
_TOLD_DELIMITER = re.compile(r"\ufeff?sep=(?P<delimiter>[,;\t|])\r?\n")
"""The first line by which a spreadsheet is told the delimiter."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

Cells = list[str]


@dataclass(frozen=True, slots=True)
class Table:
    """A file as read. `lines()` begins anew each time: (line number, cells as under the header)."""

    header: tuple[str, ...]
    form: TableForm
    lines: Callable[[], Iterator[tuple[int, Cells]]]


def read_table(content: bytes, limits: Limits, wanted: TableForm | None = None) -> Table:
    """Return the table in these bytes; `wanted` may give encoding, delimiter or sheet.

    Raises a `File...Error` for what cannot be read, `FileEmptyError` without a header.
    """
    asked = wanted or TableForm()
    plain = unpacked(content, limits)
    if is_workbook(plain):
        require_harmless_workbook(plain, limits)
        return _workbook_table(plain, asked.sheet, limits)
    return _csv_table(plain, asked, limits)


def _csv_table(content: bytes, asked: TableForm, limits: Limits) -> Table:
    encoding = asked.encoding or detected_encoding(content)
    beginning = _beginning(content, encoding)
    told = _TOLD_DELIMITER.match(beginning)
    found = told["delimiter"] if told else detected_delimiter(beginning)
    delimiter = asked.delimiter or found

    def records() -> Iterator[tuple[int, Cells]]:
        return islice(_csv_records(content, encoding, delimiter, limits), 1 if told else 0, None)

    return _table(records, TableForm("csv", encoding, delimiter), limits)


def _csv_records(
    content: bytes, encoding: str, delimiter: str, limits: Limits
) -> Iterator[tuple[int, Cells]]:
    csv.field_size_limit(limits.cell_length_max)
    text = io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="")
    reader = csv.reader(text, delimiter=delimiter)
    begun = 1
    try:
        for cells in reader:
            yield begun, cells
            begun = reader.line_num + 1
    except csv.Error as error:
        raise CellTooLongError(line_number=begun, length_max=limits.cell_length_max) from error
    except (UnicodeDecodeError, UnicodeError, LookupError) as error:
        raise EncodingUnknownError(encoding=encoding) from error


def detected_encoding(content: bytes) -> str:
    """Return the encoding: by its mark, UTF-8 when it is that, else what western Windows wrote."""
    for mark, name in _MARKS:
        if content.startswith(mark):
            return name
    for name in ("utf-8", "cp1252"):
        try:
            decoder = codecs.getincrementaldecoder(name)()
            for at in range(0, len(content), _SNIFFED_CHARACTERS):
                decoder.decode(content[at : at + _SNIFFED_CHARACTERS])
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return name
    return "latin-1"


def detected_delimiter(text: str) -> str:
    """Return the delimiter that divides the first records most evenly; a comma when none does."""
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        try:
            records = list(islice(csv.reader(io.StringIO(text), delimiter=delimiter), 20))
        except csv.Error:
            continue
        widths = [len(cells) for cells in records[:_SNIFFED_RECORDS] if cells]
        if not widths or widths[0] < 2:  # noqa: PLR2004 - one column is not divided
            continue
        score = (sum(width == widths[0] for width in widths) / len(widths), widths[0])
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _beginning(content: bytes, encoding: str) -> str:
    try:
        text = content[:_SNIFFED_CHARACTERS].decode(encoding, errors="ignore")
    except LookupError as error:
        raise EncodingUnknownError(encoding=encoding) from error
    if len(content) <= _SNIFFED_CHARACTERS:
        return text
    return text.rpartition("\n")[0] or text


def _workbook_table(content: bytes, sheet: str, limits: Limits) -> Table:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = list(workbook.sheet_names)
        if not names:
            raise FileEmptyError
        if sheet and sheet not in names:
            raise SheetUnknownError(sheet=sheet, known=names[:50])
        chosen = sheet or names[0]
        found = workbook.get_sheet_by_name(chosen)
        first = (found.start or (0, 0))[0] + 1
    except (CalamineError, OSError, ValueError) as error:
        raise FileDamagedError(reason=str(error)[:200]) from error

    def records() -> Iterator[tuple[int, Cells]]:
        for number, row in enumerate(found.iter_rows(), start=first):
            yield number, [cell_text(cell) for cell in row]

    return _table(records, TableForm("xlsx", sheet=chosen), limits)


def cell_text(cell: Any) -> str:
    """Return a workbook's cell as the text a CSV would hold: whole numbers whole, dates in ISO."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time | timedelta):
        return str(cell)
    return "" if cell is None else str(cell)


def _table(
    records: Callable[[], Iterator[tuple[int, Cells]]], form: TableForm, limits: Limits
) -> Table:
    header_line, header = _header(records(), limits)
    width = len(header)

    def lines() -> Iterator[tuple[int, Cells]]:
        count = 0
        for number, cells in records():
            if number <= header_line or not any(cells):
                continue
            count += 1
            if count > limits.rows_max:
                raise RowsTooManyError(rows_max=limits.rows_max)
            if len(cells) < width:
                cells.extend([""] * (width - len(cells)))
            elif len(cells) > width:
                while len(cells) > width and not cells[-1]:
                    cells.pop()
            yield number, cells

    shown = TableForm(
        form.container, form.encoding, form.delimiter, form.sheet, _columns(header, lines())
    )
    return Table(header, shown, lines)


def _header(records: Iterable[tuple[int, Cells]], limits: Limits) -> tuple[int, tuple[str, ...]]:
    for number, cells in records:
        if any(cell.strip() for cell in cells):
            if len(cells) > limits.columns_max:
                raise RowsTooManyError(columns_max=limits.columns_max)
            return number, named_columns(cells)
    raise FileEmptyError


def named_columns(cells: Sequence[str]) -> tuple[str, ...]:
    """Return a name for every column, each different: empty and repeated headers get a number."""
    names: list[str] = []
    taken: set[str] = set()
    for place, cell in enumerate(cells, start=1):
        name = " ".join(cell.split())[:200] or f"Column {place}"
        again = 2
        unique = name
        while unique in taken:
            unique = f"{name} ({again})"
            again += 1
        taken.add(unique)
        names.append(unique)
    return tuple(names)


def _columns(header: Sequence[str], lines: Iterator[tuple[int, Cells]]) -> list[Column]:
    samples: list[dict[str, None]] = [{} for _ in header]
    for _number, cells in islice(lines, SAMPLED_ROWS):
        for found, cell in zip(samples, cells, strict=False):
            if cell and len(found) < SAMPLES_SHOWN:
                found[cell.replace("\x00", "\ufffd")[:80]] = None
    return [Column(name, list(found)) for name, found in zip(header, samples, strict=True)]
