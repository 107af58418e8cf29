"""Requests about documents, with fresh request keys."""

from typing import Any

import httpx


class Caller:
    """Sends requests with fresh request keys."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.asked = 0

    async def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        version: int | None = None,
        key: str | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        self.asked += 1
        headers = {"Idempotency-Key": key or f"call-{self.asked}"}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        if content is not None:
            headers["Content-Type"] = "application/json"
        return await self.client.request(
            method, f"/api/v1{path}", json=body, headers=headers, content=content
        )


def receipt(**more: Any) -> dict[str, Any]:
    given = {
        "type": "receipt",
        "target_location": "BIN-1",
        "lines": [{"sku": "SKU-1", "quantity": 10}],
    }
    return given | more
