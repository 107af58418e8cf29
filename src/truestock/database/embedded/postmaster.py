"""Starting, watching and stopping the postmaster. The start lock must be held throughout.

Neither `pg_ctl` nor a fixed time limit: pg_ctl hands paths to a shell unquoted and gives up after
60 seconds, while crash recovery takes as long as there is log to replay. So we wait as long as
something moves: the status in postmaster.pid, the log, or the work of its processes.
"""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from truestock.database.embedded.binaries import Binaries
from truestock.database.embedded.cluster import NO_SPACE, ROLE
from truestock.database.embedded.errors import (
    DiskFullError,
    OrphansRemainError,
    ServerDidNotStartError,
    ServerDidNotStopError,
    ServerStalledError,
)
from truestock.database.embedded.locks import is_held, try_exclusive
from truestock.database.embedded.placement import PORT, Placement
from truestock.database.embedded.probe import takes_connections
from truestock.database.embedded.processes import (
    PostmasterFile,
    is_postgres_of,
    processes_of,
    read_postmaster_file,
    work_done,
)

STALL_SECONDS_MAX = 120.0
FAST_STOP_SECONDS_MAX = 20.0
RECOVER_BEFORE_STOP_SECONDS_MAX = 10.0
ORPHAN_SECONDS_PATIENT = 5.0
ORPHAN_SECONDS_MAX = 60.0
POLL_SECONDS = 0.05
SIGN_SECONDS = 1.0
LOG_TAIL_LINES = 25
LOG_TAIL_BYTES = 16_384

Found = TypeVar("Found")

# The shell's `&` leaves the server without a parent that would have to wait for it, so it is no
# zombie of ours when it ends; its log is a file, since a pipe would block it once we are gone.
LAUNCH = '"$@" &'


def living_postmaster(place: Placement) -> PostmasterFile | None:
    """Return what postmaster.pid says if that process really is this cluster's postmaster."""
    file = read_postmaster_file(place.cluster)
    return file if file and is_postgres_of(place.cluster, file.pid) else None


def is_alive(place: Placement) -> bool:
    """Tell whether any process of this cluster lives: a postmaster or an orphan of one.

    The lock sees through process numbers; the look at /proc also sees a server that a person
    started by hand.
    """
    return is_held(place.server_lock) or bool(processes_of(place.cluster))


def has_died(place: Placement) -> bool:
    """Tell whether the server ended without being stopped: its process file is then still there.

    A server of another container, whose processes we do not see, counts as alive while it holds
    the lock.
    """
    file = read_postmaster_file(place.cluster)
    if file is None or is_postgres_of(place.cluster, file.pid):
        return False
    return bool(processes_of(place.cluster)) or not is_held(place.server_lock)


def claim(place: Placement) -> int | None:
    """Return the server lock for a server to be started, or None when a postmaster is alive.

    Orphans of a killed postmaster are waited for, then asked to leave: PostgreSQL must not start
    while its old shared memory is in use. Raises `OrphansRemainError` after a minute.
    """
    began = time.monotonic()
    while living_postmaster(place) is None:
        lock = try_exclusive(place.server_lock)
        orphans = processes_of(place.cluster)
        if lock is not None and not orphans:
            return lock
        if lock is not None:
            os.close(lock)
        elif _answers(read_postmaster_file(place.cluster)):
            return None  # in another container, whose process numbers we do not see
        waited = time.monotonic() - began
        if waited > ORPHAN_SECONDS_MAX:
            pids = ", ".join(map(str, orphans))
            raise OrphansRemainError(pids=pids or "not visible from here (another container?)")
        if waited > ORPHAN_SECONDS_PATIENT:
            _signal(place, orphans, signal.SIGTERM)
        time.sleep(POLL_SECONDS)
    return None


def clear_leftovers(place: Placement, socket_dir: Path) -> None:
    """Remove the process file and the socket of a killed server; `claim` proved that none lives.

    PostgreSQL goes by process numbers alone. It would refuse to start when the old number is
    another process by now, or a zombie because a container's first process never reaps.
    """
    (place.cluster / "postmaster.pid").unlink(missing_ok=True)
    for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
        (socket_dir / name).unlink(missing_ok=True)


