"""Posting, replaying, batches, reversing and listing movements through HTTP."""

import asyncio
from typing import Any

import httpx
import pytest

from support.callers import caller, delivery_body, paged, posted, receipt_body
from support.company import on_hand
from truestock.database import Database
from truestock.stock.writes.movement_index import index_movements
from truestock.web.app import Application

pytestmark = pytest.mark.usefixtures("company")

Client = httpx.AsyncClient


def keyed(body: dict[str, Any], key: str) -> dict[str, Any]:
    return body | {"request_key": key}


async def test_a_posted_movement_answers_what_is_there_after_it(
    company: Database, administrator: Client
) -> None:
    answer = await posted(administrator, receipt_body("SKU-1", 10), "a")
    assert answer["status"] == "posted"
    assert answer["lines"][0]["target_quantity_on_hand"] == 10
    assert await on_hand(company, "SKU-1", "BIN-1") == 10


async def test_the_same_key_gives_the_same_answer_once_posted(
    company: Database, administrator: Client
) -> None:
    first = await posted(administrator, receipt_body("SKU-1", 10), "a")
    for headers, body in (
        ({"Idempotency-Key": "a"}, receipt_body("SKU-1", 10)),
        ({}, keyed(receipt_body("SKU-1", "10.0"), "a")),
    ):
        again = await administrator.post("/api/v1/movements", json=body, headers=headers)
        assert again.status_code == 200
        assert again.headers["Idempotent-Replayed"] == "true"
        assert again.json() == first | {"replayed": True}
    assert await on_hand(company, "SKU-1", "BIN-1") == 10


async def test_the_same_key_with_another_payload_is_refused(
    company: Database, administrator: Client
) -> None:
    await posted(administrator, receipt_body("SKU-1", 10), "a")
    other = keyed(receipt_body("SKU-1", 11), "a")
    answer = await administrator.post("/api/v1/movements", json=other)
    assert (answer.status_code, answer.json()["code"]) == (422, "request_key_reused")
    assert await on_hand(company, "SKU-1", "BIN-1") == 10


async def test_a_shortage_on_many_lines_names_them_all_and_moves_none(
    company: Database, administrator: Client
) -> None:
    await posted(administrator, receipt_body("SKU-1", 3), "a")
    lines = [
        {"sku": f"SKU-{number}", "quantity": 5, "source_location": "BIN-1"} for number in (1, 2, 3)
    ]
    body = {"kind": "delivery", "lines": lines, "request_key": "b"}
    for replayed in range(2):
        answer = await administrator.post("/api/v1/movements", json=body)
        assert answer.status_code == 409, replayed
        problem = answer.json()
        assert problem["code"] == "insufficient_stock"
        found = [
            (short["line_number"], short["sku"], short["location_code"], short["quantity_missing"])
            for short in problem["shortages"]
        ]
        assert found == [
            (1, "SKU-1", "BIN-1", 2),
            (2, "SKU-2", "BIN-1", 5),
            (3, "SKU-3", "BIN-1", 5),
        ]
    assert await on_hand(company, "SKU-1", "BIN-1") == 3


async def test_a_batch_answers_each_movement_in_order_and_one_refusal_stops_no_other(
    company: Database, administrator: Client
) -> None:
    batch = [
        keyed(receipt_body("SKU-1", 5), "1"),
        keyed(delivery_body("SKU-1", 9), "2"),
        keyed(receipt_body("NOPE", 5), "3"),
        receipt_body("SKU-1", 5),
        keyed(delivery_body("SKU-1", 2), "5"),
        keyed(receipt_body("SKU-1", "x"), "6"),
        keyed(receipt_body("SKU-1", 5), "1"),
        keyed(receipt_body("SKU-1", 6), "1"),
        keyed(receipt_body("LOT-1", 1, lot="L" * 65), "9"),
        keyed(receipt_body("LOT-1", 1, lot="a\u0000b"), "10"),
    ]
    answer = await administrator.post("/api/v1/movements/batch", json={"movements": batch})
    assert answer.status_code == 200
    found = [
        (each["status"], each.get("problem", {}).get("code")) for each in answer.json()["answers"]
    ]
    assert found[:8] == [
        ("posted", None),
        ("refused", "insufficient_stock"),
        ("invalid", "item_unknown"),
        ("invalid", "request_key_missing"),
        ("posted", None),
        ("invalid", "invalid_input"),
        ("posted", None),
        ("invalid", "request_key_reused"),
    ]
    assert [status for status, _ in found[8:]] == ["invalid", "invalid"]
    short = answer.json()["answers"][1]["problem"]["shortages"][0]
    assert (short["sku"], short["location_code"]) == ("SKU-1", "BIN-1")
    assert await on_hand(company, "SKU-1", "BIN-1") == 3


