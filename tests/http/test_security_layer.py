"""The outer wall, around a small application that shows what it was given."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from support.plain_settings import plain_settings
from truestock.http.security import (
    CONTENT_SECURITY_POLICY,
    SecurityLayer,
    TrustedProxies,
    current_address,
    rate_bucket,
)
from truestock.kernel.settings import UnsafeSettingsError

SAFE = {"environment": "production", "secret": "s" * 32}


async def show(request: Request) -> Response:
    body = await request.body()
    return JSONResponse(
        {
            "address": current_address(),
            "client": request.client.host if request.client else None,
            "scheme": request.url.scheme,
            "bytes": len(body),
        }
    )


async def fail(_request: Request) -> Response:
    raise RuntimeError


async def cached(_request: Request) -> Response:
    return Response("x", headers={"Cache-Control": "max-age=60"})


def caller(
    peer: tuple[str, int] | None = ("203.0.113.9", 1), base: str = "http://test", **settings: Any
) -> httpx.AsyncClient:
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    app = Starlette(
        routes=[
            Route("/api/v1/show", show, methods=methods),
            Route("/api/v1/imports", show, methods=["POST"]),
            Route("/api/v1/fail", fail),
            Route("/api/v1/cached", cached),
            Route("/page", show),
        ]
    )
    layer = SecurityLayer(app, plain_settings(**settings))
    transport = httpx.ASGITransport(layer, raise_app_exceptions=False, client=peer)  # type: ignore[arg-type]  # None is a socket file
    return httpx.AsyncClient(transport=transport, base_url=base)


SHOW = "/api/v1/show"


@pytest.mark.parametrize("path", [SHOW, "/page", "/nowhere", "/api/v1/fail"])
async def test_every_answer_carries_the_security_headers(path: str) -> None:
    headers = (await caller().get(path)).headers
    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "strict-transport-security" not in headers


async def test_refusals_carry_them_too() -> None:
    answer = await caller(body_bytes_max=1000).post(SHOW, json=["x" * 2000])
    assert answer.status_code == 413
    assert "content-security-policy" in answer.headers


def test_the_policy_allows_no_inline_script_or_style() -> None:
    assert "unsafe-inline" not in CONTENT_SECURITY_POLICY
    assert "'unsafe-eval'" not in CONTENT_SECURITY_POLICY
    assert "*" not in CONTENT_SECURITY_POLICY


async def test_https_answers_ask_browsers_to_stay_on_https() -> None:
    headers = (await caller(base="https://test").get(SHOW)).headers
    assert headers["strict-transport-security"].startswith("max-age=31536000")


async def test_answers_of_the_api_are_not_stored_unless_they_say_so() -> None:
    assert (await caller().get(SHOW)).headers["cache-control"] == "no-store"
    assert (await caller().get("/api/v1/cached")).headers["cache-control"] == "max-age=60"
    assert "cache-control" not in (await caller().get("/page")).headers


async def test_a_forged_forwarding_header_is_ignored() -> None:
    forged = {"X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "https"}
    shown = (await caller().get(SHOW, headers=forged)).json()
    assert shown | {"bytes": 0} == {
        "address": "203.0.113.9",
        "client": "203.0.113.9",
        "scheme": "http",
        "bytes": 0,
    }


async def test_a_trusted_proxys_word_is_taken_from_the_right() -> None:
    client = caller(("10.0.0.5", 1), trusted_proxies=["10.0.0.0/8"])
    forwarded = {"X-Forwarded-For": "6.6.6.6, 198.51.100.7, 10.1.1.1", "X-Forwarded-Proto": "https"}
    shown = (await client.get(SHOW, headers=forwarded)).json()
    assert (shown["address"], shown["scheme"]) == ("198.51.100.7", "https")


async def test_forwarding_in_several_lines_reads_as_one_list() -> None:
    client = caller(("10.0.0.5", 1), trusted_proxies=["10.0.0.0/8"])
    lines = [("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-For", "198.51.100.7")]
    assert (await client.get(SHOW, headers=lines)).json()["address"] == "198.51.100.7"


async def test_a_proxy_on_a_socket_file_is_trusted_only_when_named() -> None:
    forwarded = {"X-Forwarded-For": "198.51.100.7"}
    for trusted, address in ([], ""), (["unix"], "198.51.100.7"):
        client = caller(None, trusted_proxies=trusted)
        assert (await client.get(SHOW, headers=forwarded)).json()["address"] == address


@pytest.mark.parametrize("junk", ["", "unknown", "1.2.3.4:80", "<script>", "999.1.1.1", "é"])
async def test_junk_in_the_forwarding_header_leaves_the_proxys_address(junk: str) -> None:
    client = caller(("10.0.0.5", 1), trusted_proxies=["10.0.0.5"])
    headers = [(b"X-Forwarded-For", junk.encode())]
    assert (await client.get(SHOW, headers=headers)).json()["address"] == "10.0.0.5"


JUNK = st.text(max_size=60).map(lambda text: text.encode("utf-8", "ignore"))
ADDRESSES = st.lists(st.ip_addresses().map(str), max_size=4).map(
    lambda all_: ", ".join(all_).encode()
)


@given(JUNK | ADDRESSES)
def test_whatever_is_forwarded_an_untrusted_peer_stays_itself(forwarded: bytes) -> None:
    assert TrustedProxies(["10.0.0.0/8"]).client_of("203.0.113.9", forwarded) == "203.0.113.9"


def test_an_ipv6_caller_is_counted_by_its_network_and_a_mapped_one_is_ipv4() -> None:
    assert rate_bucket("2001:db8:1:2:3:4:5:6") == rate_bucket("2001:db8:1:2::9")
    assert rate_bucket("2001:db8:1:2::9") != rate_bucket("2001:db8:1:3::9")
    assert rate_bucket("203.0.113.9") == "203.0.113.9"
    assert TrustedProxies(["10.0.0.0/8"]).holds("::ffff:10.0.0.1")


async def test_a_body_longer_than_allowed_is_refused_by_its_length() -> None:
    answer = await caller(body_bytes_max=1000).post(SHOW, json="x" * 999)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert answer.json()["bytes_max"] == 1000
    assert (await caller(body_bytes_max=1000).post(SHOW, json="x" * 998)).json()["bytes"] == 1000


async def pieces(count: int, taken: list[int]) -> AsyncIterator[bytes]:
    for n in range(count):
        taken.append(n)
        yield b" " * 100


async def test_a_body_without_a_length_is_stopped_while_it_streams() -> None:
    taken: list[int] = []
    answer = await caller(body_bytes_max=1000).post(
        SHOW, content=pieces(10_000, taken), headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert len(taken) <= 12


async def test_a_body_without_a_length_within_the_limit_goes_through() -> None:
    answer = await caller(body_bytes_max=1000).post(
        SHOW, content=pieces(10, []), headers={"Content-Type": "application/json"}
    )
    assert answer.json()["bytes"] == 1000


async def test_uploads_have_a_limit_and_content_types_of_their_own() -> None:
    client = caller(body_bytes_max=1000, upload_bytes_max=5000)
    csv = {"Content-Type": "text/csv"}
    taken = await client.post("/api/v1/imports", content=b"x" * 5000, headers=csv)
    assert taken.json()["bytes"] == 5000
    refused = await client.post("/api/v1/imports", content=b"x" * 5001, headers=csv)
    assert refused.status_code == 413


@pytest.mark.parametrize("length", ["-1", "1e3", "9" * 40, "0x10"])
async def test_a_nonsensical_length_is_refused(length: str) -> None:
    answer = await caller().post(
        SHOW, content=b"{}", headers={"Content-Type": "application/json", "Content-Length": length}
    )
    assert answer.status_code == 413


async def test_only_listed_origins_may_read_and_none_gets_cookies() -> None:
    client = caller(cors_origins=["https://shop.example"])
    listed = await client.get(SHOW, headers={"Origin": "https://shop.example"})
    assert listed.headers["access-control-allow-origin"] == "https://shop.example"
    assert "access-control-allow-credentials" not in listed.headers
    assert listed.headers["vary"] == "Origin"
    for origin in ("https://evil.example", "https://shop.example.evil.example", "null"):
        answer = await client.get(SHOW, headers={"Origin": origin})
        assert "access-control-allow-origin" not in answer.headers


async def test_a_preflight_is_answered_by_the_list() -> None:
    client = caller(cors_origins=["https://shop.example"])
    asked = {"Access-Control-Request-Method": "POST", "Origin": "https://shop.example"}
    yes = await client.options(SHOW, headers=asked)
    assert yes.status_code == 204
    assert "X-API-Key" in yes.headers["access-control-allow-headers"]
    no = await client.options(SHOW, headers=asked | {"Origin": "https://evil.example"})
    assert no.status_code == 403
    assert "access-control-allow-methods" not in no.headers


async def test_a_listed_origin_writes_with_a_key_and_not_with_a_cookie() -> None:
    client = caller(cors_origins=["https://shop.example"])
    headers = {"Origin": "https://shop.example"}
    assert (await client.post(SHOW, headers=headers)).status_code == 403
    assert (await client.post(SHOW, headers=headers | {"X-API-Key": "k"})).status_code == 200


async def test_the_public_address_is_an_own_origin_behind_a_proxy() -> None:
    client = caller(base_url="https://stock.example")
    for origin, status in (("https://stock.example", 200), ("https://stock.example.evil", 403)):
        assert (await client.post(SHOW, headers={"Origin": origin})).status_code == status


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8"])
async def test_json_is_taken_however_it_is_written(kind: str) -> None:
    answer = await caller().post(SHOW, content=b"{}", headers={"Content-Type": kind})
    assert answer.status_code == 200


async def test_a_write_without_a_body_needs_no_content_type() -> None:
    assert (await caller().post(SHOW)).status_code == 200


def test_an_open_list_of_origins_is_refused_everywhere() -> None:
    with pytest.raises(UnsafeSettingsError, match="wildcard"):
        SecurityLayer(Starlette(), plain_settings(cors_origins=["*"]))


@pytest.mark.parametrize(
    ("unsafe", "named"),
    [
        ({"secret": None}, "TRUESTOCK_SECRET"),
        ({"secret": "short"}, "TRUESTOCK_SECRET"),
        ({"debug": True}, "TRUESTOCK_DEBUG"),
        ({"cors_origins": ["*"]}, "TRUESTOCK_CORS_ORIGINS"),
        ({"trusted_proxies": ["*"]}, "TRUESTOCK_TRUSTED_PROXIES"),
    ],
)
def test_unsafe_settings_refuse_to_start_in_production(unsafe: dict[str, Any], named: str) -> None:
    with pytest.raises(UnsafeSettingsError, match=named):
        plain_settings(**(SAFE | unsafe)).require_safe()
    plain_settings(**(SAFE | unsafe | {"environment": "development"})).require_safe()


def test_safe_settings_start_in_production_and_print_no_secret() -> None:
    settings = plain_settings(**SAFE)
    settings.require_safe()
    assert "s" * 32 not in repr(settings)
    assert "s" * 32 not in json.dumps(settings.model_dump(mode="json"))
