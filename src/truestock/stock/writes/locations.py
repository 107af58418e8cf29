"""Changes of sites and locations; private to the slice."""

from collections.abc import Sequence

from truestock.database import Transaction, load_sql
from truestock.stock.model.locations import (
    LocationFields,
    NewPlace,
    PlaceStatus,
    SiteFields,
)

_LOCK_SITE = load_sql(__name__, "lock_site")
_ADD_SITE = load_sql(__name__, "add_site")
_CHANGE_SITE = load_sql(__name__, "change_site")
_SET_SITE_STATUS = load_sql(__name__, "set_site_status")
_REMOVE_SITE = load_sql(__name__, "remove_site")
_NEW_IDS = load_sql(__name__, "new_location_ids")
_ADD = load_sql(__name__, "add_locations")
_CHANGE = load_sql(__name__, "change_locations")
_MOVE_PATHS = load_sql(__name__, "move_location_paths")
_LOCK_TREE = load_sql(__name__, "lock_location_tree")
_LOCK = load_sql(__name__, "lock_locations")
_LOCK_BALANCES = load_sql(__name__, "lock_location_balances")
_BALANCES_NEGATIVE = load_sql(__name__, "set_location_balances_negative")
_SET_STATUS = load_sql(__name__, "set_location_status")
_REMOVE = load_sql(__name__, "remove_location")


async def lock_sites(
    tx: Transaction, *, site_ids: Sequence[int] = (), codes: Sequence[str] = ()
) -> None:
    """Take the turn to change the trees of these sites; postings go on."""
    await tx.rows(_LOCK_SITE, list(site_ids), list(codes))


async def add_site(tx: Transaction, site: SiteFields) -> int:
    """Insert a site and return its id."""
    made: int = await tx.value(_ADD_SITE, site.code, site.name, site.time_zone, site.address)
    return made


async def change_site(tx: Transaction, site_id: int, site: SiteFields) -> None:
    """Give a site new fields; paths are moved by `move_paths`."""
    await tx.run(_CHANGE_SITE, site_id, site.code, site.name, site.time_zone, site.address)


async def set_site_status(tx: Transaction, site_id: int, status: PlaceStatus) -> None:
    """Open or close a site."""
    await tx.run(_SET_SITE_STATUS, site_id, status)


async def remove_site(tx: Transaction, site_id: int) -> None:
    """Delete a site; the foreign key of its locations refuses while it has any."""
    await tx.run(_REMOVE_SITE, site_id)


async def new_location_ids(tx: Transaction, count: int) -> list[int]:
    """Reserve this many location ids."""
    return [row["location_id"] for row in await tx.rows(_NEW_IDS, count)]


async def add_locations(tx: Transaction, places: Sequence[NewPlace]) -> None:
    """Insert locations, parents and children together."""
    await tx.run(
        _ADD,
        [place.location_id for place in places],
        [place.site_id for place in places],
        [place.parent_id for place in places],
        [place.fields.code for place in places],
        [place.fields.name for place in places],
        [place.fields.kind for place in places],
        [place.path for place in places],
        [place.fields.pickable for place in places],
        [place.fields.sellable for place in places],
        [place.fields.receiving for place in places],
        [place.fields.negative_allowed for place in places],
        [place.fields.capacity for place in places],
    )


async def change_locations(
    tx: Transaction, locations: Sequence[tuple[int, str, LocationFields]]
) -> None:
    """Give locations (id, path, fields) new fields; what lies below moves by `move_paths`."""
    await tx.run(
        _CHANGE,
        [location_id for location_id, _path, _fields in locations],
        [fields.parent_id for _location_id, _path, fields in locations],
        [fields.code for _location_id, _path, fields in locations],
        [fields.name for _location_id, _path, fields in locations],
        [fields.kind for _location_id, _path, fields in locations],
        [path for _location_id, path, _fields in locations],
        [fields.pickable for _location_id, _path, fields in locations],
        [fields.sellable for _location_id, _path, fields in locations],
        [fields.receiving for _location_id, _path, fields in locations],
        [fields.negative_allowed for _location_id, _path, fields in locations],
        [fields.capacity for _location_id, _path, fields in locations],
    )


async def move_paths(tx: Transaction, old_path: str, new_path: str) -> None:
    """Give all that lies below the old path the new beginning, in one statement."""
    await tx.run(_MOVE_PATHS, old_path, new_path)


async def lock_tree(tx: Transaction, path: str) -> list[int]:
    """Lock a location and all below it against new balances; returns their ids."""
    return [row["location_id"] for row in await tx.rows(_LOCK_TREE, path)]


async def lock_locations(tx: Transaction, location_ids: Sequence[int]) -> None:
    """Lock locations against new balances, in id order."""
    await tx.rows(_LOCK, list(location_ids))


async def lock_balances(tx: Transaction, location_ids: Sequence[int]) -> None:
    """Lock the balances of locations that are locked, in id order, as postings do."""
    await tx.rows(_LOCK_BALANCES, list(location_ids))


async def set_balances_negative(tx: Transaction, location_id: int, *, allowed: bool) -> None:
    """Copy a location's policy to its balances, which are locked."""
    await tx.run(_BALANCES_NEGATIVE, location_id, allowed)


async def set_status(tx: Transaction, location_ids: Sequence[int], status: PlaceStatus) -> None:
    """Open or close locations."""
    await tx.run(_SET_STATUS, list(location_ids), status)


async def remove_location(tx: Transaction, location_id: int) -> None:
    """Delete a location; the foreign keys of children and balances refuse."""
    await tx.run(_REMOVE, location_id)
