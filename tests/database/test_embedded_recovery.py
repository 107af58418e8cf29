"""The embedded server after kills, hangs and leftovers: recovered, waited for or named."""

import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import psycopg
import pytest

from support.clusters import ask, cluster, kill_9, postmaster_pid, soon, tell
from truestock.database.embedded import (
    EmbeddedServer,
    OrphansRemainError,
    ServerAddress,
    ServerStalledError,
    ServerState,
    postmaster,
    probe,
)
from truestock.database.embedded.processes import processes_of


def test_committed_rows_are_there_after_kill_9_of_everything(
    server: EmbeddedServer, data_dir: Path
) -> None:
    tell(server.start(), "CREATE TABLE kept_2 AS SELECT n FROM generate_series(1, 20000) n")
    kill_9(data_dir)
    assert (cluster(data_dir) / "postmaster.pid").exists(), "a leftover was wanted"
    assert ask(server.start(), "SELECT count(*) FROM kept_2") == 20_000


def test_kill_9_of_one_backend_is_waited_out(server: EmbeddedServer, data_dir: Path) -> None:
    with psycopg.connect(server.start().dsn()) as connection:
        os.kill(connection.info.backend_pid, signal.SIGKILL)
    # postmaster.pid says "ready" all the time; start must not believe it
    assert ask(EmbeddedServer(data_dir).start(), "SELECT 1") == 1


def test_stopping_while_a_killed_backend_is_recovered_from_is_quick(
    server: EmbeddedServer,
) -> None:
    with psycopg.connect(server.start().dsn()) as connection:
        os.kill(connection.info.backend_pid, signal.SIGKILL)
    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < postmaster.FAST_STOP_SECONDS_MAX / 2
    assert server.status().state is ServerState.STOPPED


def test_a_fast_shutdown_that_hangs_becomes_an_immediate_one(
    server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postmaster, "RECOVER_BEFORE_STOP_SECONDS_MAX", 0.0)
    monkeypatch.setattr(postmaster, "FAST_STOP_SECONDS_MAX", 2.0)
    address = server.start()
    tell(address, "CREATE TABLE kept_6 (n int)")
    with psycopg.connect(address.dsn()) as connection:
        os.kill(connection.info.backend_pid, signal.SIGKILL)
    server.stop()
    assert ask(server.start(), "SELECT count(*) FROM kept_6") == 0


def test_a_recycled_process_number_is_not_taken_for_the_server(
    server: EmbeddedServer, data_dir: Path
) -> None:
    tell(server.start(), "CREATE TABLE kept_3 (n int)")
    account = cluster(data_dir).stat().st_uid
    kill_9(data_dir)
    # PostgreSQL itself would refuse to start: a process of its own user has that number.
    stranger = subprocess.Popen(["/bin/sleep", "60"], user=account)
    try:
        leftover = cluster(data_dir) / "postmaster.pid"
        lines = leftover.read_text().splitlines()
        leftover.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        assert server.status().state is ServerState.STOPPED
        server.stop()
        assert stranger.poll() is None, "a stranger was stopped"
        assert ask(server.start(), "SELECT count(*) FROM kept_3") == 0
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize("content", ["", "\n", "x", "-1\n", "999999999\n"])
def test_a_torn_process_file_is_a_leftover(
    server: EmbeddedServer, data_dir: Path, content: str
) -> None:
    server.start()
    server.stop()
    (cluster(data_dir) / "postmaster.pid").write_text(content)
    assert ask(server.start(), "SELECT 1") == 1


def occupy(address: ServerAddress) -> subprocess.Popen[bytes]:
    endless = "SELECT count(*) FROM generate_series(1, 100000000000) a"
    program = EmbeddedServer(Path()).bin("psql")
    client = subprocess.Popen(
        [program, "-Atc", endless], env=address.environment(), stderr=subprocess.DEVNULL
    )
    busy = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT count(*) FROM gen%'"
    soon(lambda: ask(address, busy) == 1)
    return client


def test_orphans_of_a_killed_server_are_seen_and_asked_to_leave(
    server: EmbeddedServer, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postmaster, "ORPHAN_SECONDS_PATIENT", 0.5)
    address = server.start()
    tell(address, "CREATE TABLE kept_4 (n int)")
    client = occupy(address)
    os.kill(postmaster_pid(data_dir), signal.SIGKILL)
    soon(lambda: server.status().state is ServerState.ORPHANED)
    assert ask(server.start(), "SELECT count(*) FROM kept_4") == 0
    client.kill()
    client.wait()


def test_orphans_that_do_not_leave_are_named(
    server: EmbeddedServer, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postmaster, "ORPHAN_SECONDS_MAX", 0.5)
    client = occupy(server.start())
    os.kill(postmaster_pid(data_dir), signal.SIGKILL)
    soon(lambda: len(processes_of(cluster(data_dir))) <= 2)
    with pytest.raises(OrphansRemainError, match=r"They are \d+"):
        server.start()
    kill_9(data_dir)
    client.wait()


def test_a_frozen_server_is_waited_for_while_it_may_come_back(
    server: EmbeddedServer, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "PROBE_SECONDS_MAX", 0.2)
    server.start()
    pid = postmaster_pid(data_dir)
    os.kill(pid, signal.SIGSTOP)
    thaw = threading.Timer(1.5, os.kill, (pid, signal.SIGCONT))
    thaw.start()
    assert ask(server.start(), "SELECT 1") == 1
    thaw.join()


def test_a_server_without_progress_is_reported_and_left_alone(
    server: EmbeddedServer, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "PROBE_SECONDS_MAX", 0.2)
    monkeypatch.setattr(postmaster, "STALL_SECONDS_MAX", 2.5)
    server.start()
    pid = postmaster_pid(data_dir)
    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(ServerStalledError):
            server.start()
    finally:
        os.kill(pid, signal.SIGCONT)
    assert postmaster_pid(data_dir) == pid
    assert ask(server.start(), "SELECT 1") == 1


def test_a_server_that_is_shutting_down_is_waited_out(
    server: EmbeddedServer, data_dir: Path
) -> None:
    server.start()
    os.kill(postmaster_pid(data_dir), signal.SIGINT)
    assert ask(server.start(), "SELECT 1") == 1