async def test_a_batch_sent_twice_posts_once(company: Database, administrator: Client) -> None:
    batch = {"movements": [keyed(receipt_body("SKU-1", 1), f"k{n}") for n in range(50)]}
    first = (await administrator.post("/api/v1/movements/batch", json=batch)).json()["answers"]
    again = (await administrator.post("/api/v1/movements/batch", json=batch)).json()["answers"]
    assert [each["replayed"] for each in first] == [False] * 50
    assert again == [each | {"replayed": True} for each in first]
    assert await on_hand(company, "SKU-1", "BIN-1") == 50


async def test_a_batch_of_a_thousand_is_taken_and_one_more_is_refused_whole(
    company: Database, administrator: Client
) -> None:
    batch = [keyed(receipt_body("SKU-1", 1), f"k{n}") for n in range(1001)]
    refused = await administrator.post("/api/v1/movements/batch", json={"movements": batch})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input")
    assert await on_hand(company, "SKU-1", "BIN-1") == 0
    taken = await administrator.post("/api/v1/movements/batch", json={"movements": batch[:1000]})
    assert {each["status"] for each in taken.json()["answers"]} == {"posted"}
    assert await on_hand(company, "SKU-1", "BIN-1") == 1000


@pytest.mark.parametrize("batch", [{}, {"movements": []}, {"movements": {}}, [], {"moves": []}])
async def test_what_is_no_batch_is_refused(administrator: Client, batch: Any) -> None:
    answer = await administrator.post("/api/v1/movements/batch", json=batch)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


async def test_callers_at_the_same_moment_are_each_answered(
    company: Database, administrator: Client
) -> None:
    await posted(administrator, receipt_body("SKU-1", 30), "stock")

    async def take(number: int) -> int:
        body = keyed(delivery_body("SKU-1", 1), f"take-{number}")
        return (await administrator.post("/api/v1/movements", json=body)).status_code

    found = await asyncio.gather(*(take(number) for number in range(50)))
    assert (found.count(201), found.count(409)) == (30, 20)
    assert await on_hand(company, "SKU-1", "BIN-1") == 0


async def test_a_reversal_is_linked_both_ways_and_happens_once(administrator: Client) -> None:
    await posted(administrator, receipt_body("SKU-1", 10), "a")
    answer = await administrator.post(
        "/api/v1/movements/1/reverse", json={"reason": "wrong item", "request_key": "undo"}
    )
    assert answer.status_code == 201
    mirror = (await administrator.get(f"/api/v1/movements/{answer.json()['movement_id']}")).json()
    assert (mirror["kind"], mirror["reverses_id"]) == ("reversal", 1)
    assert mirror["reason"] == "wrong item"
    original = (await administrator.get("/api/v1/movements/1")).json()
    assert original["reversed_by_id"] == mirror["movement_id"]
    again = await administrator.post(
        "/api/v1/movements/1/reverse", json={"reason": "wrong item", "request_key": "undo"}
    )
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    for key, path, code in (
        ("twice", "1", "already_reversed"),
        ("back", str(mirror["movement_id"]), "reversal_of_reversal"),
    ):
        refused = await administrator.post(
            f"/api/v1/movements/{path}/reverse", headers={"Idempotency-Key": key}
        )
        assert (refused.status_code, refused.json()["code"]) == (409, code)
    unknown = await administrator.post(
        "/api/v1/movements/99/reverse", headers={"Idempotency-Key": "x"}
    )
    assert (unknown.status_code, unknown.json()["code"]) == (404, "movement_unknown")


async def test_a_reversal_of_what_has_left_names_what_is_missing(administrator: Client) -> None:
    await posted(administrator, receipt_body("SKU-1", 10), "a")
    await posted(administrator, delivery_body("SKU-1", 8), "b")
    answer = await administrator.post(
        "/api/v1/movements/1/reverse", headers={"Idempotency-Key": "undo"}
    )
    assert answer.status_code == 409
    [short] = answer.json()["shortages"]
    assert (short["sku"], short["location_code"]) == ("SKU-1", "BIN-1")
    assert short["quantity_missing"] == 8


