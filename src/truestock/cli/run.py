"""`serve`, `worker` and `migrate`: running an installation."""

from typing import Annotated

import typer

from truestock.cli.output import Json, print_facts, print_json, settings_now


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(serve)
    app.command()(worker)
    app.command()(migrate)


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    processes: Annotated[int | None, typer.Option(help="Web processes.")] = None,
    apply_migrations: Annotated[
        bool | None,
        typer.Option("--migrate/--no-migrate", help="Default: only the embedded database."),
    ] = None,
) -> None:
    """Run the web application and the API."""
    settings = settings_now(host=host, port=port, web_processes=processes)
    if settings.web_processes > 1:
        _share_metrics()
    from truestock.database.open import database_address
    from truestock.kernel.logs import configure_logs
    from truestock.web.serve import require_free_port
    from truestock.web.serve import serve as run

    settings.require_safe()
    require_free_port(settings.host, settings.port)
    configure_logs(settings.log_level)
    with database_address(settings) as dsn:
        embedded = settings.database_url is None
        bring_up_to_date(dsn, apply=embedded if apply_migrations is None else apply_migrations)
        run(settings)


def _share_metrics() -> None:
    """Tell the metrics library, before it is imported, that several processes count."""
    import os
    import tempfile

    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="truestock-metrics-"))


def bring_up_to_date(dsn: str, *, apply: bool) -> None:
    """Apply pending migrations, or refuse to go on while there are some."""
    from truestock.database.migrate import migrate as apply_all
    from truestock.database.migrate import pending_migrations

    pending = pending_migrations(dsn)
    if pending and apply:
        apply_all(dsn)
    elif pending:
        names = ", ".join(pending)
        typer.echo(f"truestock: run `truestock migrate` first; pending: {names}", err=True)
        raise typer.Exit(1)


def worker() -> None:
    """Run background jobs."""
    from truestock.database.open import database_address
    from truestock.worker import run_worker

    settings = settings_now()
    settings.require_safe()
    with database_address(settings) as dsn:
        bring_up_to_date(dsn, apply=settings.database_url is None)
        run_worker(settings)


def migrate(
    *,
    check: Annotated[bool, typer.Option("--check", help="Only tell; status 1 if pending.")] = False,
    as_json: Json = False,
) -> None:
    """Bring the database to the version of this program."""
    from truestock.database.migrate import migrate as apply_all
    from truestock.database.migrate import pending_migrations
    from truestock.database.open import database_address

    with database_address(settings_now()) as dsn:
        if check:
            pending = pending_migrations(dsn)
            print_json({"pending": pending}) if as_json else print_facts(
                {"pending": pending or "none"}, as_json=False
            )
            raise typer.Exit(1 if pending else 0)
        applied = apply_all(dsn)
    print_facts({"applied": applied or (applied if as_json else "nothing to do")}, as_json=as_json)
