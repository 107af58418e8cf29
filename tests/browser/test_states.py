"""What a page shows while it waits, finds nothing, fails, or has lost the server."""

import asyncio
import re

from playwright.async_api import Route, expect

from browser.person import Person

PROBLEM = {
    "type": "urn:truestock:problem:internal",
    "title": "Something went wrong.",
    "status": 500,
    "code": "internal",
    "detail": "Something went wrong.",
    "request_id": "0123456789abcdef",
}


async def test_a_list_that_takes_its_time_shows_its_shape(person: Person) -> None:
    page = person.page
    go_on = asyncio.Event()

    async def late(route: Route) -> None:
        await go_on.wait()
        await route.continue_()

    await person.sign_in()
    await page.route("**/api/v1/stock?*", late)
    await page.goto(f"{person.company.url}/stock")
    await page.locator("[aria-busy=true], .skeleton").first.wait_for()
    await person.look_around("loading")
    go_on.set()
    await expect(page.get_by_role("row").filter(has_text="BOLT-001")).to_have_count(1)
    person.complaint_free()


async def test_a_search_without_result_says_so_and_leads_out(person: Person) -> None:
    page = person.page
    await person.sign_in()
    await person.visit("/stock?q=zeppelin")
    await expect(page.get_by_text("No stock matches")).to_be_visible()
    await person.look_around("no-match")
    await page.get_by_role("main").get_by_role("button", name="Clear filters").last.click()
    await expect(page.get_by_role("row").filter(has_text="BOLT-001")).to_have_count(1)
    person.complaint_free()


async def test_a_failed_answer_names_its_id_and_is_tried_again(person: Person) -> None:
    page = person.page
    await person.sign_in()

    async def fail(route: Route) -> None:
        await route.fulfill(status=500, json=PROBLEM)

    await page.route("**/api/v1/documents?*", fail)
    await person.visit("/documents")
    await expect(page.get_by_text("This could not be loaded")).to_be_visible()
    await expect(page.get_by_text("0123456789abcdef")).to_be_visible()
    await person.look_around("failed")
    await page.unroute("**/api/v1/documents?*")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("row").filter(has_text="REC-")).not_to_have_count(0)


async def test_without_the_server_the_last_data_stay_and_writes_wait(person: Person) -> None:
    page, ids = person.page, person.company.ids
    await person.sign_in()
    await person.visit(f"/documents/{ids['draft']}")
    await expect(page.get_by_role("button", name="Save draft")).to_be_enabled()
    await page.context.set_offline(True)
    await expect(page.get_by_text("Offline", exact=True)).to_be_visible()
    save = page.get_by_role("button", name=re.compile("^Save draft"))
    await expect(save).to_have_attribute("aria-disabled", "true")
    await expect(save).to_have_accessible_name(re.compile("does not answer"))
    await person.look_around("offline-draft")
    await page.context.set_offline(False)
    await expect(page.get_by_text("Offline", exact=True)).to_have_count(0)
    await expect(save).not_to_have_attribute("aria-disabled", "true")

    await person.visit("/stock")
    await page.context.set_offline(True)
    await page.get_by_role("searchbox").fill("mug")
    await expect(page.get_by_text(re.compile("Showing what was known"))).to_be_visible()
    await expect(page.get_by_role("row").filter(has_text="BOLT-001")).to_have_count(1)
    await person.look_around("offline-list")
    await page.context.set_offline(False)
    await expect(page.get_by_role("row").filter(has_text="MUG-RED")).to_have_count(1)
    await expect(page.get_by_role("row").filter(has_text="BOLT-001")).to_have_count(0)


async def test_what_is_being_written_outlives_a_lost_server(person: Person) -> None:
    page, ids = person.page, person.company.ids
    await person.sign_in()
    await person.visit(f"/documents/new?type=receipt&items={ids['BOLT-002']}")
    quantity = page.get_by_label("Quantity of line 1")
    await quantity.fill("17")
    await page.context.set_offline(True)
    await expect(page.get_by_text("Offline", exact=True)).to_be_visible()
    await page.context.set_offline(False)
    await expect(page.get_by_text("Offline", exact=True)).to_have_count(0)
    await person.settle()
    await expect(quantity).to_have_value("17")
    await person.visit(f"/items/{ids['BOLT-002']}")
    await page.get_by_role("button", name="Edit", exact=True).click()
    name = page.get_by_label("Name", exact=True)
    await name.fill("Bolt with another name")
    await page.context.set_offline(True)
    await expect(page.get_by_text("Offline", exact=True)).to_be_visible()
    await page.context.set_offline(False)
    await expect(page.get_by_text("Offline", exact=True)).to_have_count(0)
    await person.settle()
    await expect(name).to_have_value("Bolt with another name")


async def test_a_write_whose_reply_was_lost_is_recorded_once(person: Person) -> None:
    page, ids = person.page, person.company.ids
    await person.sign_in()
    lost = 0

    async def lose_first(route: Route) -> None:
        nonlocal lost
        if route.request.method != "POST" or lost:
            return await route.continue_()
        lost += 1
        await route.fetch()
        await route.abort()
        return None

    await page.route("**/api/v1/documents", lose_first)
    reference = f"Lost reply {person.look}"
    await person.visit(f"/documents/new?type=receipt&items={ids['BOLT-002']}")
    await page.get_by_label("To location").fill("S-A-01")
    await page.get_by_label("To location").press("Enter")
    await page.get_by_label("Quantity of line 1").fill("4")
    await page.get_by_label("Reference").fill(reference)
    await page.get_by_role("button", name="Post", exact=True).click()
    await expect(page.get_by_text("Posted", exact=True).first).to_be_visible()
    assert lost == 1
    await person.visit(f"/documents?q={reference}")
    await expect(page.get_by_role("row").filter(has_text="REC-")).to_have_count(1)
