"""The house rules. Each failure says what to do about it; limits only ever tighten."""

import ast
import configparser
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import pytest

import truestock
from truestock.database import Database
from truestock.database.sql import numbered
from truestock.kernel.errors import every_error_class
from truestock.kernel.slices import SLICES
from truestock.worker import every_job

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "truestock"
MIGRATIONS = SOURCE / "database" / "migrations"

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
SQL_LINES_MAX = 120

BANNED = {
    "amount": "quantity (stock) or price_minor (money)",
    "article": "item",
    "entry": "movement or movement_line",
    "entries": "movements or movement_lines",
    "material": "item",
    "moq": "order_minimum",
    "product": "item",
    "qty": "quantity",
    "rop": "reorder_point",
    "timestamp": "occurred_at or recorded_at",
    "unpost": "reverse",
    "voucher": "document",
    "warehouse": "site",
}
"""The last column of docs/glossary.md; the value is the word to use."""

POSTGRESQL_NAMES = frozenset(
    {"clock_timestamp", "statement_timestamp", "timestamp", "to_timestamp"}
)
ENTRIES_OF_FOLDERS = "database/embedded"
"""There an entry is one of a directory."""

BANNED_PAIRS = {("current", "user"): "actor", ("stock", "transaction"): "movement"}

CLOCK = "kernel/clock.py"
CLOCK_CALLS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
}

HELD_BY_OUR_OWN_CODE = frozenset(
    line
    for line in (ROOT / "tests" / "constraints_held_by_our_own_code.txt").read_text().splitlines()
    if line and not line.startswith("#")
)
"""Constraints no request can break: a violation is a fault of ours and may answer 500."""

FOREIGN_TABLES = ("pgqueuer", "_yoyo", "yoyo_lock")
"""Tables that belong to libraries."""


def python_files(*folders: str) -> list[Path]:
    places = [ROOT / folder for folder in folders or ("src",)]
    return sorted(file for place in places for file in place.rglob("*.py"))


def sql_files() -> list[Path]:
    return sorted(
        file for file in SOURCE.rglob("*.sql") if file.parent.name in {"sql", "invariants"}
    )


