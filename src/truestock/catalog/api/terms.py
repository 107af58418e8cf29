"""Routes of supplier terms: under the item, and listed by supplier."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from truestock.catalog.model.terms import PriceBreak, SupplierTerm, TermFields
from truestock.catalog.operations import terms as operations
from truestock.catalog.reads import items as item_reads
from truestock.catalog.reads import parties as party_reads
from truestock.catalog.reads import terms as reads
from truestock.http.answers import OnceOf, json_answer, written_answer
from truestock.http.bodies import Body, Currency, MinorUnits, RowIdInPath, Text, WriteBody
from truestock.http.handlers import DatabaseOf, requires
from truestock.http.lists import PageQuery, page_answer
from truestock.http.versions import ExpectedVersion
from truestock.kernel.actor import Actor

router = APIRouter(tags=["supplier terms"])

Reader = Annotated[Actor, Depends(requires("item.read"))]
Writer = Annotated[Actor, Depends(requires("item.write"))]

BaseQuantity = Annotated[int, Field(ge=1, le=10**12, examples=[24])]
LeadTime = Annotated[int, Field(ge=0, le=3_650, examples=[14])]


class PriceBreakBody(Body):
    """From this many base units on, one costs this much."""

    quantity_minimum: BaseQuantity
    unit_price_minor: MinorUnits


class TermBody(WriteBody):
    """What a supplier asks and promises for an item, as a whole."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "lead_time_days": 14,
                    "supplier_sku": "CW-350-B",
                    "order_minimum": 48,
                    "order_multiple": 24,
                    "preferred": True,
                    "price_breaks": [
                        {"quantity_minimum": 48, "unit_price_minor": 310},
                        {"quantity_minimum": 480, "unit_price_minor": 285},
                    ],
                }
            ]
        }
    )

    lead_time_days: LeadTime
    supplier_sku: Annotated[Text, Field(max_length=64)] = ""
    order_minimum: BaseQuantity = 1
    order_multiple: BaseQuantity = 1
    currency: Currency = "EUR"
    preferred: bool = False
    price_breaks: list[PriceBreakBody] = Field(default_factory=list, max_length=50)

    def term(self) -> TermFields:
        """Return the terms asked for."""
        return TermFields(
            lead_time_days=self.lead_time_days,
            supplier_sku=self.supplier_sku,
            order_minimum=self.order_minimum,
            order_multiple=self.order_multiple,
            currency=self.currency,
            preferred=self.preferred,
            price_breaks=tuple(
                PriceBreak(each.quantity_minimum, each.unit_price_minor)
                for each in self.price_breaks
            ),
        )


class TermQuery(PageQuery):
    """Filters of a supplier's terms. Sorts: sku, lead_time_days."""

    q: str | None = Field(None, max_length=200, description="In SKU, name or supplier's SKU.")


class TermSummary(BaseModel):
    """Terms as a list shows them."""

    supplier_id: int
    supplier_code: str
    item_id: int
    sku: str
    name: str
    supplier_sku: str
    lead_time_days: int
    order_minimum: int
    order_multiple: int
    currency: str
    preferred: bool
    version: int
    unit_price_minor_lowest: int | None


class TermPage(BaseModel):
    """A page of supplier terms."""

    items: list[TermSummary]
    next_cursor: str | None


@router.get(
    "/items/{item_id}/suppliers",
    summary="Read the supplier terms of an item",
    response_model=list[SupplierTerm],
)
async def read_terms(item_id: RowIdInPath, _actor: Reader, where: DatabaseOf) -> Response:
    """Return who supplies an item and on which terms, the preferred supplier first."""
    async with where.asking() as tx:
        await item_reads.item_by_id(tx, item_id)
        return json_answer(await reads.terms_of_items(tx, [item_id]))


@router.get(
    "/items/{item_id}/suppliers/{supplier_id}",
    summary="Read one supplier's terms",
    response_model=SupplierTerm,
)
async def read_term(
    item_id: RowIdInPath, supplier_id: RowIdInPath, _actor: Reader, where: DatabaseOf
) -> Response:
    """Return one supplier's terms for one item; the ETag is needed to change them."""
    async with where.asking() as tx:
        return json_answer(await reads.term(tx, supplier_id, item_id))


@router.post(
    "/items/{item_id}/suppliers/{supplier_id}",
    summary="Add supplier terms",
    status_code=201,
    response_model=SupplierTerm,
)
async def create_term(
    item_id: RowIdInPath, supplier_id: RowIdInPath, body: TermBody, actor: Writer, once: OnceOf
) -> Response:
    """Say on which terms a supplier supplies an item; preferred takes it from the others."""
    answer = await once.run(
        actor,
        body,
        ["term.create", supplier_id, item_id],
        lambda tx: operations.put_term(
            tx, actor, supplier_id, item_id, version=None, term=body.term()
        ),
    )
    place = "/api/v1/items/{item_id}/suppliers/{supplier_id}"
    return written_answer(answer, status=201, location=place)


@router.put(
    "/items/{item_id}/suppliers/{supplier_id}",
    summary="Change supplier terms",
    response_model=SupplierTerm,
)
async def change_term(
    *,
    item_id: RowIdInPath,
    supplier_id: RowIdInPath,
    body: TermBody,
    actor: Writer,
    version: ExpectedVersion,
    once: OnceOf,
) -> Response:
    """Replace a supplier's terms for an item."""
    answer = await once.run(
        actor,
        body,
        ["term.change", supplier_id, item_id, version],
        lambda tx: operations.put_term(
            tx, actor, supplier_id, item_id, version=version, term=body.term()
        ),
    )
    return written_answer(answer)


@router.delete(
    "/items/{item_id}/suppliers/{supplier_id}", summary="Delete supplier terms", status_code=204
)
async def delete_term(
    item_id: RowIdInPath,
    supplier_id: RowIdInPath,
    actor: Writer,
    version: ExpectedVersion,
    once: OnceOf,
) -> Response:
    """Delete a supplier's terms for an item."""
    answer = await once.run(
        actor,
        None,
        ["term.delete", supplier_id, item_id, version],
        lambda tx: operations.delete_term(tx, actor, supplier_id, item_id, version),
    )
    return written_answer(answer, status=204)


@router.get("/parties/{party_id}/terms", summary="List a supplier's terms", response_model=TermPage)
async def list_terms(
    request: Request,
    party_id: RowIdInPath,
    _actor: Reader,
    where: DatabaseOf,
    query: Annotated[TermQuery, Query()],
) -> Response:
    """Page through what a supplier supplies."""
    async with where.asking() as tx:
        await party_reads.party_by_id(tx, party_id)
        page = await reads.term_page(tx, party_id, query.paging(), query.filters())
    return page_answer(request, page)
