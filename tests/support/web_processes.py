"""Web processes of their own: `truestock serve` on a free port over a given database."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

TRUESTOCK = Path(sys.executable).with_name("truestock")
READY_SECONDS_MAX = 60


@contextmanager
def web_processes(dsn: str, **environment: str) -> Iterator[str]:
    """Serve this database; yields the address. Settings are given as TRUESTOCK_... variables."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    settings = {"TRUESTOCK_RATE_KEY": "10000000/minute", "TRUESTOCK_LOG_LEVEL": "WARNING"}
    process = subprocess.Popen(
        [str(TRUESTOCK), "serve", "--port", str(port)],
        env=os.environ | {"TRUESTOCK_DATABASE_URL": dsn} | settings | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
    )
    try:
        until = time.monotonic() + READY_SECONDS_MAX
        while not _is_ready(url):
            assert process.poll() is None, "serve ended by itself"
            assert time.monotonic() < until, "it did not become ready"
            time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/ready", timeout=5).is_success
    except httpx.TransportError:
        return False
