"""Bad input through HTTP: always a 4xx problem with a code, and nothing changed."""

from typing import Any

from support.served import Served

INJECTIONS = (
    "'; DROP TABLE item; --",
    "<script>alert('x')</script>",
    '" OR ""="',
    "${7*7} {{7*7}} %s %n",
    "../../etc/passwd",
    "Robert'); DELETE FROM party;--",
    "\u202ereversed \u200b zero width 🧺 ẞ",
    "line\nbreak\ttab",
)

GOOD_ITEM = {"sku": "GOOD", "name": "Good"}
GOOD_PARTY = {"kind": "supplier", "code": "GOOD", "name": "Good"}
GOOD_TERM = {"lead_time_days": 3}
HUGE = 10**30


def pack(**fields: Any) -> dict[str, Any]:
    return {"unit": "box", "factor_numerator": 2, **fields}


WRONG_ITEMS: list[dict[str, Any]] = [
    {"sku": None},
    {"sku": ""},
    {"sku": 5},
    {"sku": " A"},
    {"sku": "A\u0000"},
    {"sku": "A\nB"},
    {"sku": "x" * 65},
    {"sku": ["A"]},
    {"name": "  "},
    {"name": "x" * 301},
    {"name": {"text": "A"}},
    {"description": "x" * 10_001},
    {"description": "\u0000"},
    {"base_unit": ""},
    {"gtin": 4006381333931},
    {"gtin": "4006381333930"},
    {"gtin": "abc"},
    {"tracking": "batch"},
    {"shelf_life_days": 0},
    {"shelf_life_days": 1.5},
    {"shelf_life_days": "5"},
    {"shelf_life_days": True},
    {"shelf_life_days": HUGE},
    {"currency": "eur"},
    {"currency": "EURO"},
    {"list_price_minor": -1},
    {"list_price_minor": 9.99},
    {"list_price_minor": HUGE},
    {"cost_minor": "10"},
    {"picture_url": "javascript:alert(1)"},
    {"picture_url": "https://x/" + "y" * 2_000},
    {"packs": "box"},
    {"packs": [pack(factor_numerator=0)]},
    {"packs": [pack(factor_numerator=HUGE)]},
    {"packs": [pack(factor_denominator=0)]},
    {"packs": [pack(factor_denominator=1.5)]},
    {"packs": [pack(unit="each")]},
    {"packs": [pack(), pack()]},
    {"packs": [pack(gtin="123")]},
    {"packs": [pack(extra=1)]},
    {"packs": [pack(unit=f"u{number}") for number in range(51)]},
    {"unknown": 1},
    {"item_id": 7},
    {"version": 1},
    {"status": "archived"},
]
WRONG_PARTIES: list[dict[str, Any]] = [
    {"kind": "friend"},
    {"code": ""},
    {"code": "A "},
    {"code": "\u0000"},
    {"name": ""},
    {"name": " "},
    {"email": "nowhere"},
    {"email": "a@b c"},
    {"email": "a@" + "b" * 320},
    {"phone": "1" * 65},
    {"address": "x" * 2_001},
    {"currency": "E"},
    {"note": "x" * 10_001},
    {"contacts": [{"name": ""}]},
    {"contacts": [{"name": "A", "email": "x"}]},
    {"contacts": [{"name": "A", "role": "x" * 101}]},
    {"contacts": [{"name": "A"}] * 51},
    {"contacts": {}},
    {"unknown": 1},
]
WRONG_TERMS: list[dict[str, Any]] = [
    {"lead_time_days": -1},
    {"lead_time_days": 3_651},
    {"lead_time_days": 1.5},
    {"lead_time_days": None},
    {"order_minimum": 0},
    {"order_multiple": HUGE},
    {"supplier_sku": "x" * 65},
    {"supplier_sku": "\u0000"},
    {"currency": "1"},
    {"preferred": "yes"},
    {"price_breaks": [{"quantity_minimum": 0, "unit_price_minor": 1}]},
    {"price_breaks": [{"quantity_minimum": 1, "unit_price_minor": -1}]},
    {"price_breaks": [{"quantity_minimum": 1, "unit_price_minor": 1}] * 2},
    {"price_breaks": [{"quantity_minimum": n, "unit_price_minor": 1} for n in range(1, 52)]},
    {"unknown": 1},
]


async def contents(served: Served) -> str:
    async with served.database.asking() as tx:
        return str(
            await tx.value(
                """
                SELECT jsonb_build_array(
                    (SELECT jsonb_agg(to_jsonb(item)) FROM item),
                    (SELECT jsonb_agg(to_jsonb(item_pack)) FROM item_pack),
                    (SELECT jsonb_agg(to_jsonb(item_gtin)) FROM item_gtin),
                    (SELECT jsonb_agg(to_jsonb(party)) FROM party),
                    (SELECT jsonb_agg(to_jsonb(supplier_term)) FROM supplier_term),
                    (SELECT stamp FROM fact_stamp),
                    (SELECT count(*) FROM audit_event)
                )::text
                """
            )
        )


