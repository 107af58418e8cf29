"""Items through HTTP."""

from typing import Any

from support.served import Served

MUG = {
    "sku": "MUG-1",
    "name": "Mug, blue",
    "gtin": "4006381333931",
    "list_price_minor": 890,
    "packs": [
        {"unit": "carton", "factor_numerator": 24, "gtin": "14006381333938"},
        {"unit": "half", "factor_numerator": 2, "factor_denominator": 4},
    ],
}


async def add(served: Served, sku: str, **fields: Any) -> dict[str, Any]:
    answer = await served.call("POST", "/items", {"sku": sku, "name": f"Item {sku}", **fields})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_an_item_is_added_and_read_with_its_packs_in_lowest_terms(served: Served) -> None:
    made = await served.call("POST", "/items", MUG)
    assert made.status_code == 201, made.text
    assert made.headers["ETag"] == '"1"'
    item_id = made.json()["item_id"]
    assert made.headers["Location"] == f"/api/v1/items/{item_id}"
    read = await served.call("GET", f"/items/{item_id}")
    assert read.status_code == 200
    assert read.json() == made.json()
    assert read.json()["packs"] == [
        {"unit": "half", "factor_numerator": 1, "factor_denominator": 2, "gtin": None},
        {
            "unit": "carton",
            "factor_numerator": 24,
            "factor_denominator": 1,
            "gtin": "14006381333938",
        },
    ]
    by_sku = await served.call("GET", "/items/by-sku/MUG-1")
    assert by_sku.json() == made.json()
    assert by_sku.headers["ETag"] == '"1"'


async def test_a_sku_with_slash_and_percent_is_found_by_its_sku(served: Served) -> None:
    await add(served, "A/B 50%25")
    found = await served.call("GET", "/items/by-sku/A%2FB%2050%2525")
    assert found.status_code == 200, found.text
    assert found.json()["sku"] == "A/B 50%25"
    missing = await served.call("GET", "/items/by-sku/none")
    assert (missing.status_code, missing.json()["code"]) == (404, "item_not_found")


