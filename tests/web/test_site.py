"""Serving the built pages."""

import gzip
from pathlib import Path

import httpx
import pytest

from truestock.web.app import Application
from truestock.web.site import Site


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>Pages</title>")
    script = tmp_path / "assets" / "app-4f2a.js"
    script.write_text("console.log('a page')")
    script.with_name("app-4f2a.js.gz").write_bytes(gzip.compress(script.read_bytes()))
    (tmp_path / "icon.svg").write_text("<svg/>")
    return tmp_path


@pytest.fixture(autouse=True)
def site(application: Application, built: Path) -> None:
    application.state.site = Site(built)
    application.edge = None


async def test_every_path_of_the_pages_answers_with_the_page(stranger: httpx.AsyncClient) -> None:
    for path in ("/", "/items/BOLT-M8", "/documents/4711"):
        answer = await stranger.get(path)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
        assert "Pages" in answer.text
        assert answer.headers["content-type"] == "text/html; charset=utf-8"


async def test_assets_are_kept_for_ever_and_compressed_when_accepted(
    stranger: httpx.AsyncClient,
) -> None:
    answer = await stranger.get("/assets/app-4f2a.js")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.text == "console.log('a page')"
    assert "javascript" in answer.headers["content-type"]
    plain = await stranger.get("/assets/app-4f2a.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.headers["vary"] == "accept-encoding"


async def test_an_unchanged_page_is_not_sent_again(stranger: httpx.AsyncClient) -> None:
    etag = (await stranger.get("/")).headers["etag"]
    answer = await stranger.get("/", headers={"If-None-Match": etag})
    assert (answer.status_code, answer.content) == (304, b"")


async def test_a_missing_file_is_404_and_never_the_page(stranger: httpx.AsyncClient) -> None:
    for path in ("/assets/app-old.js", "/favicon.ico", "/../../etc/passwd.txt"):
        answer = await stranger.get(path)
        assert answer.status_code == 404
        assert "Pages" not in answer.text


async def test_unknown_addresses_of_the_api_are_problems(stranger: httpx.AsyncClient) -> None:
    for path in ("/api", "/api/", "/api/v1/none", "/api/v2/items", "/health/none", "/docs/none"):
        answer = await stranger.get(path)
        assert answer.status_code == 404, path
        assert answer.headers["content-type"] == "application/problem+json"


async def test_only_reading_is_answered(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.post("/items", content=b"")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    head = await stranger.head("/")
    assert (head.status_code, head.content) == (200, b"")


async def test_a_newer_build_is_noticed(stranger: httpx.AsyncClient, built: Path) -> None:
    await stranger.get("/")
    (built / "index.html").write_text("<!doctype html><title>Newer</title>")
    assert "Newer" in (await stranger.get("/")).text


async def test_without_a_build_a_page_says_how_to_make_one(
    stranger: httpx.AsyncClient, application: Application, tmp_path: Path
) -> None:
    application.state.site = Site(tmp_path / "none")
    application.edge = None
    answer = await stranger.get("/")
    assert "not built" in answer.text
    assert "make web" in answer.text
