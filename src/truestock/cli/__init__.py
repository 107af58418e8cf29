"""The command line: `truestock`. Each module here with a `register(app)` brings its commands.

Modules import only what help needs at their top; everything heavy is imported by the command that
runs, so that `truestock --help` answers at once.
"""

import pkgutil
import sys
from importlib import import_module

import typer


def application() -> typer.Typer:
    """Return the command line with the commands of every module in this package."""
    app = typer.Typer(
        name="truestock",
        help="Inventory and warehouses on one double-entry stock ledger.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=True,
    )
    for found in sorted(pkgutil.iter_modules(__path__), key=lambda each: each.name):
        if found.name == "__main__":
            continue
        module = import_module(f"{__name__}.{found.name}")
        if hasattr(module, "register"):
            module.register(app)
    return app


def main() -> None:
    """Run the command line; what is refused is one sentence and exit status 1."""
    from truestock.cli.output import sentence_of

    try:
        application()()
    except Exception as error:
        sentence = sentence_of(error)
        if sentence is None:
            raise
        sys.stderr.write(f"truestock: {sentence}\n")
        sys.exit(1)
