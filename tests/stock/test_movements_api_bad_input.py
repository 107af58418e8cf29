"""Whatever is sent, the answer is a problem with a code, and no stock has changed."""

import base64
import json
from typing import Any

import httpx
import pytest

from support.callers import caller, delivery_body, posted, receipt_body
from truestock.database import Database
from truestock.web.app import Application

pytestmark = pytest.mark.usefixtures("company")

HUGE = 10**30
SCRIPTS = [
    "'; DROP TABLE movement; --",
    "1' OR '1'='1",
    "<script>alert(1)</script>",
    "${jndi:ldap://x}",
    "%00",
    "\u202e\u0000",
    "A" * 5_000,
]
COUNTED = """
SELECT
    (SELECT count(*) FROM movement) AS movements,
    (SELECT count(*) FROM movement_line) AS lines,
    (SELECT count(*) FROM reservation) AS reservations,
    (SELECT count(*) FROM item) AS items,
    (SELECT count(*) FROM location) AS locations,
    (SELECT coalesce(sum(abs(quantity_on_hand)), 0) FROM balance) AS on_hand,
    (SELECT coalesce(sum(quantity_reserved), 0) FROM balance) AS reserved
"""


async def counted(database: Database) -> dict[str, Any]:
    async with database.asking() as tx:
        return dict((await tx.rows(COUNTED))[0])


def movement(**changes: Any) -> dict[str, Any]:
    return receipt_body("SKU-1", 5) | changes


def line(**changes: Any) -> dict[str, Any]:
    whole = {"sku": "SKU-1", "quantity": 5, "target_location": "BIN-1"} | changes
    return {"kind": "receipt", "lines": [whole]}


def between(source: str, target: str) -> dict[str, Any]:
    moved = {"sku": "SKU-1", "quantity": 1, "source_location": source, "target_location": target}
    return {"kind": "move", "lines": [moved]}


BAD_MOVEMENTS: list[tuple[str, Any, int, str]] = [
    ("unknown sku", receipt_body("NOPE", 1), 422, "item_unknown"),
    ("unknown item id", line(sku=None, item_id=10**9), 422, "item_unknown"),
    ("item id of any size", line(sku=None, item_id=HUGE), 422, "*"),
    ("item id below zero", line(sku=None, item_id=-1), 422, "item_unknown"),
    ("no item", line(sku=None), 422, "item_unknown"),
    ("unknown location", receipt_body("SKU-1", 1, "NOWHERE"), 422, "location_unknown"),
    ("negative", receipt_body("SKU-1", -5), 422, "quantity_out_of_range"),
    ("zero", receipt_body("SKU-1", 0), 422, "quantity_out_of_range"),
    ("fraction", receipt_body("SKU-1", 1.5), 422, "quantity_fractional"),
    ("fraction of a pack", line(unit="half", quantity=3), 422, "quantity_fractional"),
    ("huge", receipt_body("SKU-1", HUGE), 422, "quantity_out_of_range"),
    ("huge as a text", receipt_body("SKU-1", str(HUGE)), 422, "quantity_out_of_range"),
    ("one above the largest", receipt_body("SKU-1", 10**12 + 1), 422, "quantity_out_of_range"),
    ("tiny", receipt_body("SKU-1", "1e-400"), 422, "quantity_fractional"),
    ("not a number as a text", receipt_body("SKU-1", "NaN"), 422, "quantity_out_of_range"),
    ("infinity as a text", receipt_body("SKU-1", "Infinity"), 422, "quantity_out_of_range"),
    ("word for a quantity", receipt_body("SKU-1", "many"), 422, "invalid_input"),
    ("truth for a quantity", receipt_body("SKU-1", True), 422, "invalid_input"),
    ("nothing for a quantity", receipt_body("SKU-1", None), 422, "invalid_input"),
    ("list for a quantity", receipt_body("SKU-1", [1]), 422, "invalid_input"),
    ("number for a sku", line(sku=7), 422, "invalid_input"),
    ("wrong unit", line(unit="crate"), 422, "unit_unknown"),
    ("unknown kind", movement(kind="theft"), 422, "invalid_input"),
    ("reversal by hand", movement(kind="reversal"), 422, "invalid_input"),
    ("no lines", movement(lines=[]), 422, "lines_missing"),
    ("lines that are none", movement(lines="x"), 422, "invalid_input"),
    ("a line that is none", movement(lines=[5]), 422, "invalid_input"),
    ("too many lines", movement(lines=[line()["lines"][0]] * 1001), 422, "lines_missing"),
    ("unknown field", movement(surprise=1), 422, "invalid_input"),
    ("unknown field of a line", line(surprise=1), 422, "invalid_input"),
    ("document by hand", movement(document_id=1), 422, "invalid_input"),
    ("unknown disposition", line(disposition="gone"), 422, "invalid_input"),
    ("same place", between("BIN-1", "BIN-1"), 422, "same_location"),
    ("no target", {"kind": "move", "lines": [{"sku": "SKU-1", "quantity": 1}]}, 422,
     "location_missing"),
    ("lot of an item without", line(lot="L1"), 422, "lot_not_tracked"),
    ("no lot of an item with", receipt_body("LOT-1", 1), 422, "lot_missing"),
    ("two of a serial", receipt_body("SER-1", 2, lot="S1"), 422, "serial_quantity"),
    ("cost below zero", line(unit_cost="-1"), 422, "unit_cost_invalid"),
    ("cost that is none", line(unit_cost="NaN"), 422, "unit_cost_invalid"),
    ("moment without zone", movement(occurred_at="2026-01-01T00:00:00"), 422,
     "occurred_at_invalid"),
    ("moment far ahead", movement(occurred_at="2099-01-01T00:00:00Z"), 422,
     "occurred_at_invalid"),
    ("moment long ago", movement(occurred_at="0001-01-01T00:00:00Z"), 422, "occurred_at_invalid"),
    ("no moment", movement(occurred_at="yesterday"), 422, "invalid_input"),
    ("shortage", delivery_body("SKU-2", 1), 409, "insufficient_stock"),
    ("closed location", receipt_body("SKU-1", 1, "BIN-9"), 409, "location_inactive"),
    ("archived item", receipt_body("SKU-9", 1), 409, "item_archived"),
    ("a list", [], 422, "invalid_input"),
    ("a number", 5, 422, "invalid_input"),
]  # fmt: skip

