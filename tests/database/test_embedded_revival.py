import asyncio
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from support.plain_settings import plain_settings
from truestock.database import Database
from truestock.database.embedded import EmbeddedPostgresError, EmbeddedServer, ServerState, remove
from truestock.database.embedded.processes import processes_of
from truestock.database.open import open_database
from truestock.kernel.errors import TruestockError

BACK_SECONDS_MAX = 30.0


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    base = Path(tempfile.mkdtemp(prefix="ts-"))
    base.chmod(0o755)
    yield base / "made"
    with suppress(EmbeddedPostgresError):
        EmbeddedServer(base / "made").stop()
    with suppress(EmbeddedPostgresError):
        remove(base / "made")
    shutil.rmtree(base)


def kill_everything(server: EmbeddedServer) -> None:
    cluster = server.status().directory
    assert cluster is not None
    while pids := processes_of(cluster):
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


async def asked_until_answered(database: Database) -> int:
    async with asyncio.timeout(BACK_SECONDS_MAX):
        while True:
            try:
                async with database.asking() as tx:
                    return int(await tx.value("SELECT 7"))
            except (TruestockError, OSError):
                await asyncio.sleep(0.1)


async def test_a_server_killed_while_it_is_used_comes_back_by_itself(data_dir: Path) -> None:
    async with open_database(plain_settings(data_dir=data_dir, database_url=None)) as database:
        kill_everything(EmbeddedServer(data_dir))
        assert await asked_until_answered(database) == 7
        kill_everything(EmbeddedServer(data_dir))
        assert await asked_until_answered(database) == 7


def test_a_running_server_needs_no_revival(data_dir: Path) -> None:
    server = EmbeddedServer(data_dir)
    server.start()
    assert not server.revive()


def test_a_killed_server_is_revived_and_a_stopped_one_rests(data_dir: Path) -> None:
    server = EmbeddedServer(data_dir)
    server.start()
    kill_everything(server)
    assert server.revive()
    assert server.status().state is ServerState.RUNNING
    server.stop()
    assert not server.revive()
    assert server.status().state is ServerState.STOPPED


def test_orphans_of_a_killed_postmaster_do_not_hinder_the_revival(data_dir: Path) -> None:
    server = EmbeddedServer(data_dir)
    server.start()
    postmaster = server.status().pid
    assert postmaster is not None
    os.kill(postmaster, signal.SIGKILL)
    while server.status().pid == postmaster:
        time.sleep(0.01)
    assert server.revive()
    assert server.status().state is ServerState.RUNNING


def test_where_there_is_no_database_none_is_made(data_dir: Path) -> None:
    assert not EmbeddedServer(data_dir.parent / "nothing").revive()
    assert not (data_dir.parent / "nothing").exists()
