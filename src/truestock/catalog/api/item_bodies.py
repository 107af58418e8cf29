"""Bodies, queries and examples of the item routes."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from truestock.catalog.model.items import ItemFields, Pack, Tracking
from truestock.http.bodies import Body, Currency, MinorUnits, Text, WriteBody
from truestock.http.lists import PageQuery

Sku = Annotated[Text, Field(min_length=1, max_length=64, examples=["MUG-350-BLUE"])]
Unit = Annotated[Text, Field(min_length=1, max_length=32, examples=["each"])]
Gtin = Annotated[
    str, Field(pattern=r"^([0-9]{8}|[0-9]{12}|[0-9]{13}|[0-9]{14})$", examples=["4006381333931"])
]
ItemName = Annotated[Text, Field(min_length=1, max_length=300, examples=["Mug 350 ml, blue"])]
Description = Annotated[Text, Field(max_length=10_000)]
TrackingName = Literal["none", "lot", "serial"]
StatusName = Literal["active", "archived"]
ShelfLife = Annotated[int, Field(ge=1, le=36_500)]
PictureUrl = Annotated[Text, Field(max_length=2_000, pattern=r"^https?://[^\s]+$")]
Factor = Annotated[int, Field(ge=1, le=1_000_000_000)]

PACKS_MAX = 50

ITEM_EXAMPLE: dict[str, Any] = {
    "sku": "MUG-350-BLUE",
    "name": "Mug 350 ml, blue",
    "description": "Stoneware, dishwasher safe.",
    "base_unit": "each",
    "gtin": "4006381333931",
    "tracking": "none",
    "currency": "EUR",
    "list_price_minor": 890,
    "cost_minor": 310,
    "packs": [{"unit": "carton", "factor_numerator": 24, "gtin": "14006381333938"}],
}


class PackBody(Body):
    """A further unit: numerator / denominator base units, and maybe its own GTIN."""

    unit: Unit
    factor_numerator: Factor
    factor_denominator: Factor = 1
    gtin: Gtin | None = None

    def pack(self) -> Pack:
        """Return the pack asked for."""
        return Pack(self.unit, self.factor_numerator, self.factor_denominator, self.gtin)


Packs = Annotated[list[PackBody], Field(max_length=PACKS_MAX)]


class NewItem(WriteBody):
    """An item to be added."""

    model_config = ConfigDict(json_schema_extra={"examples": [ITEM_EXAMPLE]})

    sku: Sku
    name: ItemName
    description: Description = ""
    base_unit: Unit = "each"
    gtin: Gtin | None = None
    tracking: TrackingName = "none"
    shelf_life_days: ShelfLife | None = None
    currency: Currency = "EUR"
    list_price_minor: MinorUnits | None = None
    cost_minor: MinorUnits | None = None
    picture_url: PictureUrl | None = None
    packs: Packs = Field(default_factory=list)

    def item(self) -> ItemFields:
        """Return the item asked for."""
        return ItemFields(**_fields(self))


class ItemChange(WriteBody):
    """What changes of an item; what is not named stays. Packs are replaced as a whole."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Mug 350 ml, deep blue", "cost_minor": 295}]}
    )

    sku: Sku = Field(default_factory=str)
    name: ItemName = Field(default_factory=str)
    description: Description = Field(default_factory=str)
    base_unit: Unit = Field(default_factory=str)
    gtin: Gtin | None = None
    tracking: TrackingName = Field(default_factory=lambda: "none")
    shelf_life_days: ShelfLife | None = None
    currency: Currency = Field(default_factory=str)
    list_price_minor: MinorUnits | None = None
    cost_minor: MinorUnits | None = None
    picture_url: PictureUrl | None = None
    packs: Packs = Field(default_factory=list)

    def changes(self) -> dict[str, Any]:
        """Return the fields that were named."""
        given = _fields(self)
        return {name: given[name] for name in self.model_fields_set - {"request_key"}}


class ItemVerb(WriteBody):
    """Nothing but the request key, which may stand in the header instead."""


class ItemQuery(PageQuery):
    """Filters of the item list. Sorts: sku, name, changed_at."""

    q: str | None = Field(
        None, max_length=200, description="In the SKU or the name, or a whole GTIN."
    )
    status: StatusName | None = None
    tracking: TrackingName | None = None


class SearchQuery(BaseModel):
    """What has been typed so far, and how many results to show."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[Text, Field(max_length=200, examples=["mug bl"])]
    limit: int = Field(10, ge=1, le=50)


class ItemSummary(BaseModel):
    """An item as a list shows it."""

    item_id: int
    sku: str
    name: str
    base_unit: str
    gtin: str | None
    tracking: TrackingName
    currency: str
    list_price_minor: int | None
    cost_minor: int | None
    picture_url: str | None
    status: StatusName
    version: int
    changed_at: datetime


class ItemPage(BaseModel):
    """A page of items."""

    items: list[ItemSummary]
    next_cursor: str | None


def _fields(body: NewItem | ItemChange) -> dict[str, Any]:
    given = {name: getattr(body, name) for name in NewItem.model_fields if name != "request_key"}
    given["tracking"] = Tracking(body.tracking)
    given["packs"] = tuple(pack.pack() for pack in body.packs)
    return given
