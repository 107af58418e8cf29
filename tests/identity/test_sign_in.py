"""Signing in and staying signed in, through HTTP and on PostgreSQL."""

import asyncio
from collections.abc import Callable
from time import perf_counter

import httpx
import pytest
from argon2 import PasswordHasher

from support.house import PASSWORD, House, StandingClock
from truestock.database import Database
from truestock.identity.errors import AdministratorExistsError, PasswordWeakError, SignInBusyError
from truestock.identity.operations import create_first_administrator, passwords
from truestock.identity.operations.gate import COOKIE_PLAIN, COOKIE_SECURE

SESSION = "/api/v1/session"


async def tried(client: httpx.AsyncClient, login: str, password: str) -> httpx.Response:
    return await client.post(SESSION, json={"login": login, "password": password})


async def test_a_right_password_starts_a_session_with_all_rights_of_the_role(house: House) -> None:
    boss = await house.signed_in()
    shown = (await boss.get(SESSION)).json()
    assert shown["name"] == "The Boss"
    assert "user.manage" in shown["permissions"]
    assert shown["site_ids"] is None


async def test_the_cookie_on_plain_http_is_closed_to_scripts_and_other_sites(house: House) -> None:
    answer = await tried(house.caller(), "boss", PASSWORD)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE_PLAIN}=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie


async def test_the_cookie_on_https_is_secure_and_bound_to_the_host(house: House) -> None:
    answer = await tried(house.caller(base="https://test"), "boss", PASSWORD)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE_SECURE}=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


async def test_a_plain_cookie_is_not_looked_at_on_https(house: House) -> None:
    plain = await house.signed_in()
    token = plain.cookies[COOKIE_PLAIN]
    secure = house.caller(base="https://test", Cookie=f"{COOKIE_PLAIN}={token}")
    assert (await secure.get(SESSION)).status_code == 401


async def test_known_and_unknown_names_get_the_same_answer(house: House) -> None:
    client = house.caller()
    known, unknown = [await tried(client, login, "wrong password") for login in ("boss", "nobody")]
    assert known.status_code == unknown.status_code == 401
    hidden = {"request_id"}
    bodies = [{k: v for k, v in a.json().items() if k not in hidden} for a in (known, unknown)]
    assert bodies[0] == bodies[1]
    assert bodies[0]["code"] == "sign_in_refused"
    assert "set-cookie" not in known.headers


async def test_known_and_unknown_names_take_comparable_time(
    house: House, database: Database
) -> None:
    client = house.caller()
    seconds: dict[str, list[float]] = {"boss": [], "nobody": []}
    for _ in range(8):
        async with database.writing() as tx:
            await tx.run("DELETE FROM sign_in_attempt")
        for login, took in seconds.items():
            began = perf_counter()
            await tried(client, login, "wrong password")
            took.append(perf_counter() - began)
    known, unknown = (min(took) for took in seconds.values())
    assert 0.5 < known / unknown < 2.0


async def test_names_are_read_without_regard_to_case(house: House) -> None:
    assert (await tried(house.caller(), "BoSS", PASSWORD)).status_code == 201


@pytest.mark.parametrize("login", ["boss", "nobody"])
async def test_after_five_failures_even_the_right_password_waits(
    house: House, clock: StandingClock, login: str
) -> None:
    client = house.caller()
    for _ in range(5):
        assert (await tried(client, login, "wrong password")).status_code == 401
    clock.go_on(minutes=5)
    locked = await tried(client, login, PASSWORD)
    assert locked.status_code == 429
    assert locked.json()["code"] == "sign_in_locked"
    assert locked.headers["retry-after"] == "600"
    clock.go_on(minutes=10, seconds=1)
    assert (await tried(client, login, PASSWORD)).status_code == (201 if login == "boss" else 401)


async def test_guessing_many_at_once_gains_nothing(house: House) -> None:
    client = house.caller()
    answers = await asyncio.gather(*(tried(client, "boss", f"guess {n}") for n in range(20)))
    assert sorted(a.status_code for a in answers) == [401] * 5 + [429] * 15


