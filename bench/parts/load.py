"""A cheap HTTP/1.1 load generator on asyncio protocols, run as a process of its own.

Usage: python -m bench.parts.load HOST PORT KEY KIND CONNECTIONS SECONDS ITEMS
KIND is `single`, `hot` (all on one balance) or `batch` (100 movements a request). Prints one JSON
line: acknowledged movements, seconds, requests, answers by status, latencies in milliseconds.
"""

import asyncio
import json
import random
import sys
import time
import uuid
from collections import Counter

import uvloop

BATCH = 100


class Connection(asyncio.Protocol):
    """Sends one request after the other; counts answers. Needs Content-Length in answers."""

    def __init__(self, load: "Load") -> None:
        self.load = load
        self.buffer = b""
        self.wanted = -1
        self.status = 0
        self.sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.send()

    def send(self) -> None:
        if time.perf_counter() >= self.load.until:
            self.transport.close()
            self.load.open -= 1
            if self.load.open == 0:
                self.load.done.set_result(None)
            return
        self.sent_at = time.perf_counter()
        self.transport.write(self.load.next_request())

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if self.wanted < 0:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self.buffer[:end].lower()
            self.status = int(head[9:12])
            at = head.index(b"content-length:") + 15
            line_end = head.find(b"\r\n", at)
            self.wanted = end + 4 + int(head[at : line_end if line_end > 0 else len(head)])
        if len(self.buffer) >= self.wanted:
            body = self.buffer[: self.wanted]
            self.buffer, self.wanted = self.buffer[self.wanted :], -1
            self.load.answered(self.status, body, time.perf_counter() - self.sent_at)
            self.send()


class Load:
    """What to ask and what was answered."""

    def __init__(
        self, kind: str, connections: int, seconds: float, items: int, head: bytes
    ) -> None:
        self.kind = kind
        self.items = items
        self.head = head
        self.open = connections
        self.until = time.perf_counter() + seconds
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.statuses: Counter[int] = Counter()
        self.latencies: list[float] = []
        self.acknowledged = 0
        self.prefix = uuid.uuid4().hex[:20]
        self.number = 0

    def movement(self) -> str:
        self.number += 1
        item = 1 if self.kind == "hot" else random.randint(1, self.items)
        return (
            f'{{"request_key":"{self.prefix}-{self.number:015d}","kind":"receipt",'
            f'"lines":[{{"sku":"SKU-{item}","quantity":1,"target_location":"B-1"}}]}}'
        )

    def next_request(self) -> bytes:
        if self.kind == "batch":
            body = '{"movements":[' + ",".join(self.movement() for _ in range(BATCH)) + "]}"
            path = b"/api/v1/movements/batch"
        else:
            body, path = self.movement(), b"/api/v1/movements"
        encoded = body.encode()
        return b"POST %b HTTP/1.1\r\n%bContent-Length: %d\r\n\r\n%b" % (
            path,
            self.head,
            len(encoded),
            encoded,
        )

    def answered(self, status: int, body: bytes, seconds: float) -> None:
        self.statuses[status] += 1
        self.latencies.append(seconds)
        if status == 201:
            self.acknowledged += 1
        elif status == 200 and self.kind == "batch":
            self.acknowledged += body.count(b'"posted"')


async def main() -> None:
    host, port, key, kind, connections, seconds, items = sys.argv[1:]
    head = (
        f"Host: {host}:{port}\r\nX-API-Key: {key}\r\nContent-Type: application/json\r\n"
    ).encode()
    load = Load(kind, int(connections), float(seconds), int(items), head)
    began = time.perf_counter()
    for _ in range(int(connections)):
        await asyncio.get_running_loop().create_connection(
            lambda: Connection(load), host, int(port)
        )
    await load.done
    taken = time.perf_counter() - began
    ordered = sorted(load.latencies)
    print(
        json.dumps(
            {
                "acknowledged": load.acknowledged,
                "seconds": taken,
                "requests": len(ordered),
                "statuses": dict(load.statuses),
                "p50_ms": ordered[len(ordered) // 2] * 1000,
                "p99_ms": ordered[int(len(ordered) * 0.99)] * 1000,
                "cpu_seconds": time.process_time(),
            }
        )
    )


if __name__ == "__main__":
    uvloop.run(main())
