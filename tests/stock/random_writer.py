"""A process of tasks that do everything with stock at random for some seconds, and what they told.

Usage: random_writer.py DSN SEED SECONDS TASKS JOURNAL. They post (one line, several, batches),
reserve, fulfil, void, expire, reverse, write and post and reverse documents, send old keys again,
share keys with the other processes, and go away before they are answered. One more task changes
the catalogue and the locations meanwhile. Every answer goes to the journal, faults as well.
"""

import asyncio
import random
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from stock.changes import Changer
from stock.journals import LineAsked, Place, Told
from support.company import PERMISSIONS, keyed
from truestock.database import Database, connect
from truestock.documents.model import Document, DocumentType, NewDocument, NewDocumentLine
from truestock.documents.operations.drafts import create_document
from truestock.documents.operations.posting import post_document
from truestock.documents.operations.reversing import reverse_document
from truestock.documents.rules.posting import movement_key
from truestock.kernel import clock
from truestock.kernel.actor import Actor, ActorKind
from truestock.kernel.errors import BusyError, TruestockError
from truestock.stock.model.movements import NewLine, NewMovement, NewReservation, Posted, Reserved
from truestock.stock.operations.ledger import Ledger, open_ledger, refusal_of

SKUS = [f"SKU-{number}" for number in range(1, 5)]
BINS = ["BIN-1", "BIN-2", "BIN-3", "BIN-4", "BIN-5"]
"""Twenty balances; BIN-5 is seldom used, so that it is empty and can be closed at times."""
BIN_WEIGHTS = [6, 6, 6, 6, 1]
DOCUMENT_RIGHTS = {"document.read", "document.write", "document.post", "document.approve"}
CLERK = Actor(1, ActorKind.PERSON, "Clerk", PERMISSIONS | DOCUMENT_RIGHTS)
VERBS = {
    "post_one": 10, "post_lines": 3, "post_batch": 2, "reserve": 4, "void": 2, "fulfil": 3,
    "expire": 2, "reverse": 3, "document": 3, "document_again": 1, "document_undone": 1,
    "repeat": 3, "twin": 4, "leave": 2,
}  # fmt: skip
TWINS_A_SECOND = 20
BUSY_SECONDS, BUSY_MAX = 0.05, 100
PENDING = """
SELECT reservation_id, sku, location.code, quantity
FROM reservation JOIN balance USING (balance_id) JOIN item USING (item_id)
    JOIN location USING (location_id)
WHERE state = 'pending' ORDER BY random() LIMIT 1
"""
OVERDUE = """
SELECT reservation_id FROM reservation
WHERE state = 'pending' AND expires_at < clock_timestamp() ORDER BY random() LIMIT 3
"""
LATE = """
SELECT movement_id FROM movement WHERE document_id IS NULL AND reverses_id IS NULL
ORDER BY movement_id DESC OFFSET $1 LIMIT 1
"""

Call = Callable[[], Awaitable[Any]]


def lines_asked(movement: NewMovement) -> tuple[LineAsked, ...]:
    """The lines of a movement as they must be recorded."""
    return tuple(
        (
            str(line.sku),
            line.source_location or "SUPPLIER",
            line.target_location or "CUSTOMER",
            int(line.quantity),
        )
        for line in movement.lines
    )


def told_of(asked: Told, outcome: Any) -> Told:
    """What an outcome tells."""
    if isinstance(outcome, Posted):
        after = tuple(
            (line.source_quantity_on_hand, line.target_quantity_on_hand) for line in outcome.lines
        )
        return msgspec.structs.replace(
            asked, movement_id=outcome.movement_id, recorded_at=outcome.recorded_at, after=after
        )
    if isinstance(outcome, Reserved):
        return msgspec.structs.replace(
            asked, reservation_id=outcome.reservation_id, state=outcome.state
        )
    if isinstance(outcome, dict):  # a document
        [movement] = outcome["movements"]
        return msgspec.structs.replace(asked, movement_id=int(movement["movement_id"]))
    return msgspec.structs.replace(asked, code=refusal_of(outcome).code)


