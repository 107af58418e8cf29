"""A throw-away installation: started, killed and started again like a person's own.

Kills only what it started: the process groups made here, and the PostgreSQL whose working
directory is this installation's cluster.
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

from bench.chaos.compare import Place, Recorded
from truestock.database import connect
from truestock.database.embedded import EmbeddedServer
from truestock.database.embedded.processes import read_postmaster_file
from truestock.kernel.processes import end_with_parent
from truestock.monitoring.model import Verification
from truestock.monitoring.operations import verify

READY_SECONDS_MAX = 90.0
COMMAND_SECONDS_MAX = 120.0
CHECKOUT = Path(__file__).resolve().parents[2]
TRUESTOCK = (sys.executable, "-m", "truestock.cli")

_RECORDED = """
SELECT movement_id, request_key, json_agg(json_build_array(
    sku, source_place.code, target_place.code, line.quantity) ORDER BY line_number)
FROM movement
JOIN movement_line AS line USING (movement_id)
JOIN balance AS source ON source.balance_id = line.source_balance_id
JOIN balance AS target ON target.balance_id = line.target_balance_id
JOIN location AS source_place ON source_place.location_id = source.location_id
JOIN location AS target_place ON target_place.location_id = target.location_id
JOIN item ON item.item_id = source.item_id
WHERE actor_id = %s AND sku LIKE 'CHAOS-%%'
GROUP BY movement_id, request_key
"""
_BALANCES = """
SELECT sku, location.code, sum(quantity_on_hand)::bigint
FROM balance JOIN item USING (item_id) JOIN location USING (location_id)
WHERE balance.physical AND sku LIKE 'CHAOS-%%'
GROUP BY sku, location.code
"""

_FLUSHING = """
SELECT name, setting FROM pg_settings
WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')
"""


class CouldNotStartError(Exception):
    """The installation did not come up again."""


class Installation:
    """The processes of one data directory and questions to its database."""

    def __init__(self, data_dir: Path, logs: Path, *, on_loop_disk: bool = False) -> None:
        self.data_dir = data_dir
        self.on_loop_disk = on_loop_disk
        self.logs = logs
        self.port = free_port()
        self.server = EmbeddedServer(data_dir)
        self.web: subprocess.Popen[bytes] | None = None
        self.worker: subprocess.Popen[bytes] | None = None
        self.api_key = ""
        self.actor_id = 0
        self.environment = os.environ | {
            "TRUESTOCK_DATA_DIR": str(data_dir),
            "TRUESTOCK_RATE_KEY": "10000000/minute",
            "TRUESTOCK_LOG_LEVEL": "WARNING",
        }
        self.environment.pop("TRUESTOCK_DATABASE_URL", None)

    def start_database(self, **options: str) -> None:
        """Start the embedded server with settings of its own, for planted faults."""
        EmbeddedServer(self.data_dir, options=options).start()

    def start_web(self) -> float:
        """Run `truestock serve` and return the seconds until it was ready."""
        began = time.monotonic()
        self.web = self.started("serve", "--port", str(self.port))
        self.wait_ready(self.web)
        cluster = self.server.status().directory
        assert cluster == self.data_dir / "postgres" / "data", f"the database went to {cluster}"
        return time.monotonic() - began

    def start_worker(self) -> None:
        """Run `truestock worker`."""
        self.worker = self.started("worker")

    def wait_ready(self, process: "subprocess.Popen[bytes]") -> None:
        """Return when the web process takes requests; raises `CouldNotStartError`."""
        until = time.monotonic() + READY_SECONDS_MAX
        while time.monotonic() < until:
            if process.poll() is not None:
                raise CouldNotStartError(f"serve ended with {process.returncode}: {self.log_end()}")
            if self.ready():
                return
            time.sleep(0.05)
        raise CouldNotStartError(f"not ready in {READY_SECONDS_MAX} s: {self.log_end()}")

    def ready(self) -> bool:
        """Tell whether /health/ready says so."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=3):
                return True
        except OSError:
            return False

    def started(self, *command: str) -> "subprocess.Popen[bytes]":
        """Start a command of ours in a process group of its own, its output in a log."""
        with (self.logs / f"{command[0]}.log").open("ab") as log:
            return subprocess.Popen(
                [*TRUESTOCK, *command],
                env=self.environment,
                cwd=self.data_dir.parent,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=end_with_parent,  # noqa: PLW1509 - one system call
            )

    def command(self, *arguments: str) -> Any:
        """Run a command with --json and return its answer."""
        done = subprocess.run(
            [*TRUESTOCK, *arguments, "--json"],
            env=self.environment,
            cwd=self.data_dir.parent,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS_MAX,
            check=False,
        )
        if done.returncode != 0:
            raise CouldNotStartError(f"{arguments}: {done.stdout[-500:]} {done.stderr[-1500:]}")
        return json.loads(done.stdout)

    def make_api_key(self) -> None:
        """Make the key that all clients of this installation use."""
        made = self.command("key", "create", "chaos")
        self.api_key, self.actor_id = made["api_key"], made["key_id"]

    def kill_web(self) -> None:
        """kill -9 of the whole group of `serve`: the first process and the web processes."""
        assert self.web is None or self.web.poll() is None, f"serve had ended: {self.log_end()}"
        kill_group(self.web)
        self.web = None

    def kill_web_process(self) -> int:
        """kill -9 of one web process only; `serve` itself lives on. Returns its pid."""
        assert self.web is not None
        pid = self.web.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        [worker] = [int(child) for child in children if os.getpgid(int(child)) == pid]
        kill(worker)
        return worker

    def kill_worker(self) -> None:
        """kill -9 of the worker's group."""
        assert self.worker is None or self.worker.poll() is None, "the worker had ended by itself"
        kill_group(self.worker)
        self.worker = None

    def kill_database(self) -> int:
        """kill -9 of the postmaster and then of all its processes; returns how many there were."""
        killed: set[int] = set()
        until = time.monotonic() + 20
        while pids := database_processes(self.data_dir):
            first = self._postmaster()
            for pid in sorted(pids, key=lambda pid: pid != first):
                kill(pid)
            killed |= set(pids)
            assert time.monotonic() < until, f"{pids} cannot be killed"
            time.sleep(0.01)
        return len(killed)

    def kill_one_backend(self) -> int:
        """kill -9 of one server process that runs our postings; returns its pid."""
        with self.connection() as connection:
            row = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE application_name = 'truestock posting' "
                "AND pid <> pg_backend_pid() ORDER BY query_start DESC NULLS LAST LIMIT 1"
            ).fetchone()
        assert row is not None
        assert row[0] in database_processes(self.data_dir)
        kill(row[0])
        return int(row[0])

    def _postmaster(self) -> int | None:
        """Return the pid in postmaster.pid, if that can be read: not on a disk without power."""
        try:
            file = read_postmaster_file(self.data_dir / "postgres" / "data")
        except OSError:
            return None
        return file.pid if file else None

    def kill_all(self) -> None:
        """kill -9 of everything this installation runs, whatever state it is in."""
        for process in (self.web, self.worker):
            kill_group(process)
        self.web = self.worker = None
        self.kill_database()

    def stop(self) -> None:
        """End in good order, then make sure."""
        for process in (self.web, self.worker):
            if process is not None and process.poll() is None:
                process.terminate()
                try:
                    process.wait(40)
                except subprocess.TimeoutExpired:
                    print(f"  {process.args!r} did not stop within 40 s")
        self.kill_all()

    def flushing(self) -> dict[str, str]:
        """Return the settings that decide what a power cut takes away."""
        with self.connection() as connection:
            rows = connection.execute(_FLUSHING).fetchall()
        return {row[0]: row[1] for row in rows}

    @contextmanager
    def connection(self) -> "Iterator[psycopg.Connection[Any]]":
        """Open a connection of our own to the running server."""
        with psycopg.connect(self.server.start().dsn(), autocommit=True) as connection:
            yield connection

    def recorded(self) -> list[Recorded]:
        """Return every movement posted with our key."""
        with self.connection() as connection:
            rows = connection.execute(_RECORDED, [self.actor_id]).fetchall()
        return [Recorded(row[0], row[1], tuple(map(tuple, row[2]))) for row in rows]

    def balances(self) -> dict[Place, int]:
        """Return what is on hand of our items at physical places."""
        with self.connection() as connection:
            return {(row[0], row[1]): row[2] for row in connection.execute(_BALANCES).fetchall()}

    def verified(self) -> Verification:
        """Do what `truestock verify` does, without another process."""

        async def run() -> Verification:
            database = await connect(self.server.start().dsn(), size_max=2)
            try:
                return await verify(database)
            finally:
                await database.close()

        return asyncio.run(run())

    def log_end(self) -> str:
        """Return the last of what `serve` said."""
        log = self.logs / "serve.log"
        return log.read_text(errors="replace")[-1500:] if log.exists() else ""


def database_processes(data_dir: Path) -> list[int]:
    """Return the processes of PostgreSQL and initdb that work in or for this directory.

    By the names of links and arguments, which can be read when the disk below is gone.
    """
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if not (entry / "exe").readlink().name.startswith(("postgres", "initdb")):
                continue
            inside = (entry / "cwd").readlink().is_relative_to(data_dir)
            if inside or str(data_dir).encode() in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
        except OSError:  # gone meanwhile, or a zombie
            continue
    return sorted(found)


def kill(pid: int) -> None:
    """kill -9, also when it is gone already."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def kill_group(process: "subprocess.Popen[bytes] | None") -> None:
    """kill -9 of the process group that this process leads."""
    if process is None:
        return
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(20)


def free_port() -> int:
    """Return a port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
