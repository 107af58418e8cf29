"""A real Truestock with a small company, and a real browser to use it with.

Everything here needs Debian's chromium; `make e2e` installs it. Without it these tests are skipped.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import axe_playwright_python
import httpx
import pytest
from playwright.async_api import Browser, Page, async_playwright

from conftest import with_database

CHROMIUM = Path("/usr/bin/chromium")
SHOTS = Path(__file__).parent / "shots"
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text()
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
QUIET = ["--disable-gpu", "--disable-background-networking", "--disable-component-update"]

LOGIN = "robin"
PASSWORD = "a long walk to the harbour"
ITEMS = ("MUG-RED", "MUG-BLUE", "MUG-GREEN", "MUG-WHITE")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = pytest.mark.skip(reason="chromium is not installed; make e2e installs it")
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)
            if not CHROMIUM.exists():
                item.add_marker(missing)


@dataclass(frozen=True)
class Look:
    """How a person looks at the pages."""

    theme: str
    width: int
    height: int

    @property
    def is_phone(self) -> bool:
        return self.width < 600

    def __str__(self) -> str:
        return f"{self.theme}-{'phone' if self.is_phone else 'desktop'}"


LOOKS = [
    Look(theme, width, height)
    for theme in ("light", "dark")
    for width, height in ((1280, 800), (360, 640))
]


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
    pytest.fail("the server did not become ready")


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


@pytest.fixture(scope="session")
async def company(server_dsn: str, template: str) -> AsyncIterator[Company]:
    """A served company of its own, for all browser tests."""
    name = f"browser_{os.getpid()}"
    admin = await asyncpg.connect(server_dsn)
    await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    with running(with_database(server_dsn, name)) as url:
        with desk_at(url) as desk:
            make_company(desk)
            yield Company(url, desk.ids)
    await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await admin.close()


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        yield browser
        await browser.close()


class Person:
    """Somebody in front of a browser. Complaints of the console are kept."""

    def __init__(self, page: Page, company: Company, look: Look) -> None:
        self.page = page
        self.company = company
        self.look = look
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda message: message.type == "error" and self.complaints.append(message.text),
        )

    async def settle(self) -> None:
        """Wait until the page stands and nothing is being asked."""
        await self.page.locator("html[data-ready]").wait_for()
        await self.page.wait_for_load_state("networkidle")

    async def visit(self, path: str) -> None:
        await self.page.goto(f"{self.company.url}{path}")
        await self.settle()

    async def sign_in(self, login: str = LOGIN, password: str = PASSWORD) -> None:
        await self.visit("/")
        await self.page.get_by_label("Name", exact=True).fill(login)
        await self.page.get_by_label("Password", exact=True).fill(password)
        await self.page.get_by_role("button", name="Sign in").click()
        await self.page.get_by_role("button", name="Sign in").wait_for(state="detached")
        await self.settle()
        # Who is not signed in yet is told so with 401, which a browser always reports.
        self.complaints = [each for each in self.complaints if "401" not in each]

    async def look_around(self, name: str) -> None:
        """Keep a picture, and require that axe finds nothing and nothing runs over the side."""
        SHOTS.mkdir(exist_ok=True)
        await self.page.screenshot(path=SHOTS / f"{name}-{self.look}.png", full_page=True)
        await self.page.evaluate(AXE)
        found = await self.page.evaluate(
            "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})", AXE_TAGS
        )
        violations = [
            {"id": each["id"], "nodes": [node["html"][:200] for node in each["nodes"][:5]]}
            for each in found["violations"]
        ]
        assert not violations, f"{name}: {json.dumps(violations, indent=1)}"
        sideways = await self.page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert sideways <= 0, f"{name} is {sideways} px wider than the window"

    def complaint_free(self) -> None:
        assert not self.complaints, self.complaints


@pytest.fixture(params=LOOKS, ids=str)
async def person(
    request: pytest.FixtureRequest, chromium: Browser, company: Company
) -> AsyncIterator[Person]:
    look: Look = request.param
    context = await chromium.new_context(
        viewport={"width": look.width, "height": look.height},
        color_scheme="dark" if look.theme == "dark" else "light",
        reduced_motion="reduce",
        has_touch=look.is_phone,
        service_workers="block",
    )
    context.set_default_timeout(10_000)
    yield Person(await context.new_page(), company, look)
    await context.close()