class Shared:
    """What the tasks of one process share: a ledger, a journal, and what may be done again."""

    def __init__(self, database: Database, ledger: Ledger) -> None:
        self.database = database
        self.ledger = ledger
        self.told: list[Told] = []
        self.faults: list[str] = []
        self.counts: Counter[str] = Counter()
        self.calls: list[tuple[Told, Call]] = []
        self.documents: list[tuple[int, int, tuple[LineAsked, ...]]] = []

    async def answer(self, what: str, call: Call) -> Any:
        """Make a call; who is told to come again (503) does. None is a fault, written down."""
        for _ in range(BUSY_MAX):
            try:
                return await call()
            except BusyError:
                self.counts["busy"] += 1
                await asyncio.sleep(BUSY_SECONDS)
            except TruestockError as error:
                if error.status < 500:
                    return error
                self.faults.append(f"{what}: {error.code}: {error!r}")
                return None
            except Exception as error:  # noqa: BLE001 - whatever surfaces to a caller is the finding
                self.faults.append(f"{what}: {error!r}")
                return None
        self.faults.append(f"{what}: busy {BUSY_MAX} times")
        return None

    def write_down(self, asked: Told, outcome: Any) -> Told:
        """Keep what an outcome tells."""
        told = told_of(asked, outcome)
        self.told.append(told)
        self.counts["refused" if told.code else told.verb] += 1
        if told.code:
            self.counts[f"refused: {told.code}"] += 1
        return told

    async def done(self, asked: Told, call: Call) -> Told | None:
        """Make a call and write down what it tells."""
        outcome = await self.answer(f"{asked.verb} {asked.key}", call)
        return None if outcome is None else self.write_down(asked, outcome)


