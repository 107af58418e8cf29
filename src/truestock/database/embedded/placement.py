"""Where everything of one data directory's server is.

    data_dir/postgres/           the caller's: locks, passwords, location.json   ("state")
    home/                        data_dir/postgres, or a folder below /var/lib/truestock
        truestock.conf, pg_hba.conf, start.log                          the caller's
        data/  log/  run/        the server account's, 0700: cluster, server log, socket

Root's data directory may be where the server account cannot go, such as a clone below /root.
Opening those folders is what we refuse to do, so home is then a directory of our own, and
`location.json` says which. Nothing outside data_dir and /var/lib/truestock is ever changed.
"""

import hashlib
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from truestock.database.embedded.account import Account, account_for
from truestock.database.embedded.errors import DataDirectoryCopiedError, DirectoryUnusableError
from truestock.database.embedded.ownership import (
    SYSTEM_DIRECTORY,
    is_private_to,
    make_directory,
    private_directory,
    system_directory,
    write_file,
)

PORT = 5432
"""Part of the socket's name only; nothing listens on a network port."""

TEMPORARY_DIRECTORY = Path("/tmp")  # noqa: S108 - only for fresh directories, see below

SOCKET_PATH_BYTES_MAX = 107
"""`sun_path` in sys/un.h holds 108 bytes with the closing zero."""


@dataclass(frozen=True)
class Placement:
    """The paths and the account of one server."""

    data_dir: Path
    home: Path
    account: Account

    @property
    def state(self) -> Path:
        """Return the directory of locks and secrets."""
        return state_of(self.data_dir)

    @property
    def cluster(self) -> Path:
        """Return PGDATA."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        """Return the directory of the server's log files."""
        return self.home / "log"

    @property
    def start_log(self) -> Path:
        """Return the file with what the server says before it opens its log, and on failing."""
        return self.home / "start.log"

    @property
    def server_lock(self) -> Path:
        """Return the lock that the server itself holds."""
        return self.state / "server.lock"


def state_of(data_dir: Path) -> Path:
    """Return our directory inside a data directory."""
    return data_dir / "postgres"


def start_lock_of(data_dir: Path) -> Path:
    """Return the lock that serialises starting, stopping, joining and leaving."""
    return state_of(data_dir) / "start.lock"


def users_lock_of(data_dir: Path) -> Path:
    """Return the lock that every process using the server shares."""
    return state_of(data_dir) / "users.lock"


def prepare_state(data_dir: Path) -> None:
    """Create the data directory and our directory in it, open to pass through for root's server."""
    data_dir.mkdir(parents=True, exist_ok=True)
    make_directory(state_of(data_dir), 0o711 if os.geteuid() == 0 else 0o700)


def home_of(data_dir: Path) -> Path:
    """Return the directory of the cluster, whether it is there yet or not."""
    return _recorded_home(data_dir) or state_of(data_dir)


def find(data_dir: Path) -> Placement | None:
    """Return where an existing cluster is, or None when there is none (or only a record of one)."""
    home = home_of(data_dir)
    if not os.path.lexists(home / "data"):
        return None
    return Placement(data_dir, home, account_for(home / "data"))


def settle(data_dir: Path) -> Placement:
    """Return where the cluster is or is to be, with all directories there and enterable.

    The start lock must be held. Raises `DirectoryUnusableError` when an existing cluster can no
    longer be entered by its account, rather than beginning an empty one elsewhere.
    """
    home = _recorded_home(data_dir)
    account = account_for((home or state_of(data_dir)) / "data")
    exists = os.path.lexists((home or state_of(data_dir)) / "data")
    if home is None:
        home = state_of(data_dir)
        if not account.can_enter(home):
            if exists or not account.switching:
                raise DirectoryUnusableError(directory=str(home), reason=_no_entry(account))
            home = _elsewhere(data_dir)
    place = Placement(data_dir, home, account)
    if home != place.state:
        system_directory()
        make_directory(home, 0o711)
    for directory in (place.log, place.home / "run"):
        make_directory(directory, 0o700, account)
    if not account.can_enter(place.log):
        raise DirectoryUnusableError(directory=str(place.log), reason=_no_entry(account))
    return place


def choose_socket_directory(place: Placement) -> Path:
    """Return a private directory for the socket; the server must not be running.

    Usually `home/run`. A socket's path is limited to 107 bytes, though, and clones can lie deep;
    clients also read a comma in it as a list of hosts. Then it is a fresh directory with a name
    nobody can guess and take before us, below /var/lib/truestock or /tmp, and recorded.
    """
    directory = place.home / "run"
    if _fits(directory):
        return directory
    recorded = recorded_socket_directory(place.home)
    if recorded and is_private_to(recorded, place.account):
        return recorded
    parent = system_directory() if place.account.switching else TEMPORARY_DIRECTORY
    fresh = private_directory(parent, place.account)
    write_file(_socket_record(place.home), str(fresh), 0o600)
    return fresh


def recorded_socket_directory(home: Path) -> Path | None:
    """Return the directory made because `home/run` would not do, if there is one."""
    try:
        return Path(_socket_record(home).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def _socket_record(home: Path) -> Path:
    return home / "socket-directory"


def _fits(directory: Path) -> bool:
    path = str(directory / f".s.PGSQL.{PORT}")
    return len(os.fsencode(path)) <= SOCKET_PATH_BYTES_MAX and not set(path) & set(',"\\')


def _location(data_dir: Path) -> Path:
    return state_of(data_dir) / "location.json"


def _recorded_home(data_dir: Path) -> Path | None:
    """Return the recorded home outside the data directory, if any.

    A moved data directory keeps its database. A copied one is refused: two installations would
    otherwise quietly share one ledger.
    """
    record = _location(data_dir)
    try:
        facts = json.loads(record.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    home, original = Path(facts["home"]), Path(facts["data_dir"])
    if original != data_dir:
        if os.path.lexists(_location(original)):
            raise DataDirectoryCopiedError(original=str(original), directory=str(record.parent))
        _record(data_dir, home)
    return home


def _elsewhere(data_dir: Path) -> Path:
    """Choose and record a home that never existed: a deleted and cloned again folder is new."""
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    home = SYSTEM_DIRECTORY / f"{digest}-{secrets.token_hex(4)}"
    _record(data_dir, home)
    return home


def _record(data_dir: Path, home: Path) -> None:
    facts = {"home": str(home), "data_dir": str(data_dir)}
    write_file(_location(data_dir), json.dumps(facts), 0o600)


def _no_entry(account: Account) -> str:
    return f"user {account.name} cannot enter it"
