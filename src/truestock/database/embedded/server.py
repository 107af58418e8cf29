"""One data directory's server, for one process that starts and stops it."""

import errno
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from truestock.database.embedded import cluster, locks, placement, postmaster
from truestock.database.embedded.address import ServerAddress
from truestock.database.embedded.binaries import Binaries, binaries_for, wheel_program
from truestock.database.embedded.configuration import ACCESS, settings_text
from truestock.database.embedded.errors import (
    ClusterMissingError,
    DirectoryUnusableError,
    DiskFullError,
    PlatformUnsupportedError,
    ServerDidNotStartError,
)
from truestock.database.embedded.ownership import write_file
from truestock.database.embedded.placement import Placement
from truestock.database.embedded.processes import PostmasterFile, read_postmaster_file


class ServerState(StrEnum):
    """How it is with a data directory's server."""

    ABSENT = "absent"
    """No database has been created yet."""
    STOPPED = "stopped"
    STARTING = "starting"
    """Starting, recovering or shutting down."""
    RUNNING = "running"
    ORPHANED = "orphaned"
    """The postmaster was killed and processes of it are still there."""


@dataclass(frozen=True)
class ServerStatus:
    """What can be seen without touching anything."""

    state: ServerState
    pid: int | None = None
    version: str | None = None
    directory: Path | None = None
    log: Path | None = None


class EmbeddedServer:
    """The embedded PostgreSQL of one data directory.

    `options` are server settings that win over ours; they take effect when this object is the
    one that starts the server. Use `running_server` to share a server with other processes.
    """

    def __init__(self, data_dir: Path, *, options: Mapping[str, str] | None = None) -> None:
        self.data_dir = data_dir.resolve()
        self._options = dict(options or {})

    def start(self) -> ServerAddress:
        """Create, start or join the server and return its address once it takes connections.

        Waits for crash recovery as long as it moves. Raises an `EmbeddedPostgresError`.
        """
        with self.locked():
            return self.start_locked()

    def stop(self) -> None:
        """Shut the server down, whoever uses it; does nothing when it is not running."""
        with self.locked():
            self.stop_locked()

    def revive(self) -> bool:
        """Start the server again if it died and tell whether it had; one that was stopped rests.

        Raises an `EmbeddedPostgresError` when it cannot be started.
        """
        place = placement.find(self.data_dir)
        if place is None or not postmaster.has_died(place):
            return False
        with self.locked():
            if not postmaster.has_died(place):  # another process was faster
                return False
            self.start_locked()
        return True

    def status(self) -> ServerStatus:
        """Look at the server without changing anything."""
        with _readable_errors(self.data_dir):
            place = placement.find(self.data_dir)
            return _status(place) if place else ServerStatus(ServerState.ABSENT)

    def administrator(self) -> ServerAddress:
        """Return the superuser's address, for base backups and the like; never for requests."""
        place = placement.find(self.data_dir)
        if place is None:
            raise ClusterMissingError(directory=str(self.data_dir), marker="nothing")
        file = read_postmaster_file(place.cluster)
        return _address(place, file, administrator=True)

    def bin(self, name: str) -> Path:
        """Return the path of a PostgreSQL program: psql, pgbench, pg_dump, pg_basebackup, ..."""
        return wheel_program(name)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the start lock of this data directory, with file errors made readable."""
        if not sys.platform.startswith("linux"):
            raise PlatformUnsupportedError(platform=sys.platform)
        with _readable_errors(self.data_dir):
            placement.prepare_state(self.data_dir)
            with locks.exclusive(placement.start_lock_of(self.data_dir)):
                yield

    def start_locked(self) -> ServerAddress:
        """Do the work of `start` while the start lock is held."""
        place = placement.settle(self.data_dir)
        lock = postmaster.claim(place)
        while lock is None:
            try:
                return _address(place, postmaster.wait_until_ready(place))
            except ServerDidNotStartError:  # it was shutting down when we came
                lock = postmaster.claim(place)
        self._launch(place, lock)
        return _address(place, postmaster.wait_until_ready(place))

    def stop_locked(self) -> None:
        """Do the work of `stop` while the start lock is held."""
        place = placement.find(self.data_dir)
        if place:
            postmaster.stop(place)

    def _launch(self, place: Placement, lock: int) -> None:
        try:
            binaries = binaries_for(place.account)
            socket_dir = placement.choose_socket_directory(place)
            self._configure(place, binaries, socket_dir)
            postmaster.clear_leftovers(place, socket_dir)
            cluster.ensure_cluster(place, binaries, lock)
            postmaster.launch(place, binaries, lock)
        finally:
            os.close(lock)  # the server keeps its own; now the lock tells whether it lives

    def _configure(self, place: Placement, binaries: Binaries, socket_dir: Path) -> None:
        text = settings_text(
            place,
            socket_dir,
            statistics=binaries.has_library("pg_stat_statements"),
            options=self._options,
        )
        write_file(place.home / "truestock.conf", text, 0o644)
        write_file(place.home / "pg_hba.conf", ACCESS, 0o644)


def _address(
    place: Placement, file: PostmasterFile | None, *, administrator: bool = False
) -> ServerAddress:
    passwords = cluster.read_secrets(place)
    if passwords is None:
        raise DirectoryUnusableError(
            directory=str(place.state),
            reason="the password files are gone; stop the server and start it again to renew them",
        )
    return ServerAddress(
        socket_dir=(file.socket_dir if file else None) or place.home / "run",
        port=placement.PORT,
        user=cluster.ADMINISTRATOR if administrator else cluster.ROLE,
        password=passwords.administrator if administrator else passwords.application,
        database=cluster.DATABASE,
    )


def _status(place: Placement) -> ServerStatus:
    file = postmaster.living_postmaster(place)
    if file:
        state = ServerState.RUNNING if file.ready else ServerState.STARTING
    elif postmaster.is_alive(place):
        state = ServerState.ORPHANED
    else:
        state = ServerState.STOPPED
    return ServerStatus(
        state,
        pid=file.pid if file else None,
        version=cluster.cluster_version(place),
        directory=place.cluster,
        log=place.log,
    )


@contextmanager
def _readable_errors(data_dir: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise DiskFullError(directory=str(data_dir)) from error
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST}:
            where = str(error.filename or data_dir)
            raise DirectoryUnusableError(directory=where, reason=error.strerror) from error
        raise
