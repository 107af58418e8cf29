"""Whatever is sent to a route that writes: a 4xx problem with a code, and no table has changed.

The routes come from the published document, so a new one fails here until it has a body of its
own. What is special to one kind of thing stands in the tests of its slice.
"""

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from copy import deepcopy
from typing import Any

import httpx
import pytest

from api.every_write import BODIES, OPENAPI, PASSWORD, World, every_write, is_accepted, is_problem
from documents.desk import found_company_with_parties
from support.callers import caller
from truestock.database import Database
from truestock.identity.operations import create_first_administrator
from truestock.kernel import clock
from truestock.web.app import Application

WRITES = list(every_write())
WITHOUT_RIGHTS = {"/session", "/sessions", "/sessions/{session_id}", "/session/password",
    "/role-requests", "/views", "/views/{view_id}", "/notifications/read",
    "/notifications/{notification_id}/read"}  # fmt: skip
"""Whoever is signed in may do these."""
WITHOUT_PAGES = ("/exports", "/views")
"""They answer everything at once and look at no cursor; views have no order to choose."""
HUGE = 10**30
NASTY: list[Any] = [
    None, True, -1, 0, 1.5, HUGE, 2**63, "", "NaN", "x" * 20_000, "\x00", "\U0001f525\u202e",
    "'; DROP TABLE movement; --", "<script>alert(1)</script>", "${jndi:ldap://x}", "../../etc",
    [], [None], {}, {"a": {"b": []}},
]  # fmt: skip
RAW = [
    b"", b"{", b"nonsense", b"\xff\xfe", b'{"a": NaN}', b'{"a": Infinity}', b"5", b'"text"',
    b"[" * 50_000, b'{"a":"\\ud800"}', b'{"a":1' + b"0" * 5_000 + b"}",
]  # fmt: skip
BAD_IDS = ["0", "-1", "x", "1.5", "9" * 30, "%00", "1%20OR%201=1", "987654321"]


@pytest.fixture
async def world(application: Application, database: Database) -> AsyncIterator[World]:
    """One of everything, and an administrator who is signed in."""
    await found_company_with_parties(database)
    await create_first_administrator(
        database, clock.now, login="boss", name="The Boss", password=PASSWORD
    )
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        signed = await client.post("/api/v1/session", json={"login": "boss", "password": PASSWORD})
        client.headers["X-CSRF-Token"] = signed.json()["csrf_token"]
        ids: dict[str, Any] = {"item_id": 1, "supplier_id": 1, "site_id": 1, "party_id": 1}
        ids |= {"type": "receipt", "kind": "items", "name": "old", "session_id": 1}
        world = World(database, client, ids)
        await one_of_each(world)
        yield world


async def one_of_each(world: World) -> None:
    async def made(method: str, path: str, name: str, id_of: str = "") -> Any:
        write = next(each for each in WRITES if (each.method, each.path) == (method, path))
        answer = await world.send(write, write.body)
        assert answer.is_success, (path, answer.text)
        if name:
            world.ids[name] = answer.json()[id_of or name]
        return answer

    await made("POST", "/movements", "movement_id")
    await made("POST", "/movements", "movement_id")
    await made("POST", "/reservations", "reservation_id")
    await made("POST", "/documents", "document_id")
    await made("POST", "/items/{item_id}/suppliers/{supplier_id}", "")
    await made("POST", "/locations", "location_id")
    await made("POST", "/imports", "import_id")
    await made("POST", "/imports/{import_id}/apply", "job_id")
    await made("POST", "/imports", "import_id")
    await made("PUT", "/import-mappings/{kind}/{name}", "")
    await made("POST", "/users", "actor_id")
    await made("POST", "/views", "view_id")
    await made("POST", "/api-keys", "key_id", "actor_id")
    assert world.ids["job_id"]
    world.ids["role_request_id"] = world.ids["notification_id"] = 1


