"""Applying an import: step by step, each committed whole, from where the last run stopped.

An import may be applied again at any time, by anybody: what it did is found by its request keys,
or is there already, and is not done twice.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from truestock.catalog.model.imports import Outcome
from truestock.catalog.operations.trail import Subject, record
from truestock.database import Database, Transaction
from truestock.database.request_keys import SERVER_FAULT
from truestock.exchange import reads, writes
from truestock.exchange.errors.imports import (
    ImportNotFoundError,
    ImportRefusedError,
    ImportStateError,
    ImportTooLargeError,
    SiteMissingError,
)
from truestock.exchange.model.imports import (
    ImportKind,
    ImportRun,
    ImportState,
    Mapping,
    Problem,
    Progress,
)
from truestock.exchange.operations.checking import problems_before
from truestock.exchange.operations.rights import require_import_rights, require_seen
from truestock.exchange.operations.steps import Doing, Means, StepResult, do_step
from truestock.exchange.operations.uploads import fingerprint_of, form_wanted
from truestock.exchange.rules.demand import Place
from truestock.exchange.rules.mapping import require_mapping
from truestock.exchange.rules.tables import read_table
from truestock.exchange.rules.work import DocumentStep, Work, work_of
from truestock.jobs import JobCancelledError, enqueue
from truestock.kernel.actor import Actor
from truestock.kernel.errors import TruestockError
from truestock.notify import Notice
from truestock.notify import tell as tell_people
from truestock.stock.model.locations import LocationRow, SiteFields
from truestock.stock.operations.ledger import posting_connections
from truestock.stock.operations.location_imports import import_locations
from truestock.stock.operations.sites import create_site
from truestock.stock.reads import locations as places

STRICT_ROWS_MAX = 20_000
PROBLEMS_MAX = 50_000
"""So many are kept by line; beyond them lines are only counted."""

APPLY_JOB = "exchange.apply_import"
CONNECTIONS = 2
"""For posting: one is looked up with while the other commits."""

Tell = Callable[[Progress], Awaitable[None]]


async def begin_import(tx: Transaction, actor: Actor, import_id: int) -> ImportRun:
    """Set an import to be applied from its first step; one that is on its way stays as it is.

    Raises `MappingInvalidError` and what the actor may not.
    """
    run = require_seen(actor, await reads.import_run(tx, import_id))
    require_import_rights(actor, run.kind, run.mapping)
    require_mapping(run.kind, run.mapping, [column.name for column in run.table_form.columns])
    state = await writes.locked_state(tx, import_id)
    if state is None:
        raise ImportNotFoundError(import_id=import_id)
    if state is not ImportState.APPLYING:
        await writes.begin(tx, import_id)
    return await reads.import_run(tx, import_id)


async def ask_to_apply(tx: Transaction, actor: Actor, import_id: int) -> ImportRun:
    """Begin an import and have a job apply it; one that is on its way keeps its job."""
    await begin_import(tx, actor, import_id)
    single = f"{APPLY_JOB}:{import_id}"
    job_id = await enqueue(tx, APPLY_JOB, {"import_id": import_id}, actor=actor, single_key=single)
    await writes.set_job(tx, import_id, job_id)
    return await reads.import_run(tx, import_id)


async def apply_import(means: Means, actor: Actor, import_id: int, tell: Tell) -> ImportRun:
    """Do the steps of a begun import that are not done yet; return it as it is at the end.

    Two processes at the same import do each step once between them; one that is applied by now is
    returned as it is. Raises `ImportStateError` unless it was begun, `ImportRefusedError` for a
    strict one with refused lines.
    """
    async with means.database.asking() as tx:
        run = await reads.import_run(tx, import_id)
        content = await reads.import_content(tx, import_id)
    if run.state is ImportState.APPLIED:  # killed after the last step, before its job had ended
        return run
    if run.state is not ImportState.APPLYING:
        raise ImportStateError(state=run.state.value)
    try:
        require_import_rights(actor, run.kind, run.mapping)
        async with posting_connections(means.database, size_max=CONNECTIONS) as posting:
            await _do_all(replace(means, posting=posting), actor, run, content, tell)
    except TruestockError as error:
        if error.status >= SERVER_FAULT or isinstance(error, JobCancelledError):
            raise
        await _end_failed(means, actor, run, error)
        raise
    async with means.database.asking() as tx:
        return await reads.import_run(tx, import_id)


async def end_cancelled(database: Database, import_id: int, job_id: int, now: datetime) -> None:
    """End an import whose job a person has cancelled; what was done stays and is not done again."""
    async with database.writing() as tx:
        if await reads.cancel_asked(tx, job_id):
            await writes.end(tx, import_id, ImportState.FAILED, now, "Cancelled.")


async def end_unapplied(
    database: Database, actor: Actor, import_id: int, now: datetime, sentence: str
) -> None:
    """End an import whose job was given up; what was done stays and is not done again."""
    async with database.writing() as tx:
        if await writes.locked_state(tx, import_id) is ImportState.APPLYING:
            await writes.end(tx, import_id, ImportState.FAILED, now, sentence)
            run = await reads.import_run(tx, import_id)
            failed = Notice("import.failed", import_id, {"file": run.file_name})
            await tell_people(tx, [actor.actor_id], failed)


async def _end_failed(means: Means, actor: Actor, run: ImportRun, error: TruestockError) -> None:
    async with means.database.writing() as tx:
        if isinstance(error, ImportRefusedError):
            await writes.remove_problems(tx, run.import_id)
            await keep_problems(tx, run.import_id, error.problems)
        await writes.end(tx, run.import_id, ImportState.FAILED, means.clock(), str(error))
        failed = Notice("import.failed", run.import_id, {"file": run.file_name})
        await tell_people(tx, [actor.actor_id], failed)


async def _do_all(means: Means, actor: Actor, run: ImportRun, content: bytes, tell: Tell) -> None:
    table = await asyncio.to_thread(read_table, content, means.limits, form_wanted(run.mapping))
    work = await asyncio.to_thread(work_of, table, run.kind, run.mapping, together=run.strict)
    if run.strict:
        await _require_all_right(means.database, actor, run, work)
    if run.position == 0:
        await _note_beginning(means.database, run.import_id, work)
    doing = await _doing(means, actor, run, work)
    position = run.position
    while position < len(work.steps):
        step = work.steps[position]
        keeper = _Keeper(run, position)
        try:
            await do_step(doing, step, keeper.claim, keeper.note)
        except _DoneElsewhereError:
            async with means.database.asking() as tx:
                now = await reads.import_run(tx, run.import_id)
            if now.state is ImportState.APPLIED:
                return
            if now.state is not ImportState.APPLYING:
                raise ImportStateError(state=now.state.value) from None
            position = now.position
            continue
        position += 1
        await tell(Progress(position, len(work.steps), _shown(step), dict(keeper.counts)))
    async with means.database.writing() as tx:
        ended = await reads.import_run(tx, run.import_id)
        await writes.end(tx, run.import_id, ImportState.APPLIED, means.clock())
        after = {"kind": run.kind.value, "file_name": run.file_name, **ended.counts}
        await record(
            tx, actor, "applied", Subject("import", run.import_id), before=None, after=after
        )
        applied = Notice("import.applied", run.import_id, {"file": run.file_name})
        await tell_people(tx, [actor.actor_id], applied)


class _DoneElsewhereError(Exception):
    """Another process, taken for dead or simply second, has done this step."""


class _Keeper:
    """Keeps the books of one step in the step's own transaction."""

    def __init__(self, run: ImportRun, position: int) -> None:
        self._run = run
        self._position = position
        self.counts: Counter[str] = Counter()

    async def claim(self, tx: Transaction) -> None:
        """Raise the position or leave: two processes never do the same step."""
        before = await writes.claim_step(tx, self._run.import_id, self._position)
        if before is None:
            raise _DoneElsewhereError
        self.counts = Counter(before)

    async def note(self, tx: Transaction, result: StepResult) -> None:
        """Write down what the step did."""
        if result.problems and self._run.strict:
            first = result.problems[0]
            raise ImportRefusedError(
                result.problems, line_number=first.line_number, reason=first.message
            )
        self.counts.update(result.counts)
        refused = len({problem.line_number for problem in result.problems} - {0})
        await keep_problems(tx, self._run.import_id, result.problems)
        await writes.note_step(tx, self._run.import_id, self.counts, refused)


