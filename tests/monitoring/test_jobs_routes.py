import asyncio

import httpx

from support.plain_settings import plain_settings
from truestock.database import Database
from truestock.jobs import Registry, enqueue
from truestock.worker import work


async def asked(database: Database, name: str = "test.job", **arguments: object) -> int:
    async with database.writing() as tx:
        return await enqueue(tx, name, arguments)


async def test_jobs_are_listed_newest_first_and_filtered(
    administrator: httpx.AsyncClient, database: Database
) -> None:
    first, second = await asked(database, item=1), await asked(database, "test.other")
    answer = await administrator.get("/api/v1/jobs")
    assert [job["job_id"] for job in answer.json()["items"]] == [second, first]
    assert answer.json()["items"][1]["arguments"] == {"item": 1}
    assert answer.json()["items"][0]["actor_name"] == "scheduler"
    named = await administrator.get("/api/v1/jobs", params={"name": "test.other"})
    assert [job["job_id"] for job in named.json()["items"]] == [second]
    failed = await administrator.get("/api/v1/jobs", params={"state": "failed"})
    assert failed.json()["items"] == []


async def test_a_list_of_jobs_goes_on_behind_its_cursor(
    administrator: httpx.AsyncClient, database: Database
) -> None:
    made = [await asked(database) for _ in range(5)]
    seen: list[int] = []
    url = "/api/v1/jobs?limit=2"
    while url:
        answer = await administrator.get(url)
        seen += [job["job_id"] for job in answer.json()["items"]]
        url = answer.links.get("next", {}).get("url", "")
    assert seen == made[::-1]


async def test_a_waiting_job_is_cancelled_once_whatever_is_repeated(
    administrator: httpx.AsyncClient, database: Database
) -> None:
    job_id = await asked(database)
    url, headers = f"/api/v1/jobs/{job_id}/cancel", {"Idempotency-Key": "cancel-1"}
    answers = [await administrator.post(url, json={}, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["state"] == "cancelled"
    again = await administrator.post(url, json={}, headers={"Idempotency-Key": "cancel-2"})
    assert (again.status_code, again.json()["code"]) == (409, "job_not_open")


async def test_a_failed_job_is_run_again_through_its_route(
    administrator: httpx.AsyncClient, database: Database
) -> None:
    registry, stop, fails = Registry(), asyncio.Event(), [True]

    @registry.job("test.job", attempts_max=1)
    async def job(_run: object) -> dict[str, str]:
        if fails.pop() if fails else False:
            raise OSError("down")
        return {"href": "/stock"}

    working = asyncio.create_task(work(plain_settings(), database, registry, stop))
    url = f"/api/v1/jobs/{await asked(database)}"

    async def until(state: str) -> dict[str, object]:
        async with asyncio.timeout(15):
            while (found := (await administrator.get(url)).json())["state"] != state:
                await asyncio.sleep(0.05)
        return dict(found)

    try:
        assert (await until("failed"))["error"] == "OSError: down"
        answer = await administrator.post(f"{url}/retry", json={"request_key": "again"})
        assert (answer.status_code, answer.json()["state"]) == (200, "queued")
        assert (await until("done"))["result"] == {"href": "/stock"}
    finally:
        stop.set()
        await working


async def test_jobs_need_rights_and_unknown_ones_are_not_found(
    stranger: httpx.AsyncClient, administrator: httpx.AsyncClient
) -> None:
    assert (await stranger.get("/api/v1/jobs")).status_code == 401
    assert (await administrator.get("/api/v1/jobs/999")).json()["code"] == "not_found"
    unknown = await administrator.get("/api/v1/jobs?colour=red")
    assert (unknown.status_code, unknown.json()["code"]) == (422, "filter_unknown")
    missing = await administrator.post("/api/v1/jobs/999/retry", json={})
    assert (missing.status_code, missing.json()["code"]) == (400, "request_key_missing")
