"""Routes of what documents are ruled by: policies per type, reasons for adjustments."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from truestock.documents.api.bodies import PolicyBody, TypeName
from truestock.documents.model import Policy, Reason
from truestock.documents.operations import policies as operations
from truestock.documents.reads import documents as reads
from truestock.http.answers import OnceOf, json_answer, written_answer
from truestock.http.handlers import DatabaseOf, requires
from truestock.http.versions import ExpectedVersion
from truestock.kernel.actor import Actor

router = APIRouter(tags=["documents"])

Reader = Annotated[Actor, Depends(requires("document.read"))]
Setter = Annotated[Actor, Depends(requires("settings.write"))]


@router.get("/document-types", summary="List document types", response_model=list[Policy])
async def list_types(_actor: Reader, where: DatabaseOf) -> Response:
    """Return the types with their prefixes and who must look at them before they are posted."""
    async with where.asking() as tx:
        return json_answer(await reads.policies(tx))


@router.put("/document-types/{type}", summary="Set a type's policy", response_model=Policy)
async def change_type(
    type: TypeName,  # noqa: A002 - the word of the address
    body: PolicyBody,
    actor: Setter,
    version: ExpectedVersion,
    once: OnceOf,
) -> Response:
    """Set which documents of a type need approval, and whether four eyes look at them."""
    answer = await once.run(
        actor,
        body,
        ["document_type.change", type, version],
        lambda tx: operations.change_policy(
            tx,
            actor,
            type,
            version,
            four_eyes=body.four_eyes,
            approval_needed=body.approval_needed,
            thresholds=body.asked_thresholds(),
        ),
    )
    return written_answer(answer)


@router.get("/reason-codes", summary="List reasons for adjustments", response_model=list[Reason])
async def list_reasons(_actor: Reader, where: DatabaseOf) -> Response:
    """Return every reason and in which direction it may adjust."""
    async with where.asking() as tx:
        return json_answer(await reads.reasons(tx))