async def keep_problems(tx: Transaction, import_id: int, problems: Sequence[Problem]) -> None:
    """Store problems up to the limit."""
    if problems:
        room = PROBLEMS_MAX - await writes.count_problems(tx, import_id)
        await writes.add_problems(tx, import_id, problems[: max(room, 0)])


async def _note_beginning(database: Database, import_id: int, work: Work) -> None:
    refused = len({problem.line_number for problem in work.problems})
    async with database.writing() as tx:
        await writes.remove_problems(tx, import_id)
        await keep_problems(tx, import_id, work.problems)
        await writes.set_begun(tx, import_id, work.lines_total, refused)


async def _require_all_right(database: Database, actor: Actor, run: ImportRun, work: Work) -> None:
    """Raise unless every line of a strict import can be imported, as far as can be seen before."""
    if work.lines_total > STRICT_ROWS_MAX and run.kind is not ImportKind.DELIVERIES:
        raise ImportTooLargeError(rows=work.lines_total, rows_max=STRICT_ROWS_MAX)
    problems = [*work.problems, *(await problems_before(database, actor, run, work)).problems]
    if problems:
        first = problems[0]
        raise ImportRefusedError(problems, line_number=first.line_number, reason=first.message)


async def _doing(means: Means, actor: Actor, run: ImportRun, work: Work) -> Doing:
    fingerprint = fingerprint_of(run)
    async with means.database.writing() as tx:
        await writes.add_poster(tx, fingerprint, actor.actor_id)
        poster = replace(actor, actor_id=await reads.poster(tx, fingerprint))
    needed = {
        sheet.place
        for step in work.steps
        if isinstance(step, DocumentStep)
        for sheet in step.sheets
    }
    found: dict[Place, tuple[str, ZoneInfo]] = {}
    for place in sorted(needed, key=lambda each: (each.site, each.location)):
        async with means.database.writing() as tx:
            found[place] = await _ground(tx, actor, place, run.mapping)
    prefix = f"import/{fingerprint.hex()}/"
    return Doing(means, actor, poster, prefix, found)


