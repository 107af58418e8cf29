"""Recording many documents as posted at once: what an import does.

A transaction takes some thousand lines: keys are claimed in one statement, movements posted as one
group, lines and documents stored set-based, and each type and year's counter goes up once, last.
Every document has its own outcome. A refused one leaves nothing behind, not even its key, so that a
later run tries it again; a recorded one is found by its key and changes nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from truestock.database import Database, Transaction
from truestock.database.request_keys import (
    Answer,
    checked_request_key,
    claim_many,
    free_many,
    payload_hash,
    store_many,
)
from truestock.documents import writes
from truestock.documents.errors import ApprovalMissingError
from truestock.documents.model import (
    DocumentRecorded,
    Draft,
    KeyedDocument,
    NewDocument,
    NewRow,
    Policy,
)
from truestock.documents.operations.drafts import facts_of
from truestock.documents.operations.posting import TRIES_MAX
from truestock.documents.reads import documents as reads
from truestock.documents.rules.drafting import drafted, line_places, number_year
from truestock.documents.rules.posting import movement_key, movement_of_draft
from truestock.kernel.actor import Actor
from truestock.kernel.clock import Clock, now
from truestock.kernel.errors import BusyError, RequestKeyReusedError, TruestockError
from truestock.stock.model.movements import Posted
from truestock.stock.operations.group import FactsChangedError, Outcome
from truestock.stock.operations.ledger import Ledger, Prepared, post_each_within, refusal_of
from truestock.stock.operations.resolve import Asked

LINES_AT_ONCE = 2_000
DOCUMENTS_AT_ONCE = 500

Recorded = DocumentRecorded | TruestockError
"""What became of a document: its id, number and movement, or why it was refused."""


async def create_and_post_many(
    database: Database,
    ledger: Ledger,
    actor: Actor,
    documents: Sequence[KeyedDocument],
    *,
    clock: Clock = now,
) -> list[Recorded]:
    """Record documents as posted, in order; returns an outcome for each.

    Commits every few thousand lines, so a run that was stopped is simply started again with the
    same keys. Types whose policy asks for approval, thresholds or four eyes cannot be recorded
    this way.
    """
    actor.require("document.write")
    actor.require("document.post")
    async with database.asking() as tx:
        policies = {policy.type: policy for policy in await reads.policies(tx)}
    run = _Run(database, ledger, actor, policies, clock)
    outcomes: dict[str, tuple[bytes, Recorded]] = {}
    answers: list[Recorded] = []
    for chunk in _chunks(documents):
        hashes = [payload_hash("document.record", each.document) for each in chunk]
        fresh: dict[str, _Asked] = {}
        for each, digest in zip(chunk, hashes, strict=True):
            if each.request_key not in outcomes:
                fresh.setdefault(each.request_key, _Asked(each.document, digest))
        found = await run.record_chunk(fresh) if fresh else {}
        outcomes |= {key: (fresh[key].digest, found[key]) for key in fresh}
        for each, digest in zip(chunk, hashes, strict=True):
            known, outcome = outcomes[each.request_key]
            same = known == digest
            answers.append(outcome if same else RequestKeyReusedError(request_key=each.request_key))
    return answers


def _chunks(documents: Sequence[KeyedDocument]) -> Iterator[list[KeyedDocument]]:
    chunk: list[KeyedDocument] = []
    line_count = 0
    for each in documents:
        checked_request_key(each.request_key)
        chunk.append(each)
        line_count += len(each.document.lines)
        if line_count >= LINES_AT_ONCE or len(chunk) >= DOCUMENTS_AT_ONCE:
            yield chunk
            chunk, line_count = [], 0
    if chunk:
        yield chunk


class _Asked(NamedTuple):
    """A document of a chunk and the hash of its payload."""

    document: NewDocument
    digest: bytes


class _Ready(NamedTuple):
    """A document of a chunk, checked."""

    document_id: int
    draft: Draft
    year: int


class _Checked(NamedTuple):
    """A chunk before its transaction: drafts, refusals, and the stamp of the facts of both."""

    ready: dict[str, _Ready]
    refused: dict[str, Recorded]
    stamp: int


@dataclass(frozen=True, slots=True)
class _Run:
    """What every chunk of a run needs."""

    database: Database
    ledger: Ledger
    actor: Actor
    policies: dict[str, Policy]
    clock: Clock

    async def record_chunk(self, asked: dict[str, _Asked]) -> dict[str, Recorded]:
        """Record the documents of one transaction; returns outcomes by key."""
        stamp = 0
        for _ in range(TRIES_MAX):
            checked = await self._checked(asked)
            movements = [
                Asked(
                    movement_of_draft(each.draft),
                    _movement_key(key, each.document_id),
                    each.document_id,
                )
                for key, each in checked.ready.items()
            ]
            needed = max(stamp, checked.stamp)
            prepared = await self.ledger.prepare_each(self.actor, movements, needed)
            if prepared.stamp != checked.stamp:
                continue
            try:
                async with self.database.writing() as tx:
                    return await _record(tx, self.actor, asked, checked, prepared)
            except FactsChangedError as changed:
                stamp = changed.stamp
        raise BusyError

    async def _checked(self, asked: dict[str, _Asked]) -> _Checked:
        async with self.database.reading() as tx:
            stamp = await reads.fact_stamp(tx)
            facts = await facts_of(tx, [each.document for each in asked.values()])
        async with self.database.asking() as tx:
            ids = await writes.next_ids(tx, len(asked))
        at = self.clock()
        checked = _Checked({}, {}, stamp)
        for (key, each), document_id in zip(asked.items(), ids, strict=True):
            try:
                self._require_recordable(each.document)
                draft = drafted(each.document, facts, at)
                for site_id in draft.site_ids:
                    self.actor.require_site(site_id)
            except TruestockError as refusal:
                checked.refused[key] = refusal
            else:
                checked.ready[key] = _Ready(document_id, draft, number_year(draft, at))
        return checked

    def _require_recordable(self, document: NewDocument) -> None:
        policy = self.policies[document.type]
        if policy.four_eyes or policy.approval_needed or policy.thresholds:
            raise ApprovalMissingError(type=policy.type)


async def _record(
    tx: Transaction,
    actor: Actor,
    asked: dict[str, _Asked],
    checked: _Checked,
    prepared: Prepared,
) -> dict[str, Recorded]:
    """Claim, post, store; a key that was answered before keeps its answer."""
    ready = checked.ready
    before = await claim_many(tx, actor.actor_id, {key: each.digest for key, each in asked.items()})
    fresh = [key for key in ready if key not in before]
    wanted = [
        command for key, command in zip(ready, prepared.commands, strict=True) if key not in before
    ]
    outcomes = await post_each_within(tx, Prepared(wanted, prepared.stamp)) if wanted else []
    posted = {
        key: outcome
        for key, outcome in zip(fresh, outcomes, strict=True)
        if isinstance(outcome, Posted)
    }
    answers: dict[str, Recorded] = {**checked.refused}
    answers |= {key: _as_before(found) for key, found in before.items()}
    for key, outcome in zip(fresh, outcomes, strict=True):
        if key not in posted:
            answers[key] = _refusal(outcome, ready[key].draft)
    refused = [key for key in asked if key not in before and key not in posted]
    if refused:
        movements = [_movement_key(key, ready[key].document_id) for key in refused if key in ready]
        await free_many(tx, actor.actor_id, [*refused, *movements])
    if posted:
        answers |= await _store(tx, actor, ready, posted)
    return answers


async def _store(
    tx: Transaction, actor: Actor, ready: dict[str, _Ready], posted: dict[str, Posted]
) -> dict[str, Recorded]:
    """Store the documents and, with their numbers, the answers of their keys."""
    rows = [
        NewRow(
            ready[key].document_id,
            ready[key].draft,
            actor.actor_id,
            ready[key].year,
            found.recorded_at,
        )
        for key, found in posted.items()
    ]
    numbers = await writes.add_documents(tx, rows)
    recorded: dict[str, Recorded] = {}
    for key, found in posted.items():
        document_id = ready[key].document_id
        recorded[key] = DocumentRecorded(document_id, numbers[document_id], found.movement_id)
    answers = {key: msgspec.to_builtins(each) for key, each in recorded.items()}
    await store_many(tx, actor.actor_id, answers)
    return recorded


def _movement_key(request_key: str, document_id: int) -> str:
    """Return a fresh key for each try, because a refused document may be tried again."""
    return f"{movement_key(request_key)}/{document_id}"


def _as_before(found: Answer | TruestockError) -> Recorded:
    if isinstance(found, TruestockError):
        return found
    return msgspec.convert({**found.body, "replayed": True}, DocumentRecorded)


def _refusal(outcome: Outcome, draft: Draft) -> TruestockError:
    """Return why the ledger refused, with item and place of every line it speaks of."""
    refusal = refusal_of(outcome)
    facts = dict(refusal.facts)
    if isinstance(facts.get("shortages"), list):
        facts["shortages"] = [_named(each, draft) for each in facts["shortages"]]
    elif isinstance(facts.get("line_number"), int):
        facts = _named(facts, draft)
    refusal.facts = facts
    return refusal


def _named(fact: dict[str, Any], draft: Draft) -> dict[str, Any]:
    line = draft.lines[fact["line_number"] - 1]
    source, _target = line_places(draft.type, (draft.source, draft.target), line)
    place = source.code if source else None
    return {**fact, "sku": line.sku, "location_code": place, "lot_code": line.lot}
