"""One step of an import: what it does to the database, and what it says of each line.

Rows of the catalogue and movements are written in the transaction that also raises the import's
position. Documents commit in transactions of their own; their request keys make a repeat harmless.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from zoneinfo import ZoneInfo

from truestock.catalog.model.imports import Outcome, RowOutcome
from truestock.catalog.operations.items import import_items
from truestock.catalog.operations.parties import import_parties
from truestock.database import Database, Transaction
from truestock.documents.model import (
    DocumentRecorded,
    DocumentType,
    KeyedDocument,
    NewDocument,
    NewDocumentLine,
)
from truestock.documents.operations.bulk import create_and_post_many
from truestock.exchange.model.imports import ImportKind, Limits, Problem
from truestock.exchange.rules.demand import Place, Sheet
from truestock.exchange.rules.work import UTC, CatalogStep, DocumentStep, MovementStep, Step
from truestock.kernel.actor import Actor
from truestock.kernel.clock import Clock
from truestock.kernel.errors import BusyError, TruestockError
from truestock.stock.errors.movements import RequestClaimedError
from truestock.stock.model.movements import Posted
from truestock.stock.operations.group import FactsChangedError
from truestock.stock.operations.group import Outcome as PostingOutcome
from truestock.stock.operations.ledger import Ledger, Prepared, post_each_within, refusal_of
from truestock.stock.operations.location_imports import import_locations
from truestock.stock.operations.resolve import Asked

TRIES_MAX = 8
OPENING_HOUR = 6
DELIVERY_HOUR = 12


@dataclass(slots=True)
class StepResult:
    """What a step did: counts by word, and the lines that were refused."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)


Note = Callable[[Transaction, StepResult], Awaitable[None]]
"""Writes a step's result down; called within the step's transaction, first with the claim."""


@dataclass(frozen=True, slots=True)
class Means:
    """With what imports are applied. `posting` are connections set up for the ledger's plans."""

    database: Database
    ledger: Ledger
    clock: Clock
    limits: Limits
    posting: Database | None = None

    @property
    def poster(self) -> Database:
        """Where stock is posted."""
        return self.posting or self.database


@dataclass(frozen=True, slots=True)
class Doing:
    """What the steps of one import share. `poster` is the actor whose request keys are used."""

    means: Means
    actor: Actor
    poster: Actor
    key_prefix: str
    places: dict[Place, tuple[str, ZoneInfo]]
    """Code of the location to take from and the site's time zone, by what the lines say."""


async def do_step(
    doing: Doing, step: Step, claim: Callable[[Transaction], Awaitable[None]], note: Note
) -> StepResult:
    """Do one step and note it; raises what `claim` raises when the step is somebody else's."""
    if isinstance(step, MovementStep):
        return await _move(doing, step, claim, note)
    if isinstance(step, DocumentStep):
        result = await _record_documents(doing, step)
        async with doing.means.database.writing() as tx:
            await claim(tx)
            await note(tx, result)
        return result
    async with doing.means.database.writing() as tx:
        await claim(tx)
        result = await catalog_result(tx, doing.actor, step)
        await note(tx, result)
    return result


async def catalog_result(tx: Transaction, actor: Actor, step: CatalogStep) -> StepResult:
    """Write rows of the catalogue; a refused one does not stop the others."""
    outcomes = await _imported(tx, actor, step)
    result = StepResult()
    for outcome in outcomes:
        result.counts[f"{step.kind.value}_{outcome.outcome.value}"] += 1
        if outcome.outcome is Outcome.REFUSED:
            line_number = step.line_numbers[outcome.row_number - 1]
            result.problems.append(
                Problem(
                    line_number,
                    _field_of(outcome),
                    outcome.code or "refused",
                    _sentence(outcome.reason or "", outcome.facts),
                )
            )
    return result


async def _imported(tx: Transaction, actor: Actor, step: CatalogStep) -> list[RowOutcome]:
    if step.kind is ImportKind.ITEMS:
        return await import_items(tx, actor, step.rows)
    if step.kind is ImportKind.LOCATIONS:
        return await import_locations(tx, actor, step.rows)
    return await import_parties(tx, actor, step.rows)


def _field_of(outcome: RowOutcome) -> str:
    """Return the field an error speaks of, where its code begins with one."""
    code = outcome.code or ""
    return next((name for name in ("gtin", "sku", "currency", "site") if code.startswith(name)), "")


def _sentence(reason: str, facts: dict[str, object]) -> str:
    """Return the reason with its facts; a person reads it beside the line."""
    shown = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in facts.items())
    return f"{reason} ({shown})"[:500] if shown else reason


