"""Reservations through HTTP: made once, seen, posted, voided, expired; who holds what."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from support.callers import caller, delivery_body, paged, posted, receipt_body
from support.plain_settings import plain_settings
from truestock.database import Database
from truestock.jobs import JobRun, Registry
from truestock.kernel.actor import Actor, ActorKind
from truestock.kernel.clock import now
from truestock.stock import jobs
from truestock.web.app import Application

pytestmark = pytest.mark.usefixtures("company")

Client = httpx.AsyncClient


def asked(quantity: Any = 3, key: str = "r", **more: Any) -> dict[str, Any]:
    return {"sku": "SKU-1", "location": "BIN-1", "quantity": quantity, "request_key": key} | more


async def reserved(client: Client, **fields: Any) -> int:
    answer = await client.post("/api/v1/reservations", json=asked(**fields))
    assert answer.status_code == 201, answer.text
    return int(answer.json()["reservation_id"])


async def balance(client: Client, sku: str = "SKU-1", location: str = "BIN-1") -> dict[str, Any]:
    answer = await client.get(f"/api/v1/balances/lookup?sku={sku}&location={location}")
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
async def stocked(administrator: Client) -> Client:
    await posted(administrator, receipt_body("SKU-1", 10), "in")
    return administrator


async def test_a_reservation_holds_stock_and_a_repeat_holds_no_more(stocked: Client) -> None:
    first = await stocked.post("/api/v1/reservations", json=asked())
    again = await stocked.post("/api/v1/reservations", json=asked())
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json() == first.json() | {"replayed": True}
    found = await balance(stocked)
    assert (found["quantity_reserved"], found["quantity_available"]) == (3, 7)
    other = await stocked.post("/api/v1/reservations", json=asked(quantity=4))
    assert (other.status_code, other.json()["code"]) == (422, "request_key_reused")


async def test_ten_are_not_reserved_on_five(stocked: Client) -> None:
    async def take(number: int) -> int:
        body = asked(quantity=1, key=f"r{number}")
        return (await stocked.post("/api/v1/reservations", json=body)).status_code

    found = await asyncio.gather(*(take(number) for number in range(25)))
    assert (found.count(201), found.count(409)) == (10, 15)
    assert (await balance(stocked))["quantity_reserved"] == 10


async def test_what_is_reserved_is_refused_to_others_by_name(stocked: Client) -> None:
    await reserved(stocked, quantity=8)
    answer = await stocked.post(
        "/api/v1/movements", json=delivery_body("SKU-1", 5) | {"request_key": "d"}
    )
    assert answer.status_code == 409
    [short] = answer.json()["shortages"]
    assert (short["sku"], short["quantity_available"], short["quantity_missing"]) == ("SKU-1", 2, 3)


async def test_a_reservation_is_posted_by_a_movement_out_of_it_once(stocked: Client) -> None:
    number = await reserved(stocked, quantity=8)
    path = f"/api/v1/reservations/{number}/post"
    body = delivery_body("SKU-1", 6) | {"request_key": "ship"}
    first = await stocked.post(path, json=body)
    again = await stocked.post(path, json=body)
    assert (first.status_code, again.status_code) == (201, 200)
    shown = (await stocked.get(f"/api/v1/reservations/{number}")).json()
    assert (shown["state"], shown["quantity_posted"]) == ("posted", 6)
    assert shown["movement_id"] == first.json()["movement_id"]
    found = await balance(stocked)
    assert (found["quantity_on_hand"], found["quantity_reserved"]) == (4, 0)
    more = await stocked.post(path, json=delivery_body("SKU-1", 1) | {"request_key": "again"})
    assert (more.status_code, more.json()["code"]) == (409, "reservation_resolved")


async def test_more_than_was_reserved_is_not_posted(stocked: Client) -> None:
    number = await reserved(stocked, quantity=2)
    body = delivery_body("SKU-1", 3) | {"request_key": "ship"}
    answer = await stocked.post(f"/api/v1/reservations/{number}/post", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "reservation_too_small")


async def test_a_reservation_is_voided_once(stocked: Client) -> None:
    number = await reserved(stocked)
    path = f"/api/v1/reservations/{number}/void"
    first = await stocked.post(path, headers={"Idempotency-Key": "v"})
    again = await stocked.post(path, json={"request_key": "v"})
    assert (first.status_code, first.json()["state"]) == (200, "voided")
    assert again.headers["Idempotent-Replayed"] == "true"
    other = await stocked.post(path, headers={"Idempotency-Key": "w"})
    assert (other.status_code, other.json()["code"]) == (409, "reservation_resolved")
    assert (await balance(stocked))["quantity_reserved"] == 0


BAD: list[tuple[dict[str, Any], int, str]] = [
    ({"quantity": 0}, 422, "quantity_out_of_range"),
    ({"quantity": -1}, 422, "quantity_out_of_range"),
    ({"quantity": 1.5}, 422, "quantity_fractional"),
    ({"quantity": 10**30}, 422, "quantity_out_of_range"),
    ({"quantity": "NaN"}, 422, "quantity_out_of_range"),
    ({"quantity": "x"}, 422, "invalid_input"),
    ({"quantity": True}, 422, "invalid_input"),
    ({"quantity": 11}, 409, "insufficient_stock"),
    ({"sku": "NOPE"}, 422, "item_unknown"),
    ({"sku": None}, 422, "item_unknown"),
    ({"item_id": -5, "sku": None}, 422, "item_unknown"),
    ({"location": "NOPE"}, 422, "location_unknown"),
    ({"location": "SUPPLIER"}, 409, "not_reservable"),
    ({"location": 5}, 422, "invalid_input"),
    ({"unit": "crate"}, 422, "unit_unknown"),
    ({"lot": "L"}, 422, "lot_not_tracked"),
    ({"priority": -1}, 422, "priority_out_of_range"),
    ({"priority": 1001}, 422, "priority_out_of_range"),
    ({"priority": "high"}, 422, "invalid_input"),
    ({"priority": 10**30}, 422, "*"),
    ({"expires_at": "2020-01-01T00:00:00Z"}, 422, "expiry_past"),
    ({"expires_at": "2099-01-01T00:00:00"}, 422, "expiry_past"),
    ({"expires_at": "soon"}, 422, "invalid_input"),
    ({"note": "x" * 3_000}, 422, "text_invalid"),
    ({"note": "a\u0000b"}, 422, "text_invalid"),
    ({"surprise": 1}, 422, "invalid_input"),
    ({"request_key": ""}, 400, "request_key_missing"),
    ({"request_key": "x" * 201}, 422, "invalid_input"),
]


async def test_each_bad_reservation_is_refused_with_its_code_and_holds_nothing(
    stocked: Client,
) -> None:
    for number, (changes, status, code) in enumerate(BAD):
        body = asked(key=f"bad-{number}") | changes
        answer = await stocked.post("/api/v1/reservations", json=body)
        problem = answer.json()
        assert answer.status_code == status, (changes, problem)
        assert code in {"*", problem["code"]}, (changes, problem)
    assert (await balance(stocked))["quantity_reserved"] == 0
    assert await paged(stocked, "reservations") == []


async def test_unknown_reservations_are_not_found(stocked: Client) -> None:
    assert (await stocked.get("/api/v1/reservations/99")).status_code == 404
    headers = {"Idempotency-Key": "k"}
    voided = await stocked.post("/api/v1/reservations/99/void", headers=headers)
    shipped = await stocked.post(
        "/api/v1/reservations/99/post", json=delivery_body("SKU-1", 1), headers=headers
    )
    for answer in (voided, shipped):
        assert (answer.status_code, answer.json()["code"]) == (404, "reservation_unknown")


async def test_who_holds_what_is_listed_by_item_place_and_state(stocked: Client) -> None:
    await posted(stocked, receipt_body("SKU-2", 5, "BIN-2"), "in-2")
    numbers = [await reserved(stocked, quantity=1, key=f"r{n}", priority=9 - n) for n in range(4)]
    elsewhere = await reserved(stocked, key="e", sku="SKU-2", location="BIN-2", quantity=2)
    await stocked.post(f"/api/v1/reservations/{numbers[0]}/void", headers={"Idempotency-Key": "v"})
    held = await balance(stocked)

    async def found(**query: Any) -> list[int]:
        rows = await paged(stocked, "reservations", limit=2, **query)
        return [row["reservation_id"] for row in rows]

    assert await found() == [elsewhere, *numbers[::-1]]
    assert await found(item_id=1, state="pending") == numbers[:0:-1]
    assert await found(balance_id=held["balance_id"], sort="priority") == numbers[::-1]
    assert await found(location_id=held["location_id"], state="voided") == numbers[:1]
    assert await found(site_id=1) == [elsewhere]
    assert await found(actor_id=10**6) == []
    [row] = await paged(stocked, "reservations", item_id=2)
    assert (row["sku"], row["location_code"], row["quantity"]) == ("SKU-2", "BIN-2", 2)
    assert (row["actor_name"], row["request_key"]) == ("all rights", "e")


async def test_who_is_limited_to_a_site_sees_and_ends_no_promise_elsewhere(
    stocked: Client, application: Application, company: Database
) -> None:
    number = await reserved(stocked)
    rights = ("stock.read", "stock.reserve", "stock.post")
    async with caller(application, company, *rights, site_ids=(1,)) as north:
        assert await paged(north, "reservations") == []
        assert (await north.get(f"/api/v1/reservations/{number}")).status_code == 404
        headers = {"Idempotency-Key": "k"}
        voided = await north.post(f"/api/v1/reservations/{number}/void", headers=headers)
        assert voided.status_code == 404
        shipped = await north.post(
            f"/api/v1/reservations/{number}/post", json=delivery_body("SKU-1", 1), headers=headers
        )
        assert shipped.status_code == 403
    assert (await balance(stocked))["quantity_reserved"] == 3


async def test_what_may_be_promised_is_what_is_there_and_not_promised_yet(
    stocked: Client,
) -> None:
    await reserved(stocked, quantity=4)
    found = (await stocked.get("/api/v1/items/1/availability")).json()
    assert (found["quantity_on_hand"], found["quantity_reserved"]) == (10, 4)
    assert [point["quantity_promisable"] for point in found["points"]] == [6]
    north = (await stocked.get("/api/v1/items/1/availability?site_id=1")).json()
    assert north["points"][0]["quantity_promisable"] == 0
    assert (await stocked.get("/api/v1/items/999/availability")).status_code == 404


async def test_promises_expire_by_the_job_and_only_when_their_time_is_over(
    stocked: Client, application: Application, company: Database
) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=1)
    over = [
        await reserved(stocked, quantity=1, key=f"s{n}", expires_at=soon.isoformat())
        for n in range(3)
    ]
    later = datetime.now(UTC) + timedelta(hours=1)
    kept = await reserved(stocked, quantity=1, key="later", expires_at=later.isoformat())
    endless = await reserved(stocked, quantity=1, key="endless")
    run = JobRun(
        job_id=1,
        name="stock.expire_reservations",
        arguments={},
        actor=Actor(1, ActorKind.JOB, "clock", frozenset({"stock.reserve"})),
        attempt=1,
        database=company,
        settings=plain_settings(),
        clock=now,
        state=application.state,
    )
    run._written_at = float("inf")  # there is no job row to note progress in
    await asyncio.sleep(max(0.0, (soon - datetime.now(UTC)).total_seconds()) + 0.05)
    assert await jobs.expire(run) == {"expired": 3}
    assert await jobs.expire(run) == {"expired": 0}
    states = {row["reservation_id"]: row["state"] for row in await paged(stocked, "reservations")}
    assert states == dict.fromkeys(over, "expired") | {kept: "pending", endless: "pending"}
    assert (await balance(stocked))["quantity_reserved"] == 2


def test_the_jobs_of_stock_run_by_the_clock() -> None:
    registry = Registry()
    jobs.register(registry)
    assert {kind.name: kind.cron for kind in registry.kinds.values()} == {
        "stock.expire_reservations": "* * * * *",
        "stock.extend_seals": "* * * * *",
        "stock.verify_seals": "40 * * * *",
    }
