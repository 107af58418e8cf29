"""Files become tables, whatever they came as; what cannot be read is refused with a sentence."""

import csv
import gzip
import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xlsxwriter import Workbook

from truestock.exchange.errors.files import (
    CellTooLongError,
    EncodingUnknownError,
    FileDamagedError,
    FileEmptyError,
    FileFormatError,
    FileTooLargeError,
    RowsTooManyError,
    SheetUnknownError,
)
from truestock.exchange.model.exports import ColumnKind, ExportColumn, ExportFormat
from truestock.exchange.model.imports import Limits, TableForm
from truestock.exchange.operations.writing import writer
from truestock.exchange.rules.guarded import SIGNS, guarded, unguarded
from truestock.exchange.rules.tables import DELIMITERS, Table, named_columns, read_table
from truestock.kernel.errors import TruestockError

LIMITS = Limits(bytes_max=10_000_000, rows_max=10_000)

NASTY = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00")
    | st.sampled_from(list("\"',;\t|\r\n=+-@ ")),
    max_size=30,
)


def cells(table: Table) -> list[list[str]]:
    return [row for _number, row in table.lines()]


def workbook(rows: list[list[object]], sheet: str = "Data") -> bytes:
    out = io.BytesIO()
    book = Workbook(out, {"strings_to_formulas": False})
    page = book.add_worksheet(sheet)
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            page.write(number, place, cell)
    book.close()
    return out.getvalue()


@settings(deadline=None)
@given(st.lists(st.lists(NASTY, min_size=3, max_size=3), max_size=8), st.sampled_from(DELIMITERS))
def test_what_a_csv_writer_wrote_is_read_as_it_was(rows: list[list[str]], delimiter: str) -> None:
    out = io.StringIO(newline="")
    sheet = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    sheet.writerows([["a", "b", "c"], *rows])
    table = read_table(out.getvalue().encode(), LIMITS, TableForm(delimiter=delimiter))
    assert table.header == ("a", "b", "c")
    assert cells(table) == [row for row in rows if any(row)]


@settings(deadline=None)
@given(st.lists(st.lists(NASTY, min_size=2, max_size=2), max_size=8))
def test_an_export_read_back_gives_the_same_texts(rows: list[list[str]]) -> None:
    out = io.BytesIO()
    columns = [ExportColumn("first"), ExportColumn("second")]
    made = writer(ExportFormat.CSV, columns, out)
    made.write(rows)
    made.finish()
    back = cells(read_table(out.getvalue(), LIMITS, TableForm(delimiter=",")))
    assert [[unguarded(cell) for cell in row] for row in back] == [r for r in rows if any(r)]


@given(NASTY)
def test_a_guarded_text_starts_no_formula_and_comes_back(text: str) -> None:
    kept = guarded(text)
    assert not kept or kept[0] not in SIGNS
    assert unguarded(kept) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\x00=1", "'\x00=1"),
        ("'=1", "''=1"),
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("plain", "plain"),
        ("'quoted'", "'quoted'"),
        ("1-1", "1-1"),
    ],
)
def test_texts_that_a_spreadsheet_would_run_are_marked(text: str, written: str) -> None:
    assert guarded(text) == written


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
def test_the_encoding_is_found_out(encoding: str) -> None:
    table = read_table("sku;name\nA;Größe café\n".encode(encoding), LIMITS)
    assert cells(table) == [["A", "Größe café"]]
    assert table.form.delimiter == ";"


@pytest.mark.parametrize("delimiter", list(DELIMITERS))
def test_the_delimiter_is_found_out_by_even_division(delimiter: str) -> None:
    text = f"sku{delimiter}name\nA{delimiter}one, two; three\nB{delimiter}four|five\n"
    if delimiter == ",":
        text = "sku,name\nA,one two\nB,x;y\n"
    assert read_table(text.encode(), LIMITS).form.delimiter == delimiter


def test_a_first_line_that_tells_the_delimiter_is_no_header() -> None:
    table = read_table(b"sep=|\r\na|b\r\n1|2\r\n", LIMITS)
    assert (table.header, cells(table)) == (("a", "b"), [["1", "2"]])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_any_system_ends_them(end: str) -> None:
    assert cells(read_table(f"a,b{end}1,2{end}3,4".encode(), LIMITS)) == [["1", "2"], ["3", "4"]]


