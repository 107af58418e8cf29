"""Routes of items."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from truestock.catalog.api.item_bodies import (
    ItemChange,
    ItemPage,
    ItemQuery,
    ItemVerb,
    NewItem,
    SearchQuery,
)
from truestock.catalog.model.items import Item, ItemFound
from truestock.catalog.operations import items as operations
from truestock.catalog.reads import items as reads
from truestock.catalog.reads.search import search_items
from truestock.http.answers import OnceOf, json_answer, written_answer
from truestock.http.bodies import RowIdInPath
from truestock.http.handlers import DatabaseOf, requires
from truestock.http.lists import page_answer
from truestock.http.versions import ExpectedVersion
from truestock.kernel.actor import Actor

router = APIRouter(tags=["items"])

Reader = Annotated[Actor, Depends(requires("item.read"))]
Writer = Annotated[Actor, Depends(requires("item.write"))]


@router.get("/items", summary="List items", response_model=ItemPage)
async def list_items(
    request: Request, _actor: Reader, where: DatabaseOf, query: Annotated[ItemQuery, Query()]
) -> Response:
    """Page through items; filter by text, status and tracking; sort by SKU, name or change."""
    async with where.asking() as tx:
        page = await reads.item_page(tx, query.paging(), query.filters())
    return page_answer(request, page)


@router.get("/items/search", summary="Search items as you type", response_model=list[ItemFound])
async def search(
    _actor: Reader, where: DatabaseOf, query: Annotated[SearchQuery, Query()]
) -> Response:
    """Find items by the beginning of SKU or GTIN, or by parts of the name; exact codes first."""
    async with where.asking() as tx:
        return json_answer(await search_items(tx, query.q, query.limit))


@router.get("/items/{item_id}", summary="Read an item", response_model=Item)
async def read_item(item_id: RowIdInPath, _actor: Reader, where: DatabaseOf) -> Response:
    """Return an item with its packs; the ETag is needed to change it."""
    async with where.asking() as tx:
        return json_answer(await reads.item_by_id(tx, item_id))


@router.post("/items", summary="Add an item", status_code=201, response_model=Item)
async def create_item(body: NewItem, actor: Writer, once: OnceOf) -> Response:
    """Add an item with its packs and codes."""
    answer = await once.run(
        actor, body, "item.create", lambda tx: operations.create_item(tx, actor, body.item())
    )
    return written_answer(answer, status=201, location="/api/v1/items/{item_id}")


@router.patch("/items/{item_id}", summary="Change an item", response_model=Item)
async def change_item(
    item_id: RowIdInPath, body: ItemChange, actor: Writer, version: ExpectedVersion, once: OnceOf
) -> Response:
    """Change the named fields of an item; base unit and tracking only before it has moved."""
    answer = await once.run(
        actor,
        body,
        ["item.change", item_id, version],
        lambda tx: operations.change_item(tx, actor, item_id, version, body.changes()),
    )
    return written_answer(answer)


@router.post("/items/{item_id}/archive", summary="Archive an item", response_model=Item)
async def archive_item(
    item_id: RowIdInPath, body: ItemVerb, actor: Writer, version: ExpectedVersion, once: OnceOf
) -> Response:
    """Take an item out of use; its stock and history stay."""
    answer = await once.run(
        actor,
        body,
        ["item.archive", item_id, version],
        lambda tx: operations.archive_item(tx, actor, item_id, version),
    )
    return written_answer(answer)


@router.post("/items/{item_id}/restore", summary="Restore an archived item", response_model=Item)
async def restore_item(
    item_id: RowIdInPath, body: ItemVerb, actor: Writer, version: ExpectedVersion, once: OnceOf
) -> Response:
    """Take an archived item back into use."""
    answer = await once.run(
        actor,
        body,
        ["item.restore", item_id, version],
        lambda tx: operations.restore_item(tx, actor, item_id, version),
    )
    return written_answer(answer)


@router.delete("/items/{item_id}", summary="Delete an item that never moved", status_code=204)
async def delete_item(
    item_id: RowIdInPath, actor: Writer, version: ExpectedVersion, once: OnceOf
) -> Response:
    """Delete an item without any history; one that has moved can only be archived."""
    answer = await once.run(
        actor,
        None,
        ["item.delete", item_id, version],
        lambda tx: operations.delete_item(tx, actor, item_id, version),
    )
    return written_answer(answer, status=204)
