"""What the load asks for: functions that return the next request as bytes, ready to be sent."""

import random
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count

BATCH = 100

Next = Callable[[], bytes]
LIST = "/api/v1/stock?q={hundred:04d}-"

_PLACEHOLDER = re.compile(r"\{(\w+):?(\w*)\}")


@dataclass(frozen=True)
class Caller:
    """To whom requests go and with which key. What is sent is plain ASCII."""

    address: str
    key: str

    def request(self, method: str, path: str, body: str | None = None) -> bytes:
        head = f"{method} {path} HTTP/1.1\r\nHost: {self.address}\r\nX-API-Key: {self.key}\r\n"
        if body is None:
            return f"{head}\r\n".encode()
        about = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        return f"{head}{about}{body}".encode()


@dataclass(frozen=True)
class Movements:
    """Receipts of one: each its own request, or many in one; of any item, or all of one."""

    caller: Caller
    items: int
    batch: int = 0
    hot: bool = False
    prefix: str = field(default_factory=lambda: uuid.uuid4().hex[:20])
    numbers: "count[int]" = field(default_factory=count)

    def __call__(self) -> bytes:
        if not self.batch:
            return self.caller.request("POST", "/api/v1/movements", self.movement())
        body = '{"movements":[' + ",".join(self.movement() for _ in range(self.batch)) + "]}"
        return self.caller.request("POST", "/api/v1/movements/batch", body)

    def movement(self) -> str:
        item = 1 if self.hot else random.randint(1, self.items)
        return (
            f'{{"request_key":"{self.prefix}-{next(self.numbers):015d}","kind":"receipt",'
            f'"lines":[{{"sku":"SKU-{item}","quantity":1,"target_location":"B-1"}}]}}'
        )


class Reads:
    """GET of a path in which `{name}`, or `{name:04d}`, becomes a number from 1 to its limit."""

    def __init__(self, caller: Caller, template: str, limits: Mapping[str, int]) -> None:
        self.limits = [limits[name] for name, _ in _PLACEHOLDER.findall(template)]
        whole = caller.request("GET", template.replace("%", "%%")).decode()
        self.request = _PLACEHOLDER.sub(lambda found: f"%{found[2] or 'd'}", whole).encode()

    def __call__(self) -> bytes:
        numbers = tuple(random.randint(1, limit) for limit in self.limits)
        return self.request % numbers


def mixed(caller: Caller, limits: Mapping[str, int]) -> Next:
    """Return what a day brings: postings, questions, and every way to be refused."""
    nobody = Caller(caller.address, "ts_0123456789_nobody")
    wrong = [
        caller.request("POST", "/api/v1/movements", '{"kind":"receipt","lines":[]}'),
        caller.request("POST", "/api/v1/movements", '{"kind":'),
        caller.request("GET", "/api/v1/stock?colour=red"),
        caller.request("GET", "/api/v1/items/by-sku/NONE"),
        caller.request("GET", "/api/v1/nothing"),
        nobody.request("GET", "/api/v1/items/1"),
    ]

    def shortage() -> bytes:
        line = f'{{"sku":"SKU-{random.randint(1, 99)}","quantity":999999,"source_location":"B-2"}}'
        body = f'{{"request_key":"{uuid.uuid4().hex}","kind":"delivery","lines":[{line}]}}'
        return caller.request("POST", "/api/v1/movements", body)

    def sign_in() -> bytes:
        body = f'{{"login":"nobody-{random.randint(1, 9999)}","password":"wrong horse battery"}}'
        return nobody.request("POST", "/api/v1/session", body)

    shares: list[tuple[Next, int]] = [
        (Movements(caller, limits["item"]), 300),
        (Movements(caller, limits["item"], BATCH), 20),
        (Reads(caller, "/api/v1/balances/lookup?sku=SKU-{item}&location=B-1", limits), 200),
        (Reads(caller, "/api/v1/items/by-sku/SKU-{item}", limits), 150),
        (Reads(caller, LIST, limits), 100),
        (Reads(caller, "/api/v1/balances/{item}/why", limits), 100),
        (lambda: random.choice(wrong), 90),
        (shortage, 30),
        (sign_in, 10),
    ]
    makers, weights = zip(*shares, strict=True)
    return lambda: bytes(random.choices(makers, weights)[0]())


def next_request(caller: Caller, kind: str, limits: Mapping[str, int]) -> Next:
    """Return the requests of a kind: `single`, `hot`, `batch`, `mixed`, or a path to GET."""
    if kind.startswith("/"):
        return Reads(caller, kind, limits)
    if kind == "mixed":
        return mixed(caller, limits)
    return Movements(caller, limits["item"], BATCH if kind == "batch" else 0, hot=kind == "hot")


def limits_of(items: int) -> dict[str, int]:
    """Return how far each placeholder goes in a company of so many items at ten bins."""
    return {"item": items, "bin": 10, "balance": items * 10, "site": 2, "hundred": items // 100 - 1}
