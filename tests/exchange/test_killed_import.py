"""An import whose process is killed goes on where it was; the totals are those of the file.

The totals are compared with a plain replay of the file in a few lines of Python.
"""

import asyncio
import csv
import io
import json
import os
import random
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest

from support.office import Office
from truestock import exchange
from truestock.exchange.model.imports import Mapping
from truestock.exchange.rules.demand import sku_of
from truestock.exchange.rules.mapping import decoded_mapping

PRESET = Path(exchange.__file__).parent / "presets" / "demand_daily.toml"
COMMAND = [sys.executable, "-m", "truestock.cli", "import"]


def preset() -> Mapping:
    return decoded_mapping(PRESET.read_bytes(), toml=True)


def environment(dsn: str, folder: Path) -> dict[str, str]:
    return os.environ | {
        "TRUESTOCK_DATABASE_URL": dsn,
        "TRUESTOCK_DATA_DIR": str(folder),
        "PYTHONUNBUFFERED": "1",
    }


async def command(dsn: str, folder: Path, *arguments: str) -> dict[str, object]:
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        *arguments,
        "--json",
        env=environment(dsn, folder),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await asyncio.wait_for(process.communicate(), 90)
    assert process.returncode == 0, errors.decode()
    found: dict[str, object] = json.loads(out)
    return found


async def killed_after(office: Office, dsn: str, folder: Path, steps: int, *arguments: str) -> int:
    """Start the command, kill it once so many steps are committed; return how many there were."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *arguments, env=environment(dsn, folder), stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    question = "SELECT coalesce(max(position), 0) FROM import_run WHERE state = 'applying'"
    async with asyncio.timeout(60):
        while int(await office.value(question)) < steps:
            assert process.returncode is None, (await process.stderr.read()).decode()
            await asyncio.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    return int(await office.value(question))


def sales(days: int, items: int) -> list[tuple[str, str, int]]:
    dice = random.Random(7)  # noqa: S311 - the same file each time
    return [
        (f"ITEM {number}", f"2026-{1 + day // 28:02d}-{1 + day % 28:02d}", dice.randint(0, 9))
        for number in range(items)
        for day in range(days)
    ]


def written(header: str, rows: list[tuple[str, str, int]]) -> str:
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(header.split(","))
    sheet.writerows(rows)
    return out.getvalue()


@pytest.mark.slow
async def test_a_killed_import_of_sales_goes_on_and_doubles_nothing(
    office: Office, dsn: str, tmp_path: Path
) -> None:
    rows = sales(days=42, items=400)
    file = tmp_path / "sales.csv"
    file.write_text(written("item,date,quantity", rows))
    arguments = ("demand-as-deliveries", str(file))
    done = await killed_after(office, dsn, tmp_path, 3, *arguments)
    assert 3 <= done < 8
    found = await command(dsn, tmp_path, *arguments)
    assert found["state"] == "applied"
    assert await office.value("SELECT count(*) FROM import_run") == 1

    sold: Counter[str] = Counter()
    by_day: Counter[str] = Counter()
    for item, day, quantity in rows:
        sold[sku_of(item)] += quantity
        by_day[day] += quantity
    delivered = await office.rows(
        "SELECT sku, sum(quantity)::int FROM movement_line JOIN movement USING (movement_id)"
        " JOIN balance ON balance_id = source_balance_id JOIN item USING (item_id)"
        " WHERE movement.kind = 'delivery' GROUP BY sku"
    )
    assert dict(delivered) == dict(+sold)
    days = await office.rows(
        "SELECT to_char(occurred_at, 'YYYY-MM-DD'), sum(quantity_base)::int, count(DISTINCT"
        " document_id) FROM document JOIN document_line USING (document_id)"
        " WHERE type = 'delivery' GROUP BY 1"
    )
    assert {day: total for day, total, _count in days} == dict(by_day)
    assert {count for _day, _total, count in days} == {1}

    lines = await office.value("SELECT count(*) FROM movement_line")
    again = await office.imported("deliveries", file.read_bytes(), mapping=preset())
    assert set(again.counts) == {
        "items_unchanged",
        "receipts_repeated",
        "deliveries_repeated",
        "lines_repeated",
    }
    assert await office.value("SELECT count(*) FROM movement_line") == lines


@pytest.mark.slow
async def test_a_killed_import_of_movements_goes_on_and_doubles_nothing(
    stocked: Office, dsn: str, tmp_path: Path
) -> None:
    dice = random.Random(11)  # noqa: S311 - the same file each time
    rows = [
        (("MUG", "PLATE")[number % 2], f"A-{1 + number % 3}", dice.randint(1, 50))
        for number in range(5_000)
    ]
    file = tmp_path / "stock.csv"
    file.write_text(written("sku,location,quantity", rows))
    done = await killed_after(stocked, dsn, tmp_path, 3, "opening-stock", str(file))
    assert 3 <= done < 10
    found = await command(dsn, tmp_path, "opening-stock", str(file))
    assert found["counts"] == {"movements_posted": 5_000, "lines_posted": 5_000}
    wanted: Counter[tuple[str, str]] = Counter()
    for sku, place, quantity in rows:
        wanted[sku, place] += quantity
    there = await stocked.rows(
        "SELECT sku, location.code, quantity_on_hand FROM balance JOIN item USING (item_id)"
        " JOIN location USING (location_id) WHERE location.physical"
    )
    assert {(sku, place): quantity for sku, place, quantity in there} == dict(wanted)
    assert await stocked.value("SELECT count(*) FROM movement") == 5_000
