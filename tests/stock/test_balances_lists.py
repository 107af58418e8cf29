"""Balances and totals: every filter, sort and page says the same as a plain look at the tables."""

from typing import Any

import httpx
import pytest

from support.callers import caller, paged, receipt_body
from truestock.database import Database
from truestock.stock.reads import balances as reads
from truestock.web.app import Application

pytestmark = pytest.mark.usefixtures("company")

Client = httpx.AsyncClient
EVERY = """
SELECT b.*, b.quantity_on_hand <> 0 OR b.quantity_reserved <> 0 AS nonzero
FROM balance_shown AS b
WHERE b.balance_id > 0
"""


@pytest.fixture
async def stocked(administrator: Client, company: Database) -> Client:
    """Stock of many items at many places, some reserved, some held, some gone, some below zero."""
    async with company.writing() as tx:
        await tx.run("UPDATE location SET sellable = false WHERE code = 'BIN-3'")
        await tx.run("UPDATE location SET negative_allowed = true WHERE code = 'BIN-5'")
        await tx.run("UPDATE item SET name = 'Blue lamp ' || item_id WHERE item_id % 3 = 0")
        await tx.run("INSERT INTO item_gtin (gtin, item_id) VALUES ('4006381333931', 7)")
    batch: list[dict[str, Any]] = []
    for number in range(60):
        sku, place = f"SKU-{1 + number % 20}", f"BIN-{1 + number % 7}"
        held = {"target_disposition": "quarantine"} if number % 9 == 0 else {}
        batch.append(receipt_body(sku, 1 + number % 5, place, **held))
    batch += [receipt_body("LOT-1", 4, "BIN-1", lot=lot) for lot in ("A", "B")]
    gone = {"sku": "SKU-2", "quantity": 2, "source_location": "BIN-2"}
    below = {"sku": "SKU-30", "quantity": 3, "source_location": "BIN-5"}
    batch += [{"kind": "delivery", "lines": [each]} for each in (gone, below)]
    keyed = [body | {"request_key": f"k{number}"} for number, body in enumerate(batch)]
    answer = await administrator.post("/api/v1/movements/batch", json={"movements": keyed})
    assert [each for each in answer.json()["answers"] if each["status"] != "posted"] == []
    for sku, place in (("SKU-1", "BIN-1"), ("SKU-3", "BIN-3")):
        reserved = await administrator.post(
            "/api/v1/reservations",
            json={"sku": sku, "location": place, "quantity": 1, "request_key": f"r-{sku}"},
        )
        assert reserved.status_code in {201, 409}, reserved.text
    return administrator


async def every_balance(company: Database) -> list[dict[str, Any]]:
    async with company.asking() as tx:
        return [dict(row) for row in await tx.rows(EVERY)]


async def place_id(company: Database, code: str) -> int:
    async with company.asking() as tx:
        return int(await tx.value("SELECT location_id FROM location WHERE code = $1", code))


@pytest.mark.parametrize("gathered_max", [0, 2_000])
async def test_each_filter_and_sort_of_balances_gives_the_rows_of_the_table(
    stocked: Client, company: Database, monkeypatch: pytest.MonkeyPatch, gathered_max: int
) -> None:
    """With nothing gathered, the index walks must say the same."""
    monkeypatch.setattr(reads, "GATHERED_MAX", gathered_max)
    monkeypatch.setattr(reads, "MATCHED_MAX", gathered_max)
    every = await every_balance(company)
    bin_1 = await place_id(company, "BIN-1")
    cases: list[tuple[dict[str, Any], Any]] = [
        ({}, lambda _: True),
        ({"q": "lamp"}, lambda row: "lamp" in row["item_name"]),
        ({"q": "KU-1"}, lambda row: "KU-1" in row["sku"]),
        ({"q": "sk"}, lambda row: row["sku"].startswith("SK")),
        ({"q": "amp"}, lambda row: "amp" in row["item_name"]),
        ({"q": "zzz"}, lambda _: False),
        ({"q": "z"}, lambda _: False),
        ({"q": "lamp", "location_id": bin_1},
         lambda row: "lamp" in row["item_name"] and row["location_id"] == bin_1),
        ({"q": "lamp", "disposition": "quarantine"},
         lambda row: "lamp" in row["item_name"] and row["disposition"] == "quarantine"),
        ({"item_id": 1}, lambda row: row["item_id"] == 1),
        ({"item_id": 1, "site_id": 1}, lambda row: (row["item_id"], row["site_id"]) == (1, 1)),
        ({"sku": "SKU-4"}, lambda row: row["sku"] == "SKU-4"),
        ({"sku": "NOPE"}, lambda _: False),
        ({"site_id": 2}, lambda row: row["site_id"] == 2),
        ({"location_id": bin_1}, lambda row: row["location_id"] == bin_1),
        ({"disposition": "quarantine"}, lambda row: row["disposition"] == "quarantine"),
        ({"disposition": "available"}, lambda row: row["disposition"] == "available"),
    ]  # fmt: skip
    for query, wanted in cases:
        for nonzero in (True, False):
            left = [row for row in every if wanted(row) and (row["nonzero"] or not nonzero)]
            for sort in ("sku", "location_code", "quantity_on_hand"):
                ids = [
                    row["balance_id"]
                    for row in sorted(left, key=lambda row: (row[sort], row["balance_id"]))
                ]
                asked = query | {"nonzero": nonzero, "limit": 23}
                found = await paged(stocked, "balances", sort=sort, **asked)
                assert [row["balance_id"] for row in found] == ids, (query, sort, nonzero)
                found = await paged(stocked, "balances", sort=f"-{sort}", **asked)
                assert [row["balance_id"] for row in found] == ids[::-1], (query, sort, nonzero)


