"""Routes of locations: one by one, the tree, and whole racks."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from truestock.database import Transaction
from truestock.http.answers import OnceOf, json_answer, written_answer
from truestock.http.bodies import Body, RowId, RowIdInPath, Text, WriteBody
from truestock.http.handlers import DatabaseOf, requires
from truestock.http.lists import PageQuery, page_answer
from truestock.http.versions import ExpectedVersion
from truestock.kernel.actor import Actor
from truestock.stock.model.locations import (
    Location,
    LocationFields,
    LocationFound,
    LocationKind,
    Rack,
    Span,
)
from truestock.stock.operations import location_imports
from truestock.stock.operations import locations as operations
from truestock.stock.reads import locations as reads

router = APIRouter(tags=["locations"])

Reader = Annotated[Actor, Depends(requires("location.read"))]
Writer = Annotated[Actor, Depends(requires("location.write"))]

CODE = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
Code = Annotated[str, Field(pattern=CODE, examples=["NORTH-A-01-003"])]
Name = Annotated[Text, Field(max_length=200)]
KindName = Literal["zone", "aisle", "bin", "dock", "stage", "transit"]
AnyKindName = Literal[KindName, "supplier", "customer", "adjustment", "scrap", "production"]
StatusName = Literal["active", "inactive"]
Capacity = Annotated[int, Field(ge=1, le=10**12)]


class NewLocation(WriteBody):
    """A location to be added to a site, at the top or within another one."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"site_id": 1, "code": "NORTH-DOCK-1", "kind": "dock"}]}
    )

    site_id: RowId
    code: Code
    kind: KindName
    name: Name = ""
    parent_id: RowId | None = None
    pickable: bool = True
    sellable: bool = True
    receiving: bool = True
    negative_allowed: bool = False
    capacity: Capacity | None = None

    def location(self) -> LocationFields:
        """Return the location asked for."""
        return LocationFields(**_fields(self))


class LocationChange(WriteBody):
    """What changes of a location; what is not named stays. A new parent moves it with all below."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"parent_id": 12, "pickable": False}]}
    )

    code: Code = Field(default_factory=str)
    kind: KindName = Field(default_factory=lambda: "bin")
    name: Name = Field(default_factory=str)
    parent_id: RowId | None = None
    pickable: bool = Field(default_factory=bool)
    sellable: bool = Field(default_factory=bool)
    receiving: bool = Field(default_factory=bool)
    negative_allowed: bool = Field(default_factory=bool)
    capacity: Capacity | None = None

    def changes(self) -> dict[str, Any]:
        """Return the fields that were named."""
        given = _fields(self)
        return {name: given[name] for name in self.model_fields_set - {"request_key"}}


class LocationVerb(WriteBody):
    """Nothing but the request key, which may stand in the header instead."""


class Activation(WriteBody):
    """Whether what lies below is opened too."""

    with_below: bool = False


class SpanBody(Body):
    """Numbers from first to last, written with at least so many digits."""

    first: Annotated[int, Field(ge=0, le=999_999)]
    last: Annotated[int, Field(ge=0, le=999_999)]
    digits: Annotated[int, Field(ge=1, le=6)] = 2

    def span(self) -> Span:
        """Return the span asked for."""
        return Span(self.first, self.last, self.digits)


class NewRack(WriteBody):
    """A zone with numbered aisles and bins: NORTH-A, NORTH-A-01, NORTH-A-01-001 and so on."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "site_id": 1,
                    "zone": "NORTH-A",
                    "zone_name": "Shelving, ground floor",
                    "aisles": {"first": 1, "last": 4},
                    "bins": {"first": 1, "last": 20, "digits": 3},
                }
            ]
        }
    )

    site_id: RowId
    zone: Code
    zone_name: Name = ""
    parent_id: RowId | None = None
    aisles: SpanBody
    bins: SpanBody
    separator: Literal["-", ".", "_"] = "-"
    pickable: bool = True
    sellable: bool = True
    receiving: bool = True
    capacity: Capacity | None = None

    def rack(self) -> Rack:
        """Return the rack asked for."""
        names = set(NewRack.model_fields) - {"request_key", "site_id", "aisles", "bins"}
        given = {name: getattr(self, name) for name in names}
        return Rack(aisles=self.aisles.span(), bins=self.bins.span(), **given)


class LocationQuery(PageQuery):
    """Filters of the location list. Sorts: path (the tree), code, name, changed_at."""

    q: str | None = Field(None, max_length=200, description="In the code or the name.")
    site_id: RowId | None = None
    kind: AnyKindName | None = None
    status: StatusName | None = None
    physical: bool | None = None
    parent_id: RowId | None = Field(None, description="Only what lies directly in this one.")
    top_only: bool | None = Field(None, description="Only what lies in no other location.")


