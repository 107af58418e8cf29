"""What the fuzzer found once, as examples that need no fuzzer."""

import httpx
import pytest

LISTS_WITH_MOMENTS = [
    "/api/v1/audit-events?since=",
    "/api/v1/audit-events?until=",
    "/api/v1/documents?from=",
    "/api/v1/documents?to=",
    "/api/v1/exports/documents?to=",
    "/api/v1/exports/movements?to=",
    "/api/v1/items/1/movements?to=",
    "/api/v1/movements?from=",
]


@pytest.mark.parametrize("path", LISTS_WITH_MOMENTS)
async def test_a_number_is_not_a_moment(administrator: httpx.AsyncClient, path: str) -> None:
    for number in ("0.5", "86400", "-1", "1e3", "%201_0", "9" * 20_000):
        answer = await administrator.get(path + number)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input"), number
    assert (await administrator.get(f"{path}2026-01-31T00:00:00Z")).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "/api/v1/items/search", "GET"),
        ("PATCH", "/api/v1/locations/bulk", "POST"),
        ("DELETE", "/api/v1/locations/search", "GET"),
        ("GET", "/api/v1/movements/batch", "POST"),
        ("PUT", "/api/v1/documents/counts", "GET"),
    ],
)
async def test_a_word_in_the_address_is_never_taken_for_an_id(
    administrator: httpx.AsyncClient, method: str, path: str, allowed: str
) -> None:
    answer = await administrator.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
