"""How often a caller may ask: in memory, and shared through Redis when there is one."""

import os
import shutil
import subprocess
from pathlib import Path
from time import sleep

import httpx
import pytest
from fastapi import FastAPI, Request
from hypothesis import given
from hypothesis import strategies as st
from limits import RateLimitItem

from support.plain_settings import plain_settings
from truestock.http.problems import install_problem_answers
from truestock.http.rate_limits import (
    SHARED_RETRY_SECONDS,
    MemoryWindow,
    RateLimit,
    RateLimitedError,
    RateLimits,
    SharedHealth,
)
from truestock.http.security import SecurityLayer, current_address, rate_bucket

REDIS = os.environ.get("TRUESTOCK_TEST_REDIS_SERVER") or shutil.which("redis-server")


class Ticks:
    def __init__(self) -> None:
        self.seconds = 6000.0

    def __call__(self) -> float:
        return self.seconds


def test_within_a_window_exactly_the_limit_is_allowed() -> None:
    window = MemoryWindow(60, 60.0, Ticks())
    assert [window.hit("a") == 0.0 for _ in range(70)].count(True) == 60
    assert window.hit("b") == 0.0


def test_the_wait_that_is_named_is_enough_and_no_idle_minute_too_long() -> None:
    ticks = Ticks()
    window = MemoryWindow(60, 60.0, ticks)
    for _ in range(60):
        window.hit("a")
    wait = window.hit("a")
    assert 60.0 < wait <= 61.1
    ticks.seconds += wait + 0.001
    assert window.hit("a") == 0.0


def test_the_turn_of_a_window_is_no_moment_to_ask_twice_as_much() -> None:
    ticks = Ticks()
    window = MemoryWindow(60, 60.0, ticks)
    ticks.seconds += 59.0
    allowed = [window.hit("a") == 0.0 for _ in range(60)].count(True)
    ticks.seconds += 2.0
    allowed += [window.hit("a") == 0.0 for _ in range(60)].count(True)
    assert allowed <= 61


@given(st.lists(st.floats(0, 3), max_size=200), st.integers(1, 20))
def test_no_aligned_window_ever_lets_more_than_the_limit_through(
    pauses: list[float], limit: int
) -> None:
    ticks = Ticks()
    window = MemoryWindow(limit, 10.0, ticks)
    allowed: dict[int, int] = {}
    for pause in pauses:
        ticks.seconds += pause
        wait = window.hit("a")
        assert 0.0 <= wait <= 20.0
        if wait == 0.0:
            number = int(ticks.seconds / 10.0)
            allowed[number] = allowed.get(number, 0) + 1
    assert all(count <= limit for count in allowed.values())


def test_callers_beyond_what_is_kept_are_forgotten_oldest_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("truestock.http.rate_limits.CALLERS_MAX", 100)
    window = MemoryWindow(1, 60.0, Ticks())
    for n in range(250):
        assert window.hit(n) == 0.0
    assert len(window._counts) <= 100
    assert window.hit(249) > 0.0


async def test_beyond_the_limit_the_answer_is_429_with_how_long_to_wait() -> None:
    app = FastAPI()
    install_problem_answers(app)
    settings = plain_settings(rate_anonymous="3/minute", trusted_proxies=["10.0.0.1"])
    limits = RateLimits(settings)

    @app.get("/api/v1/show")
    async def show(_request: Request) -> str:
        await limits.anonymous.hit(rate_bucket(current_address()))
        return current_address()

    layer = SecurityLayer(app, settings)

    async def ask(peer: str, **headers: str) -> httpx.Response:
        transport = httpx.ASGITransport(layer, client=(peer, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get("/api/v1/show", headers=headers)

    forged = [await ask("203.0.113.9", **{"X-Forwarded-For": f"1.1.1.{n}"}) for n in range(4)]
    assert [answer.status_code for answer in forged] == [200, 200, 200, 429]
    refused = forged[-1]
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["code"] == "rate_limited"
    assert 1 <= int(refused.headers["retry-after"]) <= 80
    behind = await ask("10.0.0.1", **{"X-Forwarded-For": "198.51.100.7"})
    assert behind.status_code == 200


class Switch:
    """Shared counters that can be put out of reach."""

    def __init__(self) -> None:
        self.asked = 0
        self.is_gone = False

    async def hit(self, _item: RateLimitItem, _name: str, _who: str | int) -> float:
        self.asked += 1
        if self.is_gone:
            raise ConnectionError
        return 0.0

    async def close(self) -> None:
        pass


async def test_while_shared_counters_are_gone_each_process_counts_and_seldom_asks() -> None:
    ticks, switch = Ticks(), Switch()
    limit = RateLimit("key", "5/minute", SharedHealth(switch, ticks), ticks)
    for _ in range(10):
        await limit.hit("a")
    switch.is_gone = True
    for _ in range(5):
        await limit.hit("a")
    with pytest.raises(RateLimitedError):
        await limit.hit("a")
    assert switch.asked == 11
    switch.is_gone = False
    ticks.seconds += SHARED_RETRY_SECONDS
    for _ in range(10):
        await limit.hit("a")
    assert switch.asked == 21


@pytest.fixture
def redis_server(empty_folder: Path) -> tuple[str, list[str]]:
    """An address and the command that starts a server there; it is not running yet."""
    if not REDIS:
        pytest.skip("no redis-server here; name one in TRUESTOCK_TEST_REDIS_SERVER")
    socket = empty_folder / "redis.sock"
    command = [REDIS, "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir"]
    return f"unix://{socket}", [*command, str(empty_folder)]


class Server:
    def __init__(self, command: list[str], socket: Path) -> None:
        socket.unlink(missing_ok=True)
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        for _ in range(100):
            if socket.exists():
                return
            sleep(0.05)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(10)


async def test_redis_is_shared_by_processes_missed_by_nobody_and_used_again_when_back(
    redis_server: tuple[str, list[str]],
) -> None:
    url, command = redis_server
    socket = Path(url.removeprefix("unix://"))
    ticks = Ticks()
    settings = plain_settings(redis_url=url, rate_key="6/minute")
    one, two = RateLimits(settings, ticks), RateLimits(settings, ticks)
    server = Server(command, socket)
    for limits in (one, two, one, two, one, two):
        await limits.key.hit(7)
    for limits in (one, two):
        with pytest.raises(RateLimitedError) as refused:
            await limits.key.hit(7)
        assert 1 <= refused.value.facts["retry_after_seconds"] <= 120
    server.stop()  # it leaves its socket file behind
    for _ in range(6):
        await one.key.hit(7)
    with pytest.raises(RateLimitedError):
        await one.key.hit(7)
    server = Server(command, socket)
    ticks.seconds += SHARED_RETRY_SECONDS
    await one.key.hit(7)
    ticks.seconds += SHARED_RETRY_SECONDS
    for _ in range(5):
        await two.key.hit(7)
    with pytest.raises(RateLimitedError):
        await one.key.hit(7)
    server.stop()
    await one.close()
    await two.close()