async def test_a_movement_shows_its_lines_as_entered_and_in_base_units(
    administrator: Client,
) -> None:
    body = receipt_body("SKU-1", "1.5", unit="box", unit_cost="12.5") | {
        "reason": "first",
        "note": "pallet 3",
        "occurred_at": "2026-01-02T03:04:05+02:00",
    }
    movement_id = (await posted(administrator, body, "a"))["movement_id"]
    shown = (await administrator.get(f"/api/v1/movements/{movement_id}")).json()
    assert shown["occurred_at"] == "2026-01-02T01:04:05Z"
    assert (shown["reason"], shown["note"], shown["actor_name"]) == (
        "first",
        "pallet 3",
        "all rights",
    )
    [line] = shown["lines"]
    assert (line["quantity"], line["unit_entered"], line["quantity_entered"]) == (18, "box", "1.5")
    assert (line["source_location_code"], line["target_location_code"]) == ("SUPPLIER", "BIN-1")
    assert (line["sku"], line["unit_cost_minor"]) == ("SKU-1", "12.5")


@pytest.fixture
async def busy_ledger(administrator: Client, company: Database) -> Client:
    """Forty movements of several kinds, some of several lines, in several blocks of ids."""
    async with company.writing() as tx:
        await tx.run("ALTER SEQUENCE movement_id_seq INCREMENT BY 17")
    batch = []
    for number in range(40):
        sku, place = f"SKU-{1 + number % 4}", f"BIN-{1 + number % 3}"
        lines = [
            {"sku": sku, "quantity": 5, "target_location": place},
            {"sku": "SKU-7", "quantity": 1, "target_location": place},
        ]
        day = f"2026-0{1 + number % 5}-10T12:00:00Z"
        batch.append(
            {
                "kind": "receipt",
                "lines": lines[: 1 + number % 2],
                "request_key": f"in-{number}",
                "occurred_at": day,
            }
        )
    moved = {"sku": "SKU-1", "quantity": 2, "source_location": "BIN-1", "target_location": "BIN-2"}
    batch.append({"kind": "transfer", "lines": [moved], "request_key": "moved"})
    answer = await administrator.post("/api/v1/movements/batch", json={"movements": batch})
    assert {each["status"] for each in answer.json()["answers"]} == {"posted"}
    return administrator


def keys_of(rows: list[dict[str, Any]]) -> list[tuple[int, int]]:
    return [(row["movement_id"], row["line_number"]) for row in rows]


async def test_lines_are_listed_newest_first_or_oldest_first_page_by_page(
    busy_ledger: Client,
) -> None:
    newest = keys_of(await paged(busy_ledger, "movements", limit=7))
    assert newest == sorted(newest, reverse=True)
    assert len(newest) == 61
    oldest = keys_of(await paged(busy_ledger, "movements", limit=9, sort="recorded_at"))
    assert oldest == newest[::-1]


@pytest.mark.parametrize("indexed_to", [0, 250, 10**6])
async def test_each_filter_leaves_what_it_names(
    busy_ledger: Client, company: Database, indexed_to: int
) -> None:
    async with company.writing() as writing:
        await index_movements(writing, 0, indexed_to)
    every = await paged(busy_ledger, "movements", limit=100)
    async with company.asking() as tx:
        bin_2 = await tx.value("SELECT location_id FROM location WHERE code = 'BIN-2'")
        supplier = await tx.value("SELECT location_id FROM location WHERE code = 'SUPPLIER'")

    def at(row: dict[str, Any], location_id: int) -> bool:
        return location_id in {row["source_location_id"], row["target_location_id"]}

    def at_site(row: dict[str, Any], site_id: int) -> bool:
        return site_id in {row["source_site_id"], row["target_site_id"]}

    cases: list[tuple[dict[str, Any], Any]] = [
        ({"sku": "SKU-7"}, lambda row: row["sku"] == "SKU-7"),
        ({"item_id": 1}, lambda row: row["item_id"] == 1),
        ({"item_id": 10**6}, lambda _: False),
        ({"sku": "NOPE"}, lambda _: False),
        ({"kind": "transfer"}, lambda row: row["kind"] == "transfer"),
        ({"kind": "scrap"}, lambda _: False),
        ({"location_id": bin_2}, lambda row: at(row, bin_2)),
        ({"location_id": supplier}, lambda row: at(row, supplier)),
        ({"location_id": bin_2, "site_id": 1}, lambda row: at(row, bin_2)),
        ({"location_id": bin_2, "site_id": 2}, lambda row: at(row, bin_2) and at_site(row, 2)),
        (
            {"site_id": 2, "from": "2026-03-10", "to": "2026-03-10"},
            lambda row: at_site(row, 2) and "2026-03" in row["occurred_at"],
        ),
        (
            {"site_id": 1, "kind": "transfer"},
            lambda row: row["kind"] == "transfer" and at_site(row, 1),
        ),
        ({"location_id": bin_2, "item_id": 1}, lambda row: row["item_id"] == 1 and at(row, bin_2)),
        ({"site_id": 1}, lambda row: 1 in {row["source_site_id"], row["target_site_id"]}),
        ({"actor_id": 10**6}, lambda _: False),
        ({"document_id": 1}, lambda _: False),
        ({"from": "2026-03-10", "to": "2026-03-10"}, lambda row: "2026-03" in row["occurred_at"]),
        (
            {"from": "2026-04-10T12:00:00Z", "item_id": 2},
            lambda row: row["item_id"] == 2 and row["occurred_at"] >= "2026-04-10T12:00:00Z",
        ),
        ({"by": "recorded", "from": "2026-01-01", "to": "2199-01-01"}, lambda _: True),
        ({"by": "recorded", "to": "2020-01-01"}, lambda _: False),
    ]
    for query, wanted in cases:
        found = keys_of(await paged(busy_ledger, "movements", limit=6, **query))
        assert found == keys_of([row for row in every if wanted(row)]), query
        upwards = await paged(busy_ledger, "movements", limit=6, sort="recorded_at", **query)
        assert keys_of(upwards) == found[::-1], query


