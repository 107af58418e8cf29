"""Making directories and files of ours without trusting what is already there.

Root works here in places that other users own. So nothing is followed through a link, only what
we have just created changes its owner or mode, and it does so by descriptor, not by name.
"""

import os
import stat
from pathlib import Path
from tempfile import mkdtemp, mkstemp

from truestock.database.embedded.account import Account
from truestock.database.embedded.errors import DirectoryUnusableError

SYSTEM_DIRECTORY = Path("/var/lib/truestock")
"""Where root keeps what the database account must reach when the data directory is private."""

WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def make_directory(path: Path, mode: int, account: Account | None = None) -> Path:
    """Create a directory with exactly this mode, given to `account`; an existing one stays."""
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        if path.is_symlink() or not path.is_dir():
            raise DirectoryUnusableError(directory=str(path), reason="not a directory") from None
        return path
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        os.fchmod(descriptor, mode)
        if account:
            account.adopt(descriptor)
        else:
            _share_with_owner_of(path.parent, descriptor)
    finally:
        os.close(descriptor)
    return path


def write_file(path: Path, text: str, mode: int) -> None:
    """Replace a small file in one step that a crash or a power cut leaves done or not done."""
    descriptor, temporary = mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(descriptor, mode)
            _share_with_owner_of(path.parent, descriptor)
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def open_lock_file(path: Path) -> int:
    """Open a file to lock, creating it; the descriptor closes itself in programs we start."""
    flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
    while True:
        try:
            return os.open(path, flags)
        except FileNotFoundError:
            try:
                descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                continue
            _share_with_owner_of(path.parent, descriptor)
            return descriptor


def sync_directory(path: Path) -> None:
    """Make names created or changed in a directory durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def system_directory() -> Path:
    """Return root's own directory for us, created when needed, refused when others can write."""
    make_directory(SYSTEM_DIRECTORY, 0o755)
    facts = SYSTEM_DIRECTORY.lstat()
    if facts.st_uid != 0 or facts.st_mode & WRITABLE_BY_OTHERS:
        raise DirectoryUnusableError(
            directory=str(SYSTEM_DIRECTORY), reason="others than root can write there"
        )
    return SYSTEM_DIRECTORY


def private_directory(parent: Path, account: Account) -> Path:
    """Create a directory under a name nobody could have taken before us, for `account` alone."""
    path = Path(mkdtemp(dir=parent, prefix="truestock-"))
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        account.adopt(descriptor)
    finally:
        os.close(descriptor)
    return path


def is_private_to(path: Path, account: Account) -> bool:
    """Tell whether this is a real directory that only `account` can use."""
    try:
        facts = path.lstat()
    except OSError:
        return False
    only_owner = stat.S_IMODE(facts.st_mode) == stat.S_IRWXU
    return stat.S_ISDIR(facts.st_mode) and only_owner and facts.st_uid == account.uid


def _share_with_owner_of(parent: Path, descriptor: int) -> None:
    """Let root working in somebody's data directory leave nothing there that locks them out."""
    if os.geteuid() == 0:
        facts = parent.stat()
        os.fchown(descriptor, facts.st_uid, facts.st_gid)
