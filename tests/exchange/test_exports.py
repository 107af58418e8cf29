"""Lists as files: all rows of the list, its filters and rights, values that come back equal."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from support.office import Office
from support.plain_settings import plain_settings
from support.served import Served
from truestock.database import Database
from truestock.exchange.errors.exports import ExportTooLargeError
from truestock.exchange.model.exports import ColumnKind, ExportColumn, ExportFormat
from truestock.exchange.operations import writing
from truestock.exchange.operations.lists import LISTS
from truestock.exchange.operations.writing import writer
from truestock.worker import every_job, work

COLUMNS = [
    ExportColumn("text"),
    ExportColumn("count", ColumnKind.WHOLE),
    ExportColumn("price", ColumnKind.DECIMAL),
    ExportColumn("flag", ColumnKind.YES_NO),
    ExportColumn("at", ColumnKind.MOMENT),
]
AT = datetime(2026, 3, 31, 10, 30, 15, tzinfo=UTC)
ROWS: list[list[Any]] = [
    ["=1+1", 5, Decimal("1.50"), True, AT],
    ['Größe, "x"\nline', -7, None, False, None],
    ["-5", 2**53 - 1, Decimal(12), None, AT],
]


def written(chosen: ExportFormat, rows: list[list[Any]], *, mark: bool = False) -> bytes:
    out = io.BytesIO()
    made = writer(chosen, COLUMNS, out, mark=mark)
    made.write(rows[:1])
    made.write(rows[1:])
    made.finish()
    return out.getvalue()


def test_a_csv_keeps_numbers_as_numbers_and_marks_formulas() -> None:
    assert written(ExportFormat.CSV, ROWS).decode() == (
        "text,count,price,flag,at\r\n"
        "'=1+1,5,1.50,yes,2026-03-31T10:30:15+00:00\r\n"
        '"Größe, ""x""\nline",-7,,no,\r\n'
        "'-5,9007199254740991,12,,2026-03-31T10:30:15+00:00\r\n"
    )


def test_a_csv_may_begin_with_the_mark_of_excel() -> None:
    assert written(ExportFormat.CSV, ROWS, mark=True).startswith(b"\xef\xbb\xbftext,")


def test_excel_reads_back_what_was_written() -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(written(ExportFormat.XLSX, ROWS)))
    rows = book.get_sheet_by_index(0).to_python()
    plain = AT.replace(tzinfo=None)
    assert rows == [
        ["text", "count", "price", "flag", "at"],
        ["=1+1", 5.0, 1.5, True, plain],
        ['Größe, "x"\nline', -7.0, "", False, ""],
        ["-5", float(2**53 - 1), 12.0, "", plain],
    ]


def test_excel_holds_no_formula_and_a_huge_number_as_text() -> None:
    content = written(ExportFormat.XLSX, [["=A1", 2**60, None, None, None]])
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert book.get_sheet_by_index(0).to_python()[1][:2] == ["=A1", str(2**60)]


def test_parquet_reads_back_what_was_written() -> None:
    frame = pl.read_parquet(io.BytesIO(written(ExportFormat.PARQUET, ROWS)))
    assert [list(row) for row in frame.rows()] == ROWS
    assert frame.schema["price"] == pl.Decimal(38, 6)
    empty = pl.read_parquet(io.BytesIO(written(ExportFormat.PARQUET, [])))
    assert empty.schema == frame.schema


def test_a_sheet_that_cannot_hold_the_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "EXCEL_ROWS_MAX", 2)
    with pytest.raises(ExportTooLargeError):
        written(ExportFormat.XLSX, ROWS)


async def fill(stocked: Office) -> None:
    await stocked.imported(
        "opening_stock", "sku,location,quantity\nMUG,A-1,5\nPLATE,A-2,7\nMUG,A-3,1\n"
    )
    await stocked.imported("parties", "kind,code,name\nsupplier,CLAY,Clayworks\n")
    await stocked.imported(
        "items", "sku,name,price,currency\nEVIL,'=cmd(),2.50,EUR\nYEN,Yen,250,JPY\n"
    )
    text = "sku,day,quantity,location\nMUG,2026-01-05,2,A-1\n"
    await stocked.imported("deliveries", text)


PERMISSIONS = {name: found.permission for name, found in LISTS.items()}
COUNTS = {
    "items": 5,
    "parties": 1,
    "sites": 1,
    "locations": 8,
    "stock": 5,
    "balances": 3,
    "movements": 4,
    "reservations": 0,
    "documents": 1,
    "users": 1,
}


async def test_every_list_comes_in_every_format(served: Served, stocked: Office) -> None:
    await fill(stocked)
    for name, count in COUNTS.items():
        for chosen in ("csv", "xlsx", "parquet"):
            answer = await served.call("GET", f"/exports/{name}?format={chosen}")
            assert answer.status_code == 200, answer.text
            assert f'.{chosen}"' in answer.headers["Content-Disposition"]
            assert row_count(chosen, answer.content) == count, (name, chosen)


async def test_every_list_has_its_own_right(served: Served) -> None:
    for name, permission in PERMISSIONS.items():
        other = "party.read" if permission != "party.read" else "item.read"
        refused = await served.call("GET", f"/exports/{name}", api_key=await served.key(other))
        assert refused.status_code == 403, name
        assert (await served.client("").get(f"/api/v1/exports/{name}")).status_code == 401


def row_count(chosen: str, content: bytes) -> int:
    if chosen == "csv":
        return len(list(csv.reader(io.StringIO(content.decode(), newline="")))) - 1
    if chosen == "xlsx":
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return len(book.get_sheet_by_index(0).to_python()) - 1
    return pl.read_parquet(io.BytesIO(content)).height


async def test_an_export_has_the_rows_and_the_order_of_the_filtered_list(
    served: Served, stocked: Office
) -> None:
    await fill(stocked)
    answer = await served.call("GET", "/exports/balances?sku=MUG&sort=-quantity_on_hand")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["sku"], row["location_code"], row["quantity_on_hand"]) for row in rows] == [
        ("MUG", "A-1", "3"),
        ("MUG", "A-3", "1"),
    ]
    evil = await served.call("GET", "/exports/items?q=EVIL")
    [row] = csv.DictReader(io.StringIO(evil.text))
    assert (row["name"], row["list_price"]) == ("'=cmd()", "2.50")
    [row] = csv.DictReader(io.StringIO((await served.call("GET", "/exports/items?q=YEN")).text))
    assert row["list_price"] == "250"


async def test_exported_movements_name_their_document_to_who_may_see_it(
    served: Served, stocked: Office
) -> None:
    await fill(stocked)
    for rights, seen in ((("stock.read", "document.read"), True), (("stock.read",), False)):
        answer = await served.call("GET", "/exports/movements", api_key=await served.key(*rights))
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert rows
        for row in rows:
            assert bool(row["document_number"]) == (seen and bool(row["document_id"]))


async def test_the_audit_trail_is_exported_as_filtered(served: Served) -> None:
    reader = await served.key("audit.read")
    answer = await served.call("GET", "/exports/audit?subject_kind=key", api_key=reader)
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert {row["action"] for row in rows} == {"key.created"}


async def test_exported_items_import_as_they_were(served: Served, stocked: Office) -> None:
    await fill(stocked)
    for chosen, file_name in (("csv", "items.csv"), ("xlsx", "items.xlsx")):
        answer = await served.call("GET", f"/exports/items?format={chosen}")
        run = await stocked.imported("items", answer.content, file_name=file_name)
        assert run.counts == {"items_unchanged": 5}


BAD_QUESTIONS = {
    "nothing=1": "filter_unknown",
    "format=pdf": "invalid_input",
    "sort=weight": "sort_unknown",
    "status=broken": "invalid_input",
}


async def test_bad_questions_are_refused(served: Served) -> None:
    for query, code in BAD_QUESTIONS.items():
        answer = await served.call("GET", f"/exports/items?{query}")
        assert (answer.status_code, answer.json()["code"]) == (422, code), query


async def test_exports_show_only_the_sites_of_the_asker(served: Served, stocked: Office) -> None:
    await fill(stocked)
    async with stocked.database.writing() as tx:
        await tx.run("INSERT INTO site (code, name) VALUES ('S', 'South')")
    key = await served.key("stock.read", "location.read", "document.read", site_ids=(2,))
    for name, count in (("balances", 0), ("sites", 1), ("documents", 0), ("movements", 0)):
        answer = await served.call("GET", f"/exports/{name}", api_key=key)
        assert row_count("csv", answer.content) == count, name


@asynccontextmanager
async def working(database: Database) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(work(plain_settings(), database, every_job(), stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 20)


async def test_a_long_list_is_written_by_a_job_for_its_asker_alone(
    served: Served, stocked: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("truestock.exchange.operations.exports.ROWS_AT_ONCE", 3)
    monkeypatch.setattr("truestock.exchange.operations.exports.PAGE_ROWS", 2)
    monkeypatch.setattr("truestock.exchange.writes.PART_BYTES", 100)
    await fill(stocked)
    since = "from=2020-01-01T00:00:00Z"
    asked = await served.call("GET", f"/exports/movements?{since}")
    assert asked.status_code == 202, asked.text
    again = await served.call("GET", f"/exports/movements?{since}")
    assert again.json() == asked.json()
    href = asked.json()["href"].removeprefix("/api/v1")
    waiting = await served.call("GET", href)
    assert (waiting.status_code, waiting.json()["code"]) == (409, "export_not_ready")
    async with working(stocked.database), asyncio.timeout(20):
        while (answer := await served.call("GET", href)).status_code == 409:
            await asyncio.sleep(0.05)
    assert answer.status_code == 200, answer.text
    assert row_count("csv", answer.content) == 4
    other = await served.call("GET", href, api_key=await served.key("stock.read"))
    assert (other.status_code, other.json()["code"]) == (404, "export_not_found")
    assert await stocked.value("SELECT count(*) FROM export_part") > 1


async def test_a_file_is_not_given_out_when_its_asker_may_see_less_by_now(
    served: Served, stocked: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("truestock.exchange.operations.exports.ROWS_AT_ONCE", 0)
    await fill(stocked)
    href = (await served.call("GET", "/exports/movements")).json()["href"].removeprefix("/api/v1")
    async with working(stocked.database), asyncio.timeout(20):
        while (await served.call("GET", href)).status_code == 409:
            await asyncio.sleep(0.05)
    for change, status in (
        ("site_ids = '{1}'", 404),
        ("site_ids = NULL", 200),
        ("scopes = array_remove(scopes, 'stock.read')", 403),
    ):
        async with stocked.database.writing() as tx:
            await tx.run(f"UPDATE api_key SET {change} WHERE 'import.run' = ANY (scopes)")  # noqa: S608 - our own words
        served.app.state.gate.finder.forget()
        assert (await served.call("GET", href)).status_code == status, change
