"""Logs: one JSON object a line, never a secret; slow requests and statements are said aloud."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from support.plain_settings import plain_settings
from truestock.database import Database
from truestock.database.slow_queries import log_slower_than
from truestock.http.request_ids import current_request_id
from truestock.kernel.logs import HIDDEN, configure_logs, redacted
from truestock.web.app import create_app


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What goes to standard output while logs are configured as in a web process."""
    before = structlog.get_config(), logging.getLogger().handlers[:], logging.getLogger().level
    output = io.StringIO()
    monkeypatch.setattr("sys.stdout", output)
    configure_logs("INFO", facts=lambda: {"request_id": current_request_id()}, pretty=False)
    yield output
    structlog.configure(**before[0])
    logging.getLogger().handlers[:] = before[1]
    logging.getLogger().setLevel(before[2])


def lines(output: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.getvalue().splitlines()]


KEY = "tsk_abcdefghij_0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    "text",
    [
        f"used {KEY} today",
        "postgresql://truestock:hunter22@/db?host=/run",
        "Authorization: Bearer abcdefgh12345678",
        "password=hunter22&login=x",
        '{"api_key": "hunter22"}',
        "redis://:hunter22@127.0.0.1/0",
        "token: hunter22",
    ],
)
def test_what_looks_like_a_secret_is_hidden_wherever_it_stands(text: str) -> None:
    shown = redacted({"text": [text]})["text"][0]
    assert HIDDEN in shown
    for secret in ("hunter22", "abcdefgh12345678", "0123456789abcdef"):
        assert secret not in shown


@given(st.text(min_size=6).filter(lambda text: "hidden" not in text))
def test_a_value_with_a_secret_name_is_always_hidden(value: str) -> None:
    for name in ("password", "api_key", "X-API-Key", "cookie", "csrf_token", "database_url"):
        assert redacted({name: value}) == {name: HIDDEN}
        assert redacted({"deep": [{name: value}]}) == {"deep": [{name: HIDDEN}]}


def test_ordinary_words_and_figures_stay(written: io.StringIO) -> None:
    structlog.get_logger("x").info("counted", sku="BOLT-M8", count=3, parts=["a", "b"], none=None)
    (line,) = lines(written)
    assert (line["sku"], line["count"], line["parts"], line["none"]) == (
        "BOLT-M8",
        3,
        ["a", "b"],
        None,
    )
    assert line["level"] == "info"
    assert line["at"].endswith("Z")


def test_what_libraries_log_takes_the_same_road(written: io.StringIO) -> None:
    logging.getLogger("some.library").warning("it said %s", KEY)
    logging.getLogger("some.library").info("chatter")
    (line,) = lines(written)
    assert (line["logger"], line["event"]) == ("some.library", f"it said tsk_{HIDDEN}")


def test_a_fault_is_logged_with_its_trace(written: io.StringIO) -> None:
    structlog.get_logger("x").error("fault", exc_info=RuntimeError("password=hunter22"))
    (line,) = lines(written)
    assert "RuntimeError" in line["exception"]
    assert "hunter22" not in line["exception"]


async def test_a_request_is_one_line_with_its_id_and_a_slow_one_a_warning(
    database: Database, written: io.StringIO
) -> None:
    app = create_app(plain_settings(slow_request_seconds=0.000001), database)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        await client.get("/health/live", headers={"X-Request-ID": "a-good-request-id"})
    (line,) = lines(written)
    assert (line["event"], line["level"]) == ("slow_request", "warning")
    assert (line["route"], line["request_id"]) == ("/health/live", "a-good-request-id")


async def test_without_the_access_log_only_slow_requests_are_lines(
    database: Database, written: io.StringIO
) -> None:
    app = create_app(plain_settings(access_log=False), database)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        await client.get("/health/live")
    assert lines(written) == []


async def test_a_slow_statement_is_logged_without_its_values(
    database: Database, written: io.StringIO
) -> None:
    log_slower_than(0.05)
    try:
        async with database.asking() as tx:
            await tx.value("SELECT pg_sleep(0.1), $1::text", "a-private-value")
            await tx.value("SELECT 1")
    finally:
        log_slower_than(0.5)
    (line,) = lines(written)
    assert (line["event"], line["sql"]) == ("slow_query", "SELECT pg_sleep(0.1), $1::text")
    assert line["seconds"] >= 0.1
    assert "private" not in written.getvalue()


async def test_requests_at_the_same_time_keep_their_ids_apart(
    database: Database, written: io.StringIO
) -> None:
    app = create_app(plain_settings(), database)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        ids = [f"request-number-{number}" for number in range(20)]
        await asyncio.gather(
            *(client.get("/health", headers={"X-Request-ID": each}) for each in ids)
        )
    assert sorted(line["request_id"] for line in lines(written)) == sorted(ids)