@pytest.mark.parametrize("gathered_max", [0, 2_000])
async def test_each_filter_and_sort_of_totals_gives_the_sums_of_the_table(
    stocked: Client, company: Database, monkeypatch: pytest.MonkeyPatch, gathered_max: int
) -> None:
    monkeypatch.setattr(reads, "GATHERED_MAX", gathered_max)
    monkeypatch.setattr(reads, "MATCHED_MAX", gathered_max)
    every = await every_balance(company)
    async with company.asking() as tx:
        items = [dict(row) for row in await tx.rows("SELECT item_id, sku, name FROM item")]

    def totals(site_id: int | None, *, been_there: bool) -> list[dict[str, Any]]:
        rows = []
        for item in items:
            own = [
                row
                for row in every
                if row["item_id"] == item["item_id"] and site_id in {None, row["site_id"]}
            ]
            if been_there and not own:
                continue
            on_hand = [row["quantity_on_hand"] for row in own]
            state = "negative" if min(on_hand, default=0) < 0 else "ok" if sum(on_hand) else "out"
            sums = {
                name: sum(row[name] for row in own)
                for name in ("quantity_on_hand", "quantity_reserved", "quantity_available")
            }
            rows.append(item | sums | {"state": state})
        return rows

    cases: list[tuple[dict[str, Any], Any]] = [
        ({}, lambda _: True),
        ({"q": "lamp"}, lambda row: "lamp" in row["name"]),
        ({"q": "4006381333931"}, lambda row: row["item_id"] == 7),
        ({"sku": "SKU-4"}, lambda row: row["sku"] == "SKU-4"),
        ({"item_id": 30}, lambda row: row["item_id"] == 30),
        ({"state": "ok"}, lambda row: row["state"] == "ok"),
        ({"state": "out"}, lambda row: row["state"] == "out"),
        ({"state": "negative"}, lambda row: row["state"] == "negative"),
        ({"state": "ok", "q": "lamp"}, lambda row: row["state"] == "ok" and "lamp" in row["name"]),
    ]
    for query, wanted in cases:
        if gathered_max == 0 and query.get("q", "").isdigit():
            continue  # a GTIN is found by looking it up only
        for site_id in (None, 1):
            asked = query | ({"site_id": site_id} if site_id else {}) | {"limit": 9}
            for sort in ("sku", "name", "quantity_on_hand", "quantity_available"):
                been_there = site_id is not None or sort.startswith("quantity")
                left = [row for row in totals(site_id, been_there=been_there) if wanted(row)]
                ordered = sorted(left, key=lambda row: (row[sort], row["item_id"]))
                for direction, rows in (("", ordered), ("-", ordered[::-1])):
                    found = await paged(stocked, "stock", sort=direction + sort, **asked)
                    names = [*rows[0]] if rows else []
                    assert [{name: row[name] for name in names} for row in found] == rows, (
                        query, site_id, sort,
                    )  # fmt: skip


async def test_available_is_what_may_be_sold_and_is_not_promised(stocked: Client) -> None:
    for row in await paged(stocked, "balances"):
        usable = row["disposition"] == "available" and row["location_code"] != "BIN-3"
        expected = row["quantity_on_hand"] - row["quantity_reserved"] if usable else 0
        assert row["quantity_available"] == expected, row
    stock = (await stocked.get("/api/v1/items/3/stock")).json()
    assert stock["quantity_available"] <= stock["quantity_on_hand"] - stock["quantity_reserved"]


async def test_below_zero_is_shown_and_never_clamped(stocked: Client) -> None:
    [row] = await paged(stocked, "stock", sku="SKU-30")
    assert (row["quantity_on_hand"], row["state"]) == (-3, "negative")


