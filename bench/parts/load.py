"""A cheap HTTP/1.1 load generator on asyncio protocols, run as a process of its own.

Usage: python -m bench.parts.load HOST:PORT KEY KIND CONNECTIONS ITEMS (--seconds N | --requests N)
KIND is one of `requests.next_request`. Prints one JSON line: acknowledged movements, seconds,
requests, answers by status, latencies in milliseconds.
"""

import argparse
import asyncio
import json
import time
from collections import Counter
from typing import Any, cast

import uvloop

from bench.parts.requests import Caller, Next, limits_of, next_request

WITHOUT_END = 10**12


class Connection(asyncio.Protocol):
    """Sends one request after the other; counts answers. Needs Content-Length in answers."""

    def __init__(self, load: "Load") -> None:
        self.load = load
        self.buffer = b""
        self.wanted = -1
        self.status = 0
        self.sent_at = 0.0
        self.ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.send()

    def send(self) -> None:
        if self.load.left == 0 or time.perf_counter() >= self.load.until:
            self.ended = True
            self.transport.close()
            self.load.open -= 1
            if self.load.open == 0:
                self.load.done.set_result(None)
            return
        self.load.left -= 1
        request = self.load.next_request()
        self.sent_at = time.perf_counter()
        self.transport.write(request)

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

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ended:
            raise ConnectionError("the server closed a connection") from error


class Load:
    """What to ask, until when, and what was answered."""

    def __init__(
        self, request: Next, connections: int, seconds: float | None, requests: int | None
    ) -> None:
        self.next_request = request
        self.open = connections
        self.until = time.perf_counter() + (seconds or WITHOUT_END)
        self.left = requests or WITHOUT_END
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.statuses: Counter[int] = Counter()
        self.latencies: list[float] = []
        self.acknowledged = 0

    def failed(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What goes wrong in a connection ends the whole load."""
        if not self.done.done():
            self.done.set_exception(context.get("exception") or RuntimeError(context["message"]))

    def answered(self, status: int, body: bytes, seconds: float) -> None:
        self.statuses[status] += 1
        self.latencies.append(seconds)
        if status == 201:
            self.acknowledged += 1
        elif status == 200:
            self.acknowledged += body.count(b'"status":"posted"')


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("address", "key", "kind"):
        parser.add_argument(name)
    for name in ("connections", "items"):
        parser.add_argument(name, type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--requests", type=int)
    asked = parser.parse_args()
    caller = Caller(asked.address, asked.key)
    request = next_request(caller, asked.kind, limits_of(asked.items))
    load = Load(request, asked.connections, asked.seconds, asked.requests)
    host, _, port = asked.address.partition(":")
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(load.failed)
    began = time.perf_counter()
    for _ in range(asked.connections):
        await loop.create_connection(lambda: Connection(load), host, int(port))
    await load.done
    print(json.dumps(figures(load, time.perf_counter() - began)))


def figures(load: Load, seconds: float) -> dict[str, object]:
    ordered = sorted(load.latencies)
    return {
        "acknowledged": load.acknowledged,
        "seconds": seconds,
        "requests": len(ordered),
        "statuses": dict(load.statuses),
        "p50_ms": ordered[len(ordered) // 2] * 1000,
        "p99_ms": ordered[int(len(ordered) * 0.99)] * 1000,
        "cpu_seconds": time.process_time(),
    }


if __name__ == "__main__":
    uvloop.run(main())
