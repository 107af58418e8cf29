"""What Truestock's reads are measured against: the same SQL behind as little as possible.

A bare ASGI application on asyncpg: no routing but a look at the path, no key, no rights, no
validation, rows straight to JSON. The statements are those that Truestock's own reads run: they are
noted when it starts, by asking each question once.

Usage: python -m bench.parts.bare DSN PORT
"""

import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias

import asyncpg
import msgspec
from granian.constants import HTTPModes, Interfaces, Loops
from granian.server import Server

from truestock.catalog.reads.items import item_by_sku
from truestock.database.transactions import ReadTransaction, Row
from truestock.http.paging import PageRequest
from truestock.kernel.settings import Settings
from truestock.stock.reads.balances import balance_at, stock_page
from truestock.stock.reads.why import why

FIRST_PAGE = PageRequest(20, None, None)
SAMPLE = 777
"""The balance of the sample question; no other value of its statements is this number."""

Statement: TypeAlias = tuple[str, tuple[Any, ...]]
Pool: TypeAlias = "asyncpg.Pool[Row]"


class Noting(ReadTransaction):
    """Notes what is asked; the values are those of the sample question."""

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self.statements: list[Statement] = []

    async def rows(self, sql: str, *values: Any) -> list[Row]:
        self.statements.append((sql, values))
        return await super().rows(sql, *values)

    async def row(self, sql: str, *values: Any) -> Row | None:
        self.statements.append((sql, values))
        return await super().row(sql, *values)


class Bare:
    """The ASGI application."""

    pool: Pool
    balance: Statement
    item: Statement
    listed: Sequence[Statement]
    explained: Sequence[Statement]

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn

    async def start(self) -> None:
        async def keep(_connection: Any) -> None: ...

        size = Settings.model_fields["database_pool_size"].default
        self.pool = await asyncpg.create_pool(
            self.dsn,
            min_size=1,
            max_size=size,
            reset=keep,
            server_settings={"timezone": "UTC", "jit": "off"},
        )

        async def noted(ask: Callable[[ReadTransaction], Awaitable[Any]]) -> list[Statement]:
            async with self.pool.acquire() as connection:
                tx = Noting(connection)
                await ask(tx)
                return tx.statements

        (self.balance,) = await noted(lambda tx: balance_at(tx, None, "SKU-1", "B-1"))
        (self.item,) = await noted(lambda tx: item_by_sku(tx, "SKU-1"))
        self.listed = await noted(lambda tx: stock_page(tx, None, FIRST_PAGE, {"q": "0001-"}))
        self.explained = await noted(lambda tx: why(tx, None, SAMPLE, FIRST_PAGE))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await self.start()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await self.pool.close()
            await send({"type": "lifespan.shutdown.complete"})
            return
        body = msgspec.json.encode(await self.answer(scope["path"], scope["query_string"]))
        length = str(len(body)).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", length)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def answer(self, path: str, query: bytes) -> Any:
        if path == "/api/v1/balances/lookup":
            sku, location = (pair.partition("=")[2] for pair in query.decode().split("&"))
            values = (sku, location, None, "available")
            return whole(await self.pool.fetchrow(self.balance[0], *values))
        if path.startswith("/api/v1/items/by-sku/"):
            (row,) = await self.pool.fetch(self.item[0], [], [path[21:]])
            return {**row, "packs": msgspec.Raw(row["packs"].encode())}
        if path == "/api/v1/stock":
            return await self.stock(query.decode().partition("=")[2])
        if path.endswith("/why"):
            return await self.why(int(path.split("/")[-2]))
        return {}

    async def stock(self, text: str) -> Any:
        (matching, (_, gtin, most)), (listed, (_, *others)), (expected, (_, scope)) = self.listed
        async with self.pool.acquire() as connection:
            matched = await connection.fetch(matching, f"%{text}%", gtin, most)
            rows = await connection.fetch(listed, [row[0] for row in matched], *others)
            ids = [row["item_id"] for row in rows[:20]]
            coming = {row["item_id"]: row for row in await connection.fetch(expected, ids, scope)}
        nothing = {"quantity_incoming": 0, "quantity_outgoing": 0}
        items = [{**row, **nothing, **coming.get(row["item_id"], {})} for row in rows[:20]]
        return {"items": items, "next_cursor": len(rows) > 20}

    async def why(self, balance_id: int) -> Any:
        (shown, _), (keys, of_keys), (lines, _), (pending, of_pending) = self.explained
        async with self.pool.acquire() as connection:
            balance = await connection.fetchrow(shown, balance_id)
            found = await connection.fetch(keys, *instead(of_keys, balance_id))
            pairs = zip(*((row[0], row[1]) for row in found[:20]), strict=True)
            rows = await connection.fetch(lines, *pairs)
            promises = await connection.fetch(pending, *instead(of_pending, balance_id))
        return {
            "balance": whole(balance),
            "lines": [dict(row) for row in rows],
            "reservations": [dict(row) for row in promises],
        }


def whole(row: Row | None) -> dict[str, Any]:
    assert row is not None
    return dict(row)


def instead(values: Sequence[Any], balance_id: int) -> list[Any]:
    """Put this balance where the sample question had its own."""
    given = {repr(SAMPLE): balance_id, repr([SAMPLE]): [balance_id]}
    return [given.get(repr(value), value) for value in values]


def main() -> None:
    dsn, port = sys.argv[1:]
    server = Server(
        "bench.parts.bare",
        port=int(port),
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        http=HTTPModes.http1,
        websockets=False,
        log_enabled=False,
    )
    server.serve(target_loader=lambda *_: Bare(dsn), wrap_loader=False)


if __name__ == "__main__":
    main()
