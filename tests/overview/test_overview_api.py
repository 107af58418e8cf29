"""Dashboard, search across slices, saved views and settings, through HTTP."""

from collections.abc import AsyncIterator

import pytest

from support.company import CLERK, delivery, found_company, receipt
from support.served import Served, serve
from truestock.database import Database
from truestock.kernel import clock
from truestock.stock.operations.ledger import Ledger

RIGHTS = ("stock.read", "item.read", "location.read", "document.read", "settings.read")


@pytest.fixture
async def served(database: Database) -> AsyncIterator[Served]:
    running = await serve(database)
    yield running
    await running.close()


async def test_the_dashboard_counts_what_is_there(served: Served, database: Database) -> None:
    await found_company(database)
    ledger = Ledger(database, clock.now)
    await ledger.post(CLERK, receipt("SKU-1", 5), "a")
    await ledger.post(CLERK, receipt("SKU-2", 5), "b")
    await ledger.post(CLERK, delivery("SKU-2", 5), "c")
    await ledger.close()
    client = served.client(await served.key(*RIGHTS))
    found = (await client.get("/api/v1/dashboard")).json()
    assert found["item_count"] == 42
    assert found["movements_today"] == 3
    assert found["balance_count"] == 1
    assert [each["sku"] for each in found["short_items"]] == ["SKU-2"]
    assert found["movements_by_day"][-1]["movement_count"] == 3
    assert len(found["movements_by_day"]) == 14
    assert found["verification_state"] == "never"


async def test_the_dashboard_counts_the_sites_of_who_asks_or_one_of_them(
    served: Served, database: Database
) -> None:
    await found_company(database)
    ledger = Ledger(database, clock.now)
    await ledger.post(CLERK, receipt("SKU-1", 5, location="BIN-1"), "a")  # in site 2
    await ledger.post(CLERK, receipt("SKU-2", 5, location="BIN-2"), "b")  # in site 1
    await ledger.post(CLERK, delivery("SKU-2", 5, location="BIN-2"), "c")
    await ledger.close()
    everywhere = served.client(await served.key(*RIGHTS))
    limited = served.client(await served.key(*RIGHTS, site_ids=(1,)))
    path = "/api/v1/dashboard"
    for client, query, figures in (
        (everywhere, {}, (3, 1, 1)),
        (everywhere, {"site_id": 2}, (1, 1, 0)),
        (limited, {}, (2, 0, 1)),
        (limited, {"site_id": 1}, (2, 0, 1)),
    ):
        found = (await client.get(path, params=query)).json()
        seen = (found["movements_today"], found["balance_count"], found["short_item_count"])
        assert seen == figures
        assert found["movements_by_day"][-1]["movement_count"] == found["movements_today"]
    assert (await limited.get(path, params={"site_id": 2})).status_code == 403


async def test_search_finds_what_one_may_see(served: Served, database: Database) -> None:
    await found_company(database)
    client = served.client(await served.key(*RIGHTS))
    found = (await client.get("/api/v1/search", params={"q": "SKU-7"})).json()["items"]
    assert (found[0]["kind"], found[0]["code"], found[0]["exact"]) == ("item", "SKU-7", True)
    found = (await client.get("/api/v1/search", params={"q": "bin-3"})).json()["items"]
    assert ("location", "BIN-3") in [(each["kind"], each["code"]) for each in found]
    blind = served.client(await served.key("document.read"))
    assert (await blind.get("/api/v1/search", params={"q": "SKU-7"})).json()["items"] == []
    assert (await blind.get("/api/v1/dashboard")).status_code == 403


async def test_views_are_kept_shared_and_removed_by_their_owner(served: Served) -> None:
    own = served.client(await served.key(*RIGHTS))
    other = served.client(await served.key(*RIGHTS))
    view = {"page": "stock", "name": "Out", "query": "state=out", "shared": True}
    made = await own.post("/api/v1/views", json=view, headers={"Idempotency-Key": "v1"})
    assert made.status_code == 201
    taken = await own.post("/api/v1/views", json=view, headers={"Idempotency-Key": "v2"})
    assert (taken.status_code, taken.json()["code"]) == (409, "view_name_taken")
    again = await own.post("/api/v1/views", json=view, headers={"Idempotency-Key": "v1"})
    assert again.json() == made.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    [seen] = (await other.get("/api/v1/views?page=stock")).json()["items"]
    assert (seen["name"], seen["own"]) == ("Out", False)
    path = f"/api/v1/views/{made.json()['view_id']}"
    refused = await other.delete(path, headers={"Idempotency-Key": "v3"})
    assert refused.status_code == 404
    gone = await own.delete(path, headers={"Idempotency-Key": "v4"})
    assert gone.status_code == 204
    assert (await other.get("/api/v1/views")).json()["items"] == []


async def test_settings_never_show_a_secret(served: Served) -> None:
    client = served.client(await served.key(*RIGHTS))
    found = (await client.get("/api/v1/settings")).json()
    names = {each["name"]: each for each in found["settings"]}
    assert names["TRUESTOCK_SECRET"]["value"] == ""
    assert names["TRUESTOCK_RATE_KEY"]["value"] == "1000000/minute"
    assert not names["TRUESTOCK_RATE_KEY"]["is_default"]
    unknown = await client.get("/api/v1/settings?x=1")
    assert unknown.json()["code"] == "filter_unknown"
