"""The operating-system user the server runs as, and running programs as that user.

PostgreSQL refuses root. Root becomes another user in the child itself, between fork and exec:
`su` and `runuser` would stay in between as processes of their own, open a login session and
get signals wrong.
"""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from truestock.database.embedded.errors import ClusterOwnerError, NoSystemAccountError

SYSTEM_ACCOUNTS = ("postgres", "nobody")
TRIAL_SECONDS_MAX = 60.0


@dataclass(frozen=True)
class Account:
    """A user and group id; `switching` when it is not the caller's own."""

    name: str
    uid: int
    gid: int
    switching: bool

    def run(
        self,
        command: Sequence[str | Path],
        *,
        text: str = "",
        log: IO[bytes] | None = None,
        keep_open: Sequence[int] = (),
        seconds_max: float | None = TRIAL_SECONDS_MAX,
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as this user until it ends; its output is returned, or goes to `log`.

        It gets a session of its own, so that a Ctrl-C at our terminal is not for it, and a
        small environment, so that nothing of ours (keys, PG* variables) leaks or leads astray.
        """
        return subprocess.run(  # noqa: S603 - programs of the wheel and /bin/sh, by full path
            [str(part) for part in command],
            input=text,
            text=True,
            stdout=log or subprocess.PIPE,
            stderr=log or subprocess.STDOUT,
            check=False,
            timeout=seconds_max,
            cwd="/",
            env=_environment(),
            umask=0o077,
            pass_fds=keep_open,
            start_new_session=True,
            user=self.uid if self.switching else None,
            group=self.gid if self.switching else None,
            extra_groups=[] if self.switching else None,
        )

    def can_enter(self, directory: Path) -> bool:
        """Tell whether this user can go there: tried, not computed from mode bits and lists."""
        return self.run(["/bin/sh", "-c", 'cd -- "$1"', "sh", directory]).returncode == 0

    def adopt(self, descriptor: int) -> None:
        """Give an open file or directory of ours to this user."""
        if self.switching:
            os.fchown(descriptor, self.uid, self.gid)


def account_for(cluster: Path) -> Account:
    """Return who runs the server: the cluster's owner, or for a new one the caller.

    Root chooses the first of `postgres` and `nobody` that exists; no user is ever created.
    Raises `ClusterOwnerError` when the cluster is somebody else's and we are not root.
    """
    uid = os.geteuid()
    owner = cluster.lstat().st_uid if os.path.lexists(cluster) else None
    if uid != 0:
        if owner not in (None, uid):
            raise ClusterOwnerError(directory=str(cluster), owner=_name_of(owner))
        return Account(_name_of(uid), uid, os.getegid(), switching=False)
    if owner == 0:
        raise ClusterOwnerError(directory=str(cluster), owner="root, whom PostgreSQL refuses")
    return _system_account() if owner is None else _switching_to(pwd.getpwuid(owner))


def _system_account() -> Account:
    for name in SYSTEM_ACCOUNTS:
        try:
            return _switching_to(pwd.getpwnam(name))
        except KeyError:
            continue
    raise NoSystemAccountError(wanted=" and ".join(SYSTEM_ACCOUNTS))


def _switching_to(user: pwd.struct_passwd) -> Account:
    return Account(user.pw_name, user.pw_uid, user.pw_gid, switching=True)


def _name_of(uid: int | None) -> str:
    try:
        return pwd.getpwuid(uid or 0).pw_name
    except KeyError:
        return f"user {uid}"


def _environment() -> dict[str, str]:
    return {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LC_ALL": "C",
        "TZ": "UTC",
    }
