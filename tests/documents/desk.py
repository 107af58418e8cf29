"""A desk at which tests write and post documents of a small company."""

from dataclasses import dataclass, field, replace
from typing import Any

from support.company import found_company
from truestock.database import Database
from truestock.documents.model import Document, DocumentType, NewDocument, NewDocumentLine
from truestock.documents.operations.drafts import (
    approve_document,
    cancel_document,
    change_document,
    create_document,
)
from truestock.documents.operations.posting import post_document
from truestock.documents.operations.reversing import reverse_document
from truestock.documents.reads import document_by_id
from truestock.kernel import clock
from truestock.kernel.actor import Actor, ActorKind
from truestock.stock.operations.ledger import Ledger

RIGHTS = frozenset(
    {
        "document.read",
        "document.write",
        "document.post",
        "document.approve",
        "stock.post",
        "stock.reverse",
        "settings.write",
    }
)
CLERK = Actor(101, ActorKind.PERSON, "Clerk", RIGHTS)
SCANNER = Actor(102, ActorKind.KEY, "Scanner", RIGHTS)
CHIEF = Actor(103, ActorKind.PERSON, "Chief", RIGHTS)
SOUTH_CLERK = replace(CLERK, site_ids=frozenset({2}))

# BIN-1, BIN-3 ... are in the South (site 2); BIN-2, BIN-4 ... in the North (site 1).
_MORE = """
INSERT INTO actor (actor_id, kind, name) OVERRIDING SYSTEM VALUE
VALUES (101, 'person', 'Clerk'), (102, 'key', 'Scanner'), (103, 'person', 'Chief');
INSERT INTO party (kind, code, name) VALUES ('supplier', 'CLAYWORKS', 'Clayworks Trading');
INSERT INTO party (kind, code, name) VALUES ('customer', 'TEAHOUSE', 'Teahouse on the Corner');
INSERT INTO party (kind, code, name, status) VALUES ('supplier', 'GONE', 'Gone Trading', 'archived')
"""


def line(sku: str, quantity: Any = 1, **more: Any) -> NewDocumentLine:
    return NewDocumentLine(item=sku, quantity=quantity, **more)


def receipt(*lines: NewDocumentLine, target: str = "BIN-1", **more: Any) -> NewDocument:
    return NewDocument(type=DocumentType.RECEIPT, target=target, lines=lines, **more)


def delivery(*lines: NewDocumentLine, source: str = "BIN-1", **more: Any) -> NewDocument:
    return NewDocument(type=DocumentType.DELIVERY, source=source, lines=lines, **more)


def transfer(
    *lines: NewDocumentLine, source: str = "BIN-1", target: str = "BIN-3", **more: Any
) -> NewDocument:
    return NewDocument(
        type=DocumentType.TRANSFER, source=source, target=target, lines=lines, **more
    )


def adjustment(
    *lines: NewDocumentLine, reason_code: str = "correction", **more: Any
) -> NewDocument:
    return NewDocument(type=DocumentType.ADJUSTMENT, reason_code=reason_code, lines=lines, **more)


@dataclass
class Desk:
    """Somebody who writes documents here; request keys are fresh unless given."""

    database: Database
    ledger: Ledger
    actor: Actor = CLERK
    asked: list[int] = field(default_factory=list)

    def by(self, actor: Actor) -> "Desk":
        return replace(self, actor=actor)

    def key(self) -> str:
        self.asked.append(1)
        return f"key-{len(self.asked)}"

    async def write(self, asked: NewDocument) -> Document:
        async with self.database.writing() as tx:
            return await create_document(tx, self.actor, asked, clock.now())

    async def change(self, document: Document, asked: NewDocument) -> Document:
        async with self.database.writing() as tx:
            return await change_document(
                tx,
                self.actor,
                document.document_id,
                asked,
                version=document.version,
                now=clock.now(),
            )

    async def approve(self, document: Document) -> Document:
        async with self.database.writing() as tx:
            return await approve_document(tx, self.actor, document.document_id, document.version)

    async def cancel(self, document: Document, reason: str = "not needed") -> Document:
        async with self.database.writing() as tx:
            return await cancel_document(
                tx, self.actor, document.document_id, document.version, reason
            )

    async def post(
        self, document: Document, key: str | None = None, version: int | None = None
    ) -> dict[str, Any]:
        answer = await post_document(
            self.database,
            self.ledger,
            self.actor,
            document.document_id,
            key or self.key(),
            version=version,
        )
        body: dict[str, Any] = answer.body
        return body

    async def reverse(
        self, document: Document, reason: str = "a mistake", key: str | None = None
    ) -> dict[str, Any]:
        answer = await reverse_document(
            self.database,
            self.ledger,
            self.actor,
            document.document_id,
            key or self.key(),
            reason=reason,
            now=clock.now(),
        )
        body: dict[str, Any] = answer.body
        return body

    async def read(self, document_id: int) -> Document:
        async with self.database.reading() as tx:
            return await document_by_id(tx, self.actor, document_id)

    async def posted(self, asked: NewDocument) -> Document:
        written = await self.write(asked)
        await self.post(written)
        return await self.read(written.document_id)

    async def value(self, sql: str, *values: Any) -> Any:
        async with self.database.asking() as tx:
            return await tx.value(sql, *values)

    async def policy(self, kind: str, *, four_eyes: bool, approval_needed: bool) -> None:
        async with self.database.writing() as tx:
            await tx.run(
                "UPDATE document_type SET four_eyes = $2, approval_needed = $3 WHERE type = $1",
                kind,
                four_eyes,
                approval_needed,
            )


async def found_company_with_parties(database: Database) -> None:
    await found_company(database)
    async with database.writing() as tx:
        for statement in _MORE.split(";\n"):
            if statement.strip():
                await tx.run(statement)
