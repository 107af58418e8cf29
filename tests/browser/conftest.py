"""A real Truestock with a small company, and a real browser to use it with.

Everything here needs Debian's chromium; `make e2e` installs it. Without it these tests are skipped.
"""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from playwright.async_api import Browser, async_playwright, expect

from browser.company import Company, desk_at, make_company, running
from browser.person import LOOKS, Look, Person

CHROMIUM = Path("/usr/bin/chromium")
PATIENCE_MS = 15_000
expect.set_options(timeout=PATIENCE_MS)
QUIET = ["--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = pytest.mark.skip(reason="chromium is not installed; make e2e installs it")
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)
            if not CHROMIUM.exists():
                item.add_marker(missing)


@pytest.fixture(scope="session")
async def company(server_dsn: str, template: str) -> AsyncIterator[Company]:
    """A served company of its own, for all browser tests."""
    name = f"browser_{os.getpid()}"
    admin = await asyncpg.connect(server_dsn)
    await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    dsn = urlunsplit(urlsplit(server_dsn)._replace(path=f"/{name}"))
    with running(dsn) as url, desk_at(url) as desk:
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
    context.set_default_timeout(30_000)
    yield Person(await context.new_page(), company, look)
    await context.close()
