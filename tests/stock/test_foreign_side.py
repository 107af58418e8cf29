"""Somebody of one site sees lines shared with others, but not what is there afterwards."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from support.callers import caller, delivery_body, posted, receipt_body
from truestock.database import Database
from truestock.web.app import Application

Client = httpx.AsyncClient
NORTH = 1  # has BIN-2; BIN-1 is in the South


@pytest.fixture
async def shared(company: Database, administrator: Client) -> Client:  # noqa: ARG001 - there first
    """Ten come to the South, four go on to the North, one leaves it."""
    await posted(administrator, receipt_body("SKU-1", 10), "in")
    line = {"sku": "SKU-1", "quantity": 4, "source_location": "BIN-1", "target_location": "BIN-2"}
    other = {"sku": "SKU-2", "quantity": 3, "target_location": "BIN-1"}
    await posted(administrator, {"kind": "transfer", "lines": [line]}, "over")
    await posted(administrator, {"kind": "receipt", "lines": [other]}, "elsewhere")
    await posted(administrator, delivery_body("SKU-1", 1, "BIN-2"), "out")
    return administrator


@pytest.fixture
async def north(
    shared: Client,  # noqa: ARG001 - has posted
    application: Application,
    company: Database,
) -> AsyncIterator[Client]:
    async with caller(application, company, "stock.read", site_ids=(NORTH,)) as client:
        yield client


def after(lines: list[dict[str, Any]]) -> list[tuple[str, int | None, int | None]]:
    """Which quantities are shown, newest line first."""
    return [
        (line["kind"], line["source_quantity_after"], line["target_quantity_after"])
        for line in lines
    ]


OWN_SIDE = [("delivery", 3, None), ("transfer", None, 4)]


@pytest.mark.parametrize(
    "path",
    [
        "movements",
        "movements?site_id=1",
        "movements?item_id=1",
        "movements?sku=SKU-1&location_id=7",
        "items/1/movements",
    ],
)
async def test_lists_hide_what_is_there_on_the_other_side(
    north: Client, shared: Client, path: str
) -> None:
    where = (await shared.get("/api/v1/locations?q=BIN-2")).json()["items"][0]["location_id"]
    found = (await north.get(f"/api/v1/{path.replace('=7', f'={where}')}")).json()["items"]
    assert after(found) == OWN_SIDE


async def test_a_movement_hides_it_too_and_shows_all_to_who_may_see_all(
    north: Client, shared: Client
) -> None:
    lines = (await shared.get("/api/v1/items/1/movements")).json()["items"]
    assert after(lines) == [("delivery", 3, 1), ("transfer", 6, 4), ("receipt", -10, 10)]
    number = lines[1]["movement_id"]
    assert after((await shared.get(f"/api/v1/movements/{number}")).json()["lines"]) == [
        ("transfer", 6, 4)
    ]
    assert after((await north.get(f"/api/v1/movements/{number}")).json()["lines"]) == [
        ("transfer", None, 4)
    ]


async def test_an_explanation_runs_over_ones_own_balance_only(north: Client) -> None:
    balance = (await north.get("/api/v1/balances?item_id=1")).json()["items"][0]["balance_id"]
    why = (await north.get(f"/api/v1/balances/{balance}/why")).json()
    assert [(line["delta"], line["running_quantity"]) for line in why["lines"]] == [(-1, 3), (4, 4)]
    assert not any("quantity_after" in name for line in why["lines"] for name in line)


async def test_an_export_has_empty_cells_there(north: Client, shared: Client) -> None:
    for client, expected in (
        (north, [("3", ""), ("", "4")]),
        (shared, [("3", "1"), ("6", "4"), ("-10", "10")]),
    ):
        answer = await client.get("/api/v1/exports/movements?format=csv&item_id=1")
        assert answer.status_code == 200, answer.text
        rows = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
        shown = [(row["source_quantity_after"], row["target_quantity_after"]) for row in rows]
        assert shown == expected
