"""Whole flows without a mouse, and pages on the narrowest screens."""

import re

import pytest
from playwright.async_api import expect

from browser.person import LOOKS, NARROW, Person
from browser.test_walk import WALK_SECONDS, walk

DESKTOPS = [look for look in LOOKS if not look.is_phone]


async def focused(person: Person) -> str:
    text: str = await person.page.evaluate(
        "() => document.activeElement.ariaLabel ?? document.activeElement.innerText"
    )
    return text


async def tab_to(person: Person, name: str) -> None:
    """Press Tab until the element of this name has the focus."""
    for _ in range(80):
        await person.page.keyboard.press("Tab")
        if name in await focused(person):
            return
    raise AssertionError(f"Tab never reached {name!r}")


@pytest.mark.parametrize("person", DESKTOPS, indirect=True, ids=str)
async def test_a_number_is_found_and_explained_by_keys_alone(person: Person) -> None:
    page, keys = person.page, person.page.keyboard
    await person.visit("/")
    await page.get_by_label("Name", exact=True).focus()
    await keys.type("robin")
    await keys.press("Tab")
    await keys.type("a long walk to the harbour")
    await keys.press("Enter")
    await page.get_by_role("heading", name="Dashboard").wait_for()
    await person.settle()
    person.forget_stranger()
    await keys.press("Control+k")
    await page.get_by_role("combobox", name="Search and commands").wait_for()
    await keys.type("BOLT-001")
    await keys.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Bolt M1")
    await expect(page.get_by_role("heading", level=1)).to_be_focused()
    await tab_to(person, "Why is the quantity at N-A-01")
    opener = await focused(person)
    await keys.press("Enter")
    why = page.get_by_role("dialog")
    await expect(why).to_contain_text("REC-")
    await person.settle()
    await person.look_around("why-by-keys")
    await keys.press("Escape")
    await expect(why).to_have_count(0)
    assert await focused(person) == opener
    person.complaint_free()


@pytest.mark.parametrize("person", DESKTOPS, indirect=True, ids=str)
async def test_pages_and_rows_are_reached_by_single_keys(person: Person) -> None:
    page, keys = person.page, person.page.keyboard
    await person.sign_in()
    await keys.press("g")
    await keys.press("s")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Stock")
    await expect(page.get_by_role("row").filter(has_text="BOLT-002")).to_have_count(1)
    await keys.press("j")
    await keys.press("j")
    await keys.press("x")
    await expect(page.get_by_role("region", name="Selection")).to_contain_text("1 selected")
    await keys.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Bolt M2")
    await keys.press("?")
    shortcuts = page.get_by_role("dialog", name="Keyboard shortcuts")
    await expect(shortcuts).to_contain_text("Search and commands")
    await person.look_around("shortcuts")
    await keys.press("Escape")
    await keys.press("t")
    theme = "dark" if person.look.theme == "light" else "light"
    await expect(page.locator("html")).to_have_attribute("data-theme", theme)
    await keys.press("/")
    await keys.type("REC-")
    first = page.get_by_role("option").filter(has_text="REC-").first
    await expect(first).to_contain_text(re.compile("Receipt, (posted|draft)"))
    person.complaint_free()


@pytest.mark.parametrize("person", DESKTOPS, indirect=True, ids=str)
async def test_a_receipt_is_written_and_posted_by_keys_alone(person: Person) -> None:
    page, keys = person.page, person.page.keyboard
    await person.sign_in()
    await person.visit("/documents/new?type=receipt")
    await page.get_by_label("To location").focus()
    await keys.type("S-A-02")
    await keys.press("Enter")
    await expect(page.get_by_label("To location")).to_have_value(re.compile("^S-A-02"))
    await tab_to(person, "Item of line 1")
    await keys.type("BOLT-003")
    await keys.press("Enter")
    await expect(page.get_by_label("Quantity of line 1")).to_be_focused()
    await keys.type("7")
    await keys.press("Enter")
    await expect(page.get_by_role("combobox", name="Item of line 2")).to_be_focused()
    await keys.type("BOLT-004")
    await keys.press("Enter")
    await expect(page.get_by_label("Quantity of line 2")).to_be_focused()
    await keys.type("9")
    await keys.press("Control+Enter")
    await expect(page.get_by_text("Posted", exact=True).first).to_be_visible()
    await expect(page.get_by_role("row").filter(has_text="BOLT-004")).to_contain_text("9")
    person.complaint_free()


@pytest.mark.parametrize("person", NARROW, indirect=True, ids=str)
@pytest.mark.timeout(WALK_SECONDS)
async def test_every_page_fits_the_narrowest_screens(person: Person) -> None:
    await walk(person)
