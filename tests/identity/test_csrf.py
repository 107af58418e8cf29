"""A write that rides on somebody's cookie is refused."""

import pytest

from support.house import PASSWORD, House
from truestock.identity.operations.gate import COOKIE_PLAIN

SESSIONS = "/api/v1/sessions"
REQUESTS = "/api/v1/role-requests"


async def test_a_write_without_the_token_is_refused(house: House) -> None:
    client = await house.signed_in()
    del client.headers["X-CSRF-Token"]
    answer = await client.delete(SESSIONS)
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_refused")
    assert (await client.get("/api/v1/session")).status_code == 200


@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
async def test_a_write_with_a_wrong_token_is_refused(house: House, token: str) -> None:
    client = await house.signed_in()
    answer = await client.delete(SESSIONS, headers=[(b"X-CSRF-Token", token.encode())])
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_refused")


async def test_another_sessions_token_is_wrong(house: House) -> None:
    client, other = await house.signed_in(), await house.signed_in()
    client.headers["X-CSRF-Token"] = other.headers["X-CSRF-Token"]
    assert (await client.delete(SESSIONS)).status_code == 403


async def test_the_token_is_not_the_cookie_and_does_not_open_a_session(house: House) -> None:
    client = await house.signed_in()
    token = client.headers["X-CSRF-Token"]
    assert token != client.cookies[COOKIE_PLAIN]
    thief = house.caller(Cookie=f"{COOKIE_PLAIN}={token}")
    assert (await thief.get("/api/v1/session")).status_code == 401


async def test_reading_needs_no_token(house: House) -> None:
    client = await house.signed_in()
    del client.headers["X-CSRF-Token"]
    assert (await client.get("/api/v1/users")).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://test", "Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_a_write_from_another_site_is_refused_even_with_the_token(
    house: House, headers: dict[str, str]
) -> None:
    client = await house.signed_in()
    answer = await client.delete(SESSIONS, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "origin_refused")


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://test"}, {"Sec-Fetch-Site": "same-origin"}, {}]
)
async def test_a_write_from_the_own_site_goes_through(
    house: House, headers: dict[str, str]
) -> None:
    client = await house.signed_in()
    assert (await client.delete(SESSIONS, headers=headers)).status_code == 204


async def test_another_site_cannot_sign_a_visitor_in(house: House) -> None:
    answer = await house.caller().post(
        "/api/v1/session",
        json={"login": "boss", "password": PASSWORD},
        headers={"Origin": "https://evil.example"},
    )
    assert answer.json()["code"] == "origin_refused"


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
async def test_a_body_that_a_foreign_form_could_send_is_refused(
    house: House, content_type: str
) -> None:
    client = await house.signed_in()
    answer = await client.post(
        REQUESTS, content=b'{"role": "admin"}', headers={"Content-Type": content_type}
    )
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
