"""Creating the cluster: checksums, UTF-8 in code point order, one role, one database, no gap.

It is made beside its final place and renamed when complete, so a killed creation is simply
repeated. Roles and the database are made in single-user mode: the server never listens before it
has passwords.
"""

import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from truestock.database.embedded.binaries import Binaries
from truestock.database.embedded.configuration import INCLUDE
from truestock.database.embedded.errors import (
    ClusterMissingError,
    DiskFullError,
    InitialisationError,
    OtherMajorVersionError,
)
from truestock.database.embedded.ownership import make_directory, sync_directory, write_file
from truestock.database.embedded.placement import Placement

ROLE = DATABASE = "truestock"
ADMINISTRATOR = "postgres"
NO_SPACE = ("No space left on device", "Disk quota exceeded")
INITDB_SECONDS_MAX = 600.0

INITDB_OPTIONS = (
    f"--username={ADMINISTRATOR}",
    "--auth=reject",  # never used: our pg_hba.conf takes its place
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",  # the same order on every machine, whatever its C library
    "--builtin-locale=C.UTF-8",
    "--text-search-config=simple",
    "--data-checksums",
    "--no-instructions",
)


@dataclass(frozen=True)
class Secrets:
    """The two generated passwords."""

    application: str
    administrator: str


def ensure_cluster(place: Placement, binaries: Binaries, lock: int) -> Secrets:
    """Create the cluster unless it exists, check its version, and return the passwords.

    The server must not be running. If the password files are gone (or the cluster was restored
    from elsewhere) new passwords are set. `lock` stays open in the programs run.
    """
    known = read_secrets(place)
    passwords = known or _new_secrets(place)
    if not os.path.lexists(place.cluster):
        _refuse_to_begin_again(place)
        _create(place, binaries, passwords, lock)
        write_file(_created(place), binaries.release + "\n", 0o600)
        return passwords
    check_version(place, binaries)
    if known is None:
        _single_user(place.cluster, place, binaries, lock, _password_statements(passwords))
    return passwords


def read_secrets(place: Placement) -> Secrets | None:
    """Return the passwords kept in the data directory, or None unless both are there."""
    try:
        application, administrator = (
            path.read_text(encoding="ascii").strip() for path in _password_files(place)
        )
    except FileNotFoundError:
        return None
    return Secrets(application, administrator)


def cluster_version(place: Placement) -> str | None:
    """Return the major version the cluster was made by, or None when there is none."""
    try:
        return (place.cluster / "PG_VERSION").read_text(encoding="ascii").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None


def check_version(place: Placement, binaries: Binaries) -> None:
    """Refuse a cluster of another major version, whose files we would not understand."""
    found = cluster_version(place)
    if found != binaries.major:
        raise OtherMajorVersionError(
            directory=str(place.cluster), found=found or "something unknown", ours=binaries.major
        )


def _created(place: Placement) -> Path:
    return place.state / "created"


def _refuse_to_begin_again(place: Placement) -> None:
    if _created(place).exists():
        raise ClusterMissingError(directory=str(place.cluster), marker=str(_created(place)))


def _create(place: Placement, binaries: Binaries, passwords: Secrets, lock: int) -> None:
    fresh = place.home / "data.new"
    if os.path.lexists(fresh):
        shutil.rmtree(fresh)
    make_directory(fresh, 0o700, place.account)
    done = place.account.run(
        [binaries.program("initdb"), f"--pgdata={fresh}", *INITDB_OPTIONS],
        keep_open=[lock],
        seconds_max=INITDB_SECONDS_MAX,
    )
    if done.returncode != 0:
        raise _failure(done.stdout, passwords)
    _append_include(fresh / "postgresql.conf")
    _single_user(fresh, place, binaries, lock, _role_statements(passwords))
    extension = ["CREATE EXTENSION IF NOT EXISTS pg_stat_statements"]
    if binaries.has_library("pg_stat_statements"):
        _single_user(fresh, place, binaries, lock, extension, database=DATABASE)
    fresh.rename(place.cluster)
    sync_directory(place.home)


def _append_include(configuration: Path) -> None:
    descriptor = os.open(configuration, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"\n# Truestock's settings; below this line yours win over them.\n{INCLUDE}\n")
        file.flush()
        os.fsync(descriptor)


def _single_user(  # noqa: PLR0917 - private, and each is another thing
    cluster: Path,
    place: Placement,
    binaries: Binaries,
    lock: int,
    statements: list[str],
    database: str = "postgres",
) -> None:
    """Run statements with nobody else connected; after a crash this recovers first, unbounded."""
    done = place.account.run(
        [
            binaries.program("postgres"), "--single", "-D", cluster,
            "-c", "exit_on_error=on", "-c", "log_checkpoints=off", database,
        ],
        text="".join(f"{statement}\n" for statement in statements),
        keep_open=[lock],
        seconds_max=None,
    )  # fmt: skip
    if done.returncode != 0:
        raise _failure(done.stdout, read_secrets(place))


def _role_statements(passwords: Secrets) -> list[str]:
    return [
        # CREATEDB for the databases of tests and of restore drills; no other power.
        f"CREATE ROLE {ROLE} LOGIN CREATEDB",
        f"GRANT pg_monitor TO {ROLE}",
        *_password_statements(passwords),
        f"CREATE DATABASE {DATABASE} OWNER {ROLE}",
    ]


def _password_statements(passwords: Secrets) -> list[str]:
    return [
        f"ALTER ROLE {ROLE} PASSWORD '{passwords.application}'",
        f"ALTER ROLE {ADMINISTRATOR} PASSWORD '{passwords.administrator}'",
    ]


def _password_files(place: Placement) -> tuple[Path, Path]:
    return place.state / "password", place.state / "administrator-password"


def _new_secrets(place: Placement) -> Secrets:
    made = Secrets(secrets.token_urlsafe(24), secrets.token_urlsafe(24))
    application, administrator = _password_files(place)
    write_file(application, made.application + "\n", 0o600)
    write_file(administrator, made.administrator + "\n", 0o600)
    return made


def _failure(output: str, passwords: Secrets | None) -> InitialisationError | DiskFullError:
    if passwords:  # PostgreSQL quotes the statement that failed
        for password in (passwords.application, passwords.administrator):
            output = output.replace(password, "***")
    if any(sign in output for sign in NO_SPACE):
        return DiskFullError(log_tail=output.strip())
    return InitialisationError(log_tail=output.strip())
