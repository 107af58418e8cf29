"""Suppliers, customers and supplier terms through HTTP."""

from typing import Any

from support.served import Served

CLAY = {
    "kind": "supplier",
    "code": "CLAY",
    "name": "Clayworks",
    "email": "orders@clayworks.example",
    "contacts": [{"name": "Sales desk", "phone": "1"}, {"name": "Accounts", "role": "invoices"}],
}


async def add_party(served: Served, **fields: Any) -> int:
    answer = await served.call("POST", "/parties", CLAY | fields)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["party_id"])


async def add_item(served: Served, sku: str) -> int:
    answer = await served.call("POST", "/items", {"sku": sku, "name": sku})
    return int(answer.json()["item_id"])


async def test_a_supplier_is_added_changed_archived_and_deleted(served: Served) -> None:
    made = await served.call("POST", "/parties", CLAY)
    path = f"/parties/{made.json()['party_id']}"
    assert made.headers["Location"] == f"/api/v1{path}"
    assert [each["name"] for each in made.json()["contacts"]] == ["Sales desk", "Accounts"]
    assert (await served.call("GET", path)).json() == made.json()
    changes = {"contacts": [{"name": "New desk"}], "email": None}
    changed = (await served.call("PATCH", path, changes, version=1)).json()
    assert (changed["email"], changed["version"]) == (None, 2)
    assert [each["name"] for each in changed["contacts"]] == ["New desk"]
    archived = await served.call("POST", f"{path}/archive", {}, version=2)
    assert archived.json()["status"] == "archived"
    restored = await served.call("POST", f"{path}/restore", {}, version=3)
    assert restored.json()["status"] == "active"
    assert (await served.call("DELETE", path, version=3)).status_code == 412
    assert (await served.call("DELETE", path, version=4)).status_code == 204
    assert (await served.call("GET", path)).json()["code"] == "party_not_found"


async def test_a_code_is_taken_within_its_kind_only(served: Served) -> None:
    await add_party(served)
    taken = await served.call("POST", "/parties", CLAY)
    assert (taken.status_code, taken.json()["code"]) == (409, "party_code_taken")
    assert taken.json()["party"] == "CLAY"
    await add_party(served, kind="customer")


async def test_parties_are_listed_by_text_kind_and_status(served: Served) -> None:
    await add_party(served)
    await add_party(served, code="B", name="Buyer", kind="customer")

    async def codes(query: str) -> list[str]:
        answer = await served.call("GET", f"/parties?{query}")
        return [each["code"] for each in answer.json()["items"]]

    assert await codes("sort=-code") == ["CLAY", "B"]
    assert await codes("kind=customer") == ["B"]
    assert await codes("q=works") == ["CLAY"]
    assert await codes("status=archived") == []


async def test_terms_hold_breaks_and_only_one_supplier_is_preferred(served: Served) -> None:
    item_id = await add_item(served, "MUG")
    one, two = await add_party(served, code="ONE"), await add_party(served, code="TWO")
    breaks = [
        {"quantity_minimum": 100, "unit_price_minor": 285},
        {"quantity_minimum": 10, "unit_price_minor": 310},
    ]
    path = f"/items/{item_id}/suppliers"
    body = {"lead_time_days": 14, "preferred": True, "price_breaks": breaks, "order_multiple": 5}
    first = await served.call("POST", f"{path}/{one}", body)
    assert first.status_code == 201, first.text
    assert [each["quantity_minimum"] for each in first.json()["price_breaks"]] == [10, 100]
    second = await served.call("POST", f"{path}/{two}", {"lead_time_days": 3, "preferred": True})
    assert second.status_code == 201
    listed = (await served.call("GET", path)).json()
    assert [(each["supplier_code"], each["preferred"], each["version"]) for each in listed] == [
        ("TWO", True, 1),
        ("ONE", False, 2),
    ]
    again = await served.call("POST", f"{path}/{two}", {"lead_time_days": 3})
    assert (again.status_code, again.json()["code"]) == (409, "term_exists")
    put = await served.call("PUT", f"{path}/{one}", {"lead_time_days": 7}, version=2)
    assert (put.json()["lead_time_days"], put.json()["price_breaks"]) == (7, [])
    stale = await served.call("PUT", f"{path}/{one}", {"lead_time_days": 8}, version=2)
    assert stale.status_code == 412
    page = (await served.call("GET", f"/parties/{one}/terms?q=mug")).json()
    assert [each["sku"] for each in page["items"]] == ["MUG"]
    assert (await served.call("DELETE", f"{path}/{one}", version=3)).status_code == 204
    missing = await served.call("GET", f"{path}/{one}")
    assert missing.json()["code"] == "term_not_found"


async def test_only_a_supplier_can_have_terms(served: Served) -> None:
    item_id = await add_item(served, "MUG")
    customer = await add_party(served, kind="customer")
    for party_id in (customer, 999):
        path = f"/items/{item_id}/suppliers/{party_id}"
        answer = await served.call("POST", path, {"lead_time_days": 1})
        assert (answer.status_code, answer.json()["code"]) == (422, "supplier_unknown")
    path = f"/items/999/suppliers/{customer}"
    answer = await served.call("POST", path, {"lead_time_days": 1})
    assert (answer.status_code, answer.json()["code"]) == (404, "item_not_found")


async def test_a_supplier_with_terms_is_not_deleted_and_terms_go_with_the_item(
    served: Served,
) -> None:
    item_id, party_id = await add_item(served, "MUG"), await add_party(served)
    await served.call("POST", f"/items/{item_id}/suppliers/{party_id}", {"lead_time_days": 1})
    used = await served.call("DELETE", f"/parties/{party_id}", version=1)
    assert (used.status_code, used.json()["code"]) == (409, "party_used")
    assert (await served.call("DELETE", f"/items/{item_id}", version=1)).status_code == 204
    assert (await served.call("DELETE", f"/parties/{party_id}", version=1)).status_code == 204