RAW = [
    b"", b"null", b"{", b"nonsense", b"\xff\xfe", b'{"kind": NaN}', b'{"kind": Infinity}',
    b'{"kind":"receipt","lines":[{"sku":"SKU-1","quantity":NaN,"target_location":"BIN-1"}]}',
    b'{"kind":"receipt","lines":[{"sku":"SKU-1","quantity":1e400,"target_location":"BIN-1"}]}',
    b'{"kind":"receipt","lines":[{"sku":"\\ud800","quantity":1,"target_location":"BIN-1"}]}',
    b"[" * 100_000,
    b'{"kind":"receipt","lines":[{"sku":"SKU-1","quantity":1' + b"0" * 5_000 + b"}]}",
]  # fmt: skip
BAD_QUERIES = [
    "limit=0", "limit=-1", "limit=101", "limit=x", "limit=1e3", "limit=" + "9" * 40,
    "cursor=x", "cursor=AAAA", "cursor=W10", "cursor=" + "A" * 3_000, "sort=nope", "sort=--sku",
    "surprise=1", "limit=%00", "sort=recorded_at%3B%20DROP%20TABLE%20item",
]  # fmt: skip
BAD_IDS = ["0", "-1", "x", "1.5", "9" * 40, "%00", "1%20OR%201=1"]


@pytest.fixture
async def closed(company: Database) -> Database:
    """A bin that is closed and an item that is archived."""
    async with company.writing() as tx:
        await tx.run("UPDATE location SET status = 'inactive' WHERE code = 'BIN-9'")
        await tx.run("UPDATE item SET status = 'archived' WHERE sku = 'SKU-9'")
    return company


def problem_of(answer: httpx.Response) -> dict[str, Any]:
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["code"]
    assert problem["request_id"]
    return problem


async def test_each_bad_movement_is_refused_with_its_code_and_changes_nothing(
    closed: Database, administrator: httpx.AsyncClient
) -> None:
    before = await counted(closed)
    for number, (name, body, status, code) in enumerate(BAD_MOVEMENTS):
        answer = await administrator.post(
            "/api/v1/movements", json=body, headers={"Idempotency-Key": f"bad-{number}"}
        )
        problem = problem_of(answer)
        found = (answer.status_code, problem["code"])
        assert found == (status, code) or (code == "*" and found[0] == status), (name, problem)
    assert await counted(closed) == before


