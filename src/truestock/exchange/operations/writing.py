"""Lists as files: CSV, Excel, Parquet, written row by row so that length costs no memory.

Numbers stay numbers. In CSV a text that a spreadsheet would run is marked as text; Excel cells and
Parquet columns have types of their own and hold every text as it is.
"""

import csv
import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import IO, Any, Final, Protocol

from truestock.exchange.errors.exports import ExportTooLargeError
from truestock.exchange.model.exports import ColumnKind, ExportColumn, ExportFormat
from truestock.exchange.rules.guarded import guarded

EXCEL_ROWS_MAX: Final = 1_048_575
"""Rows of a sheet below its header."""
EXCEL_WHOLE_MAX: Final = 2**53
"""Beyond this a spreadsheet's number is another one; such a number is written as text."""
DECIMAL_PLACES: Final = 6

_Rows = Sequence[Sequence[Any]]


class Writer(Protocol):
    """Writes one file."""

    def write(self, rows: _Rows) -> None:
        """Append rows, values in the order of the columns."""

    def finish(self) -> None:
        """Write what is left; nothing may be appended after."""


def writer(
    chosen: ExportFormat, columns: Sequence[ExportColumn], out: IO[bytes], *, mark: bool = False
) -> Writer:
    """Return a writer into `out`; `mark` begins a CSV with the mark that Excel knows UTF-8 by."""
    if chosen is ExportFormat.CSV:
        return CsvWriter(columns, out, mark=mark)
    if chosen is ExportFormat.XLSX:
        return ExcelWriter(columns, out)
    return ParquetWriter(columns, out)


class CsvWriter:
    """RFC 4180: commas, CRLF, quotes where needed, UTF-8."""

    def __init__(
        self, columns: Sequence[ExportColumn], out: IO[bytes], *, mark: bool = False
    ) -> None:
        """Write the header."""
        encoding = "utf-8-sig" if mark else "utf-8"
        self._text = io.TextIOWrapper(out, encoding=encoding, newline="", write_through=False)
        self._writer = csv.writer(self._text)
        self._writer.writerow([column.name for column in columns])

    def write(self, rows: _Rows) -> None:
        """Append rows."""
        self._writer.writerows([[csv_cell(value) for value in row] for row in rows])

    def finish(self) -> None:
        """Write what is left; the file below stays open."""
        self._text.flush()
        self._text.detach()


def csv_cell(value: Any) -> str | int:
    """Return a value as a CSV cell."""
    return _CELLS.get(type(value), str)(value)


def _joined(values: Sequence[Any]) -> str:
    return ", ".join(str(each) for each in values)


_CELLS: Final[dict[type, Callable[[Any], str | int]]] = {
    str: guarded,
    int: int,
    type(None): lambda _nothing: "",
    bool: lambda value: "yes" if value else "no",
    Decimal: lambda value: format(value, "f"),
    datetime: lambda value: value.astimezone(UTC).isoformat(),
    list: lambda value: guarded(_joined(value)),
    tuple: lambda value: guarded(_joined(value)),
}


class ExcelWriter:
    """One sheet with a frozen header; moments are in UTC."""

    def __init__(self, columns: Sequence[ExportColumn], out: IO[bytes]) -> None:
        """Open the workbook and write the header."""
        from xlsxwriter import Workbook

        self._book = Workbook(out, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"})
        self._moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        bold = self._book.add_format({"bold": True})
        self._sheet = self._book.add_worksheet("Truestock")
        self._sheet.freeze_panes(1, 0)
        self._at = 1
        for place, column in enumerate(columns):
            self._sheet.write_string(0, place, column.name, bold)

    def write(self, rows: _Rows) -> None:
        """Append rows; raises `ExportTooLargeError` beyond what a sheet holds."""
        if self._at + len(rows) > EXCEL_ROWS_MAX + 1:
            self.finish()
            raise ExportTooLargeError(rows_max=EXCEL_ROWS_MAX)
        for row in rows:
            for place, value in enumerate(row):
                if value is not None:
                    self._cell(place, value)
            self._at += 1

    def _cell(self, place: int, value: Any) -> None:
        if isinstance(value, bool):
            self._sheet.write_boolean(self._at, place, value)
        elif isinstance(value, int | Decimal) and -EXCEL_WHOLE_MAX < value < EXCEL_WHOLE_MAX:
            self._sheet.write_number(self._at, place, value)
        elif isinstance(value, datetime):
            plain = value.astimezone(UTC).replace(tzinfo=None)
            self._sheet.write_datetime(self._at, place, plain, self._moment)
        elif isinstance(value, list | tuple):
            self._sheet.write_string(self._at, place, _joined(value))
        else:
            self._sheet.write_string(self._at, place, str(value))

    def finish(self) -> None:
        """Close the workbook."""
        self._book.close()


class ParquetWriter:
    """Typed columns; texts, whole numbers, decimals of six places, moments in UTC."""

    def __init__(self, columns: Sequence[ExportColumn], out: IO[bytes]) -> None:
        """Prepare the schema."""
        import polars as pl

        kinds: dict[ColumnKind, Any] = {
            ColumnKind.TEXT: pl.String(),
            ColumnKind.WHOLE: pl.Int64(),
            ColumnKind.DECIMAL: pl.Decimal(38, DECIMAL_PLACES),
            ColumnKind.YES_NO: pl.Boolean(),
            ColumnKind.MOMENT: pl.Datetime("us", "UTC"),
            ColumnKind.DAY: pl.Date(),
        }
        self._schema = {column.name: kinds[column.kind] for column in columns}
        self._empty = pl.DataFrame(schema=self._schema)
        self._frames: list[Any] = []
        self._out = out

    def write(self, rows: _Rows) -> None:
        """Append rows, kept in columns."""
        import polars as pl

        if rows:
            plain = [[_text_of_list(value) for value in row] for row in rows]
            self._frames.append(pl.DataFrame(plain, schema=self._schema, orient="row"))

    def finish(self) -> None:
        """Write the file."""
        import polars as pl

        pl.concat([self._empty, *self._frames]).write_parquet(self._out)


def _text_of_list(value: Any) -> Any:
    return _joined(value) if isinstance(value, list | tuple) else value
