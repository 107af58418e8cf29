"""What the sample company sells, from `families.toml`, who delivers it and who buys it."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

Season = Literal["garden", "winter", "even"]
Tracking = Literal["none", "lot", "serial"]


@dataclass(frozen=True, slots=True)
class Variant:
    """One of a row of variants: its words, its part of the SKU, its price factor."""

    words: str
    code: str
    factor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Items of one kind; see `families.toml`."""

    code: str
    name: str
    first: tuple[Variant, ...]
    second: tuple[Variant, ...]
    price: int
    supplier: str
    unit: str = "each"
    season: Season = "even"
    weight: float = 1.0
    sold: int = 2
    tracking: Tracking = "none"
    shelf_life_days: int | None = None
    packs: tuple[tuple[str, int], ...] = ()


@cache
def families() -> tuple[Family, ...]:
    """Return every family, in the order of the file."""
    text = files(__package__).joinpath("families.toml").read_text(encoding="utf-8")
    return tuple(_family(given) for given in tomllib.loads(text)["family"])


def _family(given: dict[str, Any]) -> Family:
    packs = tuple(given.pop("packs", {}).items())
    first, second = (tuple(map(_variant, given.pop(row))) for row in ("first", "second"))
    return Family(**given, first=first, second=second, packs=packs)


def _variant(text: str) -> Variant:
    words, code, factor = text.split("|")
    return Variant(words, code, float(factor))


SUPPLIERS: Final = {
    "ironbridge": ("IRONBRIDGE", "Ironbridge Fasteners", 7, 1),
    "latchworks": ("LATCHWORKS", "Latchworks Fittings", 10, 1),
    "tarnfield": ("TARNFIELD", "Tarnfield Garden Tools", 8, 1),
    "voltline": ("VOLTLINE", "Voltline Electrical Supply", 12, 1),
    "huebright": ("HUEBRIGHT", "Huebright Coatings", 9, 1),
    "millstone": ("MILLSTONE", "Millstone Hand Tools", 14, 1),
    "clayhollow": ("CLAYHOLLOW", "Clayhollow Pottery and Stone", 10, 1),
    "greenlea": ("GREENLEA", "Greenlea Seeds and Soil", 5, 1),
    "stavewood": ("STAVEWOOD", "Stavewood Timber", 6, 1),
    "copperwell": ("COPPERWELL", "Copperwell Plumbing", 7, 1),
    "harrowgate": ("HARROWGATE", "Harrowgate General Wholesale", 3, 1),
}
"""Code, name and lead time in days of who delivers what; the last one delivers all, dearer."""

CUSTOMERS: Final = (
    ("ALDERBUILD", "Alderbuild Construction"),
    ("BIRCHLANE", "Birch Lane Housing"),
    ("CANALSIDE", "Canalside Property Care"),
    ("DELLFARM", "Dell Farm"),
    ("EVERTURF", "Everturf Landscaping"),
    ("FORDINN", "The Ford Inn"),
    ("GRANGESCH", "Grange School"),
    ("HEATHCARE", "Heath Care Homes"),
    ("IVYWALL", "Ivywall Painters"),
    ("JETTYBOATS", "Jetty Boatyard"),
    ("KILNPLUMB", "Kiln Street Plumbing"),
    ("LINDENPARK", "Linden Park Gardens"),
    ("MOORELECTRIC", "Moor Electrical"),
    ("NETTLEBED", "Nettlebed Nurseries"),
    ("ORCHARDHSE", "Orchard House Hotel"),
    ("PIERFIT", "Pier Shopfitters"),
    ("QUARRYCO", "Quarry Road Cooperative"),
    ("RIDGEROOF", "Ridge Roofing"),
    ("SALTMARSH", "Saltmarsh Parish Council"),
    ("TOWNHALL", "Town Hall Maintenance"),
)
