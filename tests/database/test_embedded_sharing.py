import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from truestock.database.embedded import (
    EmbeddedPostgresError,
    EmbeddedServer,
    ServerAddress,
    ServerInUseError,
    ServerState,
    remove,
    running_server,
)

USE = """
import sys
from pathlib import Path
from truestock.database.embedded import running_server

with running_server(Path(sys.argv[1])) as address:
    print("in", flush=True)
    try:
        sys.stdin.readline()
    except KeyboardInterrupt:
        pass
print("out", flush=True)
"""

COME_AND_GO = """
import random, sys, time
from pathlib import Path
import psycopg
from truestock.database.embedded import running_server

chance = random.Random(int(sys.argv[2]))
for _ in range(8):
    with running_server(Path(sys.argv[1])) as address:
        with psycopg.connect(address.dsn()) as connection:
            connection.execute("INSERT INTO visits VALUES (1)")
        time.sleep(chance.random() * 0.05)
    time.sleep(chance.random() * 0.05)
"""


@pytest.fixture(scope="module")
def made_dir() -> Iterator[Path]:
    base = Path(tempfile.mkdtemp(prefix="ts-"))
    base.chmod(0o755)
    yield base / "made"
    with suppress(EmbeddedPostgresError):
        EmbeddedServer(base / "made").stop()
        remove(base / "made")
    shutil.rmtree(base)


@pytest.fixture
def data_dir(made_dir: Path) -> Path:
    EmbeddedServer(made_dir).stop()
    return made_dir


Starter = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def process() -> Iterator[Starter]:
    """Start Python code with arguments in a process, and process group, of its own."""
    started: list[subprocess.Popen[str]] = []

    def start(code: str, *arguments: object) -> subprocess.Popen[str]:
        started.append(
            subprocess.Popen(
                [sys.executable, "-c", code, *map(str, arguments)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                process_group=0,
            )
        )
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.communicate(timeout=20)


def entered(user: "subprocess.Popen[str]") -> None:
    assert user.stdout
    assert user.stdout.readline() == "in\n"


def leave(user: "subprocess.Popen[str]") -> None:
    out, errors = user.communicate("\n", timeout=60)
    assert (out, user.returncode) == ("out\n", 0), errors


def state(data_dir: Path) -> ServerState:
    return EmbeddedServer(data_dir).status().state


def pid_of(data_dir: Path) -> int | None:
    return EmbeddedServer(data_dir).status().pid


def works(address: ServerAddress) -> bool:
    with psycopg.connect(address.dsn()) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def test_the_only_user_starts_and_stops(data_dir: Path) -> None:
    with running_server(data_dir) as address:
        assert works(address)
    assert state(data_dir) is ServerState.STOPPED


def test_uses_within_one_process_overlap(data_dir: Path) -> None:
    with running_server(data_dir) as outer:
        with running_server(data_dir) as inner:
            assert inner == outer
        assert works(outer)
    assert state(data_dir) is ServerState.STOPPED


def test_an_error_of_the_user_still_stops_the_server(data_dir: Path) -> None:
    with pytest.raises(ZeroDivisionError), running_server(data_dir):
        _ = 1 / 0
    assert state(data_dir) is ServerState.STOPPED


def test_a_failed_start_leaves_nobody_counted_as_a_user(data_dir: Path) -> None:
    with (
        pytest.raises(EmbeddedPostgresError),
        running_server(data_dir, options={"shared_buffers": "much"}),
    ):
        pass
    with running_server(data_dir):
        pass
    assert state(data_dir) is ServerState.STOPPED


def test_two_processes_share_and_the_last_one_stops(data_dir: Path, process: Starter) -> None:
    first = process(USE, data_dir)
    entered(first)
    pid = pid_of(data_dir)
    second = process(USE, data_dir)
    entered(second)
    leave(first)
    assert pid_of(data_dir) == pid
    leave(second)
    assert state(data_dir) is ServerState.STOPPED


def test_a_user_killed_with_kill_9_leaves_the_server_to_the_next(
    data_dir: Path, process: Starter
) -> None:
    user = process(USE, data_dir)
    entered(user)
    pid = pid_of(data_dir)
    os.killpg(user.pid, signal.SIGKILL)
    user.wait()
    with running_server(data_dir) as address:
        assert pid_of(data_dir) == pid, "the server was disturbed"
        assert works(address)
    assert state(data_dir) is ServerState.STOPPED


def test_a_killed_user_does_not_count_as_the_last(data_dir: Path, process: Starter) -> None:
    killed, remaining = process(USE, data_dir), process(USE, data_dir)
    entered(killed)
    entered(remaining)
    killed.kill()
    killed.wait()
    with running_server(data_dir) as address:
        leave(remaining)
        assert works(address)
    assert state(data_dir) is ServerState.STOPPED


def test_ctrl_c_at_the_starters_terminal_does_not_reach_the_server(
    data_dir: Path, process: Starter
) -> None:
    starter = process(USE, data_dir)
    entered(starter)
    pid = pid_of(data_dir)
    with running_server(data_dir) as address:
        os.killpg(starter.pid, signal.SIGINT)  # what a terminal does: to the whole group
        out, _ = starter.communicate(timeout=30)
        assert out == "out\n"
        assert pid_of(data_dir) == pid
        assert works(address)
    assert state(data_dir) is ServerState.STOPPED


def test_users_survive_the_death_of_the_server_and_the_next_restarts_it(data_dir: Path) -> None:
    with running_server(data_dir):
        pid = pid_of(data_dir)
        assert pid
        os.kill(pid, signal.SIGKILL)
        with running_server(data_dir) as address:
            assert pid_of(data_dir) != pid
            assert works(address)
        assert works(address), "the second user was not the last one"
    assert state(data_dir) is ServerState.STOPPED


@pytest.mark.slow
def test_many_processes_come_and_go_at_random(data_dir: Path, process: Starter) -> None:
    with running_server(data_dir) as address, psycopg.connect(address.dsn()) as connection:
        connection.execute("CREATE TABLE visits (n int)")
    visitors = [process(COME_AND_GO, data_dir, seed) for seed in range(4)]
    for visitor in visitors:
        _, errors = visitor.communicate(timeout=90)
        assert visitor.returncode == 0, errors
    assert state(data_dir) is ServerState.STOPPED
    with running_server(data_dir) as address, psycopg.connect(address.dsn()) as connection:
        assert connection.execute("SELECT count(*) FROM visits").fetchone() == (32,)


def test_a_server_in_use_is_not_removed(data_dir: Path) -> None:
    with running_server(data_dir) as address:
        with pytest.raises(ServerInUseError, match="Stop what uses"):
            remove(data_dir)
        assert works(address)


def test_a_directory_deleted_under_its_user_is_left_in_peace(made_dir: Path) -> None:
    gone = made_dir.parent / "gone"
    with running_server(gone):
        pid = pid_of(gone)
        shutil.rmtree(gone)
        with running_server(gone) as address:
            successor = pid_of(gone)
            assert successor != pid
            assert works(address)
            # The first server notices by itself, within a minute, that its directory is gone.
            assert pid
            os.kill(pid, signal.SIGQUIT)
    remove(gone)
