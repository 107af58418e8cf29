"""Checking an import: every line read and compared with what is there, nothing changed.

Rows of the catalogue are tried in a transaction that is undone; of movements it is looked up
whether their items and places exist. A shortage shows only when the movements are posted.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from typing import NoReturn

from truestock.catalog import reads as catalog
from truestock.database import Database, ReadTransaction
from truestock.exchange import reads, writes
from truestock.exchange.errors.imports import ImportStateError
from truestock.exchange.model.imports import (
    ImportKind,
    ImportRun,
    ImportState,
    Limits,
    Problem,
)
from truestock.exchange.operations.rights import require_import_rights, require_seen
from truestock.exchange.operations.steps import StepResult, catalog_result
from truestock.exchange.operations.uploads import form_wanted
from truestock.exchange.rules.mapping import require_mapping
from truestock.exchange.rules.tables import read_table
from truestock.exchange.rules.work import CatalogStep, DocumentStep, MovementStep, Work, work_of
from truestock.kernel.actor import Actor
from truestock.stock.reads import locations as places

TRIED_ROWS_MAX = 20_000
"""Rows of the catalogue tried by a check; the rest of a longer file is only read."""
PROBLEMS_KEPT = 50_000


class _TriedError(Exception):
    """Undo what was only tried."""


async def check_import(
    database: Database, actor: Actor, import_id: int, limits: Limits
) -> ImportRun:
    """Read and check every line; keep the problems and the totals with the import.

    Raises `ImportStateError` for one that is being or was applied, `MappingInvalidError`.
    """
    async with database.asking() as tx:
        run = require_seen(actor, await reads.import_run(tx, import_id))
        require_import_rights(actor, run.kind, run.mapping)
        content = await reads.import_content(tx, import_id)
    if run.state not in (ImportState.UPLOADED, ImportState.CHECKED):
        raise ImportStateError(state=run.state.value)
    work = await asyncio.to_thread(_work, run, content, limits)
    tried = await problems_before(database, actor, run, work)
    problems = sorted([*work.problems, *tried.problems], key=lambda each: each.line_number)
    refused = len({problem.line_number for problem in problems} - {0})
    async with database.writing() as tx:
        if await writes.locked_state(tx, import_id) not in (
            ImportState.UPLOADED,
            ImportState.CHECKED,
        ):
            raise ImportStateError(import_id=import_id)
        await writes.remove_problems(tx, import_id)
        await writes.add_problems(tx, import_id, problems[:PROBLEMS_KEPT])
        await writes.set_checked(tx, import_id, (work.lines_total, refused), tried.counts)
        return await reads.import_run(tx, import_id)


def _work(run: ImportRun, content: bytes, limits: Limits) -> Work:
    table = read_table(content, limits, form_wanted(run.mapping))
    require_mapping(run.kind, run.mapping, table.header)
    return work_of(table, run.kind, run.mapping)


async def problems_before(
    database: Database, actor: Actor, run: ImportRun, work: Work
) -> StepResult:
    """Return what can be seen to stand against the steps before they are done, and the counts."""
    result = StepResult(Counter({"empty": work.empty_count}) if work.empty_count else Counter())
    left = TRIED_ROWS_MAX
    for step in work.steps:
        if isinstance(step, CatalogStep) and left > 0:
            left -= len(step.rows)
            found = await _tried(database, actor, step)
            result.counts.update(found.counts)
            result.problems += found.problems
    async with database.asking() as tx:
        result.problems += await _unknown(tx, run, work)
    if run.kind is ImportKind.DELIVERIES:
        sheets = [s for step in work.steps if isinstance(step, DocumentStep) for s in step.sheets]
        result.counts["deliveries"] = sum(not sheet.opening for sheet in sheets)
        result.counts["receipts"] = sum(sheet.opening for sheet in sheets)
    units = sum(len(step.units) for step in work.steps if isinstance(step, MovementStep))
    if units:
        result.counts["movements"] = units
    return result


async def _tried(database: Database, actor: Actor, step: CatalogStep) -> StepResult:
    found = StepResult()
    try:
        async with database.writing() as tx:
            found = await catalog_result(tx, actor, step)
            _undo()
    except _TriedError:
        return found


def _undo() -> NoReturn:
    raise _TriedError


async def _unknown(tx: ReadTransaction, run: ImportRun, work: Work) -> list[Problem]:
    """Return the lines whose item or place does not exist, two questions for all of them."""
    skus: dict[str, list[int]] = {}
    codes: dict[str, list[int]] = {}
    for step in work.steps:
        if isinstance(step, MovementStep):
            for unit in step.units:
                for line, number in zip(unit.movement.lines, unit.line_numbers, strict=True):
                    skus.setdefault(line.sku or "", []).append(number)
                    for code in filter(None, (line.source_location, line.target_location)):
                        codes.setdefault(code, []).append(number)
        elif isinstance(step, DocumentStep) and not run.mapping.create_missing:
            for sheet in step.sheets:
                for sku, _quantity in sheet.quantities:
                    skus.setdefault(sku, []).extend(sheet.line_numbers[:1])
    known_skus = {each.sku for each in await catalog.item_facts(tx, list(skus), [])}
    known_codes = {each.code for each in await places.location_facts(tx, list(codes), [])}
    return [
        *_lines_of(skus, known_skus, ("sku", "item_unknown", "There is no item {}.")),
        *_lines_of(
            codes, known_codes, ("location", "location_unknown", "There is no location {}.")
        ),
    ]


def _lines_of(
    lines: dict[str, list[int]], known: set[str], words: tuple[str, str, str]
) -> Iterable[Problem]:
    name, code, sentence = words
    for text, numbers in lines.items():
        if text not in known:
            for number in numbers:
                yield Problem(number, name, code, sentence.format(text[:80]))
