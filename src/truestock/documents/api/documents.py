"""Routes of documents."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from truestock.documents.api.bodies import (
    CancelBody,
    DocumentBody,
    DocumentPage,
    DocumentQuery,
    DocumentVerb,
    NumbersQuery,
    ReverseBody,
    SearchQuery,
)
from truestock.documents.model import Document, DocumentCount, DocumentFound, DocumentNumber
from truestock.documents.operations import drafts
from truestock.documents.operations.posting import post_document
from truestock.documents.operations.reversing import reverse_document
from truestock.documents.reads import (
    count_documents,
    document_by_id,
    document_numbers,
    search_documents,
)
from truestock.documents.reads.lists import document_page
from truestock.http.answers import OnceOf, json_answer, written_answer
from truestock.http.bodies import RowIdInPath
from truestock.http.handlers import DatabaseOf, request_key_of, requires
from truestock.http.lists import page_answer
from truestock.http.versions import ExpectedVersion, expected_version
from truestock.kernel.actor import Actor
from truestock.kernel.clock import Clock
from truestock.stock.operations.ledger import Ledger

router = APIRouter(tags=["documents"])

Reader = Annotated[Actor, Depends(requires("document.read"))]
Writer = Annotated[Actor, Depends(requires("document.write"))]
Poster = Annotated[Actor, Depends(requires("document.post"))]
Approver = Annotated[Actor, Depends(requires("document.approve"))]


def version_if_given(
    if_match: Annotated[
        str | None,
        Header(alias="If-Match", description="The ETag that you read; optional.", examples=['"1"']),
    ] = None,
) -> int | None:
    """Return the version named by If-Match, or None without the header."""
    return None if if_match is None else expected_version(if_match)


VersionIfGiven = Annotated[int | None, Depends(version_if_given)]


@dataclass(frozen=True, slots=True)
class Desk:
    """What writing and posting documents needs of the process (a FastAPI dependency)."""

    request: Request
    once: OnceOf

    @property
    def ledger(self) -> Ledger:
        """The process's ledger."""
        return cast("Ledger", self.request.app.state.ledger)

    def now(self) -> datetime:
        """Return the present moment of the application's clock."""
        return cast("Clock", self.request.app.state.clock)()


DeskOf = Annotated[Desk, Depends(Desk)]


@router.get("/documents", summary="List documents", response_model=DocumentPage)
async def list_documents(
    request: Request, actor: Reader, where: DatabaseOf, query: Annotated[DocumentQuery, Query()]
) -> Response:
    """Page through the documents of one's sites; the newest first unless sorted otherwise."""
    async with where.asking() as tx:
        page = await document_page(tx, actor, query.paging(), query.filters())
    return page_answer(request, page)


@router.get("/documents/counts", summary="Count documents", response_model=list[DocumentCount])
async def count(actor: Reader, where: DatabaseOf) -> Response:
    """Tell how many documents of each type are in each state."""
    async with where.asking() as tx:
        return json_answer(await count_documents(tx, actor))


@router.get(
    "/documents/search",
    summary="Search documents as you type",
    response_model=list[DocumentFound],
)
async def search(
    actor: Reader, where: DatabaseOf, query: Annotated[SearchQuery, Query()]
) -> Response:
    """Find documents by the beginning of number or reference; an exact number comes first."""
    async with where.asking() as tx:
        return json_answer(await search_documents(tx, actor, query.q, query.limit))


@router.get(
    "/documents/numbers", summary="Numbers of documents", response_model=list[DocumentNumber]
)
async def read_numbers(
    actor: Reader, where: DatabaseOf, query: Annotated[NumbersQuery, Query()]
) -> Response:
    """Tell what documents are called; those that you may not see are left out."""
    async with where.asking() as tx:
        return json_answer(await document_numbers(tx, actor, query.id))


@router.get("/documents/{document_id}", summary="Read a document", response_model=Document)
async def read_document(document_id: RowIdInPath, actor: Reader, where: DatabaseOf) -> Response:
    """Return a document with lines, movements, links and history; the ETag is for changing it."""
    async with where.asking() as tx:
        return json_answer(await document_by_id(tx, actor, document_id))


@router.post("/documents", summary="Write a document", status_code=201, response_model=Document)
async def create_document(body: DocumentBody, actor: Writer, desk: DeskOf) -> Response:
    """Write a draft; it gets its number at once and moves nothing until it is posted."""
    answer = await desk.once.run(
        actor,
        body,
        "document.create",
        lambda tx: drafts.create_document(tx, actor, body.document(), desk.now()),
    )
    return written_answer(answer, status=201, location="/api/v1/documents/{document_id}")


@router.put("/documents/{document_id}", summary="Change a draft", response_model=Document)
async def change_document(
    document_id: RowIdInPath,
    body: DocumentBody,
    actor: Writer,
    version: ExpectedVersion,
    desk: DeskOf,
) -> Response:
    """Replace header and lines of a draft; its type and number stay, an approval does not."""
    answer = await desk.once.run(
        actor,
        body,
        ["document.change", document_id, version],
        lambda tx: drafts.change_document(
            tx, actor, document_id, body.document(), version=version, now=desk.now()
        ),
    )
    return written_answer(answer)


@router.post("/documents/{document_id}/approve", summary="Approve a draft", response_model=Document)
async def approve_document(
    document_id: RowIdInPath,
    body: DocumentVerb,
    actor: Approver,
    version: ExpectedVersion,
    once: OnceOf,
) -> Response:
    """Approve a draft as the signed-in person."""
    answer = await once.run(
        actor,
        body,
        ["document.approve", document_id, version],
        lambda tx: drafts.approve_document(tx, actor, document_id, version),
    )
    return written_answer(answer)


@router.post("/documents/{document_id}/cancel", summary="Cancel a draft", response_model=Document)
async def cancel_document(
    document_id: RowIdInPath,
    body: CancelBody,
    actor: Writer,
    version: VersionIfGiven,
    once: OnceOf,
) -> Response:
    """Cancel a draft for a reason; it keeps its number and can no longer be posted."""
    answer = await once.run(
        actor,
        body,
        ["document.cancel", document_id, version],
        lambda tx: drafts.cancel_document(tx, actor, document_id, version, body.reason),
    )
    return written_answer(answer)


@router.post("/documents/{document_id}/post", summary="Post a document", response_model=Document)
async def post(
    document_id: RowIdInPath,
    body: DocumentVerb,
    actor: Poster,
    version: VersionIfGiven,
    desk: DeskOf,
) -> Response:
    """Post all lines or nothing, once; a shortage names every short line."""
    key = request_key_of(desk.once.key, body.request_key)
    answer = await post_document(
        desk.once.database, desk.ledger, actor, document_id, key, version=version
    )
    return written_answer(answer)


@router.post(
    "/documents/{document_id}/reverse",
    summary="Reverse a posted document",
    status_code=201,
    response_model=Document,
)
async def reverse(
    document_id: RowIdInPath, body: ReverseBody, actor: Poster, desk: DeskOf
) -> Response:
    """Undo a posted document by a reversing one; needs the right to reverse stock as well."""
    key = request_key_of(desk.once.key, body.request_key)
    answer = await reverse_document(
        desk.once.database,
        desk.ledger,
        actor,
        document_id,
        key,
        reason=body.reason,
        now=desk.now(),
    )
    return written_answer(answer, status=201, location="/api/v1/documents/{document_id}")
