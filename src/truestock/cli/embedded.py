"""`database`: the embedded PostgreSQL of the data directory, by hand."""

from typing import TYPE_CHECKING, Annotated

import typer

from truestock.cli.output import Json, print_facts, settings_now

if TYPE_CHECKING:
    from truestock.database.embedded import EmbeddedServer

embedded = typer.Typer(help="The embedded database server.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(embedded, name="database")


def _server() -> "EmbeddedServer":
    from truestock.database.embedded import EmbeddedServer

    settings = settings_now()
    if settings.database_url is not None:
        typer.echo(
            "truestock: TRUESTOCK_DATABASE_URL names another server; it is not ours.", err=True
        )
        raise typer.Exit(1)
    return EmbeddedServer(settings.data_dir)


@embedded.command()
def start(*, as_json: Json = False) -> None:
    """Start it and leave it running."""
    address = _server().start()
    print_facts({"socket": address.socket_dir, "database": address.database}, as_json=as_json)


@embedded.command()
def stop(*, as_json: Json = False) -> None:
    """Stop it, whoever uses it."""
    _server().stop()
    print_facts({"state": "stopped"}, as_json=as_json)


@embedded.command()
def status(*, as_json: Json = False) -> None:
    """Show whether it runs and where it is."""
    found = _server().status()
    facts = {"state": found.state.value, "pid": found.pid, "version": found.version}
    print_facts(facts | {"directory": found.directory, "log": found.log}, as_json=as_json)


@embedded.command()
def remove(
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Delete the database of the data directory for ever."""
    from truestock.database.embedded import remove as delete

    server = _server()
    if not yes:
        typer.confirm(f"Delete everything in the database of {server.data_dir}?", abort=True)
    delete(server.data_dir)
    print_facts({"database_removed_from": server.data_dir}, as_json=as_json)
