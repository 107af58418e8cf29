"""`import`: files into the stock, with progress; stopped anywhere, the same command goes on."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from truestock.cli.output import Json, print_facts, print_json, settings_now, with_database

if TYPE_CHECKING:
    from truestock.database import Database
    from truestock.exchange.model.imports import ImportRun, Mapping, Progress

ACTOR = "command line"
SOME_REFUSED = 3
PRESET = "demand_daily.toml"

imports = typer.Typer(
    help="Items, locations, stock and sales from CSV, CSV in gzip, or Excel.", no_args_is_help=True
)

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]
MappingFile = Annotated[
    Path | None,
    typer.Option("--mapping", exists=True, dir_okay=False, help="TOML or JSON; else by headers."),
]
Constants = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIELD=VALUE", help="For all lines; several times."),
]
Site = Annotated[str | None, typer.Option(help="The code of the site.")]
Location = Annotated[str | None, typer.Option(help="The code of the location there.")]
Strict = Annotated[bool, typer.Option("--strict", help="Any refused line, and nothing is done.")]
Check = Annotated[bool, typer.Option("--check", help="Only say what would happen.")]
Refused = Annotated[
    Path | None, typer.Option("--refused", help="Write the refused lines to this CSV.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(imports, name="import")


def _command(kind: str, name: str, sentence: str) -> None:
    def command(
        file: File,
        *,
        mapping: MappingFile = None,
        constants: Constants = None,
        refused: Refused = None,
        strict: Strict = False,
        check: Check = False,
        as_json: Json = False,
    ) -> None:
        given = _mapping(mapping, _pairs(constants))
        _run(kind, file, given, strict=strict, check=check, as_json=as_json, refused=refused)

    command.__doc__ = sentence
    imports.command(name)(command)


_command("items", "items", "Items by SKU: new ones are added, others changed where they differ.")
_command("locations", "locations", "Locations by code; parents may stand anywhere in the file.")
_command("parties", "parties", "Suppliers and customers by kind and code.")
_command("opening_stock", "opening-stock", "What is where at the beginning, as adjustments.")
_command("movements", "movements", "Movements, one a line or several lines together.")
_command("deliveries", "deliveries", "Sales per item and day as a delivery a day.")


@imports.command("demand-as-deliveries")
def demand_as_deliveries(
    file: File,
    *,
    mapping: MappingFile = None,
    site: Site = None,
    location: Location = None,
    constants: Constants = None,
    refused: Refused = None,
    strict: Strict = False,
    check: Check = False,
    as_json: Json = False,
) -> None:
    """Turn sales per item and day into items, an opening receipt and a delivery a day.

    Items, site (RETAIL unless named) and location are made when they are not there. Running it
    again goes on where it stopped, or changes nothing.
    """
    more = {name: text for name, text in (("site", site), ("location", location)) if text}
    given = _mapping(mapping, _pairs(constants) | more, preset=True)
    _run("deliveries", file, given, strict=strict, check=check, as_json=as_json, refused=refused)


def _pairs(constants: list[str] | None) -> dict[str, str]:
    found = {}
    for each in constants or ():
        name, sign, text = each.partition("=")
        if not sign or not name:
            raise typer.BadParameter(f"{each} is not FIELD=VALUE")
        found[name] = text
    return found


def _mapping(
    file: Path | None, constants: dict[str, str], *, preset: bool = False
) -> "Mapping | None":
    """Return the mapping of a file or of the preset, with the constants of the command line."""
    from importlib.resources import files

    import msgspec

    from truestock.exchange.model.imports import Mapping
    from truestock.exchange.rules.mapping import decoded_mapping

    if file is not None:
        toml = file.suffix.lower() != ".json"
        found = decoded_mapping(file.read_bytes(), toml=toml)
    elif preset:
        shipped = files("truestock.exchange").joinpath("presets", PRESET)
        found = decoded_mapping(shipped.read_bytes(), toml=True)
    elif constants:
        found = Mapping()
    else:
        return None
    return msgspec.structs.replace(found, constants=found.constants | constants)


def _run(
    kind: str,
    file: Path,
    mapping: "Mapping | None",
    *,
    strict: bool,
    check: bool,
    as_json: bool,
    refused: Path | None,
) -> None:
    from time import perf_counter

    began = perf_counter()
    work = _Work(kind, file, mapping, strict=strict, check=check, shown=not as_json)
    run, refused_csv = with_database(work.do)
    seconds = perf_counter() - began
    if refused is not None and run.rows_refused:
        refused.write_bytes(refused_csv)
    facts = _facts(run, seconds)
    if as_json:
        print_json(facts)
    else:
        print_facts(facts | {"counts": _words(run)}, as_json=False)
        sys.stdout.write(_sentence(run) + "\n")
    if run.rows_refused:
        raise typer.Exit(SOME_REFUSED)


class _Work:
    """One import from the command line."""

    def __init__(
        self,
        kind: str,
        file: Path,
        mapping: "Mapping | None",
        *,
        strict: bool,
        check: bool,
        shown: bool,
    ) -> None:
        self._kind = kind
        self._file = file
        self._mapping = mapping
        self._strict = strict
        self._check = check
        self._shown = shown

    async def do(self, database: "Database") -> "tuple[ImportRun, bytes]":
        """Store the file or find its unfinished import, and do what is left; also the refusals."""
        from truestock.exchange.operations.applying import apply_import, begin_import
        from truestock.exchange.operations.checking import check_import
        from truestock.exchange.operations.rows import refused_lines_file
        from truestock.exchange.operations.steps import Means
        from truestock.exchange.operations.uploads import limits_of
        from truestock.identity.operations import job_actor
        from truestock.kernel.clock import now
        from truestock.stock.operations.ledger import Ledger

        limits = limits_of(settings_now())
        async with database.writing() as tx:
            actor = await job_actor(tx, ACTOR)
        import_id = await self._import_id(database, actor)
        if self._check:
            run = await check_import(database, actor, import_id, limits)
        else:
            async with database.writing() as tx:
                await begin_import(tx, actor, import_id)
            ledger = Ledger(database, now)
            try:
                with _bar(shown=self._shown) as tell:
                    means = Means(database, ledger, now, limits)

                    async def told(progress: "Progress") -> None:
                        tell(progress)

                    run = await apply_import(means, actor, import_id, told)
            finally:
                await ledger.close()
        content = b""
        if run.rows_refused:
            _name, content = await refused_lines_file(database, actor, import_id, limits)
        return run, content

    async def _import_id(self, database: "Database", actor: Any) -> int:
        from truestock.exchange.errors.files import FileTooLargeError
        from truestock.exchange.model.imports import ImportKind
        from truestock.exchange.operations.uploads import (
            Upload,
            add_import,
            limits_of,
            read_upload,
        )
        from truestock.exchange.reads import unfinished_import
        from truestock.kernel.clock import now

        limits = limits_of(settings_now())
        if self._file.stat().st_size > limits.bytes_max:
            raise FileTooLargeError(bytes_max=limits.bytes_max)
        upload = Upload(
            ImportKind(self._kind),
            self._file.name,
            self._file.read_bytes(),
            self._mapping,
            self._strict,
        )
        read = await read_upload(upload, limits)
        if not self._check:
            async with database.asking() as tx:
                found = await unfinished_import(
                    tx, read.content_hash, upload.kind, read.mapping, strict=self._strict
                )
            if found is not None:
                return found
        async with database.writing() as tx:
            return (await add_import(tx, actor, read, now())).import_id


class _bar:  # noqa: N801 - reads as a word at its call
    """A progress bar on standard error, or nothing when the answer is JSON."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown

    def __enter__(self) -> "Callable[[Progress], None]":
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=not self._shown,
        )
        self._bar.start()
        task = self._bar.add_task("importing", total=None)

        def tell(progress: "Progress") -> None:
            words = progress.message or "importing"
            self._bar.update(task, completed=progress.done, total=progress.total, description=words)

        return tell

    def __exit__(self, *_error: object) -> None:
        self._bar.stop()


def _facts(run: "ImportRun", seconds: float) -> dict[str, Any]:
    lines = run.counts.get("lines_posted", 0)
    facts: dict[str, Any] = {
        "import_id": run.import_id,
        "file": run.file_name,
        "state": run.state.value,
        "rows_total": run.rows_total,
        "rows_accepted": run.rows_accepted,
        "rows_refused": run.rows_refused,
        "counts": dict(run.counts),
        "seconds": round(seconds, 2),
    }
    return facts | ({"lines_per_second": round(lines / seconds)} if lines else {})


def _words(run: "ImportRun") -> str:
    return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in run.counts.items())


def _sentence(run: "ImportRun") -> str:
    """Say in words what the counts mean."""
    same = ("_unchanged", "_repeated", "_refused")
    if run.state.value == "checked":
        return "Checked; nothing was changed."
    if all(name.endswith(same) for name in run.counts):
        return "Nothing was changed: all of it had been imported before, or is refused."
    return "Done." if not run.rows_refused else "Done, but for the refused lines."