def shown(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def complain(found: list[str], fix: str) -> None:
    assert not found, f"{fix}\n  " + "\n  ".join(found)


def test_files_are_short() -> None:
    found = [
        f"{shown(file)}: {count} lines"
        for file in python_files("src", "tests", "bench", "scripts")
        if (count := len(file.read_text().splitlines())) > FILE_LINES_MAX
    ]
    complain(found, f"Split these along their nouns; {FILE_LINES_MAX} lines is the limit:")


def test_functions_are_short() -> None:
    found = [
        f"{shown(file)}:{node.lineno} {node.name}: {length} lines"
        for file in python_files("src", "bench", "scripts")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES_MAX
    ]
    complain(found, f"Give the steps of these names of their own; {FUNCTION_LINES_MAX} lines:")


def test_statements_are_short_and_one_a_file() -> None:
    found = []
    for file in sql_files():
        text = file.read_text()
        if (count := len(text.splitlines())) > SQL_LINES_MAX:
            found.append(f"{shown(file)}: {count} lines, the limit is {SQL_LINES_MAX}")
        if ";" in without_comments(text).strip().rstrip(";"):
            found.append(f"{shown(file)}: more than one statement")
    complain(found, "One statement a file, short enough to read at once:")


def without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/", " ", re.sub(r"--[^\n]*", " ", text), flags=re.DOTALL)


def test_every_statement_is_used() -> None:
    words: dict[str, set[str]] = defaultdict(set)
    for file in python_files():
        tree = ast.parse(file.read_text())
        place = file.relative_to(SOURCE).parts[0]
        words[place] |= {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
    found = [
        shown(file)
        for file in sql_files()
        if file.parent.name == "sql" and file.stem not in words[file.relative_to(SOURCE).parts[0]]
    ]
    complain(found, "Delete these, or name them in a load_sql of their own slice:")


class Given(dict[str, Any]):
    """Every filter is given but some."""

    def __init__(self, *without: str) -> None:
        self.without = without

    def get(self, name: str, default: Any = None) -> Any:
        return default if name in self.without else "given"

    def __getitem__(self, _name: str) -> Any:
        return "given"


ONE_WAY = ("downwards", "backward", "looked_through_down")
OTHER_WAY = ("upwards", "onward", "looked_through_up")
"""Filters of which a list has one or the other."""


def forms_of(text: str) -> Iterator[str]:
    """Yield a statement as the driver gets it: a list with all of its filters and with none."""
    if "--if" not in text and not re.search(r"(?<![:\w]):[a-z_]", text):
        yield text
        return
    text = text.replace("/*sort*/", "'x'::text AS sort_value, 1::bigint AS sort_key")
    text = text.replace("/*after*/", "").replace("/*order*/", "")
    every = tuple(re.findall(r"--if (\w+)", text))
    for without in (ONE_WAY, OTHER_WAY, every):
        yield numbered(text, Given(*without))[0]


async def test_every_statement_is_understood_by_the_migrated_database(database: Database) -> None:
    found = []
    async with database.pool.acquire() as connection:
        for file in sql_files():
            for statement in forms_of(file.read_text()):
                try:
                    await connection.prepare(statement)
                except Exception as error:  # noqa: BLE001 - whatever the server says is the finding
                    found.append(f"{shown(file)}: {error}")
    complain(found, "These do not fit the tables; correct them or the migration:")


def test_transactions_are_opened_in_one_place() -> None:
    found = [
        f"{shown(file)}:{node.lineno} .{node.func.attr}("
        for file in python_files()
        if file.relative_to(SOURCE).parts[0] != "database"
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"commit", "rollback", "transaction"}
    ]
    complain(found, "Use database.writing() or database.reading(); only database/ may commit:")


def test_only_the_clock_asks_what_time_it_is() -> None:
    found = [
        f"{shown(file)}:{node.lineno} {node.func.value.id}.{node.func.attr}()"
        for file in python_files()
        if file.relative_to(SOURCE).as_posix() != CLOCK
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and (node.func.value.id, node.func.attr) in CLOCK_CALLS
    ]
    complain(found, "Take the moment as an argument, or a Clock; intervals use time.monotonic:")


def words_of(name: str) -> list[str]:
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return [word for word in parted.lower().split("_") if word]


def banned_in(name: str) -> str | None:
    words = words_of(name)
    for word in words:
        if word in BANNED:
            return BANNED[word]
    return next(
        (BANNED_PAIRS[pair] for pair in pairwise(words) if pair in BANNED_PAIRS),
        None,
    )


def names_given(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield every name that this code itself gives to something."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr, node.lineno


def test_names_are_the_words_of_the_glossary() -> None:
    found = [
        f"{shown(file)}:{line} {name}: say {better}"
        for file in python_files()
        for name, line in names_given(ast.parse(file.read_text()))
        if (better := banned_in(name))
        and not ("entry" in name and ENTRIES_OF_FOLDERS in shown(file))
    ]
    for file in [*sql_files(), *sorted(MIGRATIONS.glob("*.sql"))]:
        if file.name == "0009_jobs.sql":
            continue  # pgqueuer's own words
        text = re.sub(r"'[^']*'", " ", without_comments(file.read_text()))
        names = set(re.findall(r"[A-Za-z_][A-Za-z0-9_]*", text)) - POSTGRESQL_NAMES
        found += [
            f"{shown(file)}: {name}: say {better}"
            for name in sorted(names)
            if (better := banned_in(name))
        ]
    complain(found, "One word, one meaning (docs/glossary.md):")


def test_every_table_has_one_owner() -> None:
    found, owners = [], defaultdict(list)
    folders = {place.name for place in SOURCE.iterdir() if place.is_dir()}
    for file in sorted(MIGRATIONS.glob("*.sql")):
        text = file.read_text()
        header = re.search(r"^-- Owned by: ([^.\n]+)\.", text, re.MULTILINE)
        named = re.findall(r"\b[a-z]+\b", header[1]) if header else []
        if not set(named) & folders:
            found.append(f"{file.name}: no line `-- Owned by: <slice>.`")
        for table in re.findall(r"CREATE (?:UNLOGGED )?TABLE (\w+)", text):
            owners[table].append(file.name)
    found += [f"{table}: created in {files}" for table, files in owners.items() if len(files) > 1]
    complain(found, "Say in the migration whose its tables are:")


def every_class_is_imported() -> None:
    for module in walk_packages(truestock.__path__, "truestock."):
        if not module.name.endswith("__main__"):
            import_module(module.name)


async def test_every_constraint_means_exactly_one_error(database: Database) -> None:
    every_class_is_imported()
    classes: dict[str, set[str]] = defaultdict(set)
    for found_class in every_error_class():
        if found_class.__module__.startswith("truestock"):
            for name in found_class.__dict__.get("constraints", ()):
                classes[name].add(found_class.__qualname__)
    async with database.asking() as tx:
        rows = await tx.rows(
            """
            SELECT conname AS name, contype::text AS kind, conrelid::regclass::text AS place
            FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'u', 'p', 'f', 'x')
                AND conparentid = 0
            UNION ALL
            SELECT c.relname, 'u', i.indrelid::regclass::text
            FROM pg_index i
            JOIN pg_class c ON c.oid = i.indexrelid
            WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace
                AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
            """
        )
    real = {row["name"]: row for row in rows if not row["place"].startswith(FOREIGN_TABLES)}
    found = [f"{name}: {sorted(named)}" for name, named in classes.items() if len(named) > 1]
    found += [
        f"{name} ({row['place']}): no error class"
        for name, row in sorted(real.items())
        if name not in classes and row["kind"] in "cux" and name not in HELD_BY_OUR_OWN_CODE
    ]
    raised = set(
        re.findall(
            r"CONSTRAINT = '(\w+)'",
            "".join(file.read_text() for file in MIGRATIONS.glob("*.sql")),
        )
    )
    found += [
        f"{name}: {sorted(named)} names a constraint that does not exist"
        for name, named in classes.items()
        if name not in real and name not in raised and not name.endswith("_append_only")
    ]
    found += [
        f"{name}: listed in constraints_held_by_our_own_code.txt, but mapped or gone"
        for name in sorted(HELD_BY_OUR_OWN_CODE)
        if name in classes or name not in real
    ]
    complain(
        found,
        "Name it in `constraints` of the one error it means, or, when no request can break it, in"
        " tests/constraints_held_by_our_own_code.txt:",
    )


def test_every_error_is_one_sentence_with_a_code_of_its_own() -> None:
    every_class_is_imported()
    found, codes = [], defaultdict(list)
    for each in every_error_class():
        if not each.__module__.startswith("truestock"):
            continue
        sentence = (each.__doc__ or "").strip().splitlines()
        if not sentence or not sentence[0].endswith("."):
            found.append(f"{each.__module__}.{each.__qualname__}: no sentence as docstring")
        if isinstance(each.__dict__.get("code"), str):
            codes[each.__dict__["code"]].append(f"{each.__module__}.{each.__qualname__}")
    found += [f"{code}: {names}" for code, names in codes.items() if len(names) > 1]
    complain(found, "One class, one sentence, one code:")


def test_the_map_and_the_folders_agree() -> None:
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter")
    listed = parser["importlinter:contract:slice"]["containers"].split()
    with_files = {
        place.name
        for place in SOURCE.iterdir()
        if place.is_dir() and ((place / "api.py").exists() or (place / "api").is_dir())
    }
    assert set(SLICES) == {name.removeprefix("truestock.") for name in listed}, (
        "Make SLICES in kernel/slices.py and the containers of .importlinter the same."
    )
    assert with_files <= set(SLICES), "Add the new slice to kernel/slices.py and .importlinter."


def test_jobs_are_named_after_their_slice() -> None:
    owners = {*SLICES, "jobs"}
    found = [name for name in every_job().kinds if name.split(".")[0] not in owners]
    complain(found, "Name a job `<slice>.<verb>`:")


def test_opting_out_has_a_reason() -> None:
    rule = re.compile(r"#\s*(noqa|type:\s*ignore)(?!.*(?: - | {2}# )\S)")
    found = [
        f"{shown(file)}:{number} {line.strip()}"
        for file in python_files("src")
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if rule.search(line)
    ]
    complain(found, "Write why: `# noqa: RULE - reason` or `# type: ignore[rule]  # reason`:")


def tracked_files() -> list[Path]:
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"],  # noqa: S607 - the git of the checkout
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


def test_links_in_the_documents_resolve() -> None:
    found = []
    for file in tracked_files():
        if file.suffix != ".md" or not file.is_file():
            continue
        text = re.sub(r"```.*?```", "", file.read_text(), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"[a-z]+:", target) or target.startswith("#"):
                continue
            if not (file.parent / target.split("#")[0]).exists():
                found.append(f"{shown(file)}: {target}")
    complain(found, "Correct these links:")


MACHINE = re.compile(
    r"/wo"
    r"rk/|/home/[a-z]+/|/tm"
    r"p/(?:pgdev|uvenv|brief)|files\.pytho"
    r"nhosted"
    r"|registry\.npm"
    r"js|://pypi\.or"
    r"g/simple"
)
"""Written in pieces, so that this file does not find itself."""


def test_nothing_names_this_machine_or_a_registry() -> None:
    found = []
    for file in tracked_files():
        if not file.is_file():
            continue
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [
            f"{shown(file)}:{number}"
            for number, line in enumerate(text.splitlines(), 1)
            if MACHINE.search(line)
        ]
    complain(found, "Write these without paths of one machine and without registry hosts:")