async def test_the_stock_of_an_item_adds_up_by_site_and_by_location(stocked: Client) -> None:
    stock = (await stocked.get("/api/v1/items/1/stock")).json()
    names = ("quantity_on_hand", "quantity_reserved", "quantity_available")
    for part in ("sites", "locations"):
        for name in names:
            assert sum(each[name] for each in stock[part]) == stock[name]
    assert stock["state"] == "ok"
    unknown = await stocked.get("/api/v1/items/9999/stock")
    assert unknown.status_code == 404


async def test_a_balance_is_found_by_id_and_by_codes(stocked: Client) -> None:
    for row in await paged(stocked, "balances", limit=100):
        by_id = await stocked.get(f"/api/v1/balances/{row['balance_id']}")
        codes = {
            "sku": row["sku"],
            "location": row["location_code"],
            "disposition": row["disposition"],
        }
        if row["lot_code"]:
            codes["lot"] = row["lot_code"]
        by_codes = await stocked.get("/api/v1/balances/lookup", params=codes)
        assert by_id.json() == by_codes.json() == row


@pytest.mark.parametrize(
    "codes",
    [
        {"sku": "NOPE", "location": "BIN-1"},
        {"sku": "SKU-1", "location": "NOPE"},
        {"sku": "SKU-1", "location": "BIN-1", "lot": "NOPE"},
        {"sku": "LOT-1", "location": "BIN-1"},
        {"sku": "LOT-1", "location": "BIN-1", "lot": "NOPE"},
        {"sku": "SKU-1", "location": "BIN-1", "disposition": "damaged"},
    ],
)
async def test_a_balance_that_never_was_is_not_found(
    stocked: Client, codes: dict[str, str]
) -> None:
    answer = await stocked.get("/api/v1/balances/lookup", params=codes)
    assert (answer.status_code, answer.json()["code"]) == (404, "balance_unknown")


@pytest.mark.usefixtures("stocked")
async def test_who_is_limited_to_a_site_is_shown_no_other(
    application: Application, company: Database
) -> None:
    every = await every_balance(company)
    bin_1, bin_2 = await place_id(company, "BIN-1"), await place_id(company, "BIN-2")
    async with caller(application, company, "stock.read", site_ids=(1,)) as north:
        seen = await paged(north, "balances")
        assert {row["site_id"] for row in seen} == {1}
        assert len(seen) == sum(row["nonzero"] and row["site_id"] == 1 for row in every)
        for row in every:
            answer = await north.get(f"/api/v1/balances/{row['balance_id']}")
            assert answer.status_code == (200 if row["site_id"] == 1 else 404)
        assert (await north.get("/api/v1/balances/-1")).status_code == 404
        assert (await north.get("/api/v1/balances/-1/why")).status_code == 404
        assert await paged(north, "balances", location_id=bin_1) == []
        assert await paged(north, "balances", location_id=bin_2) != []
        assert await paged(north, "balances", site_id=2) == []
        assert await paged(north, "stock", site_id=2) == []
        stock = (await north.get("/api/v1/items/1/stock")).json()
        assert {site["site_id"] for site in stock["sites"]} == {1}
        lookup = {"sku": "SKU-1", "location": "BIN-1"}
        assert (await north.get("/api/v1/balances/lookup", params=lookup)).status_code == 404


async def test_quantities_are_sorted_only_among_so_many_balances(
    stocked: Client, company: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_bin_1 = f"location_id={await place_id(company, 'BIN-1')}"
    among = len(
        (await stocked.get(f"/api/v1/balances?{at_bin_1}&limit=100&nonzero=false")).json()["items"]
    )
    monkeypatch.setattr(reads, "GATHERED_MAX", 0)
    monkeypatch.setattr(reads, "QUANTITY_SORTED_MAX", among)
    for path in ("balances?sort=-quantity_on_hand", "stock?sort=quantity_available"):
        answer = await stocked.get(f"/api/v1/{path}")
        assert (answer.status_code, answer.json()["code"]) == (422, "sort_too_wide")
        assert answer.json()["balance_count_max"] == among
    for path in (
        f"balances?sort=-quantity_on_hand&{at_bin_1}",
        "balances?sort=quantity_on_hand&item_id=1",
        "stock?sort=-quantity_available&item_id=1",
        "balances?sort=-sku",
        "stock?sort=-name",
    ):
        assert (await stocked.get(f"/api/v1/{path}")).status_code == 200, path
    export = await stocked.get("/api/v1/exports/balances?format=csv&sort=quantity_on_hand")
    assert (export.status_code, export.json()["code"]) == (422, "sort_too_wide")
