"""Somebody who imports files, with a ledger; and a caller who uploads them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx

from support.served import Served
from truestock.database import Database
from truestock.exchange.model.imports import ImportKind, ImportRun, Limits, Mapping, Progress
from truestock.exchange.operations.applying import apply_import, begin_import
from truestock.exchange.operations.steps import Means
from truestock.exchange.operations.uploads import Upload, add_import, read_upload
from truestock.kernel import clock
from truestock.kernel.actor import Actor
from truestock.stock.operations.ledger import Ledger

LIMITS = Limits(bytes_max=50_000_000, rows_max=300_000)


async def quiet(_progress: Progress) -> None:
    pass


@dataclass
class Office:
    """Somebody who imports, with a ledger."""

    database: Database
    ledger: Ledger
    actor: Actor

    @property
    def means(self) -> Means:
        return Means(self.database, self.ledger, clock.now, LIMITS)

    async def upload(
        self,
        kind: str,
        content: str | bytes,
        mapping: Mapping | None = None,
        *,
        file_name: str = "file.csv",
        strict: bool = False,
    ) -> ImportRun:
        plain = content.encode() if isinstance(content, str) else content
        asked = Upload(ImportKind(kind), file_name, plain, mapping, strict)
        read = await read_upload(asked, LIMITS)
        async with self.database.writing() as tx:
            return await add_import(tx, self.actor, read, clock.now())

    async def apply(
        self, import_id: int, tell: Callable[[Progress], Awaitable[None]] = quiet
    ) -> ImportRun:
        async with self.database.writing() as tx:
            await begin_import(tx, self.actor, import_id)
        return await apply_import(self.means, self.actor, import_id, tell)

    async def imported(self, kind: str, content: str | bytes, **more: Any) -> ImportRun:
        run = await self.upload(kind, content, **more)
        return await self.apply(run.import_id)

    async def value(self, sql: str, *values: object) -> Any:
        async with self.database.asking() as tx:
            return await tx.value(sql, *values)

    async def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        async with self.database.asking() as tx:
            return [tuple(row) for row in await tx.rows(sql, *values)]


@dataclass
class Caller:
    """Sends uploads beside JSON."""

    served: Served

    async def upload(
        self, kind: str, content: bytes, *, name: str = "file.csv", **form: Any
    ) -> httpx.Response:
        self.served.asked += 1
        headers = {"Idempotency-Key": form.pop("key", f"upload-{self.served.asked}")}
        client = self.served.client(form.pop("api_key", self.served.api_key))
        return await client.post(
            "/api/v1/imports",
            data={"kind": kind, **form},
            files={"file": (name, content)},
            headers=headers,
        )
