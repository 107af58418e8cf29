"""Who writes, who approves, who takes back: people of different roles at one document."""

import re

from playwright.async_api import expect

from browser.company import desk_at, post_document
from browser.person import Person
from browser.test_story import choose


async def write_adjustment(person: Person) -> str:
    """Write an adjustment as the present person; return its number."""
    page = person.page
    await person.visit("/documents/new?type=adjustment")
    await choose(person, "Location", "N-A-01", exact=False)
    await page.get_by_label("Reason").select_option("damage")
    await choose(person, "Item of line 1", "BOLT-001", exact=False)
    await page.get_by_label("Quantity of line 1").fill("2")
    await page.get_by_role("button", name="Post", exact=True).click()
    heading = page.get_by_role("heading", level=1)
    await expect(heading).to_have_text(re.compile("ADJ-"))
    return await heading.inner_text()


async def open_notification(person: Person, text: str) -> None:
    await person.page.get_by_role("button", name=re.compile("unread notification")).click()
    await person.look_around("notifications")
    await person.page.get_by_role("link", name=re.compile(text)).first.click()
    await person.settle()


async def test_a_draft_waits_for_another_person_who_is_told_and_approves(person: Person) -> None:
    page = person.page
    await person.sign_in("olga")
    number = await write_adjustment(person)
    await expect(page.get_by_text("another person must approve or post it")).to_be_visible()
    await expect(page.get_by_role("button", name="Approve", exact=True)).to_have_count(0)
    await person.settle()
    await person.look_around("waits-for-approval")
    post = page.get_by_role("button", name=re.compile("^Post"))
    await expect(post).to_have_attribute("aria-disabled", "true")

    await person.become("mina")
    await open_notification(person, f"Olga Operator asks for your approval of {number}")
    await expect(page.get_by_role("heading", level=1)).to_have_text(number)
    await person.look_around("to-be-approved")
    await page.get_by_role("button", name="Approve", exact=True).click()
    await expect(page.get_by_text("Approved", exact=True).first).to_be_visible()

    await person.become("olga")
    await open_notification(person, f"Mina Manager approved {number}")
    await post.click()
    await expect(page.get_by_text("Posted", exact=True).first).to_be_visible()
    history = page.get_by_role("region", name="History")
    await expect(history).to_contain_text("Mina Manager")
    await person.settle()
    await person.look_around("approved-and-posted")


async def test_a_posted_document_is_taken_back_by_another_linked_both_ways(
    person: Person,
) -> None:
    page, ids = person.page, person.company.ids
    with desk_at(person.company.url) as desk:
        line = {"item_id": ids["BOLT-001"], "quantity": 3}
        body = {"type": "delivery", "source_location_id": ids["N-A-01"], "lines": [line]}
        document_id = post_document(desk, body)
    await person.sign_in("mina")
    await person.visit(f"/documents/{document_id}")
    number = await page.get_by_role("heading", level=1).inner_text()
    await page.get_by_role("button", name="Reverse", exact=True).click()
    sure = page.get_by_role("dialog", name=f"Reverse {number}?")
    await sure.get_by_label("Reason").fill("Sent to the wrong customer")
    await person.look_around("reverse-dialog")
    await sure.get_by_role("button", name="Reverse").click()
    await expect(page.get_by_role("heading", level=1)).not_to_have_text(number)
    await person.settle()
    await person.look_around("reversal")
    await page.get_by_role("link", name=number, exact=True).click()
    await expect(page.get_by_text("Reversed", exact=True).first).to_be_visible()
    await expect(page.get_by_role("button", name="Reverse", exact=True)).to_have_count(0)
    await person.settle()
    await person.look_around("reversed")
    await page.get_by_role("link", name=re.compile("in the ledger")).click()
    await person.settle()
    await expect(page.get_by_role("row").filter(has_text=number)).to_have_count(1)
    person.complaint_free()


async def test_who_may_not_reverse_is_not_offered_it(person: Person) -> None:
    ids = person.company.ids
    with desk_at(person.company.url) as desk:
        line = {"item_id": ids["BOLT-001"], "quantity": 1}
        body = {"type": "delivery", "source_location_id": ids["N-A-01"], "lines": [line]}
        document_id = post_document(desk, body)
    await person.sign_in("olga")
    await person.visit(f"/documents/{document_id}")
    await expect(person.page.get_by_text("Posted", exact=True).first).to_be_visible()
    await expect(person.page.get_by_role("button", name="Reverse")).to_have_count(0)
    person.complaint_free()


async def test_an_archived_item_keeps_its_page_and_is_no_longer_offered(person: Person) -> None:
    page = person.page
    sku = {"light-desktop": "BOLT-050", "light-phone": "BOLT-051", "dark-desktop": "BOLT-052"}.get(
        str(person.look), "BOLT-053"
    )
    await person.sign_in("mina")
    await person.visit(f"/items/{person.company.ids[sku]}")
    await page.get_by_role("button", name="Edit", exact=True).click()
    await page.get_by_role("button", name="Add a pack").click()
    await page.get_by_label("Name of pack 1").fill("carton")
    await page.get_by_label("Content of pack 1").fill("24")
    await page.get_by_label("Status").select_option("archived")
    await person.look_around("item-form")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Archived", exact=True).first).to_be_visible()
    await expect(page.get_by_role("region", name="About this item")).to_contain_text("carton")
    await person.settle()
    await person.look_around("item-archived")
    await person.visit("/documents/new?type=receipt")
    await page.get_by_role("combobox", name="Item of line 1").fill(sku)
    await expect(page.get_by_text("No match")).to_be_visible()
    await person.visit(f"/items/{person.company.ids[sku]}")
    await page.get_by_role("button", name="Edit", exact=True).click()
    await page.get_by_label("Status").select_option("active")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.get_by_text("Archived", exact=True)).to_have_count(0)
    person.complaint_free()
