"""Sites and locations as stored, as listed, as searched and as postings need them."""

from collections.abc import Mapping, Sequence
from typing import Any

from truestock.database import Listing, ReadTransaction, load_sql
from truestock.database.patterns import containing
from truestock.database.sql import Sort
from truestock.database.transactions import Row
from truestock.http.paging import Page, PageRequest, fetch_page
from truestock.kernel.actor import Actor
from truestock.stock.errors.locations import LocationNotFoundError, SiteNotFoundError
from truestock.stock.model.locations import (
    Location,
    LocationFacts,
    LocationFound,
    LocationKind,
    PlaceStatus,
    Site,
)

FOUND_DEFAULT = 10
FOUND_MAX = 50

_LOCATIONS = load_sql(__name__, "locations")
_FACTS = load_sql(__name__, "location_facts")
_SEARCH = load_sql(__name__, "search_locations")
_SITES = load_sql(__name__, "sites")
_STOCK = load_sql(__name__, "location_stock")
_NEGATIVE = load_sql(__name__, "location_negative_stock")

LOCATION_LIST = Listing(
    text=load_sql(__name__, "location_list"),
    sorts={
        "path": Sort("l.path", "text"),
        "code": Sort("l.code", "text"),
        "name": Sort("l.name", "text"),
        "changed_at": Sort("l.changed_at", "timestamptz"),
    },
    key="l.location_id",
    default="path",
)
SITE_LIST = Listing(
    text=load_sql(__name__, "site_list"),
    sorts={
        "code": Sort("s.code", "text"),
        "name": Sort("s.name", "text"),
        "changed_at": Sort("s.changed_at", "timestamptz"),
    },
    key="s.site_id",
    default="code",
)


async def location_facts(
    tx: ReadTransaction, codes: Sequence[str], location_ids: Sequence[int]
) -> list[LocationFacts]:
    """Return what postings need of these locations, in no order; unknown ones are left out."""
    return [_facts(row) for row in await tx.rows(_FACTS, list(codes), list(location_ids))]


async def locations(
    tx: ReadTransaction, *, location_ids: Sequence[int] = (), codes: Sequence[str] = ()
) -> list[Location]:
    """Return the locations with these ids or codes, in no order; unknown ones are left out."""
    rows = await tx.rows(_LOCATIONS, list(location_ids), list(codes))
    return [_location(row) for row in rows]


async def location_by_id(tx: ReadTransaction, actor: Actor, location_id: int) -> Location:
    """Return one location in a site of the actor's; raises `LocationNotFoundError`."""
    found = await locations(tx, location_ids=[location_id])
    if not found or not actor.may_act_at(found[0].site_id):
        raise LocationNotFoundError(location_id=location_id)
    return found[0]


async def location_page(
    tx: ReadTransaction, actor: Actor, asked: PageRequest, filters: Mapping[str, Any]
) -> Page:
    """Return a page of locations of the actor's sites, and the virtual ones.

    Filters: `q` (in code or name), site_id, kind, status, physical, parent_id, top_only.
    """
    names = ("site_id", "kind", "status", "physical", "parent_id")
    given = {name: filters.get(name) for name in names}
    given["top_only"] = True if filters.get("top_only") else None
    given |= _pattern(filters) | _own_sites(actor)
    return await fetch_page(tx, LOCATION_LIST, asked, given)


async def search_locations(
    tx: ReadTransaction, actor: Actor, text: str, limit: int = FOUND_DEFAULT
) -> list[LocationFound]:
    """Return locations for what has been typed so far, best first; an exact code is marked."""
    typed = text.strip()
    if not typed:
        return []
    sites_seen = _own_sites(actor)["site_ids"]
    rows = await tx.rows(_SEARCH, typed, containing(typed), sites_seen, limit)
    return [
        LocationFound(
            row["location_id"],
            row["code"],
            row["name"],
            row["path"],
            LocationKind(row["kind"]),
            PlaceStatus(row["status"]),
            row["exact"],
        )
        for row in rows
    ]


async def sites(
    tx: ReadTransaction, *, site_ids: Sequence[int] = (), codes: Sequence[str] = ()
) -> list[Site]:
    """Return the sites with these ids or codes, in no order; unknown ones are left out."""
    return [_site(row) for row in await tx.rows(_SITES, list(site_ids), list(codes))]


async def site_by_id(tx: ReadTransaction, actor: Actor, site_id: int) -> Site:
    """Return one site of the actor's; raises `SiteNotFoundError`."""
    found = await sites(tx, site_ids=[site_id])
    if not found or not actor.may_act_at(site_id):
        raise SiteNotFoundError(site_id=site_id)
    return found[0]


async def site_page(
    tx: ReadTransaction, actor: Actor, asked: PageRequest, filters: Mapping[str, Any]
) -> Page:
    """Return a page of the actor's sites. Filters: `q` (in code or name), status."""
    given = {"status": filters.get("status")} | _pattern(filters) | _own_sites(actor)
    return await fetch_page(tx, SITE_LIST, asked, given)


async def stock_below(tx: ReadTransaction, path: str) -> list[dict[str, Any]]:
    """Return the first ten balances with stock at this path or below it."""
    return [dict(row) for row in await tx.rows(_STOCK, path)]


async def negative_stock_at(tx: ReadTransaction, location_id: int) -> list[dict[str, Any]]:
    """Return the first ten balances below zero at this location."""
    return [dict(row) for row in await tx.rows(_NEGATIVE, location_id)]


def _own_sites(actor: Actor) -> dict[str, list[int] | None]:
    return {"site_ids": None if actor.site_ids is None else sorted(actor.site_ids)}


def _pattern(filters: Mapping[str, Any]) -> dict[str, str | None]:
    text = filters.get("q")
    return {"pattern": containing(text) if text else None}


def _location(row: Row) -> Location:
    given = dict(row)
    given["kind"] = LocationKind(given["kind"])
    given["status"] = PlaceStatus(given["status"])
    return Location(**given)


def _facts(row: Row) -> LocationFacts:
    given = dict(row)
    given["kind"] = LocationKind(given["kind"])
    given["status"] = PlaceStatus(given["status"])
    return LocationFacts(**given)


def _site(row: Row) -> Site:
    return Site(**{**dict(row), "status": PlaceStatus(row["status"])})
