"""Documents through HTTP: what a caller sees, and what every bad request gets."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from documents.caller import Caller, receipt
from support.company import on_hand
from truestock.database import Database
from truestock.identity.model import Deed, KeyDraft, Origin
from truestock.identity.operations import create_api_key, job_actor
from truestock.kernel.clock import now
from truestock.web.app import Application


@pytest.fixture
async def operator(application: Application, company: Database) -> AsyncIterator[Caller]:
    """A caller who writes and posts in the South only, and neither approves nor reverses."""
    async with company.writing() as tx:
        deed = Deed(await job_actor(tx, "tests"), now(), Origin("tests"))
        scopes = ("document.read", "document.write", "document.post")
        made = await create_api_key(tx, deed, KeyDraft("operator", scopes, site_ids=(2,)))
    headers = {"X-API-Key": made.text}
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", headers=headers
    ) as client:
        yield Caller(client)


async def test_a_document_goes_its_way_through_the_api(call: Caller, company: Database) -> None:
    made = await call("POST", "/documents", receipt(type="IMPORT", reference="PO 9", party_id=1))
    assert made.status_code == 201, made.text
    document = made.json()
    assert made.headers["Location"] == f"/api/v1/documents/{document['document_id']}"
    assert (made.headers["ETag"], document["type"]) == ('"1"', "receipt")
    path = f"/documents/{document['document_id']}"

    lines = [{"item_id": 1, "quantity": 0.5, "unit": "box"}, {"sku": "SKU-2", "quantity": 3}]
    changed = await call("PUT", path, receipt(lines=lines), version=1)
    assert changed.status_code == 200, changed.text
    assert changed.headers["ETag"] == '"2"'
    assert changed.json()["lines"][0]["quantity"] == "0.5"
    assert changed.json()["lines"][0]["quantity_base"] == 6
    stale = await call("PUT", path, receipt(), version=1)
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")

    posted = await call("POST", f"{path}/post", {}, key="post it")
    assert (posted.status_code, posted.json()["state"]) == (200, "posted")
    again = await call("POST", f"{path}/post", {}, key="post it")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json() == posted.json()
    other = await call("POST", f"{path}/post", {})
    assert (other.status_code, other.json()["code"]) == (409, "already_posted")
    assert other.json()["movement_ids"] == [posted.json()["movements"][0]["movement_id"]]
    assert (await call("GET", path)).json() == posted.json()

    undone = await call("POST", f"{path}/reverse", {"reason": "wrong"})
    assert undone.status_code == 201, undone.text
    assert undone.json()["reverses"]["document_id"] == document["document_id"]
    assert await on_hand(company, "SKU-1", "BIN-1") == 0


async def test_the_three_words_of_others_are_types_of_ours(call: Caller) -> None:
    bodies = [
        ("IMPORT", "receipt", {"target_location": "BIN-1"}),
        ("EXPORT", "delivery", {"source_location": "BIN-1"}),
        ("TRANSFER", "transfer", {"source_location": "BIN-1", "target_location": "BIN-2"}),
    ]
    for word, kind, places in bodies:
        made = await call("POST", "/documents", {"type": word, **places})
        assert made.json()["type"] == kind
        listed = await call("GET", f"/documents?type={word}")
        assert [each["type"] for each in listed.json()["items"]] == [kind]


async def test_a_shortage_reads_by_item_and_place(call: Caller) -> None:
    made = await call(
        "POST",
        "/documents",
        {
            "type": "EXPORT",
            "source_location": "BIN-1",
            "lines": [{"sku": "SKU-1", "quantity": 3}, {"sku": "SKU-2", "quantity": 4}],
        },
    )
    refused = await call("POST", f"/documents/{made.json()['document_id']}/post", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "insufficient_stock")
    assert [
        (each["sku"], each["location_code"], each["quantity_missing"])
        for each in refused.json()["shortages"]
    ] == [("SKU-1", "BIN-1", 3), ("SKU-2", "BIN-1", 4)]


async def test_the_list_filters_sorts_and_pages(call: Caller) -> None:
    for day in (1, 2, 3):
        await call(
            "POST",
            "/documents",
            receipt(occurred_at=f"2026-01-0{day}T10:00:00Z", reference=f"Ref {day}", party_id=1),
        )
    await call("POST", "/documents", receipt(target_location="BIN-2"))

    async def numbers(query: str) -> list[str]:
        found = await call("GET", f"/documents?{query}")
        assert found.status_code == 200, found.text
        return [each["number"][-1] for each in found.json()["items"]]

    assert await numbers("") == ["4", "3", "2", "1"]
    assert await numbers("sort=occurred_at&limit=3") == ["1", "2", "3"]
    assert await numbers("sort=-number") == ["4", "3", "2", "1"]
    assert await numbers("from=2026-01-02&to=2026-01-02") == ["2"]
    assert await numbers("to=2026-01-02T10:00:00Z") == ["1"]
    edge = await call("GET", "/documents?from=0001-01-01T00:00:00%2B14:00")
    assert edge.status_code in (200, 422)
    assert await numbers("q=rec-2026-000002") == ["2"]
    assert await numbers("q=ref 3") == ["3"]
    assert await numbers("q=100%25") == []
    assert await numbers("site_id=1") == ["4"]
    assert await numbers("party_id=1&state=draft&sort=number") == ["1", "2", "3"]
    assert await numbers("item_id=2") == []
    assert await numbers("reversed=true") == []
    first = (await call("GET", "/documents?sort=number&limit=2")).json()
    second = await call("GET", f"/documents?sort=number&limit=2&cursor={first['next_cursor']}")
    assert [each["number"][-1] for each in second.json()["items"]] == ["3", "4"]
    counts = (await call("GET", "/documents/counts")).json()
    assert counts == [{"type": "receipt", "state": "draft", "count": 4}]
    found = (await call("GET", "/documents/search?q=REC-2026-000003")).json()
    assert (found[0]["number"], found[0]["exact"]) == ("REC-2026-000003", True)
    assert len((await call("GET", "/documents/search?q=rec-2026")).json()) == 4


async def test_policies_are_read_and_set_with_a_version(call: Caller) -> None:
    policies = {each["type"]: each for each in (await call("GET", "/document-types")).json()}
    assert sorted(policies) == ["adjustment", "delivery", "receipt", "transfer"]
    body = {"four_eyes": False, "approval_needed": True}
    changed = await call("PUT", "/document-types/receipt", body, version=1)
    assert (changed.status_code, changed.json()["approval_needed"]) == (200, True)
    stale = await call("PUT", "/document-types/receipt", body, version=1)
    assert stale.status_code == 412
    made = (await call("POST", "/documents", receipt())).json()
    refused = await call("POST", f"/documents/{made['document_id']}/post", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "approval_missing")
    refused = await call("POST", f"/documents/{made['document_id']}/approve", {}, version=1)
    assert (refused.status_code, refused.json()["code"]) == (403, "approver_not_person")
    reasons = (await call("GET", "/reason-codes")).json()
    assert {"damage", "theft", "found", "correction", "expiry"} <= {
        each["reason_code"] for each in reasons
    }


async def test_rights_and_sites_hold(call: Caller, operator: Caller) -> None:
    south = (await call("POST", "/documents", receipt())).json()
    north = (await call("POST", "/documents", receipt(target_location="BIN-2"))).json()
    listed = (await operator("GET", "/documents")).json()["items"]
    assert [each["document_id"] for each in listed] == [south["document_id"]]
    assert (await operator("GET", "/documents/counts")).json()[0]["count"] == 1
    assert (await operator("GET", "/documents/search?q=REC")).json()[0]["number"] == south["number"]
    hidden = f"/documents/{north['document_id']}"
    shown = f"/documents/{south['document_id']}"
    assert (await operator("GET", hidden)).status_code == 404
    assert (await operator("POST", f"{hidden}/post", {})).status_code == 404
    assert (await operator("PUT", hidden, receipt(), version=1)).status_code == 404
    assert (
        await operator("POST", "/documents", receipt(target_location="BIN-2"))
    ).status_code == 403
    assert (await operator("POST", f"{shown}/approve", {}, version=1)).status_code == 403
    assert (await operator("POST", f"{shown}/post", {})).status_code == 200
    assert (await operator("POST", f"{shown}/reverse", {})).status_code == 403
    policy = {"four_eyes": True, "approval_needed": True}
    assert (await operator("PUT", "/document-types/receipt", policy, version=1)).status_code == 403


async def test_documents_known_by_id_are_named(call: Caller, operator: Caller) -> None:
    south = (await call("POST", "/documents", receipt())).json()
    north = (await call("POST", "/documents", receipt(target_location="BIN-2"))).json()
    path = f"/documents/numbers?id={south['document_id']}&id={north['document_id']}&id=999"
    named = (await call("GET", path)).json()
    assert [each["number"] for each in named] == [south["number"], north["number"]]
    assert (named[0]["type"], named[0]["state"]) == ("receipt", "draft")
    own = (await operator("GET", path)).json()
    assert [each["number"] for each in own] == [south["number"]], "the north is not to be seen"
    for wrong in ("", "?id=x", "?id=0", "?" + "&".join(["id=1"] * 101)):
        assert (await call("GET", f"/documents/numbers{wrong}")).status_code in (400, 422)


async def test_every_route_asks_who_is_there(stranger: httpx.AsyncClient) -> None:
    outside = Caller(stranger)
    for method, path in [
        ("GET", "/documents"),
        ("GET", "/documents/counts"),
        ("GET", "/documents/numbers?id=1"),
        ("GET", "/documents/search?q=x"),
        ("GET", "/documents/1"),
        ("POST", "/documents"),
        ("PUT", "/documents/1"),
        ("POST", "/documents/1/post"),
        ("POST", "/documents/1/approve"),
        ("POST", "/documents/1/cancel"),
        ("POST", "/documents/1/reverse"),
        ("GET", "/document-types"),
        ("PUT", "/document-types/receipt"),
        ("GET", "/reason-codes"),
    ]:
        answer = await outside(method, path, {} if method != "GET" else None)
        assert answer.status_code == 401, (method, path, answer.text)


def one(**more: Any) -> list[dict[str, Any]]:
    return [{"sku": "SKU-1", "quantity": 1} | more]


NASTY = ["'; DROP TABLE document; --", "<script>alert(1)</script>", "%_\\", "\u202e", "\u200b"]
BAD: list[tuple[str, Any, int, str | None]] = [
    ("no type", {"lines": one()}, 422, "invalid_input"),
    ("unknown type", receipt(type="voucher"), 422, "invalid_input"),
    ("a type that follows later", receipt(type="purchase_order"), 422, "invalid_input"),
    ("small import", receipt(type="import"), 422, "invalid_input"),
    ("unknown field", receipt(colour="red"), 422, "invalid_input"),
    ("unknown field of a line", receipt(lines=one(colour="red")), 422, "invalid_input"),
    ("lines not a list", receipt(lines={"sku": "SKU-1"}), 422, "invalid_input"),
    ("too many lines", receipt(lines=one() * 1001), 422, "invalid_input"),
    ("no target", {"type": "receipt", "lines": one()}, 422, "receipt_places"),
    ("a receipt from a bin", receipt(source_location="BIN-3"), 422, "receipt_places"),
    ("a receipt to outside", receipt(target_location="CUSTOMER"), 422, "receipt_places"),
    ("a delivery without source", {"type": "delivery", "lines": one()}, 422, "delivery_places"),
    ("half a transfer", {"type": "transfer", "source_location": "BIN-1"}, 422, "transfer_places"),
    (
        "a transfer to itself",
        {"type": "transfer", "source_location": "BIN-1", "target_location_id": 6},
        422,
        "places_same",
    ),
    (
        "an adjustment of two places",
        {
            "type": "adjustment",
            "reason_code": "correction",
            "source_location": "BIN-1",
            "target_location": "BIN-3",
        },
        422,
        "adjustment_places",
    ),
    (
        "an adjustment without reason",
        {"type": "adjustment", "source_location": "BIN-1", "lines": one()},
        422,
        "reason_code_invalid",
    ),
    (
        "a theft that adds",
        {
            "type": "adjustment",
            "target_location": "BIN-1",
            "reason_code": "theft",
            "lines": one(),
        },
        422,
        "reason_code_invalid",
    ),
    (
        "an unknown reason",
        {"type": "adjustment", "source_location": "BIN-1", "reason_code": "boredom"},
        422,
        "reason_code_invalid",
    ),
    ("a receipt with a reason", receipt(reason_code="damage"), 422, "reason_code_invalid"),
    ("place by both names", receipt(target_location_id=6), 422, "invalid_input"),
    ("unknown place", receipt(target_location="NOWHERE"), 422, "document_location_unknown"),
    (
        "unknown place id",
        {"type": "receipt", "target_location_id": 999_999},
        422,
        "document_location_unknown",
    ),
    ("inactive place", receipt(target_location="BIN-5"), 409, "location_inactive"),
    ("place id too big", {"type": "receipt", "target_location_id": 2**63}, 422, "invalid_input"),
    ("place id as text", {"type": "receipt", "target_location_id": "6"}, 422, "invalid_input"),
    ("unknown item", receipt(lines=[{"sku": "NO", "quantity": 1}]), 422, "document_item_unknown"),
    (
        "unknown item id",
        receipt(lines=[{"item_id": 999, "quantity": 1}]),
        422,
        "document_item_unknown",
    ),
    ("no item", receipt(lines=[{"quantity": 1}]), 422, "invalid_input"),
    ("item by both names", receipt(lines=one(item_id=1)), 422, "invalid_input"),
    ("archived item", receipt(lines=[{"sku": "SKU-40", "quantity": 1}]), 409, "item_archived"),
    ("item twice", receipt(lines=one() * 2), 422, "item_twice"),
    ("zero", receipt(lines=one(quantity=0)), 422, "quantity_out_of_range"),
    ("negative", receipt(lines=one(quantity=-1)), 422, "quantity_out_of_range"),
    ("huge", receipt(lines=one(quantity=10**13)), 422, "quantity_out_of_range"),
    ("huge float", receipt(lines=one(quantity=1e300)), 422, "quantity_out_of_range"),
    ("fraction of a piece", receipt(lines=one(quantity=1.5)), 422, "quantity_fractional"),
    ("quantity as text", receipt(lines=one(quantity="1")), 422, "invalid_input"),
    ("quantity as truth", receipt(lines=one(quantity=True)), 422, "invalid_input"),
    ("quantity nothing", receipt(lines=one(quantity=None)), 422, "invalid_input"),
    ("unknown unit", receipt(lines=one(unit="mile")), 422, "unit_unknown"),
    ("lot where none is kept", receipt(lines=one(lot="A")), 422, "lot_not_tracked"),
    (
        "lot with spaces",
        receipt(lines=[{"sku": "LOT-1", "quantity": 1, "lot": " A"}]),
        422,
        "line_form",
    ),
    ("unknown disposition", receipt(lines=one(disposition="eaten")), 422, "invalid_input"),
    ("negative cost", receipt(lines=one(unit_cost=-1)), 422, "unit_cost_not_here"),
    ("cost too fine", receipt(lines=one(unit_cost=0.1234567)), 422, "unit_cost_not_here"),
    (
        "cost of a delivery",
        {"type": "delivery", "source_location": "BIN-1", "lines": one(unit_cost=1)},
        422,
        "unit_cost_not_here",
    ),
    (
        "line in another site",
        receipt(lines=one(target_location="BIN-2")),
        422,
        "line_place_elsewhere",
    ),
    ("line from a bin", receipt(lines=one(source_location="BIN-3")), 422, "receipt_places"),
    ("unknown party", receipt(party_id=999), 422, "party_misfit"),
    ("a customer's receipt", receipt(party_id=2), 422, "party_misfit"),
    ("archived supplier", receipt(party_id=3), 422, "party_misfit"),
    ("moment without zone", receipt(occurred_at="2026-01-01T10:00:00"), 422, "invalid_input"),
    ("moment as number", receipt(occurred_at=1_700_000_000), 422, "invalid_input"),
    ("moment too early", receipt(occurred_at="1969-01-01T00:00:00Z"), 422, "document_occurred_at"),
    ("moment far ahead", receipt(occurred_at="2999-01-01T00:00:00Z"), 422, "document_occurred_at"),
    ("long reference", receipt(reference="x" * 201), 422, "invalid_input"),
    ("NUL in a note", receipt(note="a\x00b"), 422, "invalid_input"),
    ("NUL in a sku", receipt(lines=[{"sku": "\x00", "quantity": 1}]), 422, "invalid_input"),
    *[
        (
            f"nasty sku {text!r}",
            receipt(lines=[{"sku": text, "quantity": 1}]),
            422,
            "document_item_unknown",
        )
        for text in NASTY
    ],
    *[
        (f"nasty place {text!r}", receipt(target_location=text), 422, "document_location_unknown")
        for text in NASTY
    ],
    *[
        (f"nasty unit {text!r}", receipt(lines=one(unit=text)), 422, "unit_unknown")
        for text in NASTY
    ],
]


async def test_bad_documents_are_refused_with_a_code_and_leave_nothing(
    call: Caller, company: Database
) -> None:
    async with company.writing() as tx:
        await tx.run("UPDATE location SET status = 'inactive' WHERE code = 'BIN-5'")
        await tx.run("UPDATE item SET status = 'archived' WHERE sku = 'SKU-40'")
    for name, body, status, code in BAD:
        answer = await call("POST", "/documents", body)
        found = (answer.status_code, answer.json().get("code"))
        assert found == (status, code), (name, answer.text)
    for content in (b"{", b"[]", b"", b'{"type": NaN}', b'"receipt"', b"\xff"):
        answer = await call("POST", "/documents", content=content)
        assert 400 <= answer.status_code < 500, (content, answer.text)
        assert "code" in answer.json()
    for raw in (b"NaN", b"Infinity", b"1e999", b"9" * 5000):
        content = (
            b'{"type":"receipt","target_location":"BIN-1","lines":[{"sku":"SKU-1","quantity":%b}]}'
        )
        answer = await call("POST", "/documents", content=content % raw)
        assert 400 <= answer.status_code < 500, (raw, answer.text)
        assert "code" in answer.json()
    async with company.asking() as tx:
        assert await tx.value("SELECT count(*) FROM document") == 0
        assert await tx.value("SELECT count(*) FROM document_counter") == 0


async def test_nasty_texts_are_kept_as_they_are(call: Caller) -> None:
    for text in NASTY:
        made = await call("POST", "/documents", receipt(reference=text, note=text))
        assert made.status_code == 201, made.text
        assert (made.json()["reference"], made.json()["note"]) == (text, text)
        found = await call("GET", f"/documents/{made.json()['document_id']}")
        assert found.json()["note"] == text


async def test_bad_verbs_are_refused_with_a_code(call: Caller) -> None:
    made = (await call("POST", "/documents", receipt())).json()
    path = f"/documents/{made['document_id']}"
    cases: list[tuple[str, str, Any, int | None, int, str]] = [
        ("GET", "/documents/999", None, None, 404, "document_not_found"),
        ("GET", "/documents/0", None, None, 422, "invalid_input"),
        ("GET", "/documents/x", None, None, 422, "invalid_input"),
        ("GET", f"/documents/{2**63}", None, None, 422, "invalid_input"),
        ("PUT", "/documents/999", receipt(), 1, 404, "document_not_found"),
        ("PUT", path, receipt(), None, 428, "version_missing"),
        ("PUT", path, receipt(), 7, 412, "stale_version"),
        ("PUT", path, receipt(type="delivery"), 1, 409, "document_type_fixed"),
        ("POST", "/documents/999/post", {}, None, 404, "document_not_found"),
        ("POST", f"{path}/post", {"force": True}, None, 422, "invalid_input"),
        ("POST", f"{path}/post", {}, 7, 412, "stale_version"),
        ("POST", f"{path}/approve", {}, None, 428, "version_missing"),
        ("POST", f"{path}/approve", {"approver": "me"}, 1, 422, "invalid_input"),
        ("POST", f"{path}/cancel", {}, None, 422, "invalid_input"),
        ("POST", f"{path}/cancel", {"reason": "   "}, None, 422, "document_text"),
        ("POST", f"{path}/cancel", {"reason": "x"}, 7, 412, "stale_version"),
        ("POST", f"{path}/reverse", {}, None, 409, "not_posted"),
        ("POST", "/documents/999/reverse", {}, None, 404, "document_not_found"),
        ("POST", f"{path}/reverse", {"reason": "x" * 2001}, None, 422, "invalid_input"),
        ("GET", "/documents?state=lost", None, None, 422, "invalid_input"),
        ("GET", "/documents?colour=red", None, None, 422, "filter_unknown"),
        ("GET", "/documents?since=2026-01-01", None, None, 422, "filter_unknown"),
        ("GET", "/documents?from=yesterday", None, None, 422, "invalid_input"),
        ("GET", "/documents?from=2026-13-45", None, None, 422, "invalid_input"),
        ("GET", "/documents?to=9999-12-31", None, None, 422, "invalid_input"),
        ("GET", "/documents?limit=101", None, None, 422, "invalid_input"),
        ("GET", "/documents?sort=colour", None, None, 422, "sort_unknown"),
        ("GET", "/documents?cursor=nonsense", None, None, 422, "cursor_invalid"),
        ("GET", "/documents?q=%00", None, None, 422, "invalid_input"),
        ("GET", "/documents/search?q=%00", None, None, 422, "invalid_input"),
        ("PUT", "/document-types/voucher", {}, 1, 422, "invalid_input"),
        ("PUT", "/document-types/receipt", {"four_eyes": "yes"}, 1, 422, "invalid_input"),
    ]
    for method, where, body, version, status, code in cases:
        answer = await call(method, where, body, version=version)
        found = (answer.status_code, answer.json().get("code"))
        assert found == (status, code), (method, where, answer.text)
    assert (await call("GET", path)).json() == made


async def test_a_key_with_another_payload_is_refused(call: Caller) -> None:
    made = await call("POST", "/documents", receipt(), key="one")
    again = await call("POST", "/documents", receipt(), key="one")
    assert again.json() == made.json()
    other = await call("POST", "/documents", receipt(note="x"), key="one")
    assert (other.status_code, other.json()["code"]) == (422, "request_key_reused")
    path = f"/documents/{made.json()['document_id']}/post"
    posted = await call("POST", path, {}, key="one")
    assert posted.json()["code"] == "request_key_reused"
    long = "k" * 200
    assert (await call("POST", path, {}, key=long)).status_code == 200
