"""Callers of the application with chosen rights and sites, and postings through HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from truestock.database import Database
from truestock.identity.model import Deed, KeyDraft, Origin
from truestock.identity.operations import create_api_key, job_actor
from truestock.kernel.clock import now
from truestock.web.app import Application


@asynccontextmanager
async def caller(
    application: Application, database: Database, *scopes: str, site_ids: tuple[int, ...] | None
) -> AsyncIterator[httpx.AsyncClient]:
    """A caller with a key of these scopes at these sites."""
    async with database.writing() as tx:
        deed = Deed(await job_actor(tx, "tests"), now(), Origin("tests"))
        name = f"{'-'.join(scopes)} {site_ids}"[:100]
        made = await create_api_key(tx, deed, KeyDraft(name, scopes, site_ids))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(application),
        base_url="http://test",
        headers={"X-API-Key": made.text},
    ) as client:
        yield client


def receipt_body(sku: str, quantity: Any, location: str = "BIN-1", **line: Any) -> dict[str, Any]:
    """The body of a receipt of one line."""
    whole = {"sku": sku, "quantity": quantity, "target_location": location, **line}
    return {"kind": "receipt", "lines": [whole]}


def delivery_body(sku: str, quantity: Any, location: str = "BIN-1", **line: Any) -> dict[str, Any]:
    """The body of a delivery of one line."""
    whole = {"sku": sku, "quantity": quantity, "source_location": location, **line}
    return {"kind": "delivery", "lines": [whole]}


async def posted(client: httpx.AsyncClient, body: dict[str, Any], key: str) -> dict[str, Any]:
    """Post a movement that must be accepted."""
    answer = await client.post("/api/v1/movements", json=body, headers={"Idempotency-Key": key})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def paged(client: httpx.AsyncClient, path: str, **query: Any) -> list[dict[str, Any]]:
    """Every row of a list, page by page, following the Link header."""
    rows: list[dict[str, Any]] = []
    url: Any = httpx.URL(f"/api/v1/{path}", params=query)
    while url:
        answer = await client.get(url)
        assert answer.status_code == 200, answer.text
        rows += answer.json()["items"]
        url = answer.links["next"]["url"] if "next" in answer.links else None
        assert bool(url) == bool(answer.json()["next_cursor"])
    return rows
