"""`stock`, `why` and `verify` on a small ledger."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.company import CLERK, delivery, found_company, receipt, transfer
from truestock.database import Database
from truestock.kernel import clock
from truestock.stock.operations.ledger import Ledger

TRUESTOCK = Path(sys.executable).with_name("truestock")


def run(dsn: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(TRUESTOCK), *arguments],
        env=os.environ | {"TRUESTOCK_DATABASE_URL": dsn, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd="/",
    )


@pytest.fixture(autouse=True)
async def moved(database: Database) -> None:
    await found_company(database)
    ledger = Ledger(database, clock.now)
    for number, movement in enumerate(
        (
            receipt("SKU-1", 100),
            transfer("SKU-1", 30, "BIN-1", "BIN-2"),
            delivery("SKU-1", 12, "BIN-2"),
        )
    ):
        await ledger.post(CLERK, movement, f"move-{number}")
    await ledger.close()


def test_why_walks_back_from_the_number_to_the_movements(dsn: str) -> None:
    answer = run(dsn, "why", "SKU-1", "BIN-2", "--json")
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)
    assert found["balance"]["quantity_on_hand"] == 18
    assert [(line["kind"], line["delta"], line["running_quantity"]) for line in found["lines"]] == [
        ("delivery", -12, 18),
        ("transfer", 30, 30),
    ]
    text = run(dsn, "why", "SKU-1", "BIN-2").stdout
    assert text.startswith("SKU-1 at BIN-2: 18 each on hand, 0 reserved\n")
    assert "BIN-1" in text


def test_stock_shows_totals_and_one_item_by_place(dsn: str) -> None:
    totals = json.loads(run(dsn, "stock", "--json").stdout)
    assert {row["sku"]: row["quantity_on_hand"] for row in totals if row["quantity_on_hand"]} == {
        "SKU-1": 88
    }
    item = json.loads(run(dsn, "stock", "SKU-1", "--json").stdout)
    assert {row["location_code"]: row["quantity_on_hand"] for row in item["locations"]} == {
        "BIN-1": 70,
        "BIN-2": 18,
    }
    assert run(dsn, "stock", "SKU-1").stdout.startswith("SKU-1  Item 1: 88 each on hand")


def test_an_unknown_item_or_place_is_one_sentence(dsn: str) -> None:
    for arguments in (("why", "SKU-1", "NOWHERE"), ("why", "NONE", "BIN-1"), ("stock", "NONE")):
        answer = run(dsn, *arguments)
        assert answer.returncode == 1
        assert answer.stderr.startswith("truestock: ")
        assert answer.stderr.count("\n") == 1


async def test_verify_says_which_rule_is_broken_and_fails(database: Database, dsn: str) -> None:
    assert run(dsn, "verify").returncode == 0
    async with database.writing() as tx:
        await tx.run("UPDATE balance SET quantity_on_hand = 71 WHERE quantity_on_hand = 70")
    answer = run(dsn, "verify")
    assert answer.returncode == 1
    assert "BROKEN inv_02_balance_equals_ledger" in answer.stdout
    async with database.writing() as tx:
        await tx.run("UPDATE balance SET quantity_on_hand = 70 WHERE quantity_on_hand = 71")
