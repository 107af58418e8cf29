"""What may be a little old: kept, shared, and missed by nobody when Redis goes away."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from time import sleep

import pytest

from support.plain_settings import plain_settings
from truestock.http.cache import KEPT_MAX, SHARED_RETRY_SECONDS, Cache

REDIS = os.environ.get("TRUESTOCK_TEST_REDIS_SERVER") or shutil.which("redis-server")


class Ticks:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


class Source:
    """Something worth keeping, which counts how often it was made."""

    def __init__(self) -> None:
        self.made = 0

    async def __call__(self) -> dict[str, int]:
        self.made += 1
        await asyncio.sleep(0.01)
        return {"made": self.made}


async def test_a_value_is_made_once_and_again_when_it_is_old() -> None:
    ticks, source = Ticks(), Source()
    cache = Cache(plain_settings(), ticks)
    for _ in range(3):
        assert await cache.through("test", "a", 10, source) == {"made": 1}
    ticks.seconds += 10
    assert await cache.through("test", "a", 10, source) == {"made": 2}


async def test_callers_that_miss_together_wait_for_one_computation() -> None:
    source = Source()
    cache = Cache(plain_settings())
    found = await asyncio.gather(*(cache.through("test", "a", 10, source) for _ in range(50)))
    assert found == [{"made": 1}] * 50


async def test_an_error_reaches_every_caller_and_is_not_kept() -> None:
    cache = Cache(plain_settings())

    async def fails() -> None:
        raise OSError("gone")

    for _ in range(2):
        with pytest.raises(OSError, match="gone"):
            await cache.through("test", "a", 10, fails)
    assert await cache.through("test", "a", 10, Source()) == {"made": 1}


async def test_it_forgets_the_oldest_beyond_its_size() -> None:
    cache = Cache(plain_settings())

    async def one() -> int:
        return 1

    for number in range(KEPT_MAX + 5):
        await cache.through("test", str(number), 100, one)
    assert len(cache._kept) == KEPT_MAX


@pytest.fixture
def redis(empty_folder: Path) -> Iterator["RedisServer"]:
    if not REDIS:
        pytest.skip("no redis-server here; name one in TRUESTOCK_TEST_REDIS_SERVER")
    server = RedisServer(empty_folder)
    server.start()
    yield server
    server.stop()


class RedisServer:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "redis.sock"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.socket.unlink(missing_ok=True)
        command = [str(REDIS), "--port", "0", "--unixsocket", str(self.socket), "--save", ""]
        self.process = subprocess.Popen(
            [*command, "--dir", str(self.folder)], stdout=subprocess.DEVNULL
        )
        for _ in range(100):
            if self.socket.exists():
                return
            sleep(0.05)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)


async def test_processes_share_through_redis_and_work_on_without_it(redis: RedisServer) -> None:
    ticks, source = Ticks(), Source()
    settings = plain_settings(redis_url=f"unix://{redis.socket}")
    one, two, three = (Cache(settings, ticks) for _ in range(3))
    assert await one.through("test", "a", 10, source) == {"made": 1}
    assert await two.through("test", "a", 10, source) == {"made": 1}
    assert await one.is_reachable()
    redis.stop()
    assert await three.through("test", "a", 10, source) == {"made": 2}
    assert not await three.is_reachable()
    redis.start()
    ticks.seconds += SHARED_RETRY_SECONDS
    assert await three.is_reachable()
    for cache in (one, two, three):
        await cache.close()
