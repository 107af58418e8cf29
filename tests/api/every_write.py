"""Every route that writes, with a body it would accept, on a company that has one of each."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from truestock.database import Database

OPENAPI = Path(__file__).parents[2] / "openapi.json"
PASSWORD = "correct horse battery"
LINE = {"sku": "SKU-1", "quantity": 1, "target_location": "BIN-1"}
RECEIPT = {"kind": "receipt", "reason": "r", "note": "n", "lines": [LINE]}
OUT = {"sku": "SKU-1", "quantity": 1, "source_location": "BIN-1"}
DOCUMENT = {
    "type": "receipt", "target_location": "BIN-1", "party_id": 1, "reference": "r", "note": "n",
    "occurred_at": "2026-01-01T10:00:00Z", "lines": [{"sku": "SKU-1", "quantity": 1}],
}  # fmt: skip
ITEM = {
    "sku": "NEW", "name": "New", "description": "d", "base_unit": "each", "tracking": "none",
    "currency": "EUR", "list_price_minor": 5, "cost_minor": 3, "shelf_life_days": 9,
    "packs": [{"unit": "box", "factor_numerator": 2, "factor_denominator": 1}],
}  # fmt: skip
PARTY = {
    "kind": "supplier", "code": "NEW", "name": "New", "email": "a@example.org", "phone": "1",
    "address": "a", "currency": "EUR", "note": "n",
    "contacts": [{"name": "A", "email": "a@example.org", "phone": "1", "role": "r"}],
}  # fmt: skip
TERM = {
    "supplier_sku": "S", "lead_time_days": 3, "order_minimum": 1, "order_multiple": 1,
    "currency": "EUR", "preferred": False,
    "price_breaks": [{"quantity_minimum": 1, "unit_price_minor": 5}],
}  # fmt: skip
LOCATION = {
    "site_id": 1, "code": "NEW", "kind": "bin", "name": "New", "parent_id": None,
    "pickable": True, "sellable": True, "receiving": True, "negative_allowed": False,
    "capacity": 5,
}  # fmt: skip
RACK = {
    "site_id": 1, "zone": "RACK", "zone_name": "R", "aisles": {"first": 1, "last": 2, "digits": 2},
    "bins": {"first": 1, "last": 2, "digits": 2}, "separator": "-", "capacity": 5,
}  # fmt: skip
MAPPING = {"columns": {"sku": "sku", "name": "name"}, "decimal_mark": "."}
PERSON = {
    "login": "kim", "name": "Kim", "password": PASSWORD, "password_temporary": True,
    "email": "kim@example.org", "roles": ["viewer"], "site_ids": None,
}  # fmt: skip

BODIES: dict[tuple[str, str], Any] = {
    ("POST", "/movements"): RECEIPT,
    ("POST", "/movements/batch"): {"movements": [RECEIPT | {"request_key": "in-a-batch"}]},
    ("POST", "/movements/{movement_id}/reverse"): {"reason": "r"},
    ("POST", "/reservations"): {
        "sku": "SKU-1", "location": "BIN-1", "quantity": 1, "priority": 5, "note": "n",
        "expires_at": "2099-01-01T00:00:00Z",
    },
    ("POST", "/reservations/{reservation_id}/void"): {},
    ("POST", "/reservations/{reservation_id}/post"): {"kind": "delivery", "lines": [OUT]},
    ("POST", "/documents"): DOCUMENT,
    ("PUT", "/documents/{document_id}"): DOCUMENT,
    ("POST", "/documents/{document_id}/approve"): {},
    ("POST", "/documents/{document_id}/cancel"): {"reason": "r"},
    ("POST", "/documents/{document_id}/post"): {},
    ("POST", "/documents/{document_id}/reverse"): {"reason": "r"},
    ("PUT", "/document-types/{type}"): {"four_eyes": True, "approval_needed": False},
    ("POST", "/items"): ITEM,
    ("PATCH", "/items/{item_id}"): {k: v for k, v in ITEM.items() if k != "base_unit"},
    ("DELETE", "/items/{item_id}"): None,
    ("POST", "/items/{item_id}/archive"): {},
    ("POST", "/items/{item_id}/restore"): {},
    ("POST", "/items/{item_id}/suppliers/{supplier_id}"): TERM,
    ("PUT", "/items/{item_id}/suppliers/{supplier_id}"): TERM,
    ("DELETE", "/items/{item_id}/suppliers/{supplier_id}"): None,
    ("POST", "/parties"): PARTY,
    ("PATCH", "/parties/{party_id}"): {k: v for k, v in PARTY.items() if k != "kind"},
    ("DELETE", "/parties/{party_id}"): None,
    ("POST", "/parties/{party_id}/archive"): {},
    ("POST", "/parties/{party_id}/restore"): {},
    ("POST", "/sites"): {"code": "NEW", "name": "New", "time_zone": "UTC", "address": "a"},
    ("PATCH", "/sites/{site_id}"): {"code": "NEW", "name": "New", "time_zone": "UTC"},
    ("DELETE", "/sites/{site_id}"): None,
    ("POST", "/sites/{site_id}/activate"): {},
    ("POST", "/sites/{site_id}/deactivate"): {},
    ("POST", "/locations"): LOCATION,
    ("POST", "/locations/bulk"): RACK,
    ("PATCH", "/locations/{location_id}"): {k: v for k, v in LOCATION.items() if k != "site_id"},
    ("DELETE", "/locations/{location_id}"): None,
    ("POST", "/locations/{location_id}/activate"): {"with_below": False},
    ("POST", "/locations/{location_id}/deactivate"): {},
    ("POST", "/imports"): None,
    ("PUT", "/imports/{import_id}/mapping"): {"mapping": MAPPING, "strict": False},
    ("POST", "/imports/{import_id}/preview"): {"mapping": MAPPING, "strict": False},
    ("POST", "/imports/{import_id}/apply"): {},
    ("PUT", "/import-mappings/{kind}/{name}"): {"mapping": MAPPING},
    ("DELETE", "/import-mappings/{kind}/{name}"): None,
    ("POST", "/jobs/{job_id}/cancel"): {},
    ("POST", "/jobs/{job_id}/retry"): {},
    ("POST", "/notifications/read"): {"last_id": 1},
    ("POST", "/notifications/{notification_id}/read"): None,
    ("POST", "/users"): PERSON,
    ("PATCH", "/users/{actor_id}"): {
        "login": "kim", "name": "Kim", "email": "kim@example.org", "roles": ["viewer"],
        "site_ids": None, "status": "active",
    },
    ("POST", "/users/{actor_id}/password"): {"password": PASSWORD, "password_temporary": True},
    ("POST", "/role-requests"): {"role": "manager", "reason": "r"},
    ("POST", "/role-requests/{role_request_id}/answer"): {"granted": False, "note": "n"},
    ("POST", "/api-keys"): {
        "name": "New", "scopes": ["stock.read"], "site_ids": None, "valid_days": 5,
    },
    ("POST", "/api-keys/{actor_id}/rotate"): {"overlap_seconds": 0, "valid_days": 5},
    ("POST", "/api-keys/{actor_id}/revoke"): {},
    ("POST", "/views"): {"page": "stock", "name": "New", "query": "a=b", "shared": False},
    ("DELETE", "/views/{view_id}"): None,
    ("POST", "/session"): {"login": "boss", "password": PASSWORD},
    ("POST", "/session/password"): {"present": PASSWORD, "new": "another horse battery"},
    ("DELETE", "/session"): None,
    ("DELETE", "/sessions"): None,
    ("DELETE", "/sessions/{session_id}"): None,
}  # fmt: skip


@dataclass(frozen=True)
class Write:
    """A route that writes, as the published document describes it."""

    method: str
    path: str
    needs_key: bool
    needs_version: bool
    takes_json: bool
    body_optional: bool

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def body(self) -> Any:
        return BODIES[self.method, self.path]

    @property
    def version_path(self) -> str:
        """Where the version that If-Match names is read."""
        *before, last = self.path.split("/")
        return self.path if last.startswith("{") else "/".join(before)


def every_write() -> Iterator[Write]:
    paths = json.loads(OPENAPI.read_text())["paths"]
    for path, operations in paths.items():
        for method, operation in operations.items():
            if method in {"post", "put", "patch", "delete"}:
                headers = {
                    each["name"]: each
                    for each in operation.get("parameters", [])
                    if each["in"] == "header"
                }
                yield Write(
                    method.upper(),
                    path.removeprefix("/api/v1"),
                    "Idempotency-Key" in headers,
                    "If-Match" in headers,
                    "application/json" in operation.get("requestBody", {}).get("content", {}),
                    not operation.get("requestBody", {}).get("required", False),
                )


class World:
    """A caller of a company that has one of everything, and what the tables hold."""

    def __init__(self, database: Database, client: httpx.AsyncClient, ids: dict[str, Any]) -> None:
        self.database = database
        self.client = client
        self.ids = ids
        self.asked = 0
        self.digests = ""

    def at(self, path: str, **ids: Any) -> str:
        if path.startswith("/api-keys") and "key_id" in self.ids:
            ids = {"actor_id": self.ids["key_id"]} | ids
        return "/api/v1" + path.format(**(self.ids | ids))

    async def version(self, write: Write) -> str:
        answer = await self.client.get(self.at(write.version_path))
        return answer.headers.get("ETag") or f'"{answer.json().get("version", 1)}"'

    async def send(
        self,
        write: Write,
        body: Any = None,
        *,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
        client: httpx.AsyncClient | None = None,
        ids: dict[str, Any] | None = None,
    ) -> httpx.Response:
        """Send with a fresh key and, where one is asked for, the present version."""
        self.asked += 1
        sent = {"Idempotency-Key": f"every-{self.asked}"}
        if write.needs_version and not ids and "If-Match" not in (headers or {}):
            sent["If-Match"] = await self.version(write)
        sent |= headers or {}
        if content is not None:
            sent.setdefault("Content-Type", "application/json")
        given = {"content": content} if content is not None else {"json": body}
        if write.path == "/imports" and content is None:
            given = {"data": {"kind": "items"}, "files": {"file": ("a.csv", b"sku,name\nA,B\n")}}
        elif body is None and content is None:
            given = {}
        found = await (client or self.client).request(
            write.method,
            self.at(write.path, **(ids or {})),
            headers={name: value for name, value in sent.items() if value},
            **given,
        )
        await asyncio.sleep(0)
        return found

    async def contents(self) -> dict[str, str]:
        """A digest of every table, so that nothing can change unseen.

        Left out: when a key, session or person was last seen; attempts to sign in, which are
        counted; rows of nothing (zero balances and lots without stock), which a refused movement
        may leave; and refusals kept under their keys. An accepted write is a row of `request`.
        """
        async with self.database.reading() as tx:
            if not self.digests:
                names = [row["name"] for row in await tx.rows(TABLES)]
                self.digests = " UNION ALL ".join(digest_of(name) for name in names)
            return {row["name"]: row["digest"] for row in await tx.rows(self.digests)}


def digest_of(table: str) -> str:
    """A statement for the number of rows of a table and a hash of them."""
    passing = ",".join(PASSING)
    return f"""
        SELECT '{table}' AS name,
            count(*) || coalesce(md5(string_agg(row, '|' ORDER BY row)), '') AS digest
        FROM (
            SELECT (to_jsonb(t) - '{{{passing}}}'::text[])::text AS row
            FROM "{table}" AS t WHERE {ONLY.get(table, "true")}
        ) AS kept
    """  # noqa: S608 - names of our own tables


TABLES = """
SELECT tablename::text AS name FROM pg_tables
WHERE schemaname = 'public' AND tablename NOT IN ('sign_in_attempt', 'verification')
    AND tablename !~ '^_?yoyo'
ORDER BY tablename
"""
PASSING = ("last_used_at", "last_seen_at", "seen_at", "used_at")
ONLY = {
    "balance": "quantity_on_hand <> 0 OR quantity_reserved <> 0",
    "lot": "EXISTS (SELECT FROM balance AS b WHERE b.lot_id = t.lot_id AND quantity_on_hand <> 0)",
    "request": "movement_id IS NOT NULL OR answer ? 'answer'",
}


def is_accepted(answer: httpx.Response) -> bool:
    """Tell whether something was done; of a batch each movement has an answer of its own."""
    if not answer.is_success:
        return False
    each = answer.json().get("answers", []) if answer.content[:1] == b"{" else []
    return not each or any(one["status"] == "posted" for one in each)


def is_problem(answer: httpx.Response) -> bool:
    """Tell whether it is a refusal by the book: 4xx, a problem, with a code and an id."""
    if not 400 <= answer.status_code < 500:
        return False
    if not answer.headers["Content-Type"].startswith("application/problem+json"):
        return False
    problem = answer.json()
    return problem["status"] == answer.status_code and all(
        problem[each] for each in ("code", "title", "request_id")
    )