async def test_the_same_request_key_gives_the_same_answer_and_another_payload_is_refused(
    served: Served,
) -> None:
    headers = {"Idempotency-Key": "once"}
    first = await served.call("POST", "/items", MUG, headers=headers)
    again = await served.call("POST", "/items", MUG, headers=headers)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    other = await served.call("POST", "/items", MUG | {"name": "Cup"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "request_key_reused")


async def test_a_refusal_is_kept_under_its_request_key(served: Served) -> None:
    await add(served, "MUG-1")
    headers = {"Idempotency-Key": "twin"}
    first = await served.call("POST", "/items", MUG, headers=headers)
    assert (first.status_code, first.json()["code"]) == (409, "sku_taken")
    assert first.json()["sku"] == "MUG-1"
    again = await served.call("POST", "/items", MUG, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "sku_taken")


async def test_a_change_touches_only_what_it_names(served: Served) -> None:
    made = (await served.call("POST", "/items", MUG)).json()
    path = f"/items/{made['item_id']}"
    answer = await served.call(
        "PATCH", path, {"name": "Mug, deep blue", "gtin": None}, version=made["version"]
    )
    assert answer.status_code == 200, answer.text
    changed = answer.json()
    assert changed == made | {
        "name": "Mug, deep blue",
        "gtin": None,
        "version": 2,
        "changed_at": changed["changed_at"],
    }


async def test_a_change_that_changes_nothing_keeps_the_version(served: Served) -> None:
    made = await add(served, "A", currency="USD")
    answer = await served.call("PATCH", f"/items/{made['item_id']}", {"currency": "USD"}, version=1)
    assert answer.json() == made


async def test_packs_may_swap_their_codes_in_one_change(served: Served) -> None:
    made = (await served.call("POST", "/items", MUG)).json()
    swapped = [{"unit": "carton", "factor_numerator": 12, "gtin": "4006381333931"}]
    answer = await served.call(
        "PATCH",
        f"/items/{made['item_id']}",
        {"gtin": "14006381333938", "packs": swapped, "base_unit": "piece"},
        version=1,
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["gtin"] == "14006381333938"
    assert answer.json()["packs"][0]["gtin"] == "4006381333931"


async def test_a_stale_version_is_refused_and_a_missing_one_asked_for(served: Served) -> None:
    made = await add(served, "A")
    path = f"/items/{made['item_id']}"
    assert (await served.call("PATCH", path, {"name": "B"}, version=1)).status_code == 200
    for method, where, body in (
        ("PATCH", path, {"name": "C"}),
        ("POST", f"{path}/archive", {}),
        ("POST", f"{path}/restore", {}),
        ("DELETE", path, None),
    ):
        stale = await served.call(method, where, body, version=1)
        assert (stale.status_code, stale.json()["code"]) == (412, "stale_version"), where
        assert stale.json()["version"] == 2
        missing = await served.call(method, where, body)
        assert (missing.status_code, missing.json()["code"]) == (428, "version_missing"), where
    for wrong in ("1", "*", '"x"', '"99999999999"', '"1", "2"'):
        answer = await served.call("PATCH", path, {"name": "C"}, headers={"If-Match": wrong})
        assert (answer.status_code, answer.json()["code"]) == (422, "version_form"), wrong
    weak = await served.call("PATCH", path, {"name": "C"}, headers={"If-Match": 'W/"2"'})
    assert weak.status_code == 200


async def test_an_item_is_archived_restored_and_deleted(served: Served) -> None:
    made = await add(served, "A")
    path = f"/items/{made['item_id']}"
    archived = await served.call("POST", f"{path}/archive", {}, version=1)
    assert (archived.json()["status"], archived.json()["version"]) == ("archived", 2)
    same = await served.call("POST", f"{path}/archive", {}, version=2)
    assert same.json()["version"] == 2
    restored = await served.call("POST", f"{path}/restore", {}, version=2)
    assert (restored.json()["status"], restored.json()["version"]) == ("active", 3)
    gone = await served.call("DELETE", path, version=3)
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await served.call("GET", path)).status_code == 404


async def test_lists_page_without_gaps_in_every_order(served: Served) -> None:
    for number in range(7):
        await add(served, f"SKU-{number}", name=f"Name {number % 3}")
    for sort in ("sku", "-sku", "name", "-name", "changed_at", "-changed_at"):
        seen: list[str] = []
        path = f"/items?limit=3&sort={sort}"
        while path:
            page = await served.call("GET", path)
            assert page.status_code == 200, page.text
            seen += [item["sku"] for item in page.json()["items"]]
            link = page.headers.get("Link", "")
            path = link.split(">")[0].removeprefix("</api/v1") if link else ""
        assert sorted(seen) == [f"SKU-{number}" for number in range(7)], sort
        if sort.endswith("sku"):
            assert seen == sorted(seen, reverse=sort.startswith("-"))


async def test_lists_are_filtered_by_text_status_and_tracking(served: Served) -> None:
    await add(served, "AB_1", gtin="4006381333931", name="Blue 100% cotton")
    await add(served, "ABX1", tracking="lot")
    gone = await add(served, "C", name="Old")
    await served.call("POST", f"/items/{gone['item_id']}/archive", {}, version=1)

    async def skus(query: str) -> list[str]:
        answer = await served.call("GET", f"/items?{query}")
        assert answer.status_code == 200, answer.text
        return [item["sku"] for item in answer.json()["items"]]

    assert await skus("q=ab_") == ["AB_1"]
    assert await skus("q=100%25") == ["AB_1"]
    assert await skus("q=04006381333931") == ["AB_1"]
    assert await skus("tracking=lot") == ["ABX1"]
    assert await skus("status=archived") == ["C"]
    assert await skus("status=active&q=old") == []


async def test_search_puts_the_exact_code_first_then_what_starts_so_then_what_is_near(
    served: Served,
) -> None:
    mug = await add(
        served,
        "MUG",
        name="Stoneware mug",
        gtin="4006381333931",
        packs=[{"unit": "carton", "factor_numerator": 6, "gtin": "14006381333938"}],
    )
    await add(served, "MUG-BLUE", name="Coffee cup, blue")
    await add(served, "TEA-1", name="Tea kettle, enamel mug set")
    await add(served, "X-1", name="Bottle")

    async def found(text: str) -> list[dict[str, Any]]:
        answer = await served.call("GET", "/items/search", params={"q": text})
        assert answer.status_code == 200, answer.text
        listed: list[dict[str, Any]] = answer.json()
        return listed

    assert [each["sku"] for each in await found("MUG")] == ["MUG", "MUG-BLUE", "TEA-1"]
    assert [each["exact"] for each in await found("MUG")] == [True, False, False]
    assert (await found("mug-b"))[0]["sku"] == "MUG-BLUE"
    for code in ("4006381333931", "04006381333931"):
        [exact] = await found(code)
        assert (exact["item_id"], exact["unit"], exact["exact"]) == (mug["item_id"], None, True)
    [pack] = await found("14006381333938")
    assert (pack["sku"], pack["unit"], pack["exact"]) == ("MUG", "carton", True)
    assert [each["sku"] for each in await found("40063")] == ["MUG"]
    assert [each["sku"] for each in await found("stonware")] == ["MUG"]
    assert [each["sku"] for each in await found("kettel")] == ["TEA-1"]
    assert await found("%") == []
    assert await found(" ") == []


async def test_archived_items_are_found_by_their_exact_code_only(served: Served) -> None:
    made = await add(served, "OLD-1", name="Retired thing")
    await served.call("POST", f"/items/{made['item_id']}/archive", {}, version=1)
    exact = await served.call("GET", "/items/search?q=OLD-1")
    assert [each["status"] for each in exact.json()] == ["archived"]
    assert (await served.call("GET", "/items/search?q=OLD")).json() == []
    assert (await served.call("GET", "/items/search?q=Retired")).json() == []


async def test_changes_are_in_the_audit_trail_with_before_and_after(served: Served) -> None:
    made = await add(served, "A", cost_minor=100)
    await served.call("PATCH", f"/items/{made['item_id']}", {"cost_minor": 120}, version=1)
    async with served.database.asking() as tx:
        [created, changed] = await tx.rows(
            "SELECT action, subject_id, before::text, after::text FROM audit_event"
            " WHERE subject_kind = 'item' ORDER BY audit_event_id"
        )
    assert (created["action"], created["subject_id"]) == ("item.created", made["item_id"])
    assert created["before"] is None
    assert changed["action"] == "item.changed"
    assert (changed["before"], changed["after"]) == ('{"cost_minor": 100}', '{"cost_minor": 120}')


async def test_every_change_of_an_item_raises_the_fact_stamp(served: Served) -> None:
    async def stamp() -> int:
        async with served.database.asking() as tx:
            return int(await tx.value("SELECT stamp FROM fact_stamp"))

    before = await stamp()
    made = await add(served, "A")
    path = f"/items/{made['item_id']}"
    packs = [{"unit": "box", "factor_numerator": 3}]
    await served.call("PATCH", path, {"packs": packs}, version=1)
    await served.call("POST", f"{path}/archive", {}, version=2)
    await served.call("POST", f"{path}/restore", {}, version=3)
    await served.call("DELETE", path, version=4)
    assert await stamp() == before + 5
