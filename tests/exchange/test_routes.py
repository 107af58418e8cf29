"""Imports over HTTP: upload, map, preview, apply by a job, download what was refused."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from support.office import Caller, Office
from support.plain_settings import plain_settings
from support.served import Served
from truestock.database import Database
from truestock.worker import every_job, work

STOCK = b"sku,location,quantity\nMUG,A-1,5\nCUP,A-1,1\nPLATE,A-2,7\n"


@asynccontextmanager
async def working(database: Database) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(work(plain_settings(), database, every_job(), stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 20)


async def ended(served: Served, import_id: int) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while True:
            shown: dict[str, Any] = (await served.call("GET", f"/imports/{import_id}")).json()
            if shown["state"] in {"applied", "failed"}:
                return shown
            await asyncio.sleep(0.05)


async def test_a_file_goes_from_upload_to_stock(
    caller: Caller, served: Served, stocked: Office
) -> None:
    uploaded = await caller.upload("opening_stock", STOCK)
    assert uploaded.status_code == 201, uploaded.text
    shown = uploaded.json()
    import_id = shown["import_id"]
    assert uploaded.headers["Location"] == f"/api/v1/imports/{import_id}"
    assert shown["columns"][0] == {"name": "sku", "samples": ["MUG", "CUP", "PLATE"]}
    assert shown["mapping"]["columns"]["location"] == "location"
    assert {"name", "label", "is_required", "hint"} == set(shown["fields"][0])

    checked = (await served.call("POST", f"/imports/{import_id}/preview", {})).json()
    assert (checked["import"]["rows_total"], checked["import"]["rows_refused"]) == (3, 1)
    assert checked["items"][1]["errors"][0]["code"] == "item_unknown"
    assert checked["items"][0]["values"] == {"sku": "MUG", "location": "A-1", "quantity": "5"}

    async with working(stocked.database):
        applied = await served.call("POST", f"/imports/{import_id}/apply", {})
        assert applied.status_code == 202, applied.text
        assert applied.json()["job_id"] is not None
        shown = await ended(served, import_id)
        assert (shown["state"], shown["rows_accepted"], shown["rows_refused"]) == ("applied", 2, 1)
        again = await served.call("POST", f"/imports/{import_id}/apply", {})
        assert again.status_code == 202
        shown = await ended(served, import_id)
    assert shown["counts"] == {
        "movements_repeated": 2,
        "lines_repeated": 2,
        "movements_refused": 1,
    }
    assert await stocked.value("SELECT count(*) FROM movement") == 2

    refused = await served.call("GET", f"/imports/{import_id}/errors")
    assert refused.headers["Content-Type"].startswith("text/csv")
    assert "CUP,A-1,1,3," in refused.text
    rows = (await served.call("GET", f"/imports/{import_id}/rows?refused=true")).json()
    assert [row["line_number"] for row in rows["items"]] == [3]
    page = (await served.call("GET", "/imports?kind=opening_stock&state=applied")).json()
    assert [item["import_id"] for item in page["items"]] == [import_id]


async def test_a_mapping_is_chosen_saved_and_used_again(caller: Caller, served: Served) -> None:
    content = b"Nummer;Text;Preis\nX1;Ein Becher;2,50\n"
    shown = (await caller.upload("items", content)).json()
    mapping = {
        "columns": {"sku": "Nummer", "name": "Text", "list_price": "Preis"},
        "decimal_mark": ",",
    }
    path = f"/imports/{shown['import_id']}/mapping"
    mapped = await served.call("PUT", path, {"mapping": mapping})
    assert mapped.status_code == 200, mapped.text
    saved = await served.call("PUT", "/import-mappings/items/old system", {"mapping": mapping})
    assert saved.status_code == 204, saved.text
    kept = (await served.call("GET", "/import-mappings?kind=items")).json()["items"]
    assert [(each["name"], each["mapping"]) for each in kept] == [("old system", mapping)]
    second = await caller.upload("items", content, mapping_name="old system")
    assert second.json()["mapping"]["columns"] == mapping["columns"]
    third = await caller.upload("items", content, mapping=json.dumps(mapping))
    assert third.json()["mapping"]["columns"] == mapping["columns"]
    assert (await served.call("DELETE", "/import-mappings/items/old system")).status_code == 204
    gone = await caller.upload("items", content, mapping_name="old system")
    assert (gone.status_code, gone.json()["code"]) == (404, "mapping_not_found")


async def test_a_repeated_upload_is_one_import(caller: Caller, served: Served) -> None:
    first = await caller.upload("items", b"sku\nA\n", key="once")
    second = await caller.upload("items", b"sku\nA\n", key="once")
    assert first.json() == second.json()
    assert second.headers["Idempotent-Replayed"] == "true"
    other = await caller.upload("items", b"sku\nB\n", key="once")
    assert other.json()["code"] == "request_key_reused"
    assert len((await served.call("GET", "/imports")).json()["items"]) == 2  # and the fixture's


BAD_UPLOADS: dict[str, tuple[dict[str, Any], bytes, int, str]] = {
    "an unknown kind": ({"kind": "people"}, b"a\n", 422, "invalid_input"),
    "an empty file": ({"kind": "items"}, b"", 422, "file_empty"),
    "a picture": ({"kind": "items"}, b"\x89PNG\x00\x00", 415, "file_format"),
    "a bomb": ({"kind": "items"}, gzip.compress(b"0" * 250_000_000), 413, "file_too_large"),
    "a mapping that is no JSON": (
        {"kind": "items", "mapping": "{"},
        b"sku\nA\n",
        422,
        "mapping_invalid",
    ),
    "a mapping of strange depth": (
        {"kind": "items", "mapping": "[" * 40_000},
        b"sku\nA\n",
        422,
        "mapping_invalid",
    ),
    "a mapping to a missing column": (
        {"kind": "items", "mapping": '{"columns": {"sku": "nothing"}}'},
        b"sku\nA\n",
        422,
        "mapping_invalid",
    ),
    "a hostile file name": (
        {"kind": "items", "name": "../../etc/passwd\x1b"},
        b"sku\nA\n",
        201,
        "",
    ),
}


async def test_bad_uploads_are_refused_with_a_code(caller: Caller) -> None:
    for name, (form, content, status, code) in BAD_UPLOADS.items():
        answer = await caller.upload(content=content, **form)
        assert answer.status_code == status, (name, answer.text)
        if code:
            assert answer.json()["code"] == code, name
        else:
            assert answer.json()["file_name"] == "passwd"


async def test_an_upload_needs_a_request_key_and_a_file(served: Served) -> None:
    client = served.client(served.api_key)
    answer = await client.post("/api/v1/imports", data={"kind": "items"})
    assert answer.status_code == 422
    answer = await client.post(
        "/api/v1/imports", data={"kind": "items"}, files={"file": ("a.csv", b"sku\n")}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "request_key_missing")


async def test_imports_need_their_right(caller: Caller, served: Served) -> None:
    without = await served.key("item.write", "item.read")
    assert (await caller.upload("items", b"sku\nA\n", api_key=without)).status_code == 403
    half = await served.key("import.run", "item.read")
    assert (await caller.upload("items", b"sku\nA\n", api_key=half)).status_code == 403
    assert (await served.call("GET", "/imports", api_key=without)).status_code == 403
    shown = (await caller.upload("items", b"sku\nA\n")).json()
    for method, path in (
        ("POST", "preview"),
        ("POST", "apply"),
        ("GET", "rows"),
        ("GET", "errors"),
    ):
        body: dict[str, Any] | None = {} if method == "POST" else None
        answer = await served.call(
            method, f"/imports/{shown['import_id']}/{path}", body, api_key=half
        )
        assert answer.status_code == 403, (method, path, answer.text)


async def test_an_import_that_is_not_there_is_not_found(served: Served) -> None:
    for path in ("", "/rows", "/errors"):
        answer = await served.call("GET", f"/imports/999{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "import_not_found")
    answer = await served.call("POST", "/imports/999/apply", {})
    assert answer.status_code == 404


async def test_an_import_whose_asker_is_gone_fails_and_somebody_else_may_run_it(
    caller: Caller, served: Served, stocked: Office
) -> None:
    leaver = await served.key("import.run", "stock.post", "stock.adjust")
    import_id = (await caller.upload("opening_stock", STOCK)).json()["import_id"]
    asked = await served.call("POST", f"/imports/{import_id}/apply", {}, api_key=leaver)
    assert asked.status_code == 202, asked.text
    async with stocked.database.writing() as tx:
        await tx.run(
            "UPDATE api_key SET revoked_at = now() "
            "WHERE actor_id = (SELECT max(actor_id) FROM api_key)"
        )
    async with working(stocked.database):
        shown = await ended(served, import_id)
        assert (shown["state"], shown["rows_accepted"]) == ("failed", None)
        assert "may not come in any more" in shown["failure"]
        again = await served.call("POST", f"/imports/{import_id}/apply", {})
        assert again.status_code == 202, again.text
        assert (await ended(served, import_id))["rows_accepted"] == 2


async def test_who_is_limited_to_sites_sees_only_their_own_imports(
    caller: Caller, served: Served
) -> None:
    other = (await caller.upload("opening_stock", STOCK)).json()["import_id"]
    bound = await served.key("import.run", "stock.post", "stock.adjust", site_ids=(1,))
    own = (await caller.upload("opening_stock", STOCK, api_key=bound)).json()["import_id"]
    listed = (await served.call("GET", "/imports", api_key=bound)).json()["items"]
    assert [each["import_id"] for each in listed] == [own]
    assert len((await served.call("GET", "/imports")).json()["items"]) == 3
    for method, path, body in (
        ("GET", "", None),
        ("GET", "/rows", None),
        ("GET", "/errors", None),
        ("POST", "/preview", {}),
        ("POST", "/apply", {}),
    ):
        for import_id, hidden in ((other, True), (own, False)):
            answer = await served.call(method, f"/imports/{import_id}{path}", body, api_key=bound)
            assert (answer.status_code == 404) == hidden, (path, answer.text)
    assert (await served.call("GET", f"/imports/{own}")).status_code == 200
