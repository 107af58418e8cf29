"""Data directories of embedded servers, made once where a test leaves them sound."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.clusters import clean_up
from truestock.database.embedded import (
    EmbeddedServer,
)


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


@pytest.fixture
def server(data_dir: Path) -> EmbeddedServer:
    return EmbeddedServer(data_dir)


@pytest.fixture
def own_server(own_dir: Path) -> EmbeddedServer:
    return EmbeddedServer(own_dir)
