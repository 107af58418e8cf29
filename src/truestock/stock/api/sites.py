"""Routes of sites."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from truestock.http.answers import OnceOf, json_answer, written_answer
from truestock.http.bodies import RowIdInPath, Text, WriteBody
from truestock.http.handlers import DatabaseOf, requires
from truestock.http.lists import PageQuery, page_answer
from truestock.http.versions import ExpectedVersion
from truestock.kernel.actor import Actor
from truestock.stock.model.locations import Site, SiteFields
from truestock.stock.operations import sites as operations
from truestock.stock.reads import locations as reads

router = APIRouter(tags=["sites"])

Reader = Annotated[Actor, Depends(requires("location.read"))]
Writer = Annotated[Actor, Depends(requires("location.write"))]

Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$", examples=["NORTH"])]
Name = Annotated[Text, Field(min_length=1, max_length=200, examples=["Main store"])]
TimeZone = Annotated[str, Field(min_length=1, max_length=64, examples=["Europe/Berlin"])]
Address = Annotated[Text, Field(max_length=2_000)]
StatusName = Literal["active", "inactive"]


class NewSite(WriteBody):
    """A site to be added. The time zone sets what "today" is there."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"code": "NORTH", "name": "Main store", "time_zone": "Europe/Berlin"}]
        }
    )

    code: Code
    name: Name
    time_zone: TimeZone = "UTC"
    address: Address = ""

    def site(self) -> SiteFields:
        """Return the site asked for."""
        return SiteFields(
            code=self.code, name=self.name, time_zone=self.time_zone, address=self.address
        )


class SiteChange(WriteBody):
    """What changes of a site; what is not named stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Main store and yard"}]})

    code: Code = Field(default_factory=str)
    name: Name = Field(default_factory=str)
    time_zone: TimeZone = Field(default_factory=str)
    address: Address = Field(default_factory=str)

    def changes(self) -> dict[str, Any]:
        """Return the fields that were named."""
        return {name: getattr(self, name) for name in self.model_fields_set - {"request_key"}}


class SiteVerb(WriteBody):
    """Nothing but the request key, which may stand in the header instead."""


class SiteQuery(PageQuery):
    """Filters of the site list. Sorts: code, name, changed_at."""

    q: str | None = Field(None, max_length=200, description="In the code or the name.")
    status: StatusName | None = None


class SiteSummary(BaseModel):
    """A site as a list shows it."""

    site_id: int
    code: str
    name: str
    time_zone: str
    address: str
    status: StatusName
    version: int
    changed_at: datetime
    location_count: int


class SitePage(BaseModel):
    """A page of sites."""

    items: list[SiteSummary]
    next_cursor: str | None


@router.get("/sites", summary="List sites", response_model=SitePage)
async def list_sites(
    request: Request, actor: Reader, where: DatabaseOf, query: Annotated[SiteQuery, Query()]
) -> Response:
    """Page through one's sites."""
    async with where.asking() as tx:
        page = await reads.site_page(tx, actor, query.paging(), query.filters())
    return page_answer(request, page)


@router.get("/sites/{site_id}", summary="Read a site", response_model=Site)
async def read_site(site_id: RowIdInPath, actor: Reader, where: DatabaseOf) -> Response:
    """Return a site; the ETag is needed to change it."""
    async with where.asking() as tx:
        return json_answer(await reads.site_by_id(tx, actor, site_id))


@router.post("/sites", summary="Add a site", status_code=201, response_model=Site)
async def create_site(body: NewSite, actor: Writer, once: OnceOf) -> Response:
    """Add a site; only who is not limited to sites may."""
    answer = await once.run(
        actor, body, "site.create", lambda tx: operations.create_site(tx, actor, body.site())
    )
    return written_answer(answer, status=201, location="/api/v1/sites/{site_id}")


@router.patch("/sites/{site_id}", summary="Change a site", response_model=Site)
async def change_site(
    site_id: RowIdInPath, body: SiteChange, actor: Writer, version: ExpectedVersion, once: OnceOf
) -> Response:
    """Change the named fields of a site; a new code renames the paths of its locations."""
    answer = await once.run(
        actor,
        body,
        ["site.change", site_id, version],
        lambda tx: operations.change_site(tx, actor, site_id, version, body.changes()),
    )
    return written_answer(answer)


@router.post("/sites/{site_id}/deactivate", summary="Close a site", response_model=Site)
async def deactivate_site(
    site_id: RowIdInPath, body: SiteVerb, actor: Writer, version: ExpectedVersion, once: OnceOf
) -> Response:
    """Close a site and all its locations; refused while there is stock."""
    answer = await once.run(
        actor,
        body,
        ["site.deactivate", site_id, version],
        lambda tx: operations.deactivate_site(tx, actor, site_id, version),
    )
    return written_answer(answer)


@router.post("/sites/{site_id}/activate", summary="Open a site", response_model=Site)
async def activate_site(
    site_id: RowIdInPath, body: SiteVerb, actor: Writer, version: ExpectedVersion, once: OnceOf
) -> Response:
    """Open a closed site; its locations are opened one by one or with all below."""
    answer = await once.run(
        actor,
        body,
        ["site.activate", site_id, version],
        lambda tx: operations.activate_site(tx, actor, site_id, version),
    )
    return written_answer(answer)


@router.delete("/sites/{site_id}", summary="Delete a site without locations", status_code=204)
async def delete_site(
    site_id: RowIdInPath, actor: Writer, version: ExpectedVersion, once: OnceOf
) -> Response:
    """Delete a site that has no locations."""
    answer = await once.run(
        actor,
        None,
        ["site.delete", site_id, version],
        lambda tx: operations.delete_site(tx, actor, site_id, version),
    )
    return written_answer(answer, status=204)