async def _move(
    doing: Doing,
    step: MovementStep,
    claim: Callable[[Transaction], Awaitable[None]],
    note: Note,
) -> StepResult:
    asked = [Asked(unit.movement, doing.key_prefix + unit.key) for unit in step.units]
    stamp = 0
    for _ in range(TRIES_MAX):
        prepared = await doing.means.ledger.prepare_each(doing.poster, asked, stamp)
        try:
            async with doing.means.poster.writing() as tx:
                await claim(tx)
                outcomes = await _post_accepted(tx, prepared)
                result = _moved(step, outcomes)
                await note(tx, result)
        except FactsChangedError as changed:
            stamp = changed.stamp
        except RequestClaimedError:
            continue
        else:
            return result
    raise BusyError


async def _post_accepted(tx: Transaction, prepared: Prepared) -> list[PostingOutcome]:
    """Post what is not refused. A refusal is not stored, so that a later import tries it again.

    Refused movements touch nothing, so the others fare the same without them.
    """
    undone = _Undone()
    try:
        async with tx.savepoint():
            outcomes = await post_each_within(tx, prepared)
            if any(not isinstance(outcome, Posted) for outcome in outcomes):
                raise undone
            return outcomes
    except _Undone as error:
        if error is not undone:
            raise
    accepted = [
        command
        for command, outcome in zip(prepared.commands, outcomes, strict=True)
        if isinstance(outcome, Posted)
    ]
    again = iter(await post_each_within(tx, Prepared(accepted, prepared.stamp)))
    return [next(again) if isinstance(each, Posted) else each for each in outcomes]


class _Undone(Exception):  # noqa: N818 - not an error: it undoes a savepoint
    """Undo what was tried."""


def _moved(step: MovementStep, outcomes: Sequence[PostingOutcome]) -> StepResult:
    result = StepResult()
    for unit, outcome in zip(step.units, outcomes, strict=True):
        if isinstance(outcome, Posted):
            result.counts["movements_repeated" if outcome.replayed else "movements_posted"] += 1
            result.counts["lines_repeated" if outcome.replayed else "lines_posted"] += len(
                unit.line_numbers
            )
            continue
        result.counts["movements_refused"] += 1
        result.problems += _refused_lines(unit.line_numbers, refusal_of(outcome))
    return result


def _refused_lines(line_numbers: Sequence[int], refusal: TruestockError) -> list[Problem]:
    facts = {name: value for name, value in refusal.facts.items() if name != "line_number"}
    message = _sentence(refusal.detail, facts)
    return [Problem(number, "", refusal.code, message) for number in line_numbers]


async def _record_documents(doing: Doing, step: DocumentStep) -> StepResult:
    documents = [
        KeyedDocument(document_of(sheet, doing.places), doing.key_prefix + sheet.key)
        for sheet in step.sheets
    ]
    recorded = await create_and_post_many(
        doing.means.poster, doing.means.ledger, doing.poster, documents, clock=doing.means.clock
    )
    result = StepResult()
    for sheet, outcome in zip(step.sheets, recorded, strict=True):
        word = "receipts" if sheet.opening else "deliveries"
        if isinstance(outcome, DocumentRecorded):
            done = "repeated" if outcome.replayed else "posted"
            result.counts[f"{word}_{done}"] += 1
            result.counts[f"lines_{done}"] += len(sheet.quantities)
            continue
        result.counts[f"{word}_refused"] += 1
        result.problems += _refused_lines(sheet.line_numbers or (0,), outcome)
    return result


def document_of(sheet: Sheet, places: dict[Place, tuple[str, ZoneInfo]]) -> NewDocument:
    """Return the document of a sheet: deliveries at noon of their day, what opens before all."""
    location, zone = places.get(sheet.place, (sheet.place.location, UTC))
    hour = OPENING_HOUR if sheet.opening else DELIVERY_HOUR
    at = datetime.combine(sheet.day, time(hour), zone)
    lines = [NewDocumentLine(item=sku, quantity=quantity) for sku, quantity in sheet.quantities]
    if sheet.opening:
        return NewDocument(
            type=DocumentType.RECEIPT,
            target=location,
            occurred_at=at,
            reference="Opening stock",
            lines=lines,
        )
    return NewDocument(
        type=DocumentType.DELIVERY,
        source=location,
        occurred_at=at,
        reference=f"Sales {sheet.day.isoformat()}",
        lines=lines,
    )
