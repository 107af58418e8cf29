"""Why is this number so: lines, running quantities, promises and links; history by day."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from support.callers import delivery_body, paged, posted, receipt_body
from truestock.database import Database
from truestock.stock.reads import history
from truestock.stock.reads.movements import CLOCK_SLACK, movement_id_at

pytestmark = pytest.mark.usefixtures("company")

Client = httpx.AsyncClient


async def balance_id(client: Client, sku: str, location: str) -> int:
    answer = await client.get(f"/api/v1/balances/lookup?sku={sku}&location={location}")
    return int(answer.json()["balance_id"])


async def explained(client: Client, balance: int, **query: Any) -> dict[str, Any]:
    """The whole explanation, its lines from all pages."""
    whole: dict[str, Any] = {}
    cursor = None
    while True:
        params = query | ({"cursor": cursor} if cursor else {})
        answer = await client.get(f"/api/v1/balances/{balance}/why", params=params)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        lines = whole["lines"] + page["lines"] if whole else page["lines"]
        whole = page | {"lines": lines}
        cursor = page["next_cursor"]
        if cursor is None:
            return whole


@pytest.fixture
async def moved(administrator: Client) -> Client:
    """Thirty-three movements through BIN-1, some of several lines on the same balance."""
    await posted(administrator, receipt_body("SKU-1", 1000), "in")
    for number in range(10):
        line = {"sku": "SKU-1", "quantity": 1 + number, "source_location": "BIN-1"}
        away = line | {"target_location": f"BIN-{2 + number % 3}"}
        body = {"kind": "transfer", "lines": [away] * (1 + number % 3)}
        await posted(administrator, body, f"away-{number}")
        await posted(administrator, receipt_body("SKU-2", 1), f"other-{number}")
        await posted(administrator, receipt_body("SKU-1", 7, "BIN-4"), f"more-{number}")
    return administrator


async def test_the_lines_of_a_balance_lead_to_its_number(moved: Client) -> None:
    for place in ("BIN-1", "BIN-2", "BIN-4"):
        balance = await balance_id(moved, "SKU-1", place)
        for limit in (3, 100):
            why = await explained(moved, balance, limit=limit)
            lines = why["lines"]
            order = [(line["movement_id"], line["line_number"]) for line in lines]
            assert order == sorted(order, reverse=True)
            assert len(set(order)) == len(order)
            assert lines[0]["running_quantity"] == why["balance"]["quantity_on_hand"]
            running = 0
            for line in reversed(lines):
                running += line["delta"]
                assert line["running_quantity"] == running
            oldest = await explained(moved, balance, limit=limit, sort="recorded_at")
            assert oldest["lines"] == lines[::-1]


async def test_a_virtual_balance_is_explained_as_well(moved: Client) -> None:
    dropped = {
        "sku": "SKU-1",
        "quantity": 4,
        "source_location": "SUPPLIER",
        "target_location": "CUSTOMER",
    }
    await posted(moved, {"kind": "move", "lines": [dropped]}, "drop")
    await posted(moved, delivery_body("SKU-1", 2, "BIN-4"), "out")
    for place in ("SUPPLIER", "CUSTOMER"):
        balance = await balance_id(moved, "SKU-1", place)
        assert balance < 0
        lines = (await explained(moved, balance, limit=4))["lines"]
        running = 0
        for line in reversed(lines):
            running += line["delta"]
            assert line["running_quantity"] == running
        shown = (await moved.get(f"/api/v1/balances/{balance}")).json()
        assert running == shown["quantity_on_hand"]


async def test_a_line_says_who_did_it_why_under_which_key_and_what_undid_it(
    administrator: Client,
) -> None:
    body = receipt_body("SKU-1", 5) | {"reason": "first delivery"}
    await posted(administrator, body, "key-of-receipt")
    await administrator.post("/api/v1/movements/1/reverse", json={"request_key": "undo"})
    balance = await balance_id(administrator, "SKU-1", "BIN-1")
    undone, done = (await explained(administrator, balance))["lines"]
    assert (done["request_key"], done["reason"]) == ("key-of-receipt", "first delivery")
    assert (done["actor_name"], done["other_location_code"]) == ("all rights", "SUPPLIER")
    assert (done["reversed_by_id"], undone["reverses_id"]) == (undone["movement_id"], 1)
    assert (undone["kind"], undone["delta"], undone["running_quantity"]) == ("reversal", -5, 0)


async def test_pending_promises_stand_beside_the_lines_in_their_order(
    administrator: Client,
) -> None:
    await posted(administrator, receipt_body("SKU-1", 9), "in")
    for key, quantity, priority in (("late", 2, 200), ("first", 3, 1), ("gone", 1, 5)):
        body = {"sku": "SKU-1", "location": "BIN-1", "quantity": quantity, "priority": priority}
        await administrator.post("/api/v1/reservations", json=body | {"request_key": key})
    await administrator.post("/api/v1/reservations/3/void", headers={"Idempotency-Key": "v"})
    balance = await balance_id(administrator, "SKU-1", "BIN-1")
    why = await explained(administrator, balance)
    held = [(each["request_key"], each["quantity"]) for each in why["reservations"]]
    assert held == [("first", 3), ("late", 2)]
    assert why["balance"]["quantity_reserved"] == 5


async def test_an_unknown_balance_has_no_explanation(administrator: Client) -> None:
    answer = await administrator.get("/api/v1/balances/4711/why")
    assert (answer.status_code, answer.json()["code"]) == (404, "balance_unknown")


async def happened(client: Client, days_ago: int, quantity: int, key: str, sku: str) -> None:
    at = datetime.now(UTC).replace(hour=12) - timedelta(days=days_ago)
    make = receipt_body if quantity > 0 else delivery_body
    await posted(client, make(sku, abs(quantity)) | {"occurred_at": at.isoformat()}, key)


async def closings(client: Client, days: int, item_id: int = 1) -> list[int]:
    answer = await client.get(f"/api/v1/items/{item_id}/history?days={days}")
    assert answer.status_code == 200, answer.text
    return [point["quantity_on_hand"] for point in answer.json()["points"]]


async def test_history_closes_each_day_by_when_it_happened(administrator: Client) -> None:
    for number, (days_ago, quantity) in enumerate([(9, 10), (5, -4), (2, 6), (1, -1), (7, 100)]):
        await happened(administrator, days_ago, quantity, f"k{number}", "SKU-1")
    assert await closings(administrator, 10) == [10, 10, 110, 110, 106, 106, 106, 112, 111, 111]
    assert await closings(administrator, 3) == [112, 111, 111]
    assert await closings(administrator, 2, item_id=2) == [0, 0]


async def test_a_transfer_leaves_the_history_of_the_company_as_it_is(
    administrator: Client,
) -> None:
    await happened(administrator, 3, 10, "in", "SKU-1")
    line = {"sku": "SKU-1", "quantity": 4, "source_location": "BIN-1", "target_location": "BIN-2"}
    await posted(administrator, {"kind": "transfer", "lines": [line]}, "move")
    assert await closings(administrator, 2) == [10, 10]
    answer = await administrator.get("/api/v1/items/1/history?days=2&site_id=1")
    assert [point["quantity_on_hand"] for point in answer.json()["points"]] == [0, 4]


async def test_a_history_of_very_many_lines_covers_fewer_days(
    administrator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(8):
        await happened(administrator, number, 1, f"k{number}", "SKU-1")
    monkeypatch.setattr(history, "LINES_MAX", 7)
    answer = (await administrator.get("/api/v1/items/1/history?days=8")).json()
    assert answer["days"] < 8
    assert answer["points"][-1]["quantity_on_hand"] == 8


async def test_the_moment_of_an_id_is_found_by_halving(
    company: Database, administrator: Client
) -> None:
    for number in range(5):
        await posted(administrator, receipt_body("SKU-1", 1), f"k{number}")
    rows = await paged(administrator, "movements", sort="recorded_at")
    async with company.asking() as tx:
        assert await movement_id_at(tx, datetime(2020, 1, 1, tzinfo=UTC)) == 0
        for row in rows:
            at = datetime.fromisoformat(row["recorded_at"])
            found = await movement_id_at(tx, at + CLOCK_SLACK)
            assert max(found, 1) == row["movement_id"]
        after = datetime.now(UTC) + timedelta(days=1)
        assert await movement_id_at(tx, after) == rows[-1]["movement_id"] + 1
