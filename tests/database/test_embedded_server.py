import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import psycopg
import pytest

from truestock.database.embedded import (
    ClusterMissingError,
    DiskFullError,
    EmbeddedPostgresError,
    EmbeddedServer,
    OrphansRemainError,
    OtherMajorVersionError,
    ProgramMissingError,
    ServerAddress,
    ServerDidNotStartError,
    ServerStalledError,
    ServerState,
    postmaster,
    probe,
    remove,
)
from truestock.database.embedded.processes import processes_of

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")


@pytest.fixture
def new_dir() -> Iterator[Path]:
    """A data directory yet to be made, where every user of the machine may pass through."""
    base = Path(tempfile.mkdtemp(prefix="ts-"))
    base.chmod(0o755)
    yield base / ".truestock"
    clean_up(base / ".truestock")
    shutil.rmtree(base)


@pytest.fixture(scope="module")
def made_dir() -> Iterator[Path]:
    """A data directory with an empty database, made once: creating one takes a second or two."""
    base = Path(tempfile.mkdtemp(prefix="ts-"))
    base.chmod(0o755)
    EmbeddedServer(base / "made").start()
    yield base / "made"
    clean_up(base / "made")
    shutil.rmtree(base)


@pytest.fixture
def data_dir(made_dir: Path) -> Path:
    """The made directory, server stopped: for tests that leave a sound cluster behind."""
    EmbeddedServer(made_dir).stop()
    return made_dir


@pytest.fixture
def own_dir(data_dir: Path, new_dir: Path) -> Path:
    """A copy of it, for tests that break or delete it."""
    subprocess.run(["/bin/cp", "-a", data_dir, new_dir], check=True, timeout=60)
    return new_dir


def clean_up(data_dir: Path) -> None:
    with suppress(EmbeddedPostgresError):
        EmbeddedServer(data_dir).stop()
    with suppress(EmbeddedPostgresError):
        remove(data_dir)


@pytest.fixture
def server(data_dir: Path) -> EmbeddedServer:
    return EmbeddedServer(data_dir)


@pytest.fixture
def own_server(own_dir: Path) -> EmbeddedServer:
    return EmbeddedServer(own_dir)


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


def test_another_major_version_is_refused_and_left_alone(
    own_server: EmbeddedServer, own_dir: Path
) -> None:
    own_server.start()
    own_server.stop()
    version = cluster(own_dir) / "PG_VERSION"
    version.write_text("17\n")
    with pytest.raises(OtherMajorVersionError, match=r"made by PostgreSQL 17.*PostgreSQL 18"):
        own_server.start()
    assert own_server.status().state is ServerState.STOPPED


def test_a_failed_start_shows_what_the_server_said_on_its_terminal(data_dir: Path) -> None:
    EmbeddedServer(data_dir).start()
    EmbeddedServer(data_dir).stop()
    with pytest.raises(ServerDidNotStartError, match="wal_level"):
        EmbeddedServer(data_dir, options={"archive_mode": "on", "wal_level": "minimal"}).start()


def test_a_failed_start_shows_what_the_server_wrote_to_its_log(
    own_server: EmbeddedServer, own_dir: Path
) -> None:
    own_server.start()
    kill_9(own_dir)
    for segment in (cluster(own_dir) / "pg_wal").glob("0*"):
        segment.unlink()
    with pytest.raises(ServerDidNotStartError, match="could not locate a valid checkpoint"):
        own_server.start()


def test_a_bad_option_of_a_first_start_leaves_nothing_half_made(new_dir: Path) -> None:
    with pytest.raises(EmbeddedPostgresError, match="shared_buffers"):
        EmbeddedServer(new_dir, options={"shared_buffers": "much"}).start()
    assert ask(EmbeddedServer(new_dir).start(), "SELECT 1") == 1


