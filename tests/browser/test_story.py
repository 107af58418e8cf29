"""A clerk's morning: find an item, ask why, receive, transfer, see it all, leave."""

import re

from playwright.async_api import expect

from browser.company import ITEMS
from browser.person import LOOKS, Person


async def find(person: Person, text: str) -> None:
    if person.look.is_phone:
        await person.page.get_by_role("button", name="Find").click()
    else:
        await person.page.keyboard.press("Control+k")
    field = person.page.get_by_role("combobox", name="Search and commands")
    await field.fill(text)
    results = person.page.get_by_role("listbox", name="Results")
    await expect(results.get_by_role("option").first).to_contain_text(text)
    await person.look_around("palette")
    await field.press("Enter")
    await field.wait_for(state="hidden")
    await person.settle()


async def choose(person: Person, label: str, text: str, *, exact: bool = True) -> None:
    """Type a code into a field and press Enter; the field then shows that record."""
    field = person.page.get_by_role("combobox", name=label, exact=exact)
    await field.fill(text)
    await field.press("Enter")
    await expect(field).to_have_attribute("aria-expanded", "false")
    await expect(field).to_have_value(re.compile(f"^{text}( |$)"))


def mug(sku: str) -> str:
    return f"Mug, {sku[4:].lower()}, 300 ml"


async def post(person: Person, kind: str, sku: str, quantity: int, **places: str) -> None:
    """Write a document by its form and post it."""
    await person.visit(f"/documents/new?type={kind}")
    for label, code in places.items():
        await choose(person, f"{label} location", code)
    await choose(person, "Item of line 1", sku)
    await person.page.get_by_label("Quantity of line 1").fill(str(quantity))
    await person.settle()
    await person.look_around(f"filled-{kind}")
    await person.page.get_by_role("button", name="Post", exact=True).click()
    await expect(person.page.get_by_text("Posted", exact=True).first).to_be_visible()
    await person.settle()
    await person.look_around(f"posted-{kind}")


async def on_hand(person: Person, place: str, quantity: int) -> None:
    name = f"Why is the quantity at {place} {quantity}?"
    await expect(person.page.get_by_role("button", name=name)).to_be_visible()


async def test_a_number_is_found_explained_and_changed(person: Person) -> None:
    sku = ITEMS[LOOKS.index(person.look)]
    page = person.page
    await person.sign_in()
    await find(person, sku)
    await expect(page.get_by_role("heading", level=1)).to_have_text(mug(sku))
    await person.look_around("item")

    await page.get_by_role("button", name="Why is the quantity at N-A-01 40?").click()
    why = page.get_by_role("dialog")
    await expect(why).to_contain_text("Receipt")
    await expect(why).to_contain_text("+40")
    await expect(why).to_contain_text("Robin Vale")
    await person.look_around("why")
    await page.keyboard.press("Escape")

    await post(person, "receipt", sku, 10, To="N-A-01")
    await post(person, "transfer", sku, 3, From="N-A-01", To="S-A-02")

    await find(person, sku)
    await on_hand(person, "N-A-01", 47)
    await on_hand(person, "S-A-02", 3)
    await page.get_by_role("link", name="Movements", exact=True).last.click()
    rows = page.get_by_role("row")
    await expect(rows.filter(has_text="Transfer")).to_have_count(1)
    await expect(rows.filter(has_text="Receipt")).to_have_count(2)
    await person.look_around("item-movements")

    await page.get_by_role("button", name="Your menu").click()
    await person.look_around("user-menu")
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    person.complaint_free()


async def test_a_document_that_finds_too_little_says_what_is_short_where(person: Person) -> None:
    await person.sign_in()
    await person.visit("/documents/new?type=delivery")
    await choose(person, "From location", "S-A-03")
    await choose(person, "Item of line 1", "MUG-RED")
    await person.page.get_by_label("Quantity of line 1").fill("5")
    await person.page.get_by_role("button", name="Post", exact=True).click()
    refusal = person.page.get_by_role("alert")
    await expect(refusal).to_contain_text("MUG-RED")
    await expect(refusal).to_contain_text("S-A-03")
    await person.settle()
    await person.look_around("shortage")


async def test_a_temporary_password_must_be_changed_first(person: Person) -> None:
    login = f"newcomer-{person.look}"
    await person.sign_in()
    await person.visit("/users")
    page = person.page
    await page.get_by_role("button", name="New user").click()
    await person.look_around("new-user")
    await page.get_by_label("Name", exact=True).fill("Sam Newcomer")
    await page.get_by_label("Sign-in name", exact=True).fill(login)
    await page.get_by_label("First password").fill("given by somebody else")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("cell", name=login, exact=True)).to_be_visible()
    await page.get_by_role("button", name="Your menu").click()
    await page.get_by_role("button", name="Sign out").click()
    await person.sign_in(login, "given by somebody else")
    await expect(page.get_by_role("heading", name="Choose a password")).to_be_visible()
    await person.look_around("new-password")
    await page.get_by_label("Present password").fill("given by somebody else")
    await page.get_by_label("New password", exact=True).fill("a lantern on the stairs")
    await page.get_by_label("New password again").fill("a lantern on the stairs")
    await page.get_by_role("button", name="Change password").click()
    await expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()
