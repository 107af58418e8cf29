"""A throw-away installation: embedded database with fsync on, some items, a served web process."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from bench.parts.processes import free_port
from truestock.database import Database
from truestock.database.embedded import EmbeddedServer, running_server
from truestock.database.migrate import migrate

START_SECONDS_MAX = 60


_RATES = ("TRUESTOCK_RATE_ANONYMOUS", "TRUESTOCK_RATE_LOGIN", "TRUESTOCK_RATE_KEY")
"""Limits that a load would only test; they are raised out of its way."""


@dataclass(frozen=True)
class Served:
    """A server that runs: `host:port` and its process."""

    address: str
    pid: int


@dataclass(frozen=True)
class Installation:
    """Where it is and how to reach it."""

    folder: Path
    dsn: str
    environment: dict[str, str]
    programs: EmbeddedServer

    def settings(self) -> dict[str, str]:
        """Environment of our own commands, so that they use this database."""
        ours = {"TRUESTOCK_DATA_DIR": str(self.folder), "TRUESTOCK_DATABASE_URL": self.dsn}
        return {**os.environ, **ours}

    async def another(self, name: str) -> "Installation":
        """Make one more migrated database on the same server."""
        administrator = await asyncpg.connect(self.dsn)
        await administrator.execute(f'CREATE DATABASE "{name}"')
        await administrator.close()
        dsn = urlunsplit(urlsplit(self.dsn)._replace(path=f"/{name}"))
        await asyncio.to_thread(migrate, dsn)
        return replace(self, dsn=dsn, environment={**self.environment, "PGDATABASE": name})


@contextmanager
def installation(options: dict[str, str] | None = None) -> Iterator[Installation]:
    """Make an installation in a folder of its own, migrated, and remove it afterwards."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("told to stop"))  # still tidies up
    folder = Path(tempfile.mkdtemp(prefix="truestock-bench-"))
    folder.chmod(0o755)
    try:
        with running_server(folder, options=options or {}) as address:
            migrate(address.dsn())
            environment = {**os.environ, **address.environment()}
            yield Installation(folder, address.dsn(), environment, EmbeddedServer(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def fill(database: Database, item_count: int) -> None:
    """Make items SKU-1.. and ten bins; only what postings need to know."""
    async with database.writing() as tx:
        await tx.run(
            "INSERT INTO item (sku, name) SELECT 'SKU-' || i, 'Item ' || i "
            "FROM generate_series(1, $1::integer) AS i",
            item_count,
        )
        await tx.run("INSERT INTO site (code, name) VALUES ('MAIN', 'Main site')")
        await tx.run(
            "INSERT INTO location (site_id, code, kind, path) "
            "SELECT 1, 'B-' || i, 'bin', '/MAIN/B-' || i FROM generate_series(1, 10) AS i"
        )


def api_key(place: Installation) -> str:
    """Make an API key that may post and read, by the command a person would use."""
    command = [sys.executable, "-m", "truestock.cli", "key", "create", "bench", "--json"]
    for permission in ("stock.post", "stock.read", "item.read", "location.read"):
        command += ["--scope", permission]
    done = subprocess.run(command, env=place.settings(), capture_output=True, text=True, check=True)
    return str(json.loads(done.stdout)["api_key"])


@contextmanager
def served(place: Installation, processes: int = 1) -> Iterator[Served]:
    """Serve the installation on loopback; ends the process after."""
    environment = {
        **place.settings(),
        **dict.fromkeys(_RATES, "100000000/minute"),
        "TRUESTOCK_LOG_LEVEL": "WARNING",
    }
    port = str(free_port())
    command = [sys.executable, "-m", "truestock.cli", "serve", "--port", port]
    command += ["--processes", str(processes)]
    with running(command, environment, f"127.0.0.1:{port}", "/health/ready") as found:
        yield found


@contextmanager
def running(
    command: list[str], environment: dict[str, str], address: str, ready: str
) -> Iterator[Served]:
    """Run a server as a process; it is ready when this path answers 200; ends it after."""
    with tempfile.NamedTemporaryFile(suffix=".log") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            _wait_until_ready(f"http://{address}{ready}", process, Path(log.name))
            yield Served(address, process.pid)
        finally:
            process.terminate()
            process.wait(timeout=40)


def _wait_until_ready(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < until:
        if process.poll() is not None:
            raise SystemExit(log.read_text()[-3000:])
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server was not ready in time:\n" + log.read_text()[-3000:])