def test_a_killed_creation_is_repeated(own_server: EmbeddedServer, own_dir: Path) -> None:
    own_server.start()
    own_server.stop()
    (own_dir / "postgres" / "created").unlink()
    cluster(own_dir).rename(own_dir / "postgres" / "data.new")
    assert ask(own_server.start(), "SELECT 1") == 1
    assert not (own_dir / "postgres" / "data.new").exists()


def test_a_lost_cluster_is_not_silently_replaced_by_an_empty_one(
    own_server: EmbeddedServer, own_dir: Path
) -> None:
    own_server.start()
    own_server.stop()
    shutil.rmtree(cluster(own_dir))
    with pytest.raises(ClusterMissingError, match="Restore it to"):
        own_server.start()


def test_lost_passwords_are_renewed(own_server: EmbeddedServer, own_dir: Path) -> None:
    before = own_server.start()
    own_server.stop()
    (own_dir / "postgres" / "password").unlink()
    after = own_server.start()
    assert after.password != before.password
    assert ask(after, "SELECT 1") == 1


def test_a_path_too_long_for_a_socket_gets_a_short_private_one(new_dir: Path) -> None:
    deep = new_dir / ("a" * 60) / ("b" * 60)
    address = EmbeddedServer(deep).start()
    facts = address.socket_dir.stat()
    assert ask(address, "SELECT 1") == 1
    assert not address.socket_dir.is_relative_to(new_dir)
    assert stat.S_IMODE(facts.st_mode) == 0o700
    EmbeddedServer(deep).stop()
    assert EmbeddedServer(deep).start().socket_dir == address.socket_dir
    remove(deep)
    assert not address.socket_dir.exists()


def test_a_path_with_odd_characters_works(new_dir: Path) -> None:
    odd = new_dir / 'it\'s $HOME, "a" `b` \\ ü #1'
    assert ask(EmbeddedServer(odd).start(), "SELECT 1") == 1
    remove(odd)


def test_a_moved_own_directory_keeps_its_database(
    own_server: EmbeddedServer, own_dir: Path
) -> None:
    tell(own_server.start(), "CREATE TABLE kept_5 (n int)")
    own_server.stop()
    moved = own_dir.parent / "moved"
    own_dir.rename(moved)
    assert ask(EmbeddedServer(moved).start(), "SELECT count(*) FROM kept_5") == 0
    remove(moved)


def test_remove_deletes_only_what_the_launcher_made(
    own_server: EmbeddedServer, own_dir: Path
) -> None:
    own_server.start()
    (own_dir / "letters.txt").write_text("not ours")
    (own_dir / "postgres" / "note.txt").write_text("not ours either")
    remove(own_dir)
    left = sorted(str(path.relative_to(own_dir)) for path in own_dir.rglob("*"))
    assert left == ["letters.txt", "postgres", "postgres/note.txt"]
    remove(own_dir)


def test_removing_nothing_creates_nothing(new_dir: Path) -> None:
    remove(new_dir)
    assert not new_dir.exists()


@as_root
def test_a_full_disk_is_called_so(new_dir: Path) -> None:
    new_dir.mkdir()
    mounted = subprocess.run(
        ["/bin/mount", "-t", "tmpfs", "-o", "size=24m,mode=755", "tmpfs", new_dir],
        check=False,
        capture_output=True,
    )
    if mounted.returncode != 0:
        pytest.skip("mounting is not allowed here")
    try:
        with pytest.raises(DiskFullError, match="No space left on device"):
            EmbeddedServer(new_dir).start()
    finally:
        remove(new_dir)
        subprocess.run(["/bin/umount", new_dir], check=True, timeout=30)


def test_the_account_is_an_existing_one(server: EmbeddedServer, data_dir: Path) -> None:
    server.start()
    name = pwd.getpwuid(cluster(data_dir).stat().st_uid).pw_name
    expected = {"postgres", "nobody"} if os.geteuid() == 0 else {pwd.getpwuid(os.geteuid()).pw_name}
    assert name in expected