def leaves(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every field of a body, down to the last."""
    if isinstance(body, dict | list) and body:
        places = body.keys() if isinstance(body, dict) else range(len(body))
        for place in places:
            yield (*path, place)
            yield from leaves(body[place], (*path, place))


def with_value(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = deepcopy(body)
    inside = changed
    for place in path[:-1]:
        inside = inside[place]
    inside[path[-1]] = value
    return changed


def test_every_route_that_writes_has_a_body_here() -> None:
    assert {(each.method, each.path) for each in WRITES} == set(BODIES)


@pytest.mark.parametrize(
    "name",
    ["POST /movements", "POST /reservations", "POST /documents", "POST /items", "POST /parties",
     "POST /locations", "POST /imports", "POST /views", "POST /documents/{document_id}/post",
     "PUT /document-types/{type}", "POST /jobs/{job_id}/cancel"],
)  # fmt: skip
async def test_the_digest_sees_what_is_accepted(world: World, name: str) -> None:
    write = next(each for each in WRITES if each.name == name)
    before = await world.contents()
    assert len(before) > 35
    body = write.body
    for field in ("code", "name"):  # one like it is there already
        if body and field in body:
            body = body | {field: "OTHER"}
    answer = await world.send(write, body)
    assert answer.is_success, answer.text
    assert await world.contents() != before


async def test_nothing_changes_without_credentials_rights_or_a_good_key(
    world: World, application: Application
) -> None:
    transport = httpx.ASGITransport(application)
    async with (
        caller(application, world.database, "audit.read", site_ids=None) as weak,
        caller(application, world.database, "stock.post", site_ids=None) as late,
        httpx.AsyncClient(transport=transport, base_url="http://test") as nobody,
    ):
        async with world.database.writing() as tx:
            await tx.run(
                "UPDATE api_key SET expires_at = now() - interval '1 hour', "
                "created_at = now() - interval '2 hours' WHERE scopes = '{stock.post}'"
            )
        before = await world.contents()
        for write in WRITES:
            if write.name != "POST /session":
                for client in (nobody, late):
                    answer = await world.send(write, write.body, client=client)
                    assert (answer.status_code, is_problem(answer)) == (401, True), write.name
            if write.path not in WITHOUT_RIGHTS:
                answer = await world.send(write, write.body, client=weak)
                assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert await world.contents() == before


async def test_nothing_changes_by_a_cookie_without_its_token_or_from_another_site(
    world: World,
) -> None:
    before = await world.contents()
    for write in WRITES:
        if write.name == "POST /session":
            continue
        for wrong in ({"X-CSRF-Token": "0" * 64}, {"Origin": "http://evil.example"}):
            answer = await world.send(write, write.body, headers=wrong)
            assert answer.status_code == 403, (write.name, wrong, answer.text)
            assert is_problem(answer)
            assert answer.json()["code"] in {"csrf_refused", "origin_refused"}
    assert await world.contents() == before


async def test_what_is_not_json_or_too_long_or_of_another_type_is_refused(world: World) -> None:
    before = await world.contents()
    for write in WRITES:
        if not write.takes_json or not isinstance(write.body, dict):
            continue
        for content in RAW:
            if content == b"" and write.body_optional:
                continue  # a verb without a body says all that it could say
            answer = await world.send(write, content=content)
            assert is_problem(answer), (write.name, content[:40], answer.text)
        answer = await world.send(write, content=b'{"note": "' + b"x" * 6_000_000 + b'"}')
        assert is_problem(answer), write.name
        # Below /imports it may be as long and of a type as an upload; it is not of its form.
        assert answer.status_code == (422 if write.path.startswith("/imports") else 413)
        wrong = {"Content-Type": "text/plain"}
        answer = await world.send(write, content=b"{}", headers=wrong)
        assert is_problem(answer), write.name
        assert answer.status_code == (422 if write.path.startswith("/imports") else 415)
    assert await world.contents() == before


async def test_ids_that_are_none_or_unknown_are_refused(world: World) -> None:
    before = await world.contents()
    for write in WRITES:
        names = [part[1:-1] for part in write.path.split("/") if part.startswith("{")]
        for name in names:
            if name == "name":
                continue
            for wrong in BAD_IDS:
                headers = {"If-Match": '"1"'} if write.needs_version else {}
                answer = await world.send(write, write.body, headers=headers, ids={name: wrong})
                assert is_problem(answer), (write.name, name, wrong, answer.text)
                assert answer.status_code in {403, 404, 405, 409, 412, 422}, answer.text
    assert await world.contents() == before


async def test_a_write_needs_its_key_and_its_present_version(world: World) -> None:
    before = await world.contents()
    for write in WRITES:
        if write.needs_key:
            for key in ("", "x" * 201):
                answer = await world.send(write, write.body, headers={"Idempotency-Key": key})
                assert is_problem(answer), (write.name, key[:5], answer.text)
                assert answer.json()["code"] in {"request_key_missing", "invalid_input"}
        if write.needs_version:
            for version in ('"77"', '"x"', '"-1"', '"' + "9" * 30 + '"'):
                answer = await world.send(write, write.body, headers={"If-Match": version})
                assert is_problem(answer), (write.name, version, answer.text)
                assert answer.status_code in {400, 409, 412, 422}, (write.name, answer.text)
    assert await world.contents() == before


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "family",
    ["movements", "reservations", "documents", "document-types", "items", "parties", "sites",
     "locations", "imports", "import-mappings", "users", "api-keys", "role-requests", "views",
     "session", "jobs"],
)  # fmt: skip
async def test_no_value_in_any_field_is_a_fault_and_what_is_refused_changes_nothing(
    world: World, family: str
) -> None:
    """Every field of every body of the family takes every nasty value in turn, and one more field.

    Some are accepted, as a script in a name is a name; what is refused must have changed nothing,
    and something of each field must be refused. A refused sign-in is in the audit trail.
    """
    count: Counter[str] = Counter()
    before = await world.contents()
    for write in WRITES:
        if write.path.split("/")[1] != family or not isinstance(write.body, dict):
            continue
        answer = await world.send(write, write.body | {"surprise": 1})
        assert is_problem(answer), (write.name, answer.text)
        for field in leaves(write.body):
            refused = 0
            for value in NASTY:
                answer = await world.send(write, with_value(write.body, field, value))
                if is_accepted(answer):
                    count["accepted"] += 1
                    before = await world.contents()
                    continue
                is_batch = answer.status_code == 200
                assert is_batch or is_problem(answer), (write.name, field, value, answer.text)
                if write.path == "/session":
                    before["audit_event"] = (await world.contents())["audit_event"]
                refused += 1
                if refused % 6 == 1:
                    assert await world.contents() == before, (write.name, field, value)
            assert refused, (write.name, field)
            count["refused"] += refused
    assert await world.contents() == before
    assert count["refused"] or family == "jobs", "its bodies have no fields"


async def test_a_key_that_was_used_for_something_else_is_refused(world: World) -> None:
    """The key of an accepted movement, sent with every other write there is."""
    first = next(each for each in WRITES if each.path == "/movements")
    used = {"Idempotency-Key": "used"}
    assert (await world.send(first, first.body, headers=used)).status_code == 201
    before = await world.contents()
    for write in WRITES:
        if write.needs_key and write is not first and write.path != "/movements/batch":
            answer = await world.send(write, write.body, headers=used)
            assert is_problem(answer), (write.name, answer.text)
            assert answer.status_code in {404, 409, 422}, (write.name, answer.text)
    answer = await world.send(first, first.body | {"note": "another"}, headers=used)
    assert (answer.status_code, answer.json()["code"]) == (422, "request_key_reused")
    assert await world.contents() == before


async def test_bad_paging_sorting_and_filters_of_every_list_are_refused(world: World) -> None:
    paths = json.loads(OPENAPI.read_text())["paths"]
    lists = [
        path.removeprefix("/api/v1")
        for path, operations in paths.items()
        if any(each["name"] == "cursor" for each in operations.get("get", {}).get("parameters", []))
    ]
    assert len(lists) >= 10
    for path in lists:
        for query in (
            "limit=0", "limit=-1", "limit=x", "limit=1e3", "limit=" + "9" * 40, "cursor=x",
            "cursor=AAAA", "cursor=W10", "cursor=" + "A" * 3_000, "surprise=1", "sort=nope",
        ):  # fmt: skip
            if path.startswith(WITHOUT_PAGES) and query.startswith(("cursor", "sort")):
                continue
            answer = await world.client.get(f"{world.at(path, balance_id=1)}?{query}")
            assert is_problem(answer), (path, query[:30], answer.status_code, answer.text[:300])
