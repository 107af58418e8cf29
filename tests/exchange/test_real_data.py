"""A real retailer's sales, when they are beside the checkout: a hundred items, and all of them."""

import csv
import gzip
import io
from collections import Counter
from pathlib import Path

import pytest

from support.office import Office
from truestock.exchange.model.imports import ImportRun, Mapping
from truestock.exchange.rules.demand import sku_of
from truestock.exchange.rules.mapping import decoded_mapping

ROOT = Path(__file__).parents[2]
FILE = ROOT.parent / "shared" / "data" / "demand" / "online_retail_daily.csv.gz"
PRESET = ROOT / "src" / "truestock" / "exchange" / "presets" / "demand_daily.toml"

pytestmark = pytest.mark.skipif(
    not FILE.is_file(), reason="the retailer's file is not beside this checkout"
)


def mapping() -> Mapping:
    return decoded_mapping(PRESET.read_bytes(), toml=True)


def slice_of(items: int) -> bytes:
    """The file with its first items only, packed as it was."""
    with gzip.open(FILE, "rt", newline="") as opened:
        rows = list(csv.DictReader(opened))
    chosen = set(sorted({row["item"] for row in rows})[:items])
    out = io.StringIO(newline="")
    sheet = csv.DictWriter(out, list(rows[0]))
    sheet.writeheader()
    sheet.writerows(row for row in rows if row["item"] in chosen)
    return gzip.compress(out.getvalue().encode())


def sold_in(content: bytes) -> Counter[str]:
    sold: Counter[str] = Counter()
    for row in csv.DictReader(io.StringIO(gzip.decompress(content).decode(), newline="")):
        sold[sku_of(row["item"])] += int(row["quantity"])
    return sold


async def require_totals(office: Office, content: bytes, run: ImportRun) -> None:
    delivered = await office.rows(
        "SELECT sku, sum(quantity_base)::int FROM document JOIN document_line USING (document_id)"
        " JOIN item USING (item_id) WHERE type = 'delivery' GROUP BY sku"
    )
    assert dict(delivered) == dict(+sold_in(content))
    assert run.rows_refused == 0
    assert await office.value("SELECT sum(quantity_on_hand) FROM balance WHERE physical") == 0


async def test_a_hundred_items_of_a_real_retailer(office: Office) -> None:
    content = slice_of(100)
    run = await office.imported("deliveries", content, mapping=mapping())
    await require_totals(office, content, run)
    lines = run.counts["lines_posted"]
    again = await office.imported("deliveries", content, mapping=mapping())
    assert again.counts == {
        "items_unchanged": 100,
        "receipts_repeated": 1,
        "deliveries_repeated": run.counts["deliveries_posted"],
        "lines_repeated": lines,
    }
    assert await office.value("SELECT count(*) FROM movement_line") == lines


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_real_retailer_whole(office: Office) -> None:
    content = FILE.read_bytes()
    run = await office.imported("deliveries", content, mapping=mapping())
    assert run.rows_total == 200_651
    assert run.counts["items_created"] == 1_500
    await require_totals(office, content, run)
