"""A served Truestock with a small company, made through its API."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

LOGIN = "robin"
PASSWORD = "a long walk to the harbour"
ITEMS = ("MUG-RED", "MUG-BLUE", "MUG-GREEN", "MUG-WHITE")


@contextmanager
def running(dsn: str) -> Iterator[str]:
    """Serve the database; yield the address."""
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
    with subprocess.Popen(
        [*command, "serve", "--port", str(port)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            _wait_until_ready(url, process)
            yield url
        finally:
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
    asked: int = 0
    ids: dict[str, int] = field(default_factory=dict)

    def make(self, path: str, body: dict[str, Any], version: int | None = None) -> Any:
        self.asked += 1
        headers = {"Idempotency-Key": f"browser-{self.asked}"}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        answer = self.client.post(f"/api/v1{path}", json=body, headers=headers)
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
    receive(desk)


def receive(desk: Desk) -> None:
    """Post one receipt of everything, one delivery, and leave one draft."""
    ids = desk.ids
    lines = [{"item_id": ids[sku], "quantity": 40} for sku in (*ITEMS, "LAMP-1")]
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


def post_document(desk: Desk, body: dict[str, Any]) -> None:
    made = desk.make("/documents", body)
    desk.make(f"/documents/{made['document_id']}/post", {}, made["version"])


@dataclass(frozen=True)
class Company:
    url: str
    ids: dict[str, int]
