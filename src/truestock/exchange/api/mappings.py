"""Routes of saved mappings."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict

from truestock.database import Transaction
from truestock.exchange import reads
from truestock.exchange.api.imports import DeskOf
from truestock.exchange.api.shown import MAPPING_EXAMPLE, Importer, KindName, MappingBody
from truestock.exchange.model.imports import ImportKind, SavedMapping
from truestock.exchange.operations.uploads import remove_mapping, save_mapping
from truestock.exchange.rules.mapping import require_known_fields
from truestock.http.answers import OnceOf, json_answer, written_answer
from truestock.http.bodies import WriteBody

router = APIRouter(tags=["imports"])

NAME = r"^[^\x00-\x1f/]*\S[^\x00-\x1f/]*$"


NameInPath = Annotated[str, Path(min_length=1, max_length=100, pattern=NAME)]


class MappingQuery(BaseModel):
    """Which saved mappings."""

    model_config = ConfigDict(extra="forbid")

    kind: KindName | None = None


class MappingSave(WriteBody):
    """A mapping to keep."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"mapping": MAPPING_EXAMPLE}]})

    mapping: MappingBody


class MappingShown(BaseModel):
    """A saved mapping."""

    kind: KindName
    name: str
    mapping: dict[str, Any]
    actor_name: str
    changed_at: datetime


class MappingsShown(BaseModel):
    """Saved mappings by kind and name."""

    items: list[MappingShown]


@router.get("/import-mappings", summary="List saved mappings", response_model=MappingsShown)
async def list_mappings(
    _actor: Importer, desk: DeskOf, query: Annotated[MappingQuery, Query()]
) -> Response:
    """Return the mappings that were kept for later files."""
    kind = ImportKind(query.kind) if query.kind else None
    async with desk.database.asking() as tx:
        return json_answer({"items": await reads.saved_mappings(tx, kind)})


@router.put("/import-mappings/{kind}/{name}", summary="Keep a mapping", status_code=204)
async def put_mapping(
    kind: KindName, name: NameInPath, body: MappingSave, actor: Importer, once: OnceOf
) -> Response:
    """Keep a mapping under a name, instead of the one of this name."""
    saved = SavedMapping(ImportKind(kind), name, body.mapping.mapping())
    require_known_fields(saved.kind, saved.mapping)

    async def act(tx: Transaction) -> None:
        await save_mapping(tx, actor, saved)

    answer = await once.run(actor, body, ["import.mapping.put", kind, name], act)
    return written_answer(answer, status=204)


@router.delete("/import-mappings/{kind}/{name}", summary="Forget a saved mapping", status_code=204)
async def delete_mapping(
    kind: KindName, name: NameInPath, actor: Importer, once: OnceOf
) -> Response:
    """Forget a saved mapping; one that is not there stays so."""

    async def act(tx: Transaction) -> None:
        await remove_mapping(tx, actor, ImportKind(kind), name)

    answer = await once.run(actor, None, ["import.mapping.delete", kind, name], act)
    return written_answer(answer, status=204)
