"""Routes of suppliers and customers."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from truestock.catalog.model.parties import Contact, Party, PartyFields, PartyKind
from truestock.catalog.operations import parties as operations
from truestock.catalog.reads import parties as reads
from truestock.http.answers import OnceOf, json_answer, written_answer
from truestock.http.bodies import Body, Currency, RowIdInPath, Text, WriteBody
from truestock.http.handlers import DatabaseOf, requires
from truestock.http.lists import PageQuery, page_answer
from truestock.http.versions import ExpectedVersion
from truestock.kernel.actor import Actor

router = APIRouter(tags=["suppliers and customers"])

Reader = Annotated[Actor, Depends(requires("party.read"))]
Writer = Annotated[Actor, Depends(requires("party.write"))]

KindName = Literal["supplier", "customer"]
StatusName = Literal["active", "archived"]
Code = Annotated[Text, Field(min_length=1, max_length=64, examples=["CLAYWORKS"])]
Name = Annotated[Text, Field(min_length=1, max_length=300, examples=["Clayworks Trading"])]
Email = Annotated[Text, Field(max_length=320, pattern=r"^[^@\s]+@[^@\s]+$")]
Phone = Annotated[Text, Field(max_length=64)]
Address = Annotated[Text, Field(max_length=2_000)]
Note = Annotated[Text, Field(max_length=10_000)]


class ContactBody(Body):
    """A person or desk to reach."""

    name: Annotated[Text, Field(min_length=1, max_length=200, examples=["Sales desk"])]
    email: Email | None = None
    phone: Phone | None = None
    role: Annotated[Text, Field(max_length=100)] = ""

    def contact(self) -> Contact:
        """Return the contact asked for."""
        return Contact(self.name, self.email, self.phone, self.role)


Contacts = Annotated[list[ContactBody], Field(max_length=50)]


class NewParty(WriteBody):
    """A supplier or customer to be added."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "supplier",
                    "code": "CLAYWORKS",
                    "name": "Clayworks Trading",
                    "email": "orders@clayworks.example",
                    "contacts": [{"name": "Sales desk", "phone": "+49 30 5550100"}],
                }
            ]
        }
    )

    kind: KindName
    code: Code
    name: Name
    email: Email | None = None
    phone: Phone | None = None
    address: Address = ""
    currency: Currency = "EUR"
    note: Note = ""
    contacts: Contacts = Field(default_factory=list)

    def party(self) -> PartyFields:
        """Return the party asked for."""
        return PartyFields(kind=PartyKind(self.kind), **_fields(self))


class PartyChange(WriteBody):
    """What changes of a party; what is not named stays. Contacts are replaced as a whole."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"phone": "+49 30 5550199"}]})

    code: Code = Field(default_factory=str)
    name: Name = Field(default_factory=str)
    email: Email | None = None
    phone: Phone | None = None
    address: Address = Field(default_factory=str)
    currency: Currency = Field(default_factory=str)
    note: Note = Field(default_factory=str)
    contacts: Contacts = Field(default_factory=list)

    def changes(self) -> dict[str, Any]:
        """Return the fields that were named."""
        given = _fields(self)
        return {name: given[name] for name in self.model_fields_set - {"request_key"}}


class PartyVerb(WriteBody):
    """Nothing but the request key, which may stand in the header instead."""


class PartyQuery(PageQuery):
    """Filters of the party list. Sorts: code, name, changed_at."""

    q: str | None = Field(None, max_length=200, description="In the code or the name.")
    kind: KindName | None = None
    status: StatusName | None = None


class PartySummary(BaseModel):
    """A party as a list shows it."""

    party_id: int
    kind: KindName
    code: str
    name: str
    email: str | None
    phone: str | None
    currency: str
    status: StatusName
    version: int
    changed_at: datetime


class PartyPage(BaseModel):
    """A page of parties."""

    items: list[PartySummary]
    next_cursor: str | None


@router.get("/parties", summary="List suppliers and customers", response_model=PartyPage)
async def list_parties(
    request: Request, _actor: Reader, where: DatabaseOf, query: Annotated[PartyQuery, Query()]
) -> Response:
    """Page through suppliers and customers; filter by text, kind and status."""
    async with where.asking() as tx:
        page = await reads.party_page(tx, query.paging(), query.filters())
    return page_answer(request, page)


@router.get("/parties/{party_id}", summary="Read a supplier or customer", response_model=Party)
async def read_party(party_id: RowIdInPath, _actor: Reader, where: DatabaseOf) -> Response:
    """Return a party with its contacts; the ETag is needed to change it."""
    async with where.asking() as tx:
        return json_answer(await reads.party_by_id(tx, party_id))


@router.post(
    "/parties", summary="Add a supplier or customer", status_code=201, response_model=Party
)
async def create_party(body: NewParty, actor: Writer, once: OnceOf) -> Response:
    """Add a supplier or customer with its contacts."""
    answer = await once.run(
        actor, body, "party.create", lambda tx: operations.create_party(tx, actor, body.party())
    )
    return written_answer(answer, status=201, location="/api/v1/parties/{party_id}")


@router.patch("/parties/{party_id}", summary="Change a party", response_model=Party)
async def change_party(
    party_id: RowIdInPath, body: PartyChange, actor: Writer, version: ExpectedVersion, once: OnceOf
) -> Response:
    """Change the named fields of a supplier or customer; its kind stays."""
    answer = await once.run(
        actor,
        body,
        ["party.change", party_id, version],
        lambda tx: operations.change_party(tx, actor, party_id, version, body.changes()),
    )
    return written_answer(answer)


@router.post("/parties/{party_id}/archive", summary="Archive a party", response_model=Party)
async def archive_party(
    party_id: RowIdInPath, body: PartyVerb, actor: Writer, version: ExpectedVersion, once: OnceOf
) -> Response:
    """Take a supplier or customer out of use."""
    answer = await once.run(
        actor,
        body,
        ["party.archive", party_id, version],
        lambda tx: operations.archive_party(tx, actor, party_id, version),
    )
    return written_answer(answer)


@router.post(
    "/parties/{party_id}/restore", summary="Restore an archived party", response_model=Party
)
async def restore_party(
    party_id: RowIdInPath, body: PartyVerb, actor: Writer, version: ExpectedVersion, once: OnceOf
) -> Response:
    """Take an archived supplier or customer back into use."""
    answer = await once.run(
        actor,
        body,
        ["party.restore", party_id, version],
        lambda tx: operations.restore_party(tx, actor, party_id, version),
    )
    return written_answer(answer)


@router.delete("/parties/{party_id}", summary="Delete an unused party", status_code=204)
async def delete_party(
    party_id: RowIdInPath, actor: Writer, version: ExpectedVersion, once: OnceOf
) -> Response:
    """Delete a supplier or customer that nothing names."""
    answer = await once.run(
        actor,
        None,
        ["party.delete", party_id, version],
        lambda tx: operations.delete_party(tx, actor, party_id, version),
    )
    return written_answer(answer, status=204)


def _fields(body: NewParty | PartyChange) -> dict[str, Any]:
    names = [name for name in PartyChange.model_fields if name != "request_key"]
    given = {name: getattr(body, name) for name in names}
    given["contacts"] = tuple(contact.contact() for contact in body.contacts)
    return given