async def test_a_success_forgets_the_failures_before_it(house: House) -> None:
    client = house.caller()
    for _ in range(3):
        for _ in range(4):
            await tried(client, "boss", "wrong password")
        assert (await tried(client, "boss", PASSWORD)).status_code == 201


async def test_signing_in_makes_a_new_session_and_ends_the_one_that_came_along(
    house: House,
) -> None:
    client = await house.signed_in()
    old = client.cookies[COOKIE_PLAIN]
    await tried(client, "boss", PASSWORD)
    assert client.cookies[COOKIE_PLAIN] != old
    stale = house.caller(Cookie=f"{COOKIE_PLAIN}={old}")
    assert (await stale.get(SESSION)).status_code == 401


async def test_a_session_id_chosen_by_somebody_else_is_never_taken_over(house: House) -> None:
    fixed = "a" * 43
    client = house.caller(Cookie=f"{COOKIE_PLAIN}={fixed}")
    answer = await tried(client, "boss", PASSWORD)
    assert fixed not in answer.headers["set-cookie"]
    assert (await client.get(SESSION)).status_code == 401


async def test_two_session_cookies_at_once_are_no_session(house: House) -> None:
    token = (await house.signed_in()).cookies[COOKIE_PLAIN]
    twice = house.caller(Cookie=f"{COOKIE_PLAIN}={token}; {COOKIE_PLAIN}=other")
    assert (await twice.get(SESSION)).status_code == 401


async def test_after_signing_out_the_cookie_opens_nothing(house: House) -> None:
    client = await house.signed_in()
    token = client.cookies[COOKIE_PLAIN]
    assert (await client.delete(SESSION)).status_code == 204
    assert COOKIE_PLAIN not in client.cookies
    again = house.caller(Cookie=f"{COOKIE_PLAIN}={token}")
    assert (await again.get(SESSION)).status_code == 401


async def test_signing_out_everywhere_ends_every_session_of_the_person(house: House) -> None:
    here, there = await house.signed_in(), await house.signed_in()
    assert (await here.delete("/api/v1/sessions")).status_code == 204
    assert (await there.get(SESSION)).status_code == 401


async def test_an_idle_session_ends_and_a_used_one_goes_on(
    house: House, another_house: Callable[[], House], clock: StandingClock
) -> None:
    idle, used = await house.signed_in(), await house.signed_in()
    for _ in range(3):
        clock.go_on(minutes=29)
        reread = another_house().caller(Cookie=f"{COOKIE_PLAIN}={used.cookies[COOKIE_PLAIN]}")
        assert (await reread.get(SESSION)).status_code == 200
    assert (await idle.get(SESSION)).status_code == 401


async def test_a_believed_session_still_ends_at_its_idle_limit(
    house: House, clock: StandingClock
) -> None:
    client = await house.signed_in()
    assert (await client.get(SESSION)).status_code == 200
    clock.go_on(minutes=30)
    assert (await client.get(SESSION)).status_code == 401


async def test_even_a_used_session_ends_at_its_absolute_limit(
    house: House, clock: StandingClock
) -> None:
    client = await house.signed_in()
    for _ in range(35):
        clock.go_on(minutes=20)
        house.gate.finder.forget()
        assert (await client.get(SESSION)).status_code == 200
    clock.go_on(minutes=20)
    assert (await client.get(SESSION)).status_code == 401


async def test_the_last_use_is_written_at_most_every_thirty_seconds(
    house: House, database: Database, clock: StandingClock
) -> None:
    client = await house.signed_in()
    began = clock()
    seen = "SELECT extract(epoch FROM seen_at - $1)::int FROM session"
    for seconds, written in ((29, 0), (1, 30), (20, 30), (10, 60)):
        clock.go_on(seconds=seconds)
        house.gate.finder.forget()
        await client.get(SESSION)
        async with database.reading() as tx:
            assert await tx.value(seen, began) == written


