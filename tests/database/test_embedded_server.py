"""The embedded server as its user meets it: started, asked, stopped."""

import os
import pwd
import stat
import subprocess
from pathlib import Path

import asyncpg
import psycopg
import pytest

from support.clusters import ask, cluster, postmaster_pid, tell
from truestock.database.embedded import (
    EmbeddedServer,
    ProgramMissingError,
    ServerState,
)


def test_a_new_data_directory_answers_sql_as_asked_for(new_dir: Path) -> None:
    address = EmbeddedServer(new_dir).start()
    shown = {
        name: ask(address, f"SHOW {name}")
        for name in ("data_checksums", "fsync", "server_encoding", "listen_addresses", "jit")
    }
    assert shown == {
        "data_checksums": "on",
        "fsync": "on",
        "server_encoding": "UTF8",
        "listen_addresses": "",
        "jit": "off",
    }
    whose = "SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = 'truestock'"
    assert ask(address, whose) == "truestock"
    assert ask(address, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    assert ask(address, "SELECT 'Zebra' < 'apfel' AND upper('ä') = 'Ä'") is True
    assert isinstance(ask(address, "SELECT count(*) FROM pg_stat_statements"), int)


async def test_asyncpg_accepts_the_address(server: EmbeddedServer) -> None:
    connection = await asyncpg.connect(server.start().dsn())
    assert await connection.fetchval("SELECT 1") == 1
    await connection.close()


def test_the_programs_of_the_wheel_find_the_server(server: EmbeddedServer) -> None:
    address = server.start()
    for command in (["psql", "-Atc", "SELECT 1"], ["pgbench", "-i", "-q"], ["pg_dump", "-s"]):
        done = subprocess.run(
            [server.bin(command[0]), *command[1:]],
            env=address.environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr


def test_an_unknown_program_is_named(server: EmbeddedServer) -> None:
    with pytest.raises(ProgramMissingError, match="pgfax"):
        server.bin("pgfax")


def test_the_administrator_can_do_what_the_application_cannot(server: EmbeddedServer) -> None:
    address = server.start()
    assert ask(server.administrator(), "SELECT pg_current_logfile() IS NOT NULL") is True
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        tell(address, "COPY (SELECT 1) TO PROGRAM 'cat'")


def test_a_second_start_joins_the_running_server(server: EmbeddedServer, data_dir: Path) -> None:
    first = server.start()
    pid = postmaster_pid(data_dir)
    assert EmbeddedServer(data_dir).start() == first
    assert postmaster_pid(data_dir) == pid


def test_data_survives_a_stop_and_a_start(server: EmbeddedServer) -> None:
    tell(server.start(), "CREATE TABLE kept_1 (n int)", "INSERT INTO kept_1 VALUES (7)")
    server.stop()
    assert ask(server.start(), "SELECT n FROM kept_1") == 7


def test_there_is_no_server_before_the_first_start(new_dir: Path) -> None:
    assert EmbeddedServer(new_dir).status().state is ServerState.ABSENT
    assert not new_dir.exists()


def test_the_status_tells_the_states_apart(server: EmbeddedServer, data_dir: Path) -> None:
    server.start()
    running = server.status()
    assert (running.state, running.version) == (ServerState.RUNNING, "18")
    assert running.pid == postmaster_pid(data_dir)
    server.stop()
    assert server.status().state is ServerState.STOPPED


def test_stopping_what_does_not_run_is_nothing(server: EmbeddedServer) -> None:
    server.stop()


def test_secrets_and_socket_are_private(server: EmbeddedServer, data_dir: Path) -> None:
    address = server.start()
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode)
        for path in (data_dir / "postgres" / "password", address.socket_dir, cluster(data_dir))
    }
    assert modes == {"password": 0o600, "run": 0o700, "data": 0o700}


def test_root_never_runs_the_server_itself(server: EmbeddedServer, data_dir: Path) -> None:
    server.start()
    process = Path(f"/proc/{postmaster_pid(data_dir)}")
    assert process.stat().st_uid == cluster(data_dir).stat().st_uid != 0
    lines = process.joinpath("status").read_text().splitlines()
    groups = next(line.split()[1:] for line in lines if line.startswith("Groups:"))
    assert os.geteuid() != 0 or groups == [], "the server kept groups of root"


def test_options_win_and_take_effect_at_the_next_start(data_dir: Path) -> None:
    address = EmbeddedServer(data_dir, options={"work_mem": "5MB"}).start()
    assert ask(address, "SHOW work_mem") == "5MB"
    EmbeddedServer(data_dir).stop()
    assert ask(EmbeddedServer(data_dir).start(), "SHOW work_mem") != "5MB"


def test_the_account_is_an_existing_one(server: EmbeddedServer, data_dir: Path) -> None:
    server.start()
    name = pwd.getpwuid(cluster(data_dir).stat().st_uid).pw_name
    expected = {"postgres", "nobody"} if os.geteuid() == 0 else {pwd.getpwuid(os.geteuid()).pw_name}
    assert name in expected
