"""A served Truestock with a small company, made through its API."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

LOGIN = "robin"
PASSWORD = "a long walk to the harbour"
BOLT_COUNT = 60
"""More items than a page shows."""

OTHERS = {
    "olga": ("Olga Operator", "operator", None),
    "mina": ("Mina Manager", "manager", None),
    "vera": ("Vera Viewer", "viewer", "SOUTH"),
}
"""People with the same password: name, role, the one site they may see."""

ITEMS = ("MUG-RED", "MUG-BLUE", "MUG-GREEN", "MUG-WHITE")


@contextmanager
def running(dsn: str) -> Iterator[str]:
    """Serve the database, with a worker; yield the address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    environment = os.environ | {"TRUESTOCK_DATABASE_URL": dsn, "TRUESTOCK_RATE_LOGIN": "500/minute"}
    command = [sys.executable, "-m", "truestock.cli"]
    subprocess.run(
        [*command, "user", "create", LOGIN, "--name", "Robin Vale", "--password-stdin"],
        env=environment,
        input=PASSWORD,
        text=True,
        check=True,
        timeout=60,
        capture_output=True,
    )
    url = f"http://127.0.0.1:{port}"
    with ExitStack() as processes:
        started = [
            processes.enter_context(
                subprocess.Popen(
                    [*command, *what],
                    env=environment,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            )
            for what in (("serve", "--port", str(port)), ("worker",))
        ]
        try:
            _wait_until_ready(url, started[0])
            yield url
        finally:
            for process in started:
                process.terminate()


def _wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        try:
            if httpx.get(f"{url}/health/ready", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError("the server did not become ready")


@dataclass
class Desk:
    """A person at the API, signed in with the password."""

    client: httpx.Client
    name: str = field(default_factory=lambda: uuid4().hex)
    asked: int = 0
    ids: dict[str, int] = field(default_factory=dict)

    def make(
        self, path: str, body: dict[str, Any], version: int | None = None, *, method: str = "POST"
    ) -> Any:
        self.asked += 1
        headers = {"Idempotency-Key": f"{self.name}-{self.asked}"}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        answer = self.client.request(method, f"/api/v1{path}", json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json()


@contextmanager
def desk_at(url: str, login: str = LOGIN, password: str = PASSWORD) -> Iterator[Desk]:
    with httpx.Client(base_url=url, timeout=20) as client:
        found = client.post("/api/v1/session", json={"login": login, "password": password})
        client.headers["X-CSRF-Token"] = found.json()["csrf_token"]
        yield Desk(client)


def make_company(desk: Desk) -> None:
    """Two sites with a few places, four mugs and a lamp, a supplier, a customer, documents."""
    ids = desk.ids
    for code, name in (("NORTH", "North yard"), ("SOUTH", "South yard")):
        site = desk.make("/sites", {"code": code, "name": name, "time_zone": "Europe/Vienna"})
        ids[code] = site["site_id"]
        zone = desk.make(
            "/locations",
            {"site_id": ids[code], "code": f"{code[0]}-A", "kind": "zone", "name": "Aisle side"},
        )
        for number in (1, 2, 3):
            place = {
                "site_id": ids[code],
                "code": f"{code[0]}-A-0{number}",
                "kind": "bin",
                "parent_id": zone["location_id"],
            }
            ids[place["code"]] = desk.make("/locations", place)["location_id"]
    packs = [{"unit": "box", "factor_numerator": 12}]
    for sku in ITEMS:
        name = f"Mug, {sku[4:].lower()}, 300 ml"
        item = {"sku": sku, "name": name, "base_unit": "piece", "packs": packs}
        ids[sku] = desk.make("/items", item)["item_id"]
    lamp = {"sku": "LAMP-1", "name": "Desk lamp with a rather long name", "base_unit": "piece"}
    ids["LAMP-1"] = desk.make("/items", lamp)["item_id"]
    for kind, code, name in (
        ("supplier", "CLAY", "Clay and Sons"),
        ("customer", "CAFE", "Corner cafe"),
    ):
        party = desk.make("/parties", {"kind": kind, "code": code, "name": name})
        ids[code] = party["party_id"]
    for number in range(1, BOLT_COUNT + 1):
        bolt = {"sku": f"BOLT-{number:03}", "name": f"Bolt M{number}", "base_unit": "piece"}
        ids[bolt["sku"]] = desk.make("/items", bolt)["item_id"]
    receive(desk)
    hire(desk)


def hire(desk: Desk) -> None:
    """Give the company people of other roles; adjustments need four eyes."""
    for login, (name, role, site) in OTHERS.items():
        person = {"login": login, "name": name, "roles": [role], "password": PASSWORD}
        sites = None if site is None else [desk.ids[site]]
        desk.make("/users", person | {"site_ids": sites, "password_temporary": False})
    policy = {"approval_needed": True, "four_eyes": True}
    desk.make("/document-types/adjustment", policy, 1, method="PUT")


def receive(desk: Desk) -> None:
    """Post one receipt of everything, one delivery, and leave one draft."""
    ids = desk.ids
    lines = [{"item_id": ids[sku], "quantity": 40} for sku in (*ITEMS, "LAMP-1")]
    lines.append({"item_id": ids["BOLT-001"], "quantity": 900})
    receipt = {
        "type": "receipt",
        "party_id": ids["CLAY"],
        "target_location_id": ids["N-A-01"],
        "reference": "Order 1007",
        "lines": lines,
    }
    post_document(desk, receipt)
    delivery = {
        "type": "delivery",
        "party_id": ids["CAFE"],
        "source_location_id": ids["N-A-01"],
        "lines": [{"item_id": ids["LAMP-1"], "quantity": 40}],
    }
    post_document(desk, delivery)
    draft = delivery | {"lines": [{"item_id": ids["MUG-RED"], "quantity": 1, "unit": "box"}]}
    ids["draft"] = desk.make("/documents", draft)["document_id"]


def post_document(desk: Desk, body: dict[str, Any]) -> int:
    """Write and post a document; returns its id."""
    made = desk.make("/documents", body)
    desk.make(f"/documents/{made['document_id']}/post", {}, made["version"])
    return int(made["document_id"])


@dataclass(frozen=True)
class Company:
    url: str
    ids: dict[str, int]
