"""What commands share: the installation they work on, and answers as a table or as JSON."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from truestock.database import Database
    from truestock.kernel.settings import Settings

Answer = TypeVar("Answer")

Json = Annotated[bool, typer.Option("--json", help="Answer as JSON on standard output.")]


def settings_now(**overrides: Any) -> "Settings":
    """Read the settings; the overrides that are not None win over environment and `.env`."""
    from truestock.kernel.settings import Settings

    return Settings(**{name: value for name, value in overrides.items() if value is not None})


def with_database(act: "Callable[[Database], Awaitable[Answer]]") -> Answer:
    """Open the installation's database, run `act` and return its answer.

    What there is to log goes to standard error: standard output is the answer, maybe JSON.
    """
    from truestock.kernel.logs import configure_logs

    settings = settings_now()
    configure_logs(settings.log_level, stream=sys.stderr)

    async def run() -> Answer:
        from truestock.database.open import open_database

        async with open_database(settings, application="truestock command") as database:
            return await act(database)

    return asyncio.run(run())


def sentence_of(error: Exception) -> str | None:
    """Return what to tell a person about an error of operation, or None for a fault of ours."""
    import asyncpg
    import psycopg
    from pydantic import ValidationError

    from truestock.database.pool import DatabaseTooOldError
    from truestock.kernel.errors import TruestockError
    from truestock.kernel.settings import UnsafeSettingsError

    if isinstance(error, ValidationError):
        faults = (
            f"TRUESTOCK_{'_'.join(str(part) for part in fault['loc']).upper()}: {fault['msg']}"
            for fault in error.errors()
        )
        return "The settings are not valid. " + "; ".join(faults)
    if isinstance(error, asyncpg.UndefinedTableError):
        return "The database is not migrated; run `truestock migrate` first."
    if isinstance(error, asyncpg.PostgresError | psycopg.Error | OSError):
        return f"The database cannot be used: {error}"
    if isinstance(error, TruestockError) and type(error).detail is not TruestockError.detail:
        return error.detail
    if isinstance(error, TruestockError | UnsafeSettingsError | DatabaseTooOldError):
        return str(error)
    return None


def print_json(value: Any) -> None:
    """Write a value as indented JSON."""
    import msgspec

    encoded = msgspec.json.encode(value, enc_hook=str)
    sys.stdout.write(msgspec.json.format(encoded, indent=2).decode() + "\n")


def print_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool) -> None:
    """Write rows as a table of these columns, or whole as JSON."""
    if as_json:
        print_json([dict(row) for row in rows])
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        numeric = bool(rows) and isinstance(rows[0][column], int)
        table.add_column(column.replace("_", " "), justify="right" if numeric else "left")
    for row in rows:
        table.add_row(*(_shown(row[column]) for column in columns))
    Console().print(table)


def print_facts(facts: Mapping[str, Any], *, as_json: bool) -> None:
    """Write named facts, one a line, or as JSON."""
    if as_json:
        print_json(dict(facts))
        return
    width = max((len(name) for name in facts), default=0)
    for name, value in facts.items():
        sys.stdout.write(f"{name.replace('_', ' '):<{width}}  {_shown(value)}\n")


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(str(each) for each in value)
    return str(value)
