"""Lists: filter, sort, pages, columns, saved views, several rows; the address holds it all."""

import re

from playwright.async_api import expect

from browser.company import desk_at
from browser.person import Person


async def test_a_view_is_saved_shared_seen_by_others_and_removed(person: Person) -> None:
    page = person.page
    name = f"Out, {person.look}"
    await person.sign_in()
    await person.visit("/stock?state=out&q=lamp")
    await page.get_by_role("button", name="Save view").click()
    await page.get_by_label("Name", exact=True).fill(name)
    await page.get_by_label("Share with everyone").check()
    await person.look_around("save-view")
    await page.get_by_role("button", name="Save", exact=True).click()
    view = page.get_by_role("navigation", name="Saved views").get_by_role("link", name=name)
    await expect(view).to_have_attribute("aria-current", "page")
    await person.settle()
    await person.look_around("saved-view")

    await person.become("mina")
    await person.visit("/stock")
    await view.click()
    await person.settle()
    await expect(page).to_have_url(re.compile(r"q=lamp&state=out"))
    await expect(page.get_by_role("row").filter(has_text="LAMP-1")).to_have_count(1)
    await expect(page.get_by_role("row").filter(has_text="MUG")).to_have_count(0)
    await expect(page.get_by_role("button", name=f"Delete the view {name}")).to_have_count(0)

    await person.become("robin")
    await person.visit("/stock?state=out&q=lamp")
    await page.get_by_role("button", name=f"Delete the view {name}").click()
    await expect(view).to_have_count(0)
    person.complaint_free()


async def test_pages_follow_the_cursor_and_survive_a_reload(person: Person) -> None:
    page = person.page
    await person.sign_in()
    await person.visit("/stock?sort=sku")
    await expect(page.get_by_text(re.compile("^1.50$"))).to_be_visible()
    await page.get_by_role("button", name="Next").click()
    await person.settle()
    await expect(page.get_by_role("row").filter(has_text="MUG-RED")).to_have_count(1)
    await expect(page).to_have_url(re.compile("cursor="))
    await page.reload()
    await person.settle()
    await expect(page.get_by_role("row").filter(has_text="MUG-RED")).to_have_count(1)
    await person.look_around("stock-second-page")
    await page.get_by_role("button", name="Previous").click()
    await person.settle()
    await expect(page.get_by_role("row").filter(has_text="BOLT-001")).to_have_count(1)
    person.complaint_free()


async def test_sort_site_and_columns_are_chosen(person: Person) -> None:
    page = person.page
    await person.sign_in()
    await person.visit("/stock?q=mug")
    if person.look.is_phone:
        await page.get_by_label("Sort by").select_option("-sku")
    else:
        await page.get_by_role("columnheader", name="SKU").get_by_role("link").click()
    await person.settle()
    await expect(page).to_have_url(re.compile("sort=-sku"))
    await expect(page.get_by_role("row").nth(1)).to_contain_text("MUG-WHITE")
    await person.open_filters()
    await page.get_by_role("button", name="Columns").click()
    await page.get_by_role("checkbox", name="Base unit").check()
    await person.look_around("column-picker")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("columnheader", name="Base unit")).to_have_count(1)
    await person.visit("/stock?q=lamp")
    lamp = page.get_by_role("row").filter(has_text="LAMP-1")
    await expect(lamp).to_have_count(1)
    await page.get_by_label("Site").select_option(label="South yard")
    await expect(lamp).to_have_count(0)
    await person.visit("/")
    await expect(page.get_by_label("Site")).to_have_value(str(person.company.ids["SOUTH"]))
    await page.get_by_label("Site").select_option(label="All sites")
    person.complaint_free()


async def test_several_drafts_are_posted_and_cancelled_at_once(person: Person) -> None:
    page, ids = person.page, person.company.ids
    reference = f"Batch {person.look}"
    with desk_at(person.company.url) as desk:
        line = {"item_id": ids["BOLT-001"], "quantity": 1}
        body = {"type": "delivery", "source_location_id": ids["N-A-01"], "lines": [line]}
        made = [desk.make("/documents", body | {"reference": reference}) for _ in range(3)]
    await person.sign_in("mina")
    await person.visit(f"/documents?q={reference}")
    rows = [page.get_by_role("row").filter(has_text=each["number"]) for each in made]
    for row in rows[:2]:
        await row.get_by_role("checkbox").check()
    selection = page.get_by_role("region", name="Selection")
    await expect(selection).to_contain_text("2 selected")
    await person.look_around("documents-selected")
    await selection.get_by_role("button", name="Post 2").click()
    for row in rows[:2]:
        await expect(row).to_contain_text("Posted")
    await expect(rows[2]).to_contain_text("Draft")
    await rows[2].get_by_role("checkbox").check()
    await selection.get_by_role("button", name="Cancel 1").click()
    sure = page.get_by_role("dialog", name="Cancel 1 draft?")
    await sure.get_by_label("Reason").fill("Ordered twice")
    await sure.get_by_role("button", name="Cancel 1").click()
    await expect(rows[2]).to_contain_text("Cancelled")
    await expect(selection).to_have_count(0)
    await person.settle()
    await person.look_around("documents-done")
    person.complaint_free()
