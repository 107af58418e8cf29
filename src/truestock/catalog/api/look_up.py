"""The hot look-up: an item by its SKU, as scanners and channels ask for it."""

import msgspec

from truestock.catalog.errors.items import ItemNotFoundError
from truestock.catalog.model.items import Item
from truestock.catalog.reads.items import item_by_sku
from truestock.http.thin import ThinAnswer, ThinCall, ThinRoute
from truestock.http.versions import etag


async def item_of_sku(call: ThinCall) -> ThinAnswer:
    """Return the item with this SKU."""
    sku = call.parameters["sku"]
    if "\x00" in sku:
        raise ItemNotFoundError
    async with call.database.asking() as tx:
        found = await item_by_sku(tx, sku)
    headers = ((b"etag", etag(found.version).encode()),)
    return ThinAnswer(msgspec.json.encode(found), headers=headers)


thin_routes = (
    ThinRoute(
        method="GET",
        path="/api/v1/items/by-sku/{sku:path}",
        permission="item.read",
        summary="Read an item by its SKU",
        handler=item_of_sku,
        answer=Item,
        tags=("items",),
        errors=(ItemNotFoundError,),
    ),
)
