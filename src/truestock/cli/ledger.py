"""`verify`: prove every rule of the ledger."""

import sys

import typer

from truestock.cli.output import Json, print_json, with_database


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(verify)


def verify(*, as_json: Json = False) -> None:
    """Run every invariant over the whole database; status 1 when one is broken."""
    from truestock.kernel.clock import now
    from truestock.monitoring.operations import verify_and_keep

    found = with_database(lambda database: verify_and_keep(database, now()))
    if as_json:
        answer = {"rules": found.rules, "seconds": found.seconds, "broken": found.broken}
        print_json(answer | {"holds": not found.broken})
    else:
        for rule in found.broken:
            sys.stdout.write(f"BROKEN {rule['name']}: {rule['sentence']} ({rule['count']} rows)\n")
            for row in rule["rows"]:
                sys.stdout.write(f"    {row}\n")
        verdict = "BROKEN" if found.broken else "All hold"
        sys.stdout.write(f"{verdict}: {found.rules} rules in {found.seconds:.1f} s.\n")
    raise typer.Exit(1 if found.broken else 0)
