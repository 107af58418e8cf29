"""Somebody in front of a browser, and what they look at."""

import json
from dataclasses import dataclass
from pathlib import Path

import axe_playwright_python
from playwright.async_api import ConsoleMessage, Page

from browser.company import LOGIN, PASSWORD, Company

SHOTS = Path(__file__).parent / "shots"
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text()
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


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
        usual = {1280: "desktop", 360: "phone"}
        return f"{self.theme}-{usual.get(self.width, self.width)}"


LOOKS = [
    Look(theme, width, height)
    for theme in ("light", "dark")
    for width, height in ((1280, 800), (360, 640))
]


NARROW = [Look("light", 320, 568), Look("dark", 640, 400)]
"""The narrowest phone, and a desktop at 200 % zoom."""


class Person:
    """Somebody in front of a browser. Complaints of the console are kept."""

    def __init__(self, page: Page, company: Company, look: Look) -> None:
        self.page = page
        self.company = company
        self.look = look
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

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
        self.forget_stranger()

    def forget_stranger(self) -> None:
        """Drop what a browser reports of the 401 that tells a stranger to sign in."""
        self.complaints = [each for each in self.complaints if "401" not in each]

    async def sign_out(self) -> None:
        await self.page.get_by_role("button", name="Your menu").click()
        menu = self.page.get_by_role("group", name="Your menu")
        await menu.get_by_role("button", name="Sign out").click()
        await self.page.get_by_role("button", name="Sign in").wait_for()

    async def become(self, login: str) -> None:
        """Leave the desk to somebody else."""
        await self.sign_out()
        await self.sign_in(login)

    async def open_filters(self) -> None:
        """Unfold the filters, which a phone hides."""
        unfold = self.page.get_by_role("button", name="Filters")
        if self.look.is_phone and await unfold.get_attribute("aria-expanded") == "false":
            await unfold.click()

    async def look_around(self, name: str) -> None:
        """Keep a picture, and require that axe finds nothing and nothing runs over the side."""
        SHOTS.mkdir(exist_ok=True)
        await self.page.evaluate("() => scrollTo(0, 0)")
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