def is_problem(answer: Any) -> bool:
    if not 400 <= answer.status_code < 500:
        return False
    problem = answer.json()
    return bool(problem["code"] and problem["title"] and problem["request_id"])


async def stocked(served: Served) -> tuple[int, int]:
    """An item and a supplier with terms; returns their ids."""
    item = (await served.call("POST", "/items", {"sku": "KEPT", "name": "Kept"})).json()
    party = (await served.call("POST", "/parties", GOOD_PARTY | {"code": "KEPT"})).json()
    path = f"/items/{item['item_id']}/suppliers/{party['party_id']}"
    assert (await served.call("POST", path, GOOD_TERM)).status_code == 201
    return item["item_id"], party["party_id"]


async def test_wrong_bodies_are_refused_and_change_nothing(served: Served) -> None:
    item_id, party_id = await stocked(served)
    before = await contents(served)
    term = f"/items/{item_id}/suppliers/{party_id}"
    for wrong in WRONG_ITEMS:
        assert is_problem(await served.call("POST", "/items", GOOD_ITEM | wrong)), wrong
        changed = await served.call("PATCH", f"/items/{item_id}", wrong, version=1)
        assert is_problem(changed), wrong
    for wrong in WRONG_PARTIES:
        assert is_problem(await served.call("POST", "/parties", GOOD_PARTY | wrong)), wrong
        changed = await served.call("PATCH", f"/parties/{party_id}", wrong, version=1)
        assert is_problem(changed), wrong
    for wrong in WRONG_TERMS:
        assert is_problem(await served.call("PUT", term, GOOD_TERM | wrong, version=1)), wrong
    assert await contents(served) == before


WRONG_BYTES = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'"text"',
    b'{"sku": "A", "name": "A", "shelf_life_days": NaN}',
    b'{"sku": "A", "name": "A", "cost_minor": Infinity}',
    b'{"sku": "A", "name": "A", "cost_minor": 1e400}',
    b'{"sku": "A", "name": "\\ud800"}',
    b'{"sku": "A", "name": "A", "\\ud800": 1}',
    b'{"sku": "A", "name": "\xff"}',
    b'{"sku": "A", "sku": 5, "name": "A"}',
    b"[" * 100_000,
]


async def test_what_is_not_a_json_object_of_ours_is_refused(served: Served) -> None:
    for body in WRONG_BYTES:
        headers = {"Content-Type": "application/json"}
        answer = await served.call("POST", "/items", content=body, headers=headers)
        assert is_problem(answer), (body[:60], answer.text)


async def test_script_and_sql_in_text_fields_come_back_as_they_were_sent(served: Served) -> None:
    for number, text in enumerate(INJECTIONS):
        code = text.replace("\n", "").replace("\t", "")[:64]
        sent = {
            "sku": code,
            "name": text,
            "description": text,
            "base_unit": code[:32].strip(),
            "packs": [{"unit": f"{code[:20].strip()}{number}", "factor_numerator": 2}],
        }
        made = await served.call("POST", "/items", sent)
        assert made.status_code == 201, made.text
        read = (await served.call("GET", f"/items/{made.json()['item_id']}")).json()
        assert {name: read[name] for name in ("sku", "name", "description", "base_unit")} == {
            name: sent[name] for name in ("sku", "name", "description", "base_unit")
        }
        assert read["packs"][0]["unit"] == sent["packs"][0]["unit"]  # type: ignore[index]
        found = await served.call("GET", "/items", params={"q": text, "status": "active"})
        assert [each["name"] for each in found.json()["items"]] == [text]
        near = await served.call("GET", "/items/search", params={"q": code})
        assert near.json()[0]["sku"] == code
        party = GOOD_PARTY | {"code": code, "name": text, "address": text, "note": text}
        party["contacts"] = [{"name": text, "role": text}]  # type: ignore[assignment]
        made = await served.call("POST", "/parties", party)
        assert made.status_code == 201, made.text
        assert {name: made.json()[name] for name in ("code", "name", "address", "note")} == {
            name: party[name] for name in ("code", "name", "address", "note")
        }
        assert made.json()["contacts"][0]["role"] == text
        path = f"/items/{read['item_id']}/suppliers/{made.json()['party_id']}"
        made = await served.call("POST", path, GOOD_TERM | {"supplier_sku": code})
        assert made.json()["supplier_sku"] == code


