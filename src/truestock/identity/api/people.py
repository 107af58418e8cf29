"""Routes of people and roles, for those who manage people."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, EmailStr, Field

from truestock.database import Transaction
from truestock.http.bodies import RowIdInPath, Text, WriteBody
from truestock.http.handlers import DatabaseOf
from truestock.http.lists import PageQuery, page_answer
from truestock.http.paging import fetch_page
from truestock.http.versions import ExpectedVersion, etag
from truestock.identity import reads
from truestock.identity.api.shared import (
    Login,
    ManagesPeople,
    Name,
    Password,
    RoleName,
    SignedIn,
    SiteIds,
    WriteOf,
)
from truestock.identity.model import ROLE_PERMISSIONS, ROLE_SENTENCES, PersonDraft, Role
from truestock.identity.operations import (
    add_person,
    change_person,
    prepared_password,
    set_password,
)

router = APIRouter(tags=["people"])

Roles = Annotated[list[RoleName], Field(max_length=8, examples=[["operator"]])]
Email = Annotated[EmailStr, Field(max_length=320, examples=["robin@example.com"])]
Status = Literal["active", "inactive"]


class PersonNew(WriteBody):
    """A person to be added. The password is temporary unless said otherwise."""

    login: Login
    name: Name
    password: Password
    password_temporary: bool = Field(
        True, description="The person can do nothing before choosing another password."
    )
    email: Email | None = None
    roles: Roles
    site_ids: SiteIds | None = Field(None, description="Null is everywhere.")


class PersonEdit(WriteBody):
    """What to change of a person; fields left out stay."""

    login: Login = ""
    name: Name = ""
    email: Email | None = None
    roles: Roles = Field(default_factory=list)
    site_ids: SiteIds | None = Field(None, description="Null is everywhere.")
    status: Status = "active"


class PasswordGiven(WriteBody):
    """Another password for a person; its sessions end."""

    password: Password
    password_temporary: bool = True


class PersonShown(BaseModel):
    """A person, without secrets."""

    actor_id: int
    login: str
    name: str
    email: str | None
    roles: list[str]
    site_ids: list[int] | None
    status: Status
    password_temporary: bool
    signed_in_at: datetime | None
    version: int


class PeoplePage(BaseModel):
    """A page of people."""

    items: list[PersonShown]
    next_cursor: str | None


class RoleShown(BaseModel):
    """A role: what it is for and what it permits."""

    role: str
    sentence: str
    permissions: list[str]


class PeopleQuery(PageQuery):
    """Filters of the list of people."""

    status: Status | None = None
    role: RoleName | None = None
    search: Annotated[Text, Field(min_length=1, max_length=200)] | None = None


@router.get("/users", summary="List people", response_model=PeoplePage)
async def list_people(
    request: Request,
    _actor: ManagesPeople,
    asked: Annotated[PeopleQuery, Query()],
    database: DatabaseOf,
) -> Response:
    """List people by login."""
    async with database.asking() as tx:
        page = await fetch_page(tx, reads.PEOPLE, asked.paging(), asked.filters())
    return page_answer(request, page)


@router.get("/users/{actor_id}", summary="One person", response_model=PersonShown)
async def show_person(
    response: Response, _actor: ManagesPeople, actor_id: RowIdInPath, database: DatabaseOf
) -> Any:
    """Show one person; its ETag is for changing it."""
    async with database.asking() as tx:
        found = await reads.person(tx, actor_id)
    response.headers["ETag"] = etag(found["version"])
    return found


@router.post("/users", summary="Add a person", status_code=201, response_model=PersonShown)
async def add(
    write: WriteOf,
    actor: ManagesPeople,
    body: PersonNew,
) -> Any:
    """Add a person with rights within one's own."""
    deed = write.deed(actor)
    sites = None if body.site_ids is None else tuple(body.site_ids)
    roles = tuple(sorted({Role(role) for role in body.roles}))
    draft = PersonDraft(body.login, body.name, roles, body.email, sites)
    password_hash = await prepared_password(draft, body.password)
    temporary = body.password_temporary

    async def act(tx: Transaction) -> Any:
        made_id = await add_person(tx, deed, draft, password_hash, temporary=temporary)
        return await reads.person(tx, made_id)

    # The password stays out of what is hashed as the payload: that hash is a fast one.
    payload = ["person.create", body.model_dump(exclude={"password", "request_key"})]
    answer = await write.once(actor, body, payload, act)
    return _with_etag(write.response, answer)


@router.patch("/users/{actor_id}", summary="Change a person", response_model=PersonShown)
async def change(
    write: WriteOf,
    actor: ManagesPeople,
    actor_id: RowIdInPath,
    body: PersonEdit,
    version: ExpectedVersion,
) -> Any:
    """Change or deactivate a person; a deactivated one is signed out everywhere."""
    deed = write.deed(actor)
    wanted = body.model_dump(exclude={"request_key"}, include=body.model_fields_set)
    if "roles" in wanted:
        wanted["roles"] = sorted(set(wanted["roles"]))

    async def act(tx: Transaction) -> Any:
        await change_person(tx, deed, actor_id, wanted, version)
        return await reads.person(tx, actor_id)

    payload = ["person.change", actor_id, version, wanted]
    answer = await write.once(actor, body, payload, act)
    return _with_etag(write.response, answer)


@router.post("/users/{actor_id}/password", summary="Give another password", status_code=204)
async def give_password(
    write: WriteOf,
    actor: ManagesPeople,
    actor_id: RowIdInPath,
    body: PasswordGiven,
) -> Response:
    """Set a person's password and end its sessions."""
    deed = write.deed(actor)
    async with write.database.asking() as tx:
        person = await reads.person(tx, actor_id)
    draft = PersonDraft(person["login"], person["name"], (), person["email"])
    password_hash = await prepared_password(draft, body.password)
    temporary = body.password_temporary

    async def act(tx: Transaction) -> Any:
        await set_password(tx, deed, actor_id, password_hash, temporary=temporary)

    payload = ["person.password", actor_id, temporary]
    await write.once(actor, body, payload, act)
    return Response(status_code=204, headers=write.response.headers)


@router.get("/roles", summary="Roles and what they permit")
async def list_roles(_actor: SignedIn) -> list[RoleShown]:
    """List the built-in roles."""
    return [
        RoleShown(role=role, sentence=ROLE_SENTENCES[role], permissions=sorted(permissions))
        for role, permissions in ROLE_PERMISSIONS.items()
    ]


def _with_etag(response: Response, person: dict[str, Any]) -> dict[str, Any]:
    response.headers["ETag"] = etag(person["version"])
    return person