async def test_own_sessions_are_listed_and_one_can_be_ended(house: House) -> None:
    here, there = await house.signed_in(), await house.signed_in()
    listed = (await here.get("/api/v1/sessions")).json()["items"]
    assert [s["is_this"] for s in listed] == [False, True]
    assert listed[0]["address"] == "203.0.113.9"
    other = listed[0]["session_id"]
    assert (await here.delete(f"/api/v1/sessions/{other}")).status_code == 204
    assert (await there.get(SESSION)).status_code == 401
    assert (await here.get(SESSION)).status_code == 200


async def test_another_persons_session_is_not_there_to_be_ended(house: House) -> None:
    boss = await house.signed_in()
    await house.add_person(boss)
    robin = await house.signed_in("robin")
    theirs = (await boss.get(SESSION)).json()["session_id"]
    assert (await robin.delete(f"/api/v1/sessions/{theirs}")).status_code == 404
    assert (await boss.get(SESSION)).status_code == 200


async def test_changing_the_password_ends_the_other_sessions(house: House) -> None:
    here, there = await house.signed_in(), await house.signed_in()
    change = {"present": PASSWORD, "new": "an entirely new phrase"}
    assert (await here.post(f"{SESSION}/password", json=change)).status_code == 204
    assert (await here.get(SESSION)).status_code == 200
    assert (await there.get(SESSION)).status_code == 401
    assert (await tried(house.caller(), "boss", PASSWORD)).status_code == 401
    assert (await tried(house.caller(), "boss", change["new"])).status_code == 201


@pytest.mark.parametrize(
    ("present", "new", "code"),
    [
        ("not the present one", "an entirely new phrase", "password_wrong"),
        (PASSWORD, "short", "password_weak"),
        (PASSWORD, "Password123!", "password_weak"),
    ],
)
async def test_a_wrong_or_weak_password_changes_nothing(
    house: House, present: str, new: str, code: str
) -> None:
    client = await house.signed_in()
    answer = await client.post(f"{SESSION}/password", json={"present": present, "new": new})
    assert answer.json()["code"] == code
    assert (await tried(house.caller(), "boss", PASSWORD)).status_code == 201


async def test_a_temporary_password_permits_nothing_but_choosing_another(house: House) -> None:
    boss = await house.signed_in()
    await house.add_person(boss, roles=["admin"], password_temporary=True)
    robin = await house.signed_in("robin")
    shown = (await robin.get(SESSION)).json()
    assert (shown["password_temporary"], shown["permissions"]) == (True, [])
    assert (await robin.get("/api/v1/users")).status_code == 403
    change = {"present": PASSWORD, "new": "an entirely new phrase"}
    assert (await robin.post(f"{SESSION}/password", json=change)).status_code == 204
    assert (await robin.get("/api/v1/users")).status_code == 200


async def test_the_first_administrator_is_made_once_whatever_runs_at_once(
    database: Database, clock: StandingClock
) -> None:
    async def make(n: int) -> object:
        try:
            return await create_first_administrator(
                database, clock, login=f"boss{n}", name="Boss", password=PASSWORD
            )
        except AdministratorExistsError as error:
            return error

    made = await asyncio.gather(*(make(n) for n in range(4)))
    assert sum(isinstance(one, AdministratorExistsError) for one in made) == 3


async def test_the_first_administrator_needs_a_good_password_too(
    database: Database, clock: StandingClock
) -> None:
    with pytest.raises(PasswordWeakError):
        await create_first_administrator(
            database, clock, login="boss", name="Boss", password="changeme123"
        )


async def test_hashing_leaves_the_loop_free_and_a_flood_is_turned_away() -> None:
    hashing = asyncio.gather(*(passwords.hashed_password(PASSWORD) for _ in range(10)))
    turns = 0
    while not hashing.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 100
    flood = [passwords.hashed_password(PASSWORD) for _ in range(80)]
    done = await asyncio.gather(*flood, return_exceptions=True)
    assert sum(isinstance(one, SignInBusyError) for one in done) == 16


async def test_a_hash_made_with_older_parameters_is_renewed_at_sign_in(
    house: House, database: Database
) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    async with database.writing() as tx:
        await tx.run("UPDATE person SET password_hash = $1", old)
    await house.signed_in()
    async with database.reading() as tx:
        kept = await tx.value("SELECT password_hash FROM person")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    await house.signed_in()
