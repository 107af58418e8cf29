"""`export`: every list as a file, filtered like the list."""

import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from truestock.cli.output import with_database

if TYPE_CHECKING:
    from truestock.database import Database
    from truestock.exchange.operations.exports import ExportWish

ACTOR = "command line"

Filters = Annotated[
    list[str] | None,
    typer.Option("--filter", metavar="NAME=VALUE", help="As in the list; several times."),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(export)


def export(
    list_name: Annotated[
        str,
        typer.Argument(
            metavar="LIST",
            help="items, parties, sites, locations, stock, balances, movements, documents, users",
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file; standard output without.")
    ] = None,
    chosen: Annotated[
        str | None, typer.Option("--format", help="csv, xlsx, parquet; else by the file's name.")
    ] = None,
    filters: Filters = None,
    sort: Annotated[str | None, typer.Option(help="A column; a minus before it: down.")] = None,
    *,
    bom: Annotated[
        bool, typer.Option("--bom", help="Begin a CSV with the mark Excel knows UTF-8 by.")
    ] = False,
) -> None:
    """Write a list to a file: all its rows, or those the filters leave."""
    suffix = output.suffix.removeprefix(".").lower() if output is not None else ""
    kind = chosen or (suffix if suffix in {"csv", "xlsx", "parquet"} else "csv")
    wish = _wish(list_name, {"format": kind, "sort": sort, "bom": bom}, filters or [])
    if output is None:
        count = with_database(lambda database: _write(database, wish, sys.stdout.buffer))
        sys.stdout.buffer.flush()
    else:
        fresh = output.with_name(output.name + ".part")
        with fresh.open("wb") as out:
            count = with_database(lambda database: _write(database, wish, out))
        fresh.replace(output)
    sys.stderr.write(f"{count:,} rows\n")


def _wish(list_name: str, given: dict[str, Any], filters: list[str]) -> "ExportWish":
    """Return what is asked for, judged as the API judges it."""
    from pydantic import ValidationError

    from truestock.exchange.api.exports import QUERIES
    from truestock.exchange.model.exports import ExportFormat
    from truestock.exchange.operations.exports import ExportWish

    if list_name not in QUERIES:
        raise typer.BadParameter(f"There is no list {list_name}; known: {', '.join(QUERIES)}")
    for each in filters:
        name, sign, text = each.partition("=")
        if not sign:
            raise typer.BadParameter(f"{each} is not NAME=VALUE")
        given[name] = text
    try:
        query = QUERIES[list_name].model_validate(given)
    except ValidationError as error:
        faults = "; ".join(f"{fault['loc'][0]}: {fault['msg']}" for fault in error.errors())
        raise typer.BadParameter(faults) from error
    return ExportWish(list_name, ExportFormat(query.format), query.filters(), query.sort, query.bom)


async def _write(database: "Database", wish: "ExportWish", out: IO[bytes]) -> int:
    from truestock.exchange.operations.exports import export_to
    from truestock.identity.operations import job_actor

    async with database.writing() as tx:
        actor = await job_actor(tx, ACTOR)

    async def tell(_rows: int) -> None:
        return None

    return await export_to(database, actor, wish, out, tell)