class SearchQuery(BaseModel):
    """What has been typed so far, and how many results to show."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[Text, Field(max_length=200, examples=["north-a"])]
    limit: int = Field(10, ge=1, le=50)


class LocationSummary(BaseModel):
    """A location as a list shows it."""

    location_id: int
    site_id: int | None
    site_code: str | None
    parent_id: int | None
    code: str
    name: str
    kind: AnyKindName
    physical: bool
    path: str
    pickable: bool
    sellable: bool
    receiving: bool
    negative_allowed: bool
    capacity: int | None
    status: StatusName
    version: int
    changed_at: datetime
    has_children: bool


class LocationPage(BaseModel):
    """A page of locations."""

    items: list[LocationSummary]
    next_cursor: str | None


class RackPlace(BaseModel):
    """One location of a new rack."""

    location_id: int
    code: str


class RackMade(BaseModel):
    """The locations of a new rack, in the order of its numbers."""

    created: int
    locations: list[RackPlace]


@router.get("/locations", summary="List locations", response_model=LocationPage)
async def list_locations(
    request: Request, actor: Reader, where: DatabaseOf, query: Annotated[LocationQuery, Query()]
) -> Response:
    """Page through the locations of one's sites and the virtual ones; by path it is the tree."""
    async with where.asking() as tx:
        page = await reads.location_page(tx, actor, query.paging(), query.filters())
    return page_answer(request, page)


@router.get(
    "/locations/search",
    summary="Search locations as you type",
    response_model=list[LocationFound],
)
async def search(
    actor: Reader, where: DatabaseOf, query: Annotated[SearchQuery, Query()]
) -> Response:
    """Find locations by the beginning of the code, or by parts of code and name."""
    async with where.asking() as tx:
        return json_answer(await reads.search_locations(tx, actor, query.q, query.limit))


@router.get("/locations/{location_id}", summary="Read a location", response_model=Location)
async def read_location(location_id: RowIdInPath, actor: Reader, where: DatabaseOf) -> Response:
    """Return a location; the ETag is needed to change it."""
    async with where.asking() as tx:
        return json_answer(await reads.location_by_id(tx, actor, location_id))


@router.post("/locations", summary="Add a location", status_code=201, response_model=Location)
async def create_location(body: NewLocation, actor: Writer, once: OnceOf) -> Response:
    """Add a location to a site."""
    answer = await once.run(
        actor,
        body,
        "location.create",
        lambda tx: operations.create_location(tx, actor, body.site_id, body.location()),
    )
    return written_answer(answer, status=201, location="/api/v1/locations/{location_id}")


@router.post(
    "/locations/bulk", summary="Add a whole rack", status_code=201, response_model=RackMade
)
async def create_rack(body: NewRack, actor: Writer, once: OnceOf) -> Response:
    """Add a zone with numbered aisles and bins, all or nothing, at most 5,000 locations."""

    async def act(tx: Transaction) -> dict[str, Any]:
        made = await location_imports.create_rack(tx, actor, body.site_id, body.rack())
        places = [{"location_id": each.row_id, "code": each.key} for each in made]
        return {"created": len(places), "locations": places}

    answer = await once.run(actor, body, "location.rack", act)
    return written_answer(answer, status=201)


@router.patch("/locations/{location_id}", summary="Change a location", response_model=Location)
async def change_location(
    location_id: RowIdInPath,
    body: LocationChange,
    actor: Writer,
    version: ExpectedVersion,
    once: OnceOf,
) -> Response:
    """Change, rename or move a location; all that lies below it goes along."""
    answer = await once.run(
        actor,
        body,
        ["location.change", location_id, version],
        lambda tx: operations.change_location(tx, actor, location_id, version, body.changes()),
    )
    return written_answer(answer)


@router.post(
    "/locations/{location_id}/deactivate", summary="Close a location", response_model=Location
)
async def deactivate_location(
    location_id: RowIdInPath,
    body: LocationVerb,
    actor: Writer,
    version: ExpectedVersion,
    once: OnceOf,
) -> Response:
    """Close a location and all below it; refused while there is stock."""
    answer = await once.run(
        actor,
        body,
        ["location.deactivate", location_id, version],
        lambda tx: operations.deactivate_location(tx, actor, location_id, version),
    )
    return written_answer(answer)


@router.post(
    "/locations/{location_id}/activate", summary="Open a location", response_model=Location
)
async def activate_location(
    location_id: RowIdInPath,
    body: Activation,
    actor: Writer,
    version: ExpectedVersion,
    once: OnceOf,
) -> Response:
    """Open a closed location, on request with all below it."""
    verb = operations.activate_tree if body.with_below else operations.activate_location
    answer = await once.run(
        actor,
        body,
        ["location.activate", location_id, version],
        lambda tx: verb(tx, actor, location_id, version),
    )
    return written_answer(answer)


@router.delete("/locations/{location_id}", summary="Delete an unused location", status_code=204)
async def delete_location(
    location_id: RowIdInPath, actor: Writer, version: ExpectedVersion, once: OnceOf
) -> Response:
    """Delete a location that is empty and was never used."""
    answer = await once.run(
        actor,
        None,
        ["location.delete", location_id, version],
        lambda tx: operations.delete_location(tx, actor, location_id, version),
    )
    return written_answer(answer, status=204)


def _fields(body: NewLocation | LocationChange) -> dict[str, Any]:
    names = [name for name in LocationChange.model_fields if name != "request_key"]
    return {name: getattr(body, name) for name in names} | {"kind": LocationKind(body.kind)}
