"""What people of different roles see, ask for and get."""

import re

from playwright.async_api import expect

from browser.company import PASSWORD, desk_at
from browser.person import Person


async def navigation(person: Person) -> set[str]:
    links = person.page.locator("nav.side a")
    return set(await links.evaluate_all("each => each.map(a => a.getAttribute('href'))"))


async def test_a_viewer_of_one_site_sees_that_site_and_no_more(person: Person) -> None:
    page, ids = person.page, person.company.ids
    await person.sign_in("vera")
    assert await navigation(person) == {
        "/",
        "/stock",
        "/documents",
        "/movements",
        "/locations",
        "/parties",
        "/settings",
    }
    await person.look_around("viewer-dashboard")
    await expect(page.get_by_role("link", name=re.compile("^New"))).to_have_count(0)
    for path in ("/users", "/api-keys", "/imports", "/audit", "/documents/new"):
        await person.visit(path)
        await expect(page.get_by_role("heading", level=1)).to_have_text(
            "You may not open this page"
        )
    await person.look_around("no-right")
    await person.visit("/stock?view=locations")
    await expect(page.get_by_role("row").filter(has_text="N-A-01")).to_have_count(0)
    await person.visit(f"/locations/{ids['N-A-01']}")
    await expect(page.get_by_text("Not found")).to_be_visible()
    person.complaints = [each for each in person.complaints if "404" not in each]
    await person.visit("/settings")
    receipt = page.get_by_role("checkbox", name="Receipt: Must be approved before posting")
    await expect(receipt).to_be_disabled()
    await person.look_around("viewer-settings")
    person.complaint_free()


async def test_an_operator_writes_documents_and_manages_nobody(person: Person) -> None:
    await person.sign_in("olga")
    assert {"/jobs", "/documents"} <= await navigation(person)
    assert not {"/users", "/api-keys", "/audit", "/imports"} & await navigation(person)
    await person.look_around("operator-dashboard")
    await person.visit("/documents")
    await person.page.get_by_role("button", name="New document").click()
    await person.look_around("new-document-menu")
    await person.page.get_by_role("link", name="New receipt").click()
    await expect(person.page.get_by_role("heading", level=1)).to_have_text("New receipt")
    person.complaint_free()


async def test_a_role_is_asked_for_granted_and_told(person: Person) -> None:
    page = person.page
    login = f"asker-{person.look}"
    with desk_at(person.company.url) as desk:
        name = f"Asker {person.look}"
        someone = {"login": login, "name": name, "roles": ["viewer"]}
        desk.make("/users", someone | {"password": PASSWORD, "password_temporary": False})
    await person.sign_in(login)
    await person.visit("/profile")
    await expect(page.get_by_text("See stock", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Ask for a role").click()
    await page.get_by_role("dialog").get_by_role("combobox").select_option("operator")
    await page.get_by_label("Reason").fill("I help out on Mondays")
    await person.look_around("ask-for-role")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)

    await person.become("robin")
    await page.get_by_role("button", name=re.compile("unread notification")).click()
    asks = re.compile(f"{name} asks for the role Operator")
    await page.get_by_role("link", name=asks).click()
    await person.settle()
    row = page.get_by_role("row").filter(has_text=name)
    await person.look_around("role-requests")
    await row.get_by_role("button", name="Give the role").click()
    await expect(row).to_have_count(0)

    await person.become(login)
    await page.get_by_role("button", name="1 unread notification").click()
    await page.get_by_role("link", name="All notifications").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Notifications")
    await expect(page.get_by_text("Robin Vale gave you the role Operator.")).to_be_visible()
    await person.settle()
    await person.look_around("notification-list")
    await page.get_by_role("button", name="Mark all as read").click()
    await expect(page.get_by_role("button", name="Notifications", exact=True)).to_be_visible()
    assert "/jobs" in await navigation(person)
    person.complaint_free()


async def test_a_person_is_limited_to_a_site_and_gets_another_password(person: Person) -> None:
    page = person.page
    login = f"guest-{person.look}"
    await person.sign_in()
    await person.visit("/users")
    await page.get_by_role("button", name="New user").click()
    await page.get_by_label("Name", exact=True).fill(f"Guest {person.look}")
    await page.get_by_label("Sign-in name", exact=True).fill(login)
    await page.get_by_label("First password").fill("given by somebody else")
    await page.get_by_label("Only at some sites").check()
    await page.get_by_label("South yard").check()
    await person.look_around("user-of-one-site")
    await page.get_by_role("button", name="Save").click()
    row = page.get_by_role("row").filter(has_text=login)
    await expect(row).to_contain_text("SOUTH")
    await row.get_by_role("button", name=f"Guest {person.look}").click()
    await page.get_by_role("button", name="Give another password").click()
    given = page.get_by_role("dialog", name="another password")
    await given.get_by_label("First password").fill("quite another phrase")
    await given.get_by_role("button", name="Give another password").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await person.sign_out()
    await person.sign_in(login, "quite another phrase")
    await expect(page.get_by_role("heading", name="Choose a password")).to_be_visible()


async def test_a_supplier_is_added_and_chosen_in_a_receipt(person: Person) -> None:
    page = person.page
    name = f"Potters {person.look}"
    await person.sign_in("mina")
    await person.visit("/parties")
    await page.get_by_role("button", name="New supplier").click()
    await page.get_by_label("Code", exact=True).fill(f"POT-{person.look}".upper())
    await page.get_by_label("Name", exact=True).fill(name)
    await page.get_by_label("Address").fill("1 Kiln Lane")
    await person.look_around("new-supplier")
    await page.get_by_role("button", name="Save").click()
    row = page.get_by_role("row").filter(has_text=name)
    await expect(row).to_contain_text("Active")
    await row.get_by_role("button", name=name).click()
    await expect(page.get_by_label("Address")).to_have_value("1 Kiln Lane")
    await page.keyboard.press("Escape")
    await person.visit("/documents/new?type=receipt")
    supplier = page.get_by_role("combobox", name="Supplier")
    await supplier.fill(name)
    await supplier.press("Enter")
    await expect(supplier).to_have_value(name)
    person.complaint_free()


async def test_a_policy_is_set_where_settings_are(person: Person) -> None:
    page = person.page
    await person.sign_in()
    await person.visit("/settings")
    transfer = page.get_by_role("checkbox", name="Transfer: By another person than the writer")
    await transfer.check()
    await expect(page.get_by_text("Saved for documents of the type Transfer")).to_be_visible()
    await page.reload()
    await person.settle()
    await expect(transfer).to_be_checked()
    await transfer.uncheck()
    await expect(page.get_by_text("Saved for documents of the type Transfer")).to_be_visible()
    person.complaint_free()
