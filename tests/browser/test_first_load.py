"""How much a first look costs, and that the strict policy of the pages holds."""

from browser.person import Person

DASHBOARD_BYTES_MAX = 120 * 1024


async def test_the_dashboard_is_light(person: Person) -> None:
    await person.sign_in()
    page = person.page
    wire = await page.context.new_cdp_session(page)
    await wire.send("Network.enable")
    await wire.send("Network.clearBrowserCache")
    received: list[int] = []
    wire.on("Network.loadingFinished", lambda told: received.append(int(told["encodedDataLength"])))
    await person.visit("/")
    assert len(received) > 5
    assert sum(received) <= DASHBOARD_BYTES_MAX, f"{sum(received)} bytes in {len(received)} answers"


async def test_the_policy_forbids_what_the_pages_do_not_need(person: Person) -> None:
    answer = await person.page.goto(person.company.url)
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy.replace("wasm-unsafe-eval", "")