@pytest.mark.usefixtures("closed")
async def test_each_bad_movement_within_a_batch_is_answered_for_itself(
    administrator: httpx.AsyncClient,
) -> None:
    bodies = [
        body | {"request_key": f"bad-{number}"} if isinstance(body, dict) else body
        for number, (_, body, _, _) in enumerate(BAD_MOVEMENTS)
    ]
    good = receipt_body("SKU-1", 1) | {"request_key": "good"}
    answer = await administrator.post(
        "/api/v1/movements/batch", json={"movements": [*bodies, good]}
    )
    assert answer.status_code == 200, answer.text
    answers = answer.json()["answers"]
    assert len(answers) == len(bodies) + 1
    assert answers[-1]["status"] == "posted"
    for (name, _, status, code), found in zip(BAD_MOVEMENTS, answers, strict=False):
        assert found["status"] in {"invalid", "refused"}, name
        assert found["problem"]["status"] == status, (name, found)
        assert code in {"*", found["problem"]["code"]}, (name, found)
    refused = [
        name
        for (name, *_), found in zip(BAD_MOVEMENTS, answers, strict=False)
        if found["status"] == "refused"
    ]
    assert refused == ["shortage"]


async def test_what_is_not_json_is_refused(
    company: Database, administrator: httpx.AsyncClient
) -> None:
    before = await counted(company)
    for path in ("movements", "movements/batch", "reservations", "reservations/1/post"):
        for body in RAW:
            answer = await administrator.post(
                f"/api/v1/{path}",
                content=body,
                headers={"Idempotency-Key": "k", "Content-Type": "application/json"},
            )
            assert problem_of(answer)["code"]
    assert await counted(company) == before


async def test_another_media_type_is_refused(administrator: httpx.AsyncClient) -> None:
    answer = await administrator.post(
        "/api/v1/movements",
        content=json.dumps(receipt_body("SKU-1", 1)),
        headers={"Idempotency-Key": "k", "Content-Type": "text/plain"},
    )
    assert answer.status_code == 415
    assert problem_of(answer)["code"] == "unsupported_media_type"


async def test_an_oversized_body_is_refused_whether_its_length_is_told_or_not(
    company: Database, administrator: httpx.AsyncClient
) -> None:
    big = json.dumps(receipt_body("SKU-1", 1) | {"note": "x" * 6_000_000}).encode()

    async def pieces() -> Any:
        for start in range(0, len(big), 500_000):
            yield big[start : start + 500_000]

    before = await counted(company)
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    for content in (big, pieces()):
        answer = await administrator.post("/api/v1/movements", content=content, headers=headers)
        assert answer.status_code == 413
        assert problem_of(answer)["code"] == "body_too_large"
    assert await counted(company) == before


async def test_script_in_any_text_of_a_movement_is_text_or_refused(
    company: Database, administrator: httpx.AsyncClient
) -> None:
    for text in SCRIPTS:
        bodies: list[dict[str, Any]] = [
            line(sku=text),
            line(target_location=text),
            line(source_location=text),
            line(unit=text),
            line(lot=text),
            receipt_body("LOT-1", 1, lot=text),
            movement(reason=text),
            movement(note=text),
            movement(kind=text),
            movement(occurred_at=text),
        ]
        before = await counted(company)
        for number, body in enumerate(bodies):
            answer = await administrator.post(
                "/api/v1/movements",
                json=body,
                headers={"Idempotency-Key": f"{SCRIPTS.index(text)}-{number}"},
            )
            if answer.status_code == 201:
                shown = await administrator.get(f"/api/v1/movements/{answer.json()['movement_id']}")
                found = shown.json()
                assert text in {found["reason"], found["note"], found["lines"][0]["lot_code"]}
            else:
                problem_of(answer)
        answer = await administrator.post(
            "/api/v1/movements", json=movement(request_key=text[:300]), headers={}
        )
        assert answer.status_code == 201 or problem_of(answer)
        assert (await counted(company))["items"] == before["items"]


async def test_script_in_any_query_finds_nothing_or_is_refused(
    administrator: httpx.AsyncClient,
) -> None:
    for text in SCRIPTS:
        for path, names in (
            ("balances", ["q", "sku", "item_id", "sort", "cursor", "disposition", "nonzero"]),
            ("stock", ["q", "sku", "state", "sort", "cursor", "site_id"]),
            ("movements", ["sku", "kind", "from", "to", "by", "sort", "cursor", "actor_id"]),
            ("reservations", ["state", "item_id", "sort", "cursor"]),
            ("balances/lookup", ["sku", "location", "lot", "disposition"]),
            ("items/1/movements", ["kind", "cursor"]),
            ("items/1/history", ["days", "site_id"]),
            ("balances/1/why", ["cursor", "sort", "limit"]),
        ):
            for name in names:
                answer = await administrator.get(f"/api/v1/{path}", params={name: text})
                if answer.status_code == 200:
                    assert answer.json()["items"] == [], (path, name)
                else:
                    problem_of(answer)