class Writer:
    """One task: its own random choices and its own keys."""

    def __init__(self, shared: Shared, seed: int) -> None:
        self.shared = shared
        self.ledger = shared.ledger
        self.choose = random.Random(seed)  # noqa: S311 - reproducible load
        self.name = f"w{seed}"
        self.number = 0

    async def run(self, until: float) -> None:
        verbs, weights = list(VERBS), list(VERBS.values())
        while time.monotonic() < until:
            self.number += 1
            verb = self.choose.choices(verbs, weights)[0]
            await getattr(self, verb)(f"{self.name}/{self.number}")

    def bins(self, choose: random.Random) -> tuple[str, str]:
        here = choose.choices(BINS, BIN_WEIGHTS)[0]
        return here, choose.choice([each for each in BINS[:4] if each != here])

    def line(self, choose: random.Random, kind: str) -> NewLine:
        here, there = self.bins(choose)
        return NewLine(
            sku=choose.choice(SKUS),
            quantity=choose.randint(1, 9),
            source_location=None if kind == "receipt" else here,
            target_location=None if kind == "delivery" else there,
        )

    def movement(self, choose: random.Random, lines: int = 1) -> NewMovement:
        kind = choose.choice(["receipt", "delivery", "transfer"])
        asked = [self.line(choose, kind) for _ in range(lines)]
        return NewMovement(kind=kind, lines=asked)  # type: ignore[arg-type]  # one of its kinds

    async def ask(self, asked: Told, call: Call) -> Told | None:
        """Ask, and keep what was asked for asking it again."""
        self.shared.calls.append((asked, call))
        del self.shared.calls[:-200]
        return await self.shared.done(asked, call)

    def posting(self, key: str, choose: random.Random, lines: int = 1) -> tuple[Told, Call]:
        movement = self.movement(choose, lines)
        call = partial(self.ledger.post, CLERK, movement, key)
        return Told(key, "post", asked=lines_asked(movement)), call

    def promise(self, key: str, choose: random.Random) -> tuple[Told, Call]:
        place: Place = (choose.choice(SKUS), choose.choice(BINS[:4]))
        quantity = choose.randint(1, 5)
        ends = choose.random() < 0.4
        wanted = NewReservation(
            sku=place[0],
            location=place[1],
            quantity=quantity,
            expires_at=clock.now() + timedelta(seconds=choose.uniform(0.05, 1)) if ends else None,
        )
        call = partial(self.ledger.reserve, CLERK, wanted, key)
        return Told(key, "reserve", place=place, quantity=quantity), call

    async def post_one(self, key: str) -> None:
        await self.ask(*self.posting(key, self.choose))

    async def post_lines(self, key: str) -> None:
        await self.ask(*self.posting(key, self.choose, self.choose.randint(2, 4)))

    async def post_batch(self, key: str) -> None:
        count = self.choose.randint(2, 12)
        asked = [keyed(self.movement(self.choose), f"{key}.{part}") for part in range(count)]
        call = partial(self.ledger.post_many, CLERK, asked)
        outcomes = await self.shared.answer(f"batch {key}", call)
        for each, outcome in zip(asked, outcomes or [], strict=outcomes is not None):
            told = Told(each.request_key, "post", asked=lines_asked(each.movement))
            self.shared.write_down(told, outcome)

    async def reserve(self, key: str) -> None:
        await self.ask(*self.promise(key, self.choose))

    async def pending(self) -> tuple[int, str, str, int] | None:
        """A reservation that anybody of any process may have made."""
        async with self.shared.database.asking() as tx:
            row = await tx.row(PENDING)
        return tuple(row) if row else None

    async def void(self, key: str) -> None:
        found = await self.pending()
        if found is not None:
            asked = Told(key, "void", subject_id=found[0])
            await self.ask(asked, partial(self.ledger.void, CLERK, found[0], key))

    async def fulfil(self, key: str) -> None:
        found = await self.pending()
        if found is None:
            return
        reservation_id, sku, place, reserved = found
        quantity = self.choose.randint(1, reserved + 1)
        lines = [NewLine(sku=sku, quantity=quantity, source_location=place)]
        if self.choose.random() < 0.3:
            lines.append(self.line(self.choose, "delivery"))
        movement = NewMovement(kind="delivery", lines=lines)
        asked = Told(key, "fulfil", asked=lines_asked(movement), subject_id=reservation_id)
        await self.ask(asked, partial(self.ledger.fulfil, CLERK, reservation_id, movement, key))

    async def expire(self, key: str) -> None:
        async with self.shared.database.asking() as tx:
            ids = [row["reservation_id"] for row in await tx.rows(OVERDUE)]
        if not ids:
            return
        call = partial(self.ledger.expire, CLERK, ids)
        outcomes = await self.shared.answer(f"expire {key}", call)
        for reservation_id, outcome in zip(ids, outcomes or [], strict=outcomes is not None):
            asked = Told(f"{key}/{reservation_id}", "expire", subject_id=reservation_id)
            self.shared.write_down(asked, outcome)

    async def reverse(self, key: str) -> None:
        async with self.shared.database.asking() as tx:
            movement_id = await tx.value(LATE, self.choose.randrange(40))
        if movement_id is not None:
            asked = Told(key, "reverse", subject_id=movement_id)
            await self.ask(asked, partial(self.ledger.reverse, CLERK, movement_id, key))

    async def document(self, key: str) -> None:
        kind = self.choose.choice(list(DocumentType)[:2])
        place = self.choose.choices(BINS, BIN_WEIGHTS)[0]
        skus = self.choose.sample(SKUS, self.choose.randint(1, 3))
        lines = [(sku, self.choose.randint(1, 9)) for sku in skus]
        inward = kind is DocumentType.RECEIPT
        sides = ("SUPPLIER", place) if inward else (place, "CUSTOMER")
        wanted = NewDocument(
            type=kind,
            source=None if inward else place,
            target=place if inward else None,
            lines=[NewDocumentLine(item=sku, quantity=quantity) for sku, quantity in lines],
        )

        async def draft() -> Any:
            async with self.shared.database.writing() as tx:
                return await create_document(tx, CLERK, wanted, clock.now())

        document = await self.shared.answer(f"draft {key}", draft)
        if isinstance(document, Document):
            asked = tuple((sku, *sides, quantity) for sku, quantity in lines)
            await self._document(key, document.document_id, asked)

    async def document_again(self, key: str) -> None:
        """Post a document that somebody has posted, or is just posting, under another key."""
        if self.shared.documents:
            document_id, _, asked = self.choose.choice(self.shared.documents[-20:])
            await self._document(key, document_id, asked)

    async def _document(self, key: str, document_id: int, lines: tuple[LineAsked, ...]) -> None:
        self.shared.documents.append((document_id, 0, lines))
        asked = Told(movement_key(key), "document", asked=lines)
        told = await self.ask(asked, partial(self._posted_document, document_id, key))
        if told is not None and told.movement_id:
            self.shared.documents.append((document_id, told.movement_id, lines))

    async def _posted_document(self, document_id: int, key: str) -> Any:
        shared = self.shared
        return (await post_document(shared.database, shared.ledger, CLERK, document_id, key)).body

    async def document_undone(self, key: str) -> None:
        posted = [each for each in self.shared.documents[-60:] if each[1]]
        if posted:
            document_id, movement_id, _ = self.choose.choice(posted)
            asked = Told(movement_key(key), "undone", subject_id=movement_id)
            await self.ask(asked, partial(self._undone, document_id, key))

    async def _undone(self, document_id: int, key: str) -> Any:
        shared, now = self.shared, clock.now()
        answer = await reverse_document(
            shared.database, shared.ledger, CLERK, document_id, key, reason="", now=now
        )
        return answer.body

    async def repeat(self, _key: str) -> None:
        """Send what this process has sent before, answered or just under way, once more."""
        if self.shared.calls:
            self.shared.counts["repeats"] += 1
            await self.shared.done(*self.choose.choice(self.shared.calls))

    async def twin(self, _key: str) -> None:
        """Send what every process sends at about this moment, under a key they share.

        Now and then somebody uses the key for something else.
        """
        number = int(time.time() * TWINS_A_SECOND) - self.choose.randrange(2)
        other = self.choose.random() < 0.1
        own = random.Random(f"{number}{'/other' * other}")  # noqa: S311 - the same for everybody
        self.shared.counts["twins"] += 1
        key = f"twin/{number}"
        if own.random() < 0.7:
            await self.shared.done(*self.posting(key, own, own.randint(1, 3)))
        else:
            place: Place = (own.choice(SKUS), own.choice(BINS[:4]))
            wanted = NewReservation(sku=place[0], location=place[1], quantity=own.randint(1, 3))
            asked = Told(key, "reserve", place=place, quantity=int(wanted.quantity))
            await self.shared.done(asked, partial(self.ledger.reserve, CLERK, wanted, key))

    async def leave(self, key: str) -> None:
        """Go away at some moment before the answer, and ask again for what has become of it."""
        asked, call = self.choose.choice([self.posting, self.promise])(key, self.choose)
        task = asyncio.ensure_future(call())
        await asyncio.sleep(self.choose.choice([0, 0, 0.001, 0.003, 0.01]))
        task.cancel()
        with suppress(asyncio.CancelledError, TruestockError):
            await task
        self.shared.counts["left"] += 1
        await self.shared.done(asked, call)


async def work(shared: Shared, seed: int, seconds: float, tasks: int) -> None:
    until = time.monotonic() + seconds
    writers = [Writer(shared, seed * 100 + task) for task in range(tasks)]
    changer = Changer(shared, CLERK, seed)
    await asyncio.gather(*[writer.run(until) for writer in writers], changer.run(until))


def kept(shared: Shared) -> bytes:
    """The journal: faults and counts first, then a line for each answer."""
    head = {"faults": shared.faults, "counts": shared.counts}
    return b"\n".join(map(msgspec.json.encode, [head, *shared.told]))


async def main(arguments: Sequence[str]) -> bytes:
    dsn, seed, seconds, tasks = arguments
    database = await connect(dsn, size_max=6)
    try:
        async with open_ledger(database, clock.now, group_max=1_000, waiting_max=20_000) as ledger:
            shared = Shared(database, ledger)
            await work(shared, int(seed), float(seconds), int(tasks))
    finally:
        await database.close()
    return kept(shared)


if __name__ == "__main__":
    Path(sys.argv[-1]).write_bytes(asyncio.run(main(sys.argv[1:-1])))
