"""Files in and out, and API keys, as a person handles them."""

import re

from playwright.async_api import FilePayload, expect

from browser.person import Person

FILE = "SKU,Name,Unit\nBOWL-1,Bowl of clay,piece\n,Nameless,piece\n"


async def test_a_file_is_uploaded_matched_and_checked_row_by_row(person: Person) -> None:
    await person.sign_in()
    await person.visit("/imports")
    page = person.page
    file = FilePayload(name="bowls.csv", mimeType="text/csv", buffer=FILE.encode())
    await page.locator("input[type=file]").set_input_files(file)
    await page.get_by_role("button", name="Upload").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("bowls.csv")
    await person.look_around("import-mapping")
    await page.get_by_role("button", name="Check the rows").click()
    await expect(page.get_by_text("A value is needed here.")).to_be_visible()
    await expect(page.get_by_role("button", name="Import 1 row")).to_be_enabled()
    await person.settle()
    await person.look_around("import-checked")
    await page.get_by_role("button", name="Import 1 row").click()
    await expect(page.get_by_text("1 row was imported.")).to_be_visible(timeout=60_000)
    await person.settle()
    await person.look_around("import-done")
    await page.reload()
    await page.get_by_role("button", name=re.compile("unread notification")).click()
    done = page.get_by_role("link", name=re.compile(r"Your import of bowls.csv is done"))
    await expect(done.first).to_be_visible()
    await person.visit("/jobs")
    await person.look_around("jobs-done")
    person.complaint_free()


async def test_a_list_is_exported_as_filtered(person: Person) -> None:
    await person.sign_in()
    await person.visit("/stock?q=lamp")
    page = person.page
    if person.look.is_phone:
        await page.get_by_role("button", name="Filters").click()
    async with page.expect_download() as arriving:
        await page.get_by_role("button", name="Export").click()
        await page.get_by_role("button", name="CSV file").click()
    download = await arriving.value
    assert download.suggested_filename == "stock.csv"
    text = (await download.path()).read_text()
    assert "LAMP-1" in text
    assert "MUG" not in text
    person.complaint_free()


async def test_an_api_key_is_made_shown_once_and_revoked(person: Person) -> None:
    name = f"Till {person.look}"
    await person.sign_in()
    await person.visit("/api-keys")
    page = person.page
    await page.get_by_role("button", name="New API key").first.click()
    await page.get_by_label("Name", exact=True).fill(name)
    await page.get_by_label("See stock", exact=True).check()
    await person.look_around("new-key")
    await page.get_by_role("button", name="Make key").click()
    await expect(page.get_by_role("dialog", name="Your new key")).to_contain_text(name)
    await page.get_by_role("button", name="I have stored it").click()
    row = page.get_by_role("row").filter(has_text=name)
    await row.get_by_role("button", name="Revoke").click()
    sure = page.get_by_role("dialog", name=f"Revoke {name}?")
    await sure.get_by_role("textbox").fill(name)
    await sure.get_by_role("button", name="Revoke").click()
    await expect(row).to_contain_text("Revoked")
    await person.look_around("api-keys-revoked")
    person.complaint_free()