async def _ground(
    tx: Transaction, actor: Actor, place: Place, mapping: Mapping
) -> tuple[str, ZoneInfo]:
    """Return where a delivery is taken from, made when it is missing and that is wanted."""
    if not place.site and place.location:
        known = await places.locations(tx, codes=[place.location])
        site_code = known[0].site_code if known else None
        if site_code is None:
            raise SiteMissingError(location=place.location)
        place = Place(site_code, place.location)
    if not place.site:
        raise SiteMissingError
    sites = await places.sites(tx, codes=[place.site])
    if not sites and mapping.create_missing:
        fields = SiteFields(
            code=place.site, name=place.site.title(), time_zone=mapping.time_zone or "UTC"
        )
        sites = [await create_site(tx, actor, fields)]
    if not sites:
        raise SiteMissingError(site=place.site)
    location = place.location or f"{place.site}-STOCK"
    if mapping.create_missing and not await places.locations(tx, codes=[location]):
        row = LocationRow(code=location, site=place.site, kind="bin", name="Imported stock")
        [outcome] = await import_locations(tx, actor, [row])
        if outcome.outcome is Outcome.REFUSED:
            raise SiteMissingError(site=place.site, location=location, reason=outcome.reason)
    return location, ZoneInfo(sites[0].time_zone)


def _shown(step: object) -> str:
    """Return what a step is about, for the page that shows the progress."""
    if isinstance(step, DocumentStep):
        first = step.sheets[0]
        return "opening stock" if first.opening else f"deliveries of {first.day.isoformat()}"
    return ""
