"""Advisory file locks, which the kernel releases whatever way a process ends.

Three files in the state directory, each with one meaning:

- `start.lock`, exclusive: somebody is starting, stopping, joining or leaving.
- `users.lock`, shared: one more process uses the server.
- `server.lock`, exclusive: held by the server itself, whose processes inherit the descriptor.
  While it is held, a postmaster or an orphan of one is alive: no process number can be wrong
  about that, not recycled ones, not those of another container.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from truestock.database.embedded.ownership import open_lock_file


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Wait until nobody else holds the lock, then hold it.

    There is no time limit: the holder has its own, and the kernel frees the lock if it dies.
    """
    descriptor = _locked(path, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(descriptor)


def hold_shared(path: Path) -> int:
    """Take a shared lock and return the descriptor; closing it, or dying, gives it back."""
    return _locked(path, fcntl.LOCK_SH)


def try_exclusive(path: Path) -> int | None:
    """Return a descriptor with the exclusive lock, or None while anybody holds it."""
    descriptor = open_lock_file(path)
    if become_exclusive(descriptor):
        return descriptor
    os.close(descriptor)
    return None


def become_exclusive(descriptor: int) -> bool:
    """Turn a held lock into an exclusive one unless others hold it too."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_held(path: Path) -> bool:
    """Tell whether somebody holds the lock exclusively."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def is_current(descriptor: int, path: Path) -> bool:
    """Tell whether the locked file is still the one with this name (it may have been removed)."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _locked(path: Path, operation: int) -> int:
    while True:
        descriptor = open_lock_file(path)
        try:
            fcntl.flock(descriptor, operation)
            if is_current(descriptor, path):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
