"""The lines of an uploaded file as texts, with what is wrong with them."""

import asyncio
import csv
import io
from collections.abc import Mapping as AnyMapping
from collections.abc import Sequence
from itertools import islice
from typing import Any

from truestock.database import Database
from truestock.exchange import reads
from truestock.exchange.model.imports import ImportRun, Limits, Problem
from truestock.exchange.operations.rights import require_import_rights, require_seen
from truestock.exchange.operations.uploads import form_wanted
from truestock.exchange.rules.guarded import guarded
from truestock.exchange.rules.tables import read_table
from truestock.kernel.actor import Actor


async def row_page(
    database: Database,
    actor: Actor,
    import_id: int,
    limits: Limits,
    asked: tuple[int, int, bool],
) -> tuple[list[dict[str, Any]], int | None]:
    """Return lines behind a line, at most so many, only refused ones if asked so.

    `asked` is (after, limit, refused); also returns the line to go on from, None at the end.
    """
    after, limit, refused = asked
    async with database.asking() as tx:
        run = require_seen(actor, await reads.import_run(tx, import_id))
        require_import_rights(actor, run.kind, run.mapping)
        content = await reads.import_content(tx, import_id)
        wanted: list[int] | None = None
        if refused:
            wanted = await reads.problem_lines(tx, import_id, after, limit + 1)
        lines = await asyncio.to_thread(_lines, run, content, limits, (after, limit + 1, wanted))
        numbers = [number for number, _values in lines[:limit]]
        wrong = await reads.problems_of_lines(tx, import_id, numbers)
    items = [
        {
            "line_number": number,
            "values": values,
            "errors": [_shown(run, problem) for problem in wrong.get(number, ())],
        }
        for number, values in lines[:limit]
    ]
    return items, (numbers[-1] if len(lines) > limit else None)


def _shown(run: ImportRun, problem: Problem) -> dict[str, str]:
    return {
        "field": problem.field,
        "column": run.mapping.columns.get(problem.field, ""),
        "code": problem.code,
        "message": problem.message,
    }


def _lines(
    run: ImportRun,
    content: bytes,
    limits: Limits,
    asked: tuple[int, int, Sequence[int] | None],
) -> list[tuple[int, dict[str, str]]]:
    """Return the chosen lines with the texts of their mapped fields."""
    after, count, wanted = asked
    table = read_table(content, limits, form_wanted(run.mapping))
    chosen = set(wanted) if wanted is not None else None
    places = _places(run.mapping.columns, table.header)
    behind = (
        (number, cells)
        for number, cells in table.lines()
        if number > after and (chosen is None or number in chosen)
    )
    return [
        (number, {name: cells[place] for name, place in places.items()})
        for number, cells in islice(behind, len(chosen) if chosen is not None else count)
    ]


def _places(columns: AnyMapping[str, str], header: Sequence[str]) -> dict[str, int]:
    by_name = {name: place for place, name in enumerate(header)}
    return {name: by_name[column] for name, column in columns.items() if column in by_name}


async def refused_lines_file(
    database: Database, actor: Actor, import_id: int, limits: Limits
) -> tuple[str, bytes]:
    """Return name and content of a CSV of the refused lines, each with what is wrong with it.

    It has the columns of the file, so that it can be mended and imported with the same mapping.
    """
    async with database.asking() as tx:
        run = require_seen(actor, await reads.import_run(tx, import_id))
        require_import_rights(actor, run.kind, run.mapping)
        content = await reads.import_content(tx, import_id)
        problems = await reads.problems(tx, import_id)
    made = await asyncio.to_thread(_refused_csv, run, content, problems, limits)
    return f"refused-{run.import_id}.csv", made


def _refused_csv(
    run: ImportRun, content: bytes, problems: Sequence[Problem], limits: Limits
) -> bytes:
    table = read_table(content, limits, form_wanted(run.mapping))
    by_line: dict[int, list[Problem]] = {}
    for problem in problems:
        by_line.setdefault(problem.line_number, []).append(problem)
    out = io.StringIO(newline="")
    sheet = csv.writer(out)
    sheet.writerow([*map(guarded, table.header), "line number", "problem"])
    width = len(table.header)
    for number, cells in table.lines():
        if number in by_line:
            reason = " ".join(
                f"{run.mapping.columns.get(each.field, each.field)}: {each.message}"
                if each.field
                else each.message
                for each in by_line[number]
            )
            sheet.writerow([*map(guarded, cells[:width]), number, guarded(reason)])
    return out.getvalue().encode("utf-8-sig")
