"""Every page of the navigation, in light and dark, on a desktop and on a phone."""

import pytest

from browser.person import Person

WALK_SECONDS = 400
"""Many pages, each searched by axe, on a machine that has other work."""

PAGES = {
    "dashboard": "/",
    "stock": "/stock",
    "stock-by-location": "/stock?view=locations",
    "documents": "/documents",
    "new-document": "/documents/new?type=transfer",
    "movements": "/movements",
    "locations": "/locations",
    "parties": "/parties",
    "imports": "/imports",
    "jobs": "/jobs",
    "users": "/users",
    "roles": "/users?view=roles",
    "api-keys": "/api-keys",
    "audit": "/audit",
    "settings": "/settings",
    "profile": "/profile",
    "notifications": "/notifications",
    "role-requests": "/users?view=requests",
    "not-found": "/nowhere",
}


async def walk(person: Person) -> None:
    """Look at every page; raise what is wrong with any."""
    await person.visit("/")
    await person.look_around("sign-in")
    await person.sign_in()
    places = {
        **PAGES,
        "location": f"/locations/{person.company.ids['N-A-01']}",
        "site-stock": f"/stock?view=locations&site={person.company.ids['SOUTH']}",
        "item-of-many": f"/items/{person.company.ids['BOLT-001']}?tab=movements",
        "draft": f"/documents/{person.company.ids['draft']}",
    }
    faults = []
    for name, path in places.items():
        await person.visit(path)
        assert await person.page.get_by_text("This could not be loaded").count() == 0, name
        try:
            await person.look_around(name)
        except AssertionError as fault:
            faults.append(str(fault))
    assert not faults, "\n".join(faults)
    person.complaint_free()


@pytest.mark.timeout(WALK_SECONDS)
async def test_every_page_stands_without_complaint(person: Person) -> None:
    await walk(person)


async def test_every_place_of_the_navigation_is_walked(person: Person) -> None:
    await person.sign_in()
    links = await person.page.locator("nav.side a").evaluate_all(
        "links => links.map(link => link.getAttribute('href'))"
    )
    assert set(links) <= set(PAGES.values())