async def test_bad_paging_and_unknown_filters_are_refused(administrator: httpx.AsyncClient) -> None:
    for query in BAD_QUERIES:
        for path in ("balances", "stock", "movements", "reservations", "items/1/movements"):
            problem_of(await administrator.get(f"/api/v1/{path}?{query}"))


async def test_a_forged_cursor_is_refused(administrator: httpx.AsyncClient) -> None:
    forged: list[Any] = [
        ["sku", "a", HUGE],
        ["sku", "\x00", 1],
        ["-recorded_at", "zz", 1],
        {},
        [1, 2, 3],
    ]
    for value in forged:
        cursor = base64.urlsafe_b64encode(json.dumps(value).encode()).decode()
        for path in ("balances", "movements", "reservations"):
            answer = await administrator.get(f"/api/v1/{path}", params={"cursor": cursor})
            problem_of(answer)


async def test_bad_ids_in_the_path_are_refused(administrator: httpx.AsyncClient) -> None:
    for wrong in BAD_IDS:
        for path in (
            "movements/{}", "items/{}/movements", "items/{}/stock", "items/{}/history",
            "items/{}/availability", "reservations/{}",
        ):  # fmt: skip
            answer = await administrator.get("/api/v1/" + path.format(wrong))
            if path == "items/{}/movements" and answer.status_code == 200:
                assert answer.json()["items"] == []
            else:
                problem_of(answer)
        for path in ("movements/{}/reverse", "reservations/{}/void"):
            answer = await administrator.post(
                "/api/v1/" + path.format(wrong), headers={"Idempotency-Key": "k"}
            )
            problem_of(answer)
        problem_of(
            await administrator.post(
                f"/api/v1/reservations/{wrong}/post",
                json=delivery_body("SKU-1", 1),
                headers={"Idempotency-Key": "k"},
            )
        )


async def test_a_key_too_long_or_not_printable_or_missing_is_refused(
    administrator: httpx.AsyncClient,
) -> None:
    for key in ("x" * 201, "a\tb", "", None):
        answer = await administrator.post(
            "/api/v1/movements", json=receipt_body("SKU-1", 1) | {"request_key": key}
        )
        assert problem_of(answer)["code"] in {"invalid_input", "request_key_missing"}


async def test_different_keys_in_header_and_body_are_refused(
    administrator: httpx.AsyncClient,
) -> None:
    answer = await administrator.post(
        "/api/v1/movements",
        json=receipt_body("SKU-1", 1) | {"request_key": "a"},
        headers={"Idempotency-Key": "b"},
    )
    assert problem_of(answer)["code"] == "request_keys_differ"


async def test_without_the_right_nothing_is_shown_or_changed(
    application: Application, company: Database, administrator: httpx.AsyncClient
) -> None:
    await posted(administrator, receipt_body("SKU-1", 9), "a")
    before = await counted(company)
    async with caller(application, company, "item.read", site_ids=None) as weak:
        for path in (
            "balances", "balances/1", "balances/lookup?sku=SKU-1&location=BIN-1", "stock",
            "movements", "movements/1", "reservations", "items/1/stock", "items/1/history",
            "balances/1/why", "items/1/availability", "items/1/movements",
        ):  # fmt: skip
            answer = await weak.get(f"/api/v1/{path}")
            assert answer.status_code == 403, path
            assert problem_of(answer)["code"] == "forbidden"
        for path, body in (
            ("movements", receipt_body("SKU-1", 1)),
            ("movements/batch", {"movements": [receipt_body("SKU-1", 1)]}),
            ("movements/1/reverse", {}),
            ("reservations", {"sku": "SKU-1", "location": "BIN-1", "quantity": 1}),
            ("reservations/1/void", {}),
            ("reservations/1/post", delivery_body("SKU-1", 1)),
        ):
            answer = await weak.post(f"/api/v1/{path}", json=body, headers={"Idempotency-Key": "k"})
            assert answer.status_code == 403, path
    assert await counted(company) == before


async def test_without_credentials_nothing_answers(stranger: httpx.AsyncClient) -> None:
    for path in ("balances", "stock", "movements", "reservations", "balances/1"):
        answer = await stranger.get(f"/api/v1/{path}")
        assert answer.status_code == 401
    answer = await stranger.post("/api/v1/movements", json=receipt_body("SKU-1", 1))
    assert answer.status_code == 401
