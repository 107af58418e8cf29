"""Sites and locations through HTTP."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from support.served import Served, serve
from truestock.database import Database


@pytest.fixture
async def served(database: Database) -> AsyncIterator[Served]:
    running = await serve(database)
    yield running
    await running.close()


async def add_site(served: Served, code: str = "N", **fields: Any) -> int:
    answer = await served.call("POST", "/sites", {"code": code, "name": f"Site {code}", **fields})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["site_id"])


async def add(served: Served, site_id: int, code: str, **fields: Any) -> dict[str, Any]:
    body = {"site_id": site_id, "code": code, "kind": "bin", **fields}
    answer = await served.call("POST", "/locations", body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def put_stock(served: Served, location_id: int, quantity: int = 5) -> None:
    """Stock as the ledger keeps it: two balances and a movement line."""
    async with served.database.writing() as tx:
        await tx.run("INSERT INTO item (sku, name) VALUES ('A', 'A') ON CONFLICT DO NOTHING")
        await tx.run(
            """
            INSERT INTO balance (balance_id, item_id, location_id, physical, quantity_on_hand)
            VALUES (1, 1, $1, true, $2::bigint), (-2, 1, 1, false, -$2::bigint)
            """,
            location_id,
            quantity,
        )
        await tx.run(
            "INSERT INTO request (movement_id, actor_id, request_key, payload_hash, kind,"
            " occurred_at, line_count)"
            " VALUES (1, 1, 'k', decode(repeat('00', 16), 'hex'), 'receipt', now(), 1)"
        )
        await tx.run(
            "INSERT INTO movement_line VALUES (1, 1, -2, 1, $1::bigint, -$1::bigint, $1::bigint)",
            quantity,
        )


async def paths(served: Served, query: str = "physical=true") -> list[str]:
    answer = await served.call("GET", f"/locations?limit=100&{query}")
    assert answer.status_code == 200, answer.text
    return [each["path"] for each in answer.json()["items"]]


async def test_a_tree_is_built_moved_and_renamed(served: Served) -> None:
    site = await add_site(served)
    zone = await add(served, site, "Z", kind="zone")
    aisle = await add(served, site, "Z-1", kind="aisle", parent_id=zone["location_id"])
    await add(served, site, "Z-1-1", parent_id=aisle["location_id"])
    other = await add(served, site, "Y_", kind="zone")
    await add(served, site, "YX")
    assert await paths(served) == ["/N/YX", "/N/Y_", "/N/Z", "/N/Z/Z-1", "/N/Z/Z-1/Z-1-1"]
    at = f"/locations/{aisle['location_id']}"
    moved = await served.call("PATCH", at, {"parent_id": other["location_id"]}, version=1)
    assert moved.json()["path"] == "/N/Y_/Z-1"
    renamed = await served.call(
        "PATCH", f"/locations/{other['location_id']}", {"code": "W", "name": "West"}, version=1
    )
    assert renamed.status_code == 200
    assert await paths(served) == ["/N/W", "/N/W/Z-1", "/N/W/Z-1/Z-1-1", "/N/YX", "/N/Z"]
    site_renamed = await served.call("PATCH", f"/sites/{site}", {"code": "NORTH"}, version=1)
    assert site_renamed.status_code == 200
    assert (await paths(served))[1] == "/NORTH/W/Z-1"
    up = await served.call("PATCH", at, {"parent_id": None}, version=2)
    assert up.json()["path"] == "/NORTH/Z-1"
    assert await paths(served, f"parent_id={aisle['location_id']}") == ["/NORTH/Z-1/Z-1-1"]
    assert await paths(served, "top_only=true&physical=true") == [
        "/NORTH/W",
        "/NORTH/YX",
        "/NORTH/Z",
        "/NORTH/Z-1",
    ]


async def test_a_location_cannot_lie_within_itself(served: Served) -> None:
    site = await add_site(served)
    top = await add(served, site, "A", kind="zone")
    low = await add(served, site, "B", parent_id=top["location_id"])
    for parent in (top, low):
        answer = await served.call(
            "PATCH",
            f"/locations/{top['location_id']}",
            {"parent_id": parent["location_id"]},
            version=1,
        )
        assert (answer.status_code, answer.json()["code"]) == (409, "location_cycle")


async def test_a_parent_stands_in_the_same_site(served: Served) -> None:
    north, south = await add_site(served, "N"), await add_site(served, "S")
    away = await add(served, south, "S-1", kind="zone")
    for parent_id in (away["location_id"], 1, 999):
        body = {"site_id": north, "code": "A", "kind": "bin", "parent_id": parent_id}
        answer = await served.call("POST", "/locations", body)
        assert answer.json()["code"] == "location_parent_unknown", parent_id
    mine = await add(served, north, "A")
    answer = await served.call(
        "PATCH",
        f"/locations/{mine['location_id']}",
        {"parent_id": away["location_id"]},
        version=1,
    )
    assert answer.json()["code"] == "location_parent_unknown"


async def test_virtual_locations_are_listed_and_never_changed(served: Served) -> None:
    listed = await served.call("GET", "/locations?physical=false&sort=code")
    assert [each["code"] for each in listed.json()["items"]] == [
        "ADJUSTMENT",
        "CUSTOMER",
        "PRODUCTION",
        "SCRAP",
        "SUPPLIER",
    ]
    for method, path, body in (
        ("PATCH", "/locations/1", {"name": "X"}),
        ("POST", "/locations/1/deactivate", {}),
        ("POST", "/locations/1/activate", {}),
        ("DELETE", "/locations/1", None),
    ):
        answer = await served.call(method, path, body, version=1)
        assert (answer.status_code, answer.json()["code"]) == (409, "location_fixed"), path


async def test_a_site_called_like_a_virtual_location_leaves_it_alone(served: Served) -> None:
    site = await add_site(served, "SUPPLIER")
    closed = await served.call("POST", f"/sites/{site}/deactivate", {}, version=1)
    assert closed.json()["status"] == "inactive"
    assert (await served.call("GET", "/locations/1")).json()["status"] == "active"


async def test_a_full_location_is_not_closed_and_says_what_is_there(served: Served) -> None:
    site = await add_site(served)
    zone = await add(served, site, "Z", kind="zone")
    place = await add(served, site, "Z-1", parent_id=zone["location_id"])
    await put_stock(served, place["location_id"])
    for path in (f"/locations/{zone['location_id']}", f"/sites/{site}"):
        answer = await served.call("POST", f"{path}/deactivate", {}, version=1)
        assert (answer.status_code, answer.json()["code"]) == (409, "location_not_empty")
        assert answer.json()["stock"] == [
            {"location": "Z-1", "sku": "A", "quantity_on_hand": 5, "quantity_reserved": 0}
        ]
    used = await served.call("DELETE", f"/locations/{place['location_id']}", version=1)
    assert (used.status_code, used.json()["code"]) == (409, "location_used")


async def test_closing_takes_all_below_and_opening_goes_from_the_top(served: Served) -> None:
    site = await add_site(served)
    zone = await add(served, site, "Z", kind="zone")
    place = await add(served, site, "Z-1", parent_id=zone["location_id"])
    at_zone, at_place = f"/locations/{zone['location_id']}", f"/locations/{place['location_id']}"
    closed = await served.call("POST", f"{at_zone}/deactivate", {}, version=1)
    assert (closed.json()["status"], closed.json()["version"]) == ("inactive", 2)
    assert (await served.call("GET", at_place)).json()["status"] == "inactive"
    early = await served.call("POST", f"{at_place}/activate", {}, version=2)
    assert early.json()["code"] == "location_parent_inactive"
    under = {"site_id": site, "code": "Z-2", "kind": "bin", "parent_id": zone["location_id"]}
    new = await served.call("POST", "/locations", under)
    assert new.json()["code"] == "location_parent_inactive"
    opened = await served.call("POST", f"{at_zone}/activate", {"with_below": True}, version=2)
    assert opened.json()["status"] == "active"
    assert (await served.call("GET", at_place)).json()["status"] == "active"


async def test_a_closed_site_takes_no_new_location(served: Served) -> None:
    site = await add_site(served)
    place = await add(served, site, "A")
    closed = await served.call("POST", f"/sites/{site}/deactivate", {}, version=1)
    assert closed.json()["status"] == "inactive"
    answer = await served.call("POST", "/locations", {"site_id": site, "code": "B", "kind": "bin"})
    assert answer.json()["code"] == "site_inactive"
    at = f"/locations/{place['location_id']}"
    assert (await served.call("GET", at)).json()["status"] == "inactive"
    early = await served.call("POST", f"{at}/activate", {}, version=2)
    assert early.json()["code"] == "site_inactive"
    assert (await served.call("POST", f"/sites/{site}/activate", {}, version=2)).status_code == 200
    assert (await served.call("POST", f"{at}/activate", {}, version=2)).status_code == 200


async def test_unused_places_are_deleted_from_the_bottom_up(served: Served) -> None:
    site = await add_site(served)
    zone = await add(served, site, "Z", kind="zone")
    place = await add(served, site, "Z-1", parent_id=zone["location_id"])
    used = await served.call("DELETE", f"/sites/{site}", version=1)
    assert (used.status_code, used.json()["code"]) == (409, "site_used")
    full = await served.call("DELETE", f"/locations/{zone['location_id']}", version=1)
    assert (full.status_code, full.json()["code"]) == (409, "location_has_children")
    for each in (place, zone):
        gone = await served.call("DELETE", f"/locations/{each['location_id']}", version=1)
        assert gone.status_code == 204
    assert (await served.call("DELETE", f"/sites/{site}", version=1)).status_code == 204


async def test_the_policy_for_stock_below_zero_is_copied_to_balances(served: Served) -> None:
    site = await add_site(served)
    place = await add(served, site, "A")
    await put_stock(served, place["location_id"])
    at = f"/locations/{place['location_id']}"
    allowed = await served.call("PATCH", at, {"negative_allowed": True}, version=1)
    assert allowed.json()["negative_allowed"] is True
    async with served.database.asking() as tx:
        assert await tx.value("SELECT negative_allowed FROM balance WHERE balance_id = 1")
    forbidden = await served.call("PATCH", at, {"negative_allowed": False}, version=2)
    assert forbidden.json()["negative_allowed"] is False
    async with served.database.asking() as tx:
        assert not await tx.value("SELECT negative_allowed FROM balance WHERE balance_id = 1")


async def test_stock_below_zero_cannot_be_forbidden_while_it_is_there(served: Served) -> None:
    site = await add_site(served)
    place = await add(served, site, "A")
    at = f"/locations/{place['location_id']}"
    await put_stock(served, place["location_id"])
    assert (await served.call("PATCH", at, {"negative_allowed": True}, version=1)).is_success
    async with served.database.writing() as tx:
        await tx.run(
            "INSERT INTO request (movement_id, actor_id, request_key, payload_hash, kind,"
            " occurred_at, line_count)"
            " VALUES (2, 1, 'l', decode(repeat('00', 16), 'hex'), 'scrap', now(), 1)"
        )
        await tx.run("INSERT INTO movement_line VALUES (2, 1, 1, -2, 8, -3, 3)")
        await tx.run("UPDATE balance SET quantity_on_hand = sign(balance_id) * -3")
    refused = await served.call("PATCH", at, {"negative_allowed": False}, version=2)
    assert (refused.status_code, refused.json()["code"]) == (409, "negative_stock_here")
    assert refused.json()["stock"] == [{"location": "A", "sku": "A", "quantity_on_hand": -3}]


async def test_a_rack_is_added_whole_or_not_at_all(served: Served) -> None:
    site = await add_site(served)
    rack = {
        "site_id": site,
        "zone": "A",
        "zone_name": "Shelves",
        "aisles": {"first": 1, "last": 3},
        "bins": {"first": 1, "last": 4, "digits": 3},
        "capacity": 50,
    }
    made = await served.call("POST", "/locations/bulk", rack)
    assert made.status_code == 201, made.text
    assert made.json()["created"] == 16
    assert made.json()["locations"][2]["code"] == "A-01-001"
    listed = await paths(served)
    assert len(listed) == 16
    assert "/N/A/A-03/A-03-004" in listed
    larger = rack | {"bins": {"first": 4, "last": 5, "digits": 3}}
    taken = await served.call("POST", "/locations/bulk", larger)
    assert (taken.status_code, taken.json()["code"]) == (409, "location_code_taken")
    assert taken.json()["locations"][:3] == ["A", "A-01", "A-01-004"]
    assert len(await paths(served)) == 16
    long = rack | {"zone": "B" * 60}
    refused = await served.call("POST", "/locations/bulk", long)
    assert (refused.status_code, refused.json()["code"]) == (422, "rack_refused")
    huge = rack | {"zone": "C", "bins": {"first": 1, "last": 9_999, "digits": 4}}
    refused = await served.call("POST", "/locations/bulk", huge)
    assert refused.json()["code"] == "rack_range"
    assert len(await paths(served)) == 16


async def test_rights_are_limited_to_sites(served: Served) -> None:
    north, south = await add_site(served, "N"), await add_site(served, "S")
    mine, theirs = await add(served, north, "N-1"), await add(served, south, "S-1")
    key = await served.key("location.read", "location.write", site_ids=(north,))

    async def call(method: str, path: str, body: Any = None, **more: Any) -> Any:
        return await served.call(method, path, body, api_key=key, **more)

    listed = (await call("GET", "/locations?physical=true")).json()["items"]
    assert [each["code"] for each in listed] == ["N-1"]
    assert [each["code"] for each in (await call("GET", "/sites")).json()["items"]] == ["N"]
    assert [each["code"] for each in (await call("GET", "/locations/search?q=S-1")).json()] == []
    assert (await call("GET", f"/locations/{theirs['location_id']}")).status_code == 404
    assert (await call("GET", f"/sites/{south}")).status_code == 404
    body = {"code": "X", "kind": "bin"}
    assert (await call("POST", "/locations", body | {"site_id": south})).status_code == 403
    assert (await call("POST", "/locations", body | {"site_id": north})).status_code == 201
    at = f"/locations/{theirs['location_id']}"
    assert (await call("PATCH", at, {"name": "X"}, version=1)).status_code == 404
    assert (await call("DELETE", at, version=1)).status_code == 404
    assert (await call("POST", f"/sites/{south}/deactivate", {}, version=1)).status_code == 404
    new = await call("POST", "/sites", {"code": "Q", "name": "Q"})
    assert new.status_code == 403
    changed = await call("PATCH", f"/locations/{mine['location_id']}", {"name": "X"}, version=1)
    assert changed.status_code == 200


async def test_every_route_asks_for_its_right(served: Served) -> None:
    site = await add_site(served)
    place = (await add(served, site, "A"))["location_id"]
    other = await served.key("audit.read")
    for path in ("/sites", f"/sites/{site}", "/locations", f"/locations/{place}"):
        assert (await served.call("GET", path, api_key=other)).status_code == 403, path
    assert (await served.call("GET", "/locations/search?q=a", api_key=other)).status_code == 403
    reader = await served.key("location.read")
    span = {"first": 1, "last": 1}
    for method, path, body in (
        ("POST", "/sites", {"code": "B", "name": "B"}),
        ("PATCH", f"/sites/{site}", {"name": "B"}),
        ("POST", f"/sites/{site}/deactivate", {}),
        ("POST", f"/sites/{site}/activate", {}),
        ("DELETE", f"/sites/{site}", None),
        ("POST", "/locations", {"site_id": site, "code": "B", "kind": "bin"}),
        ("POST", "/locations/bulk", {"site_id": site, "zone": "B", "aisles": span, "bins": span}),
        ("PATCH", f"/locations/{place}", {"name": "B"}),
        ("POST", f"/locations/{place}/deactivate", {}),
        ("POST", f"/locations/{place}/activate", {}),
        ("DELETE", f"/locations/{place}", None),
    ):
        answer = await served.call(method, path, body, version=1, api_key=reader)
        assert (answer.status_code, answer.json()["permission"]) == (403, "location.write"), path
        stale = await served.call(method, path, body, version=7)
        if method != "POST" or path.endswith("activate"):
            assert (stale.status_code, stale.json()["code"]) == (412, "stale_version"), path


async def test_wrong_input_is_refused_and_changes_nothing(served: Served) -> None:
    site = await add_site(served)
    place = (await add(served, site, "A"))["location_id"]
    before = (await served.call("GET", "/locations?limit=100")).json()
    for wrong in (
        {"code": ""},
        {"code": "A/B"},
        {"code": "A\u0000"},
        {"code": "x" * 65},
        {"code": 5},
        {"kind": "supplier"},
        {"kind": "cupboard"},
        {"name": "x" * 201},
        {"name": "\u0000"},
        {"parent_id": "1"},
        {"parent_id": 0},
        {"parent_id": 10**30},
        {"pickable": "yes"},
        {"pickable": None},
        {"negative_allowed": 1},
        {"capacity": 0},
        {"capacity": 1.5},
        {"capacity": 10**13},
        {"path": "/N/B"},
        {"status": "inactive"},
        {"physical": False},
    ):
        body = {"site_id": site, "code": "B", "kind": "bin"} | wrong
        for method, path in (("POST", "/locations"), ("PATCH", f"/locations/{place}")):
            sent = body if method == "POST" else wrong
            answer = await served.call(method, path, sent, version=1)
            assert 400 <= answer.status_code < 500, (method, wrong, answer.text)
            assert answer.json()["code"], wrong
    for wrong in (
        {"code": "A B"},
        {"name": " "},
        {"name": "\u0000"},
        {"time_zone": "Mars/Base"},
        {"time_zone": "../../etc/passwd"},
        {"time_zone": 1},
        {"address": "x" * 2_001},
        {"x": 1},
    ):
        answer = await served.call("POST", "/sites", {"code": "B", "name": "B"} | wrong)
        assert answer.status_code == 422, wrong
        answer = await served.call("PATCH", f"/sites/{site}", wrong, version=1)
        assert answer.status_code == 422, wrong
    for path, code in (
        ("/locations?kind=cupboard", "invalid_input"),
        ("/locations?site_id=x", "invalid_input"),
        ("/locations?physical=maybe", "invalid_input"),
        ("/locations?colour=red", "filter_unknown"),
        ("/locations?sort=size", "sort_unknown"),
        ("/locations?cursor=x", "cursor_invalid"),
        ("/locations?limit=1000", "invalid_input"),
        ("/locations/999", "location_not_found"),
        ("/locations/x", "invalid_input"),
        ("/sites/999", "site_not_found"),
        ("/sites?x=1", "filter_unknown"),
    ):
        answer = await served.call("GET", path)
        assert answer.json()["code"] == code, path
    unknown = {"site_id": 999, "code": "B", "kind": "bin"}
    assert (await served.call("POST", "/locations", unknown)).json()["code"] == "site_not_found"
    taken = {"site_id": site, "code": "A", "kind": "bin"}
    assert (await served.call("POST", "/locations", taken)).json()["code"] == "location_code_taken"
    twin = {"code": "N", "name": "Twin"}
    assert (await served.call("POST", "/sites", twin)).json()["code"] == "site_code_taken"
    assert (await served.call("GET", "/locations?limit=100")).json() == before


async def test_script_and_sql_in_names_come_back_as_they_were_sent(served: Served) -> None:
    text = "'; DROP TABLE location; -- <script>alert(1)</script> %s {{7*7}}"
    site = await add_site(served, name=text, address=text)
    shown = (await served.call("GET", f"/sites/{site}")).json()
    assert (shown["name"], shown["address"]) == (text, text)
    place = await add(served, site, "A", name=text)
    assert place["name"] == text
    found = await served.call("GET", "/locations", params={"q": text})
    assert [each["code"] for each in found.json()["items"]] == ["A"]
    near = await served.call("GET", "/locations/search", params={"q": text})
    assert [each["code"] for each in near.json()] == ["A"]


async def test_search_puts_the_exact_code_first(served: Served) -> None:
    site = await add_site(served)
    for code in ("A-1", "A-10", "A-11", "B-1"):
        await add(served, site, code, name="Cold room" if code == "B-1" else "")
    found = (await served.call("GET", "/locations/search?q=a-1")).json()
    assert [each["code"] for each in found][:3] == ["A-1", "A-10", "A-11"]
    exact = (await served.call("GET", "/locations/search?q=A-1")).json()
    assert [each["exact"] for each in exact][:2] == [True, False]
    assert [
        each["code"] for each in (await served.call("GET", "/locations/search?q=cold")).json()
    ] == ["B-1"]


async def test_changes_are_audited_and_raise_the_fact_stamp(served: Served) -> None:
    async def stamp() -> int:
        async with served.database.asking() as tx:
            return int(await tx.value("SELECT stamp FROM fact_stamp"))

    site = await add_site(served)
    before = await stamp()
    place = await add(served, site, "A")
    at = f"/locations/{place['location_id']}"
    await served.call("PATCH", at, {"pickable": False}, version=1)
    await served.call("POST", f"{at}/deactivate", {}, version=2)
    await served.call("POST", f"{at}/activate", {}, version=3)
    await served.call("DELETE", at, version=4)
    await served.call("POST", f"/sites/{site}/deactivate", {}, version=1)
    assert await stamp() == before + 6
    async with served.database.asking() as tx:
        rows = await tx.rows(
            "SELECT action, before::text, after::text FROM audit_event"
            " WHERE subject_kind IN ('site', 'location') ORDER BY audit_event_id"
        )
    assert [row["action"] for row in rows] == [
        "site.created",
        "location.created",
        "location.changed",
        "location.deactivated",
        "location.activated",
        "location.deleted",
        "site.deactivated",
    ]
    assert (rows[2]["before"], rows[2]["after"]) == ('{"pickable": true}', '{"pickable": false}')
