"""Several processes, one server: the first starts it, the last stops it.

Each user holds a shared lock on `users.lock`. Whoever leaves tries to make it exclusive: if that
works nobody else is there. Joining and leaving happen under the start lock, so nobody slips in
between. The kernel drops the lock of a user who was killed; the server then simply runs until
the next user leaves.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from truestock.database.embedded import locks, placement
from truestock.database.embedded.address import ServerAddress
from truestock.database.embedded.errors import ServerInUseError
from truestock.database.embedded.ownership import SYSTEM_DIRECTORY
from truestock.database.embedded.server import EmbeddedServer

OURS = (
    "data", "data.new", "run", "log", "start.log", "truestock.conf", "pg_hba.conf",
    "socket-directory", "location.json", "created", "password", "administrator-password",
    "server.lock", "users.lock", "start.lock",
)  # fmt: skip


@contextmanager
def running_server(
    data_dir: Path, *, options: Mapping[str, str] | None = None
) -> Iterator[ServerAddress]:
    """Use the data directory's server, starting it if needed; the last user out stops it.

    Any number of processes, and of uses within one, may overlap. A user that is killed counts as
    gone. Raises an `EmbeddedPostgresError` on entering.
    """
    server = EmbeddedServer(data_dir, options=options)
    with server.locked():
        membership = locks.hold_shared(placement.users_lock_of(server.data_dir))
        try:
            address = server.start_locked()
        except BaseException:
            os.close(membership)
            raise
    try:
        yield address
    finally:
        _leave(server, membership)


def remove(data_dir: Path) -> None:
    """Stop the server and delete its database, logs and passwords: only what we created.

    Raises `ServerInUseError` while another process uses it. Copies of the wheel's programs, which
    other data directories share, stay.
    """
    server = EmbeddedServer(data_dir)
    if not os.path.lexists(placement.state_of(server.data_dir)):
        return
    with server.locked():
        users = locks.try_exclusive(placement.users_lock_of(server.data_dir))
        if users is None:
            raise ServerInUseError(data_dir=str(server.data_dir))
        try:
            server.stop_locked()
            _delete(server.data_dir)
        finally:
            os.close(users)


def _leave(server: EmbeddedServer, membership: int) -> None:
    users = placement.users_lock_of(server.data_dir)
    try:
        if not locks.is_current(membership, users):
            return  # the data directory was deleted below us: what is there now is not ours
        with server.locked():
            if locks.become_exclusive(membership):
                server.stop_locked()
    finally:
        os.close(membership)


def _delete(data_dir: Path) -> None:
    home = placement.home_of(data_dir)
    state = placement.state_of(data_dir)
    _delete_socket_directory(home)
    for directory in dict.fromkeys([home, state]):
        for name in OURS:
            _delete_path(directory / name)
        if directory.exists() and not any(directory.iterdir()):
            directory.rmdir()


def _delete_socket_directory(home: Path) -> None:
    """Delete the directory made for a long path, if it still is where we would have made it."""
    directory = placement.recorded_socket_directory(home)
    if directory and directory.parent in {SYSTEM_DIRECTORY, placement.TEMPORARY_DIRECTORY}:
        _delete_path(directory)


def _delete_path(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
