"""Three sites with racks, yards, docks and stages."""

from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from truestock.stock.model.locations import LocationRow, SiteFields

ZONE: Final = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True, slots=True)
class Store:
    """A site: its racks as (zone, name, aisles, bins in each), yard bins and docks."""

    code: str
    name: str
    address: str
    racks: tuple[tuple[str, str, int, int], ...]
    yard_bins: int
    docks: int
    share: float
    """Which part of the items it keeps."""

    @property
    def stage(self) -> str:
        """Where goods are put together."""
        return f"{self.code}-STAGE-1"

    @property
    def dock(self) -> str:
        """Where goods come in."""
        return f"{self.code}-DOCK-1"

    @property
    def bins(self) -> list[str]:
        """The codes of all its bins."""
        racked = [
            f"{self.code}-{zone}-{aisle:02d}-{number:02d}"
            for zone, _name, aisles, count in self.racks
            for aisle in range(1, aisles + 1)
            for number in range(1, count + 1)
        ]
        return racked + [f"{self.code}-Y-{number:02d}" for number in range(1, self.yard_bins + 1)]


STORES: Final = (
    Store(
        "CENTRAL",
        "Oakmere central store",
        "Mill Road 4, Oakmere",
        (("A", "Fixings and fittings", 4, 12), ("B", "Tools and electrical", 4, 10),
         ("C", "Paint and plumbing", 3, 10)),
        16, 3, 1.0,
    ),
    Store(
        "LAKESIDE",
        "Oakmere Lakeside shop",
        "Quay Street 11, Lakeside",
        (("A", "Shop floor", 3, 8), ("B", "Back room", 2, 8)),
        6, 1, 0.6,
    ),
    Store(
        "HILLTOP",
        "Oakmere Hilltop garden centre",
        "Windmill Lane 2, Hilltop",
        (("A", "Shop floor", 3, 8), ("G", "Greenhouse", 2, 8)),
        10, 1, 0.5,
    ),
)  # fmt: skip


def site_fields(store: Store) -> SiteFields:
    """Return the site of a store."""
    return SiteFields(code=store.code, name=store.name, time_zone=ZONE.key, address=store.address)


def location_rows(store: Store) -> list[LocationRow]:
    """Return all its locations, parents by code."""
    rows = []
    for zone, name, aisles, bins in store.racks:
        top = f"{store.code}-{zone}"
        rows.append(_row(store, top, "zone", None, name))
        for aisle in range(1, aisles + 1):
            row = f"{top}-{aisle:02d}"
            rows.append(_row(store, row, "aisle", top, f"Aisle {aisle}"))
            rows += [
                _row(store, f"{row}-{number:02d}", "bin", row) for number in range(1, bins + 1)
            ]
    yard = f"{store.code}-Y"
    rows.append(_row(store, yard, "zone", None, "Yard"))
    rows += [
        _row(store, f"{yard}-{number:02d}", "bin", yard) for number in range(1, store.yard_bins + 1)
    ]
    rows += [
        _row(store, f"{store.code}-DOCK-{number}", "dock", None, f"Dock {number}")
        for number in range(1, store.docks + 1)
    ]
    rows += [
        _row(store, f"{store.code}-STAGE-{number}", "stage", None, f"Stage {number}")
        for number in (1, 2)
    ]
    return rows


def _row(
    store: Store, code: str, kind: str, parent: str | None, name: str | None = None
) -> LocationRow:
    is_bin = kind == "bin"
    return LocationRow(
        code=code,
        site=store.code if parent is None else None,
        parent=parent,
        kind=kind,
        name=name,
        pickable=is_bin,
        sellable=is_bin,
        receiving=kind in {"bin", "dock"},
    )
