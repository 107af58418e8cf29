"""API keys: made, used, limited, rotated, revoked, expired."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from support.house import House, StandingClock
from truestock.database import Database
from truestock.identity.operations import ActorFinder
from truestock.identity.operations.gate import COOKIE_PLAIN
from truestock.kernel.settings import Settings

KEYS = "/api/v1/api-keys"
PROBE = "/api/v1/stock-probe"


async def made(house: House, caller: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"name": "Shop", "scopes": ["stock.post", "stock.read"]}
    answer = await caller.post(KEYS, json=given | fields, headers=house.once())
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def rotated(
    house: House, boss: httpx.AsyncClient, key: dict[str, Any], overlap_seconds: int
) -> dict[str, Any]:
    answer = await boss.post(
        f"{KEYS}/{key['actor_id']}/rotate",
        json={"overlap_seconds": overlap_seconds},
        headers={"If-Match": f'"{key["version"]}"', **house.once()},
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def used(house: House, text: str) -> int:
    return (await house.caller(**{"X-API-Key": text}).post(PROBE)).status_code


async def test_a_key_does_what_its_scopes_say_and_no_more(house: House) -> None:
    key = await made(house, await house.signed_in())
    caller = house.caller(**{"X-API-Key": key["api_key"]})
    assert (await caller.post(PROBE)).json() == {"actor_id": key["actor_id"]}
    assert (await caller.get("/api/v1/users")).status_code == 403
    shown = (await caller.get("/api/v1/session")).json()
    assert (shown["kind"], shown["csrf_token"]) == ("key", None)


async def test_a_keys_text_has_a_prefix_and_160_random_bits_or_more(house: House) -> None:
    key = await made(house, await house.signed_in())
    mark, prefix, secret = key["api_key"].split("_")
    assert (mark, prefix) == ("tsk", key["prefix"])
    assert len(bytes.fromhex(secret)) * 8 >= 160


async def test_the_secret_is_shown_once_and_a_repeat_of_the_request_shows_none(
    house: House,
) -> None:
    boss = await house.signed_in()
    headers = house.once()
    given = {"name": "Shop", "scopes": ["stock.read"]}
    first, second = [await boss.post(KEYS, json=given, headers=headers) for _ in range(2)]
    assert first.json()["api_key"]
    assert second.json() == first.json() | {"api_key": None}
    listed = (await boss.get(KEYS)).json()["items"]
    assert len(listed) == 1
    assert "api_key" not in listed[0]


@pytest.mark.parametrize(
    "text", ["", "nonsense", "tsk_aaaaaaaaaa_" + "0" * 48, "tsk_", "x" * 5000, "é"]
)
async def test_a_wrong_key_opens_nothing_even_beside_a_good_cookie(house: House, text: str) -> None:
    boss = await house.signed_in()
    answer = await boss.get("/api/v1/session", headers=[(b"X-API-Key", text.encode())])
    assert answer.status_code == 401
    assert boss.cookies[COOKIE_PLAIN]


async def test_the_right_prefix_with_a_wrong_secret_opens_nothing(house: House) -> None:
    key = await made(house, await house.signed_in())
    assert await used(house, f"tsk_{key['prefix']}_" + "0" * 48) == 401


async def test_a_key_ends_at_its_expiry_even_while_believed(
    house: House, clock: StandingClock
) -> None:
    key = await made(house, await house.signed_in(), valid_days=1)
    clock.go_on(hours=23, minutes=59)
    assert await used(house, key["api_key"]) == 200
    clock.go_on(minutes=1)
    assert await used(house, key["api_key"]) == 401


async def test_a_revoked_key_is_refused_here_at_once_and_elsewhere_within_a_second(
    house: House, database: Database, settings: Settings, clock: StandingClock
) -> None:
    boss = await house.signed_in()
    key = await made(house, boss)
    seconds = [5.0]
    elsewhere = ActorFinder(database, settings, clock, lambda: seconds[0])
    assert await elsewhere.by_api_key(key["api_key"]) is not None
    where = f"{KEYS}/{key['actor_id']}/revoke"
    assert (await boss.post(where, json={}, headers=house.once())).status_code == 200
    assert await used(house, key["api_key"]) == 401
    seconds[0] += 1.0
    assert await elsewhere.by_api_key(key["api_key"]) is None


async def test_rotation_keeps_the_actor_and_the_old_secret_for_the_overlap(
    house: House, clock: StandingClock
) -> None:
    boss = await house.signed_in()
    key = await made(house, boss)
    new = await rotated(house, boss, key, overlap_seconds=60)
    assert new["actor_id"] == key["actor_id"]
    assert new["api_key"] != key["api_key"]
    assert [await used(house, k["api_key"]) for k in (key, new)] == [200, 200]
    clock.go_on(seconds=60)
    assert [await used(house, k["api_key"]) for k in (key, new)] == [401, 200]


async def test_rotation_without_overlap_ends_the_old_secret_at_once(house: House) -> None:
    boss = await house.signed_in()
    key = await made(house, boss)
    assert await used(house, key["api_key"]) == 200
    new = await rotated(house, boss, key, overlap_seconds=0)
    assert [await used(house, k["api_key"]) for k in (key, new)] == [401, 200]


async def test_revoking_ends_both_secrets_and_rotation_does_not_bring_it_back(
    house: House,
) -> None:
    boss = await house.signed_in()
    key = await made(house, boss)
    new = await rotated(house, boss, key, overlap_seconds=3600)
    where = f"{KEYS}/{key['actor_id']}/revoke"
    assert (await boss.post(where, json={}, headers=house.once())).status_code == 200
    assert [await used(house, k["api_key"]) for k in (key, new)] == [401, 401]
    answer = await boss.post(
        f"{KEYS}/{key['actor_id']}/rotate",
        json={},
        headers={"If-Match": '"3"', **house.once()},
    )
    assert answer.json()["code"] == "api_key_revoked"


async def test_nobody_makes_a_key_with_more_than_their_own_rights(house: House) -> None:
    boss = await house.signed_in()
    maker = await made(house, boss, scopes=["key.manage", "stock.read"], site_ids=[3])
    caller = house.caller(**{"X-API-Key": maker["api_key"]})
    for scopes, sites in ((["stock.post"], [3]), (["stock.read"], None), (["stock.read"], [4])):
        given = {"name": "More", "scopes": scopes, "site_ids": sites}
        answer = await caller.post(KEYS, json=given, headers=house.once())
        assert answer.json()["code"] == "rights_exceed_own"
    less = await made(house, caller, scopes=["stock.read"], site_ids=[3])
    assert less["created_by"] == maker["actor_id"]


async def test_a_key_of_one_site_ends_at_its_border(house: House) -> None:
    key = await made(house, await house.signed_in(), site_ids=[3])
    caller = house.caller(**{"X-API-Key": key["api_key"]})
    assert (await caller.get("/api/v1/sites-probe/3")).status_code == 200
    assert (await caller.get("/api/v1/sites-probe/4")).status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"scopes": []},
        {"scopes": ["stock.steal"]},
        {"site_ids": []},
        {"valid_days": 0},
        {"valid_days": 4000},
        {"name": ""},
        {"secret": "mine"},
        {"actor_id": 1},
    ],
)
async def test_bad_input_makes_no_key(house: House, wrong: dict[str, Any]) -> None:
    boss = await house.signed_in()
    given: dict[str, Any] = {"name": "Shop", "scopes": ["stock.read"]}
    answer = await boss.post(KEYS, json=given | wrong, headers=house.once())
    assert answer.status_code == 422
    assert (await boss.get(KEYS)).json()["items"] == []


async def test_a_key_needs_no_csrf_token_and_cannot_act_as_a_person(house: House) -> None:
    key = await made(house, await house.signed_in())
    caller = house.caller(**{"X-API-Key": key["api_key"]})
    for method, path, body in (
        ("DELETE", "/api/v1/session", None),
        ("DELETE", "/api/v1/sessions", None),
        ("POST", "/api/v1/role-requests", {"role": "admin"}),
        ("POST", "/api/v1/session/password", {"present": "x", "new": "an entirely new phrase"}),
    ):
        answer = await caller.request(method, path, json=body, headers=house.once())
        assert (answer.status_code, answer.json()["code"]) == (403, "person_only")


async def test_the_last_use_is_written_at_most_once_a_minute(
    database: Database,
    settings: Settings,
    clock: StandingClock,
    make_key: Callable[..., Any],
) -> None:
    key = await make_key()
    began = clock()
    finder = ActorFinder(database, settings, clock)
    for seconds, written in ((0, 0), (30, 0), (29, 0), (1, 60), (59, 60)):
        clock.go_on(seconds=seconds)
        finder.forget()
        assert await finder.by_api_key(key.text) is not None
        async with database.reading() as tx:
            used_at = await tx.value("SELECT used_at FROM api_key")
        assert used_at - began == timedelta(seconds=written)


async def test_only_usable_keys_are_listed_when_asked_for(house: House) -> None:
    boss = await house.signed_in()
    gone = await made(house, boss, name="Gone")
    await made(house, boss, name="Kept")
    await boss.post(f"{KEYS}/{gone['actor_id']}/revoke", json={}, headers=house.once())

    async def names(**query: Any) -> list[str]:
        answer = await boss.get(KEYS, params=query)
        return [k["name"] for k in answer.json()["items"]]

    assert await names() == ["Gone", "Kept"]
    assert await names(usable=True) == ["Kept"]
    assert await names(usable=False) == ["Gone"]


async def test_callers_that_miss_at_once_share_one_look_up_and_hits_ask_nobody(
    database: Database,
    settings: Settings,
    clock: StandingClock,
    make_key: Callable[..., Any],
) -> None:
    import asyncio

    key = await make_key()
    seconds = [0.0]
    finder = ActorFinder(database, settings, clock, lambda: seconds[0])
    await finder.by_api_key(key.text)
    seconds[0] += 1.0
    asked = 0
    asking = database.asking

    def counted() -> Any:
        nonlocal asked
        asked += 1
        return asking()

    database.asking = counted  # type: ignore[method-assign]  # counts, and goes on to the real one
    found = await asyncio.gather(*(finder.by_api_key(key.text) for _ in range(50)))
    assert len({actor.actor_id for actor in found if actor}) == 1
    assert asked == 1
    await asyncio.gather(*(finder.by_api_key(key.text) for _ in range(50)))
    assert asked == 1