def test_line_numbers_are_those_an_editor_shows() -> None:
    text = b'a,b\n"x\ny",1\n\nz,2\n'
    assert list(read_table(text, LIMITS).lines()) == [(2, ["x\ny", "1"]), (5, ["z", "2"])]


def test_short_lines_are_filled_and_headers_are_named_apart() -> None:
    assert cells(read_table(b"a,b,c\n1\n", LIMITS)) == [["1", "", ""]]
    assert named_columns(["a", "", "a", "a"]) == ("a", "Column 2", "a (2)", "a (3)")


def test_gzip_is_unpacked_also_in_several_members() -> None:
    packed = gzip.compress(b"a,b\n1,2\n") + gzip.compress(b"3,4\n")
    assert cells(read_table(packed, LIMITS)) == [["1", "2"], ["3", "4"]]


def test_a_workbook_reads_like_its_csv() -> None:
    made = workbook([["sku", "count", "price"], ["=A", 5, 1.25], ["'0012", 7.0, ""]])
    table = read_table(made, LIMITS)
    assert cells(table) == [["=A", "5", "1.25"], ["'0012", "7", ""]]
    assert table.form.container == "xlsx"
    with pytest.raises(SheetUnknownError):
        read_table(made, LIMITS, TableForm(sheet="Other"))


def bomb() -> bytes:
    """Two kilobytes that unpack to twenty megabytes."""
    return gzip.compress(b"a,b\n" + b"0" * 20_000_000)


def zip_bomb(*, lying: bool) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 20_000_000)
    made = out.getvalue()
    return (
        made.replace((20_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
        if lying
        else made
    )


def far_corner() -> bytes:
    out = io.BytesIO()
    book = Workbook(out)
    page = book.add_worksheet()
    page.write(0, 0, "a")
    page.write(1_048_575, 16_383, "b")
    book.close()
    return out.getvalue()


REFUSED: dict[str, tuple[bytes, type[TruestockError]]] = {
    "nothing": (b"", FileEmptyError),
    "only spaces": (b"  \n\n , \n", FileEmptyError),
    "binary": (b"\x7fELF\x00\x00\x01\x02", FileFormatError),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FileFormatError),
    "another archive": (
        b"PK\x05\x06" + b"\x00" * 18,
        FileFormatError,
    ),
    "half an archive": (b"PK\x03\x04" + b"\x00" * 40, FileDamagedError),
    "half a gzip": (gzip.compress(b"a,b\n1,2\n" * 1000)[:-20], FileDamagedError),
    "a broken gzip": (gzip.compress(b"a,b\n")[:10] + b"\xff" * 30, FileDamagedError),
    "a gzip bomb": (bomb(), FileTooLargeError),
    "a zip bomb": (zip_bomb(lying=False), FileTooLargeError),
    "a zip bomb that lies about its size": (zip_bomb(lying=True), FileTooLargeError),
    "a cell in the far corner": (far_corner(), RowsTooManyError),
    "a quote that never closes": (b'a,b\n1,"' + b"x\n" * 200_000, CellTooLongError),
    "one huge line": (b"a" * 9_000_000, CellTooLongError),
    "one line of commas": (b"," * 100_000 + b"a", RowsTooManyError),
    "too many rows": (b"a\n" + b"1\n" * 10_001, RowsTooManyError),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused(name: str) -> None:
    content, error = REFUSED[name]
    with pytest.raises(error):
        list(read_table(content, LIMITS).lines())


def test_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(EncodingUnknownError):
        read_table(b"a,b\n", LIMITS, TableForm(encoding="klingon"))
    with pytest.raises(EncodingUnknownError):
        read_table("a,b\nä,1\n".encode("latin-1"), LIMITS, TableForm(encoding="utf-8"))


def status_of(content: bytes) -> int:
    try:
        list(read_table(content, LIMITS).lines())
    except TruestockError as error:
        return error.status
    return 200


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_never_a_fault(content: bytes) -> None:
    assert status_of(content) < 500


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 6_000), st.integers(0, 255))
def test_a_damaged_workbook_is_read_or_refused_never_a_fault(place: int, byte: int) -> None:
    made = bytearray(workbook([["a", "b"], ["1", 2], ["x", 3.5]]))
    made[place % len(made)] = byte
    assert status_of(bytes(made)) < 500


def test_a_column_knows_the_kinds_it_can_hold() -> None:
    assert {kind.value for kind in ColumnKind} >= {"text", "whole", "decimal", "moment"}
