"""A throw-away installation: embedded database with fsync on, some items, a served web process."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from truestock.database import Database
from truestock.database.embedded import EmbeddedServer, running_server
from truestock.database.migrate import migrate

START_SECONDS_MAX = 60


@dataclass(frozen=True)
class Installation:
    """Where it is and how to reach it."""

    folder: Path
    dsn: str
    environment: dict[str, str]
    programs: EmbeddedServer


@contextmanager
def installation(options: dict[str, str] | None = None) -> Iterator[Installation]:
    """Make an installation in a folder of its own, migrated, and remove it afterwards."""
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
    environment = {**os.environ, "TRUESTOCK_DATA_DIR": str(place.folder)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return str(json.loads(done.stdout)["api_key"])


@contextmanager
def served(place: Installation, port: int, processes: int = 1) -> Iterator[str]:
    """Serve the installation on loopback; yields the base address; ends the process after."""
    environment = {
        **os.environ,
        "TRUESTOCK_DATA_DIR": str(place.folder),
        "TRUESTOCK_RATE_KEY": "100000000/minute",
        "TRUESTOCK_LOG_LEVEL": "WARNING",
    }
    command = [sys.executable, "-m", "truestock.cli", "serve", "--port", str(port)]
    command += ["--processes", str(processes)]
    with (place.folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    base = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(base, process, place.folder / "serve.log")
        yield base
    finally:
        process.terminate()
        process.wait(timeout=40)


def _wait_until_ready(base: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < until:
        if process.poll() is not None:
            raise SystemExit(log.read_text()[-3000:])
        try:
            with urllib.request.urlopen(f"{base}/health/ready", timeout=2) as answer:  # noqa: S310
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the web process was not ready in time:\n" + log.read_text()[-3000:])