async def test_the_timeline_of_an_item_is_its_lines_over_all_balances(busy_ledger: Client) -> None:
    timeline = await paged(busy_ledger, "items/1/movements", limit=4)
    listed = await paged(busy_ledger, "movements", item_id=1)
    assert keys_of(timeline) == keys_of(listed)
    assert timeline[0]["kind"] == "transfer"


async def test_a_line_between_two_virtual_places_is_found(administrator: Client) -> None:
    dropped = {
        "sku": "SKU-5",
        "quantity": 4,
        "source_location": "SUPPLIER",
        "target_location": "CUSTOMER",
    }
    await posted(administrator, {"kind": "move", "lines": [dropped]}, "drop")
    [line] = await paged(administrator, "movements", sku="SKU-5")
    assert (line["source_location_code"], line["target_location_code"]) == ("SUPPLIER", "CUSTOMER")


async def test_who_is_limited_to_a_site_sees_and_moves_only_there(
    application: Application, company: Database, administrator: Client
) -> None:
    await posted(administrator, receipt_body("SKU-1", 5, "BIN-1"), "south")
    await posted(administrator, receipt_body("SKU-2", 5, "BIN-2"), "north")
    rights = ("stock.read", "stock.post", "stock.reverse", "stock.reserve")
    async with caller(application, company, *rights, site_ids=(1,)) as north:
        assert {row["sku"] for row in await paged(north, "movements")} == {"SKU-2"}
        assert (await north.get("/api/v1/movements/1")).status_code == 404
        assert (await north.get("/api/v1/movements/2")).status_code == 200
        for path, body in (
            ("movements", delivery_body("SKU-1", 1, "BIN-1")),
            ("movements/1/reverse", {}),
            ("reservations", {"sku": "SKU-1", "location": "BIN-1", "quantity": 1}),
        ):
            answer = await north.post(
                f"/api/v1/{path}", json=body, headers={"Idempotency-Key": path}
            )
            assert answer.status_code == 403, answer.text
        batch = [keyed(receipt_body("SKU-3", 1, place), place) for place in ("BIN-1", "BIN-2")]
        answer = await north.post("/api/v1/movements/batch", json={"movements": batch})
        assert [each["status"] for each in answer.json()["answers"]] == ["invalid", "posted"]
    assert await on_hand(company, "SKU-1", "BIN-1") == 5


@pytest.mark.parametrize("by", ["recorded", "occurred"])
async def test_moments_at_the_ends_of_the_calendar_mean_always(
    busy_ledger: Client, by: str
) -> None:
    for since, until in (
        ("0001-01-01", "9999-12-31"),
        ("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999-23:59"),
    ):
        query = {"by": by, "from": since, "to": until}
        assert len(await paged(busy_ledger, "movements", limit=100, **query)) == 61
        assert len(await paged(busy_ledger, "movements", limit=100, location_id=6, **query)) > 0
        for query in ({"by": by, "from": until}, {"by": by, "to": since}):
            assert await paged(busy_ledger, "movements", **query) == []