WRONG_PATHS = [
    ("/items?limit=0", "invalid_input"),
    ("/items?limit=101", "invalid_input"),
    ("/items?limit=x", "invalid_input"),
    ("/items?cursor=nonsense", "cursor_invalid"),
    ("/items?cursor=%00", "invalid_input"),
    ("/items?cursor=WyJuYW1lIiwiQSIsMV0", "cursor_invalid"),
    ("/items?sort=price", "sort_unknown"),
    ("/items?sort=--sku", "sort_unknown"),
    ("/items?colour=blue", "filter_unknown"),
    ("/items?status=gone", "invalid_input"),
    ("/items?tracking=batch", "invalid_input"),
    ("/items?q=%00", "invalid_input"),
    ("/items?q=" + "x" * 201, "invalid_input"),
    ("/items/search", "invalid_input"),
    ("/items/search?q=%00", "invalid_input"),
    ("/items/search?q=a&limit=51", "invalid_input"),
    ("/items/search?q=a&page=2", "filter_unknown"),
    ("/items/0", "invalid_input"),
    ("/items/-1", "invalid_input"),
    ("/items/x", "invalid_input"),
    ("/items/1.5", "invalid_input"),
    ("/items/99999999999999999999", "invalid_input"),
    ("/items/9223372036854775807", "item_not_found"),
    ("/items/by-sku/none", "item_not_found"),
    ("/items/by-sku/%00", "item_not_found"),
    ("/items/by-sku/a?b=c", "filter_unknown"),
    ("/items/77/suppliers", "item_not_found"),
    ("/items/77/suppliers/1", "term_not_found"),
    ("/parties/77", "party_not_found"),
    ("/parties/77/terms", "party_not_found"),
    ("/parties?kind=friend", "invalid_input"),
    ("/parties?sort=price", "sort_unknown"),
    ("/parties?x=1", "filter_unknown"),
]


async def test_wrong_addresses_and_queries_are_refused(served: Served) -> None:
    for path, code in WRONG_PATHS:
        answer = await served.call("GET", path)
        assert is_problem(answer), (path, answer.text)
        assert answer.json()["code"] == code, path


async def test_a_cursor_with_a_wrong_value_inside_is_refused(served: Served) -> None:
    for cursor in ("WyJjaGFuZ2VkX2F0Iiwibm90IGEgdGltZSIsMV0", "WyJza3UiLCJhXHUwMDAwIiwxXQ"):
        sort = "changed_at" if cursor.startswith("WyJj") else "sku"
        answer = await served.call("GET", f"/items?sort={sort}&cursor={cursor}")
        assert is_problem(answer), answer.text


async def test_writes_need_a_request_key_that_agrees(served: Served) -> None:
    client = served.client(served.api_key)
    missing = await client.post("/api/v1/items", json=GOOD_ITEM)
    assert (missing.status_code, missing.json()["code"]) == (400, "request_key_missing")
    body = GOOD_ITEM | {"request_key": "one"}
    differs = await client.post("/api/v1/items", json=body, headers={"Idempotency-Key": "two"})
    assert differs.json()["code"] == "request_keys_differ"
    assert (await client.post("/api/v1/items", json=body)).status_code == 201


READS = ["/items", "/items/search?q=a", "/items/1", "/items/by-sku/KEPT", "/items/1/suppliers"]
WRITES = [
    ("POST", "/items", GOOD_ITEM, "item.write"),
    ("PATCH", "/items/1", {"name": "B"}, "item.write"),
    ("POST", "/items/1/archive", {}, "item.write"),
    ("POST", "/items/1/restore", {}, "item.write"),
    ("DELETE", "/items/1", None, "item.write"),
    ("POST", "/items/1/suppliers/1", GOOD_TERM, "item.write"),
    ("PUT", "/items/1/suppliers/1", GOOD_TERM, "item.write"),
    ("DELETE", "/items/1/suppliers/1", None, "item.write"),
    ("POST", "/parties", GOOD_PARTY, "party.write"),
    ("PATCH", "/parties/1", {"name": "B"}, "party.write"),
    ("POST", "/parties/1/archive", {}, "party.write"),
    ("POST", "/parties/1/restore", {}, "party.write"),
    ("DELETE", "/parties/1", None, "party.write"),
]


async def test_every_route_asks_for_its_right(served: Served) -> None:
    await stocked(served)
    other = await served.key("audit.read")
    for path in (*READS, "/parties", "/parties/1", "/parties/1/terms"):
        answer = await served.call("GET", path, api_key=other)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), path
        nobody = await served.call("GET", path, api_key="wrong")
        assert nobody.status_code == 401, path
    reader = await served.key("item.read", "party.read")
    for method, path, body, permission in WRITES:
        answer = await served.call(method, path, body, version=1, api_key=reader)
        assert answer.status_code == 403, (method, path)
        assert answer.json()["permission"] == permission