def launch(place: Placement, binaries: Binaries, lock: int) -> None:
    """Start the server as its account, in a session of its own; it inherits the server lock."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(place.start_log, flags, 0o600), "wb") as log:
        place.account.run(
            ["/bin/sh", "-c", LAUNCH, "sh", binaries.program("postgres"), "-D", place.cluster],
            log=log,
            keep_open=[lock],
        )


def wait_until_ready(place: Placement) -> PostmasterFile:
    """Return when the server takes connections.

    Raises `ServerDidNotStartError` or `DiskFullError` with the end of its log when it dies, and
    `ServerStalledError` when nothing moved for two minutes; it is then left as it is.
    """

    def ready() -> PostmasterFile | None:
        file = read_postmaster_file(place.cluster)
        if file and file.ready and _answers(file):
            return file
        if not is_alive(place):
            raise _died(place)
        return None

    file = _await(place, ready, STALL_SECONDS_MAX)
    if file is None:
        raise ServerStalledError(seconds=STALL_SECONDS_MAX, log_tail=log_tail(place))
    return file


def stop(place: Placement) -> None:
    """Shut the server down: clients are disconnected, everything is written, nothing is lost.

    Does nothing when it is not running. PostgreSQL 18.6 hangs when asked while it recovers from
    a killed backend, so it is given a moment to finish that. When nothing moves any more, its
    immediate shutdown follows, which leaves recovery to the next start and loses nothing either.
    Raises `ServerDidNotStopError`.
    """
    _let_recover(place)
    fast, immediate = signal.SIGINT, signal.SIGQUIT
    for how, seconds in ((fast, FAST_STOP_SECONDS_MAX), (immediate, STALL_SECONDS_MAX)):
        postmaster = living_postmaster(place)
        if postmaster:
            _signal(place, [postmaster.pid], how)
        elif is_alive(place) and not processes_of(place.cluster):
            raise ServerDidNotStopError(processes="not visible from here (another container?)")
        if _await(place, lambda: None if is_alive(place) else True, seconds):
            return
    pids = ", ".join(map(str, processes_of(place.cluster)))
    raise ServerDidNotStopError(processes=pids, log_tail=log_tail(place))


def _let_recover(place: Placement) -> None:
    end = time.monotonic() + RECOVER_BEFORE_STOP_SECONDS_MAX
    while time.monotonic() < end:
        file = living_postmaster(place)
        if file is None or file.status == "stopping" or _answers(file):
            return
        time.sleep(POLL_SECONDS)


def log_tail(place: Placement) -> str:
    """Return the last lines of what the server said: while starting, then in its own log.

    Its log is left out when it was last written before this start, which then ended earlier.
    """
    newest = max(place.log.glob("*.log"), key=_modified, default=place.start_log)
    lines = _last_text(place.start_log).splitlines()
    if newest != place.start_log and _modified(newest) >= _modified(place.start_log):
        lines += _last_text(newest).splitlines()
    return "\n".join(lines[-LOG_TAIL_LINES:])


def _answers(file: PostmasterFile | None) -> bool:
    where = file.socket_dir if file else None
    return where is not None and takes_connections(where, PORT, ROLE)


def _await(
    place: Placement, look: Callable[[], Found | None], stall_seconds_max: float
) -> Found | None:
    """Look again and again until something is found; give up when nothing moved for so long."""
    signs = _signs_of_life(place)
    looked = moved = time.monotonic()
    while (found := look()) is None:
        now = time.monotonic()
        if now - looked > SIGN_SECONDS:
            looked, before, signs = now, signs, _signs_of_life(place)
            if signs != before:
                moved = now
        if now - moved > stall_seconds_max:
            return None
        time.sleep(POLL_SECONDS)
    return found


def _signs_of_life(place: Placement) -> tuple[object, ...]:
    logs = [place.start_log, *place.log.glob("*.log")]
    sizes = tuple(path.stat().st_size for path in logs if path.exists())
    work = work_done(processes_of(place.cluster))
    return read_postmaster_file(place.cluster), sizes, work


def _signal(place: Placement, pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        if is_postgres_of(place.cluster, pid):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue


def _died(place: Placement) -> ServerDidNotStartError | DiskFullError:
    tail = log_tail(place)
    kind = DiskFullError if any(sign in tail for sign in NO_SPACE) else ServerDidNotStartError
    return kind(log_tail=tail)


def _modified(path: Path) -> float:
    return path.stat().st_mtime if path.exists() else 0.0


def _last_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - LOG_TAIL_BYTES))
            return file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
