"""Embedded servers of tests: asked, told and killed."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg

from truestock.database.embedded import (
    EmbeddedPostgresError,
    EmbeddedServer,
    ServerAddress,
    ServerState,
    remove,
)
from truestock.database.embedded.processes import processes_of


def clean_up(data_dir: Path) -> None:
    with suppress(EmbeddedPostgresError):
        EmbeddedServer(data_dir).stop()
    with suppress(EmbeddedPostgresError):
        remove(data_dir)


def cluster(data_dir: Path) -> Path:
    return data_dir / "postgres" / "data"


def ask(address: ServerAddress, sql: str) -> object:
    with psycopg.connect(address.dsn()) as connection:
        row = connection.execute(sql.encode()).fetchone()
    return row[0] if row else None


def tell(address: ServerAddress, *statements: str) -> None:
    with psycopg.connect(address.dsn()) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def soon(happened: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def kill_9(data_dir: Path) -> None:
    """Kill every process of this cluster, and be very sure about each: the code under test is
    what names them, and we may be root."""
    pids = processes_of(cluster(data_dir))
    assert 0 < len(pids) < 50
    for pid in pids:
        process = Path(f"/proc/{pid}")
        with suppress(OSError):
            assert process.joinpath("cwd").readlink() == cluster(data_dir)
            assert process.joinpath("comm").read_text().strip() == "postgres"
            os.kill(pid, signal.SIGKILL)
    soon(lambda: EmbeddedServer(data_dir).status().state is ServerState.STOPPED)


def postmaster_pid(data_dir: Path) -> int:
    pid = int((cluster(data_dir) / "postmaster.pid").read_text().split()[0])
    assert pid > 1, "kill() takes other numbers for groups and for everybody"
    return pid
