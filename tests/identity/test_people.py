"""Adding, changing and deactivating people, and asking for roles."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from support.house import PASSWORD, House
from truestock.database import Database
from truestock.identity.operations import ActorFinder
from truestock.identity.operations.gate import COOKIE_PLAIN
from truestock.kernel.settings import Settings

USERS = "/api/v1/users"


async def changed(house: House, boss: Any, person: dict[str, Any], **fields: Any) -> Any:
    headers = {"If-Match": f'"{person["version"]}"', **house.once()}
    return await boss.patch(f"{USERS}/{person['actor_id']}", json=fields, headers=headers)


async def test_an_administrator_adds_a_person_who_can_sign_in(house: House) -> None:
    boss = await house.signed_in()
    person = await house.add_person(boss, roles=["operator"], site_ids=[3], email="r@example.com")
    assert person["roles"] == ["operator"]
    robin = await house.signed_in("robin")
    shown = (await robin.get("/api/v1/session")).json()
    assert shown["site_ids"] == [3]
    assert "stock.post" in shown["permissions"]


async def test_adding_the_same_person_again_with_the_same_key_adds_nobody(house: House) -> None:
    boss = await house.signed_in()
    given = {"login": "robin", "name": "Robin", "password": PASSWORD, "roles": []}
    headers = house.once()
    first, second = [await boss.post(USERS, json=given, headers=headers) for _ in range(2)]
    assert first.json() == second.json()
    assert second.headers["idempotent-replayed"] == "true"
    assert len((await boss.get(USERS)).json()["items"]) == 2


async def test_the_password_is_no_part_of_the_fast_hash_that_is_kept_of_a_request(
    house: House,
) -> None:
    boss = await house.signed_in()
    given = {"login": "robin", "name": "Robin", "password": PASSWORD, "roles": []}
    other = given | {"password": "an entirely new phrase"}
    headers = house.once()
    await boss.post(USERS, json=given, headers=headers)
    repeated = await boss.post(USERS, json=other, headers=headers)
    assert (repeated.status_code, repeated.headers["idempotent-replayed"]) == (201, "true")
    await house.signed_in("robin", PASSWORD)


async def test_a_taken_login_is_refused(house: House) -> None:
    boss = await house.signed_in()
    given = {"login": "boss", "name": "Robin", "password": PASSWORD, "roles": []}
    answer = await boss.post(USERS, json=given, headers=house.once())
    assert (answer.status_code, answer.json()["code"]) == (409, "login_taken")


@pytest.mark.parametrize(
    "extra",
    [
        {"actor_id": 1},
        {"status": "inactive"},
        {"version": 7},
        {"password_hash": "x"},
        {"permissions": ["user.manage"]},
        {"recorded_at": "2020-01-01T00:00:00Z"},
        {"is_admin": True},
    ],
)
async def test_fields_that_are_not_the_callers_to_set_are_refused(
    house: House, extra: dict[str, Any]
) -> None:
    boss = await house.signed_in()
    given = {"login": "robin", "name": "Robin", "password": PASSWORD, "roles": []}
    answer = await boss.post(USERS, json=given | extra, headers=house.once())
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert len((await boss.get(USERS)).json()["items"]) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"login": "Robin Field"},
        {"login": "r" * 101},
        {"name": ""},
        {"name": "a\x00b"},
        {"roles": ["emperor"]},
        {"roles": "admin"},
        {"site_ids": []},
        {"site_ids": [0]},
        {"site_ids": ["1"]},
        {"email": "nobody"},
        {"password": "Password123!"},
        {"password": 12345678901},
    ],
)
async def test_bad_input_is_a_refusal_and_adds_nobody(house: House, wrong: dict[str, Any]) -> None:
    boss = await house.signed_in()
    given = {"login": "robin", "name": "Robin", "password": PASSWORD, "roles": []}
    answer = await boss.post(USERS, json=given | wrong, headers=house.once())
    assert answer.status_code == 422
    assert len((await boss.get(USERS)).json()["items"]) == 1


async def test_a_refusal_does_not_repeat_the_password(house: House) -> None:
    boss = await house.signed_in()
    given = {"login": "robin", "name": 5, "password": "planted-secret-1", "roles": []}
    answer = await boss.post(USERS, json=given, headers=house.once())
    assert answer.status_code == 422
    assert "planted-secret" not in answer.text


async def test_a_change_needs_the_version_it_was_made_from(house: House) -> None:
    boss = await house.signed_in()
    person = await house.add_person(boss)
    where = f"{USERS}/{person['actor_id']}"
    missing = await boss.patch(where, json={"name": "Rob"}, headers=house.once())
    assert missing.status_code == 428
    assert (await changed(house, boss, person, name="Rob")).json()["version"] == 2
    stale = await changed(house, boss, person, name="Bob")
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    found = await boss.get(where)
    assert (found.json()["name"], found.headers["etag"]) == ("Rob", '"2"')


async def test_fields_left_out_of_a_change_stay(house: House) -> None:
    boss = await house.signed_in()
    person = await house.add_person(boss, email="r@example.com", site_ids=[1, 2])
    after = (await changed(house, boss, person, roles=["buyer"])).json()
    assert after == person | {"roles": ["buyer"], "version": 2}


async def test_a_deactivated_person_is_out_at_once_and_within_a_second_elsewhere(
    house: House,
    database: Database,
    settings: Settings,
    clock: Callable[[], Any],
) -> None:
    boss = await house.signed_in()
    person = await house.add_person(boss)
    robin = await house.signed_in("robin")
    seconds = [100.0]
    elsewhere = ActorFinder(database, settings, clock, lambda: seconds[0])
    cookie = robin.cookies[COOKIE_PLAIN]
    assert await elsewhere.by_session(cookie) is not None
    assert (await changed(house, boss, person, status="inactive")).status_code == 200
    assert (await robin.get("/api/v1/session")).status_code == 401
    seconds[0] += 1.0
    assert await elsewhere.by_session(cookie) is None
    refused = await house.caller().post(
        "/api/v1/session", json={"login": "robin", "password": PASSWORD}
    )
    assert refused.json()["code"] == "sign_in_refused"


async def test_a_role_taken_away_is_taken_away_at_once(house: House) -> None:
    boss = await house.signed_in()
    person = await house.add_person(boss, roles=["operator"])
    robin = await house.signed_in("robin")
    assert (await robin.post("/api/v1/stock-probe")).status_code == 200
    await changed(house, boss, person, roles=["viewer"])
    assert (await robin.post("/api/v1/stock-probe")).status_code == 403


async def test_rights_at_one_site_end_at_its_border(house: House) -> None:
    boss = await house.signed_in()
    await house.add_person(boss, site_ids=[3])
    robin = await house.signed_in("robin")
    assert (await robin.get("/api/v1/sites-probe/3")).status_code == 200
    assert (await robin.get("/api/v1/sites-probe/4")).status_code == 403


async def test_an_administrator_of_one_site_cannot_reach_beyond_it(house: House) -> None:
    boss = await house.signed_in()
    everywhere = await house.add_person(boss, "wide")
    await house.add_person(boss, "local", roles=["admin"], site_ids=[3])
    local = await house.signed_in("local")
    for sites in (None, [4], [3, 4]):
        given = {"login": "new", "name": "New", "password": PASSWORD, "roles": ["viewer"]}
        answer = await local.post(USERS, json=given | {"site_ids": sites}, headers=house.once())
        assert answer.json()["code"] == "rights_exceed_own"
    refused = await changed(house, local, everywhere, site_ids=[3])
    assert refused.json()["code"] == "rights_exceed_own"
    password = {"password": "an entirely new phrase"}
    taken = await local.post(
        f"{USERS}/{everywhere['actor_id']}/password", json=password, headers=house.once()
    )
    assert taken.json()["code"] == "rights_exceed_own"
    assert (await house.add_person(local, "new", site_ids=[3]))["site_ids"] == [3]


@pytest.mark.parametrize(
    "fields", [{"status": "inactive"}, {"roles": ["viewer"]}, {"site_ids": [1]}]
)
async def test_the_last_administrator_stays_one(house: House, fields: dict[str, Any]) -> None:
    boss = await house.signed_in()
    me = (await boss.get(USERS)).json()["items"][0]
    answer = await changed(house, boss, me, **fields)
    assert (answer.status_code, answer.json()["code"]) == (409, "last_administrator")


async def test_two_administrators_cannot_remove_each_other_at_once(house: House) -> None:
    boss = await house.signed_in()
    await house.add_person(boss, "second", roles=["admin"])
    second = await house.signed_in("second")
    people = {p["login"]: p for p in (await boss.get(USERS)).json()["items"]}
    answers = await asyncio.gather(
        changed(house, boss, people["second"], status="inactive"),
        changed(house, second, people["boss"], status="inactive"),
    )
    assert sorted(a.status_code for a in answers) in ([200, 409], [200, 401], [200, 403])


async def test_an_administrator_gives_another_password_and_the_old_sessions_end(
    house: House,
) -> None:
    boss = await house.signed_in()
    person = await house.add_person(boss)
    robin = await house.signed_in("robin")
    given = {"password": "an entirely new phrase"}
    where = f"{USERS}/{person['actor_id']}/password"
    assert (await boss.post(where, json=given, headers=house.once())).status_code == 204
    assert (await robin.get("/api/v1/session")).status_code == 401
    again = await house.signed_in("robin", given["password"])
    assert (await again.get("/api/v1/session")).json()["password_temporary"] is True


async def test_people_are_listed_by_page_and_filter(house: House) -> None:
    boss = await house.signed_in()
    for login in ("ann", "bob", "cat"):
        await house.add_person(boss, login, roles=["buyer"] if login == "bob" else ["viewer"])

    async def logins(**query: str) -> list[str]:
        answer = await boss.get(USERS, params=query)
        assert answer.status_code == 200, answer.text
        return [p["login"] for p in answer.json()["items"]]

    assert await logins() == ["ann", "bob", "boss", "cat"]
    assert await logins(role="buyer") == ["bob"]
    assert await logins(search="BO") == ["bob", "boss"]
    assert await logins(status="inactive") == []
    first = (await boss.get(USERS, params={"limit": 3})).json()
    assert await logins(limit="3", cursor=first["next_cursor"]) == ["cat"]
    assert (await boss.get(USERS, params={"emperor": "x"})).status_code == 422


async def test_only_those_who_manage_people_see_or_change_them(house: House) -> None:
    boss = await house.signed_in()
    person = await house.add_person(boss, roles=["manager"])
    robin = await house.signed_in("robin")
    assert (await robin.get(USERS)).status_code == 403
    assert (await changed(house, robin, person, roles=["admin"])).status_code == 403
    assert (await house.caller().get(USERS)).status_code == 401


async def test_a_role_is_asked_for_and_granted(house: House) -> None:
    boss = await house.signed_in()
    await house.add_person(boss)
    robin = await house.signed_in("robin")
    asked = {"role": "operator", "reason": "I count on Mondays."}
    made = await robin.post("/api/v1/role-requests", json=asked, headers=house.once())
    assert (made.status_code, made.json()["status"]) == (201, "open")
    twice = await robin.post("/api/v1/role-requests", json=asked, headers=house.once())
    assert twice.json()["code"] == "role_request_open"
    where = f"/api/v1/role-requests/{made.json()['role_request_id']}/answer"
    own = await robin.post(where, json={"granted": True}, headers=house.once())
    assert own.status_code == 403
    waiting = await boss.get("/api/v1/role-requests", params={"status": "open"})
    assert [r["role"] for r in waiting.json()["items"]] == ["operator"]
    yes = await boss.post(where, json={"granted": True, "note": "Fine."}, headers=house.once())
    assert (yes.json()["status"], yes.json()["answer_note"]) == ("granted", "Fine.")
    assert (await robin.post("/api/v1/stock-probe")).status_code == 200
    no = await boss.post(where, json={"granted": False}, headers=house.once())
    assert no.json()["code"] == "role_request_answered"
    held = await robin.post("/api/v1/role-requests", json=asked, headers=house.once())
    assert held.json()["code"] == "role_held"


async def test_people_see_only_their_own_requests(house: House) -> None:
    boss = await house.signed_in()
    for login in ("ann", "bob"):
        await house.add_person(boss, login)
        caller = await house.signed_in(login)
        await caller.post("/api/v1/role-requests", json={"role": "buyer"}, headers=house.once())
        listed = (await caller.get("/api/v1/role-requests")).json()["items"]
        assert [r["name"] for r in listed] == [login.title()]
    assert len((await boss.get("/api/v1/role-requests")).json()["items"]) == 2
