"""Routes of imports: upload, map, preview, apply, and what was refused."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, File, Form, Query, Request, Response, UploadFile
from pydantic import ValidationError

from truestock.database import Transaction
from truestock.exchange import reads
from truestock.exchange.api.shown import (
    ApplyBody,
    Importer,
    ImportPage,
    ImportQuery,
    ImportShown,
    KindName,
    MappingBody,
    MappingChange,
    Preview,
    PreviewBody,
    RowPage,
    RowQuery,
    shown,
)
from truestock.exchange.errors.files import FileTooLargeError
from truestock.exchange.errors.imports import MappingInvalidError
from truestock.exchange.model.imports import ImportKind, ImportRun, Limits, Mapping
from truestock.exchange.operations.applying import ask_to_apply
from truestock.exchange.operations.checking import check_import
from truestock.exchange.operations.rights import require_import_rights, require_seen, whose_imports
from truestock.exchange.operations.rows import refused_lines_file, row_page
from truestock.exchange.operations.uploads import (
    Upload,
    add_import,
    limits_of,
    read_upload,
    set_mapping,
)
from truestock.http.answers import OnceOf, json_answer, written_answer
from truestock.http.bodies import RowIdInPath, Text
from truestock.http.handlers import DatabaseOf, KeyHeader, request_key_of, write_once
from truestock.http.lists import page_answer
from truestock.http.paging import Page, fetch_page

router = APIRouter(tags=["imports"])

PREVIEW_ROWS = 50
MAPPING_LENGTH_MAX = 50_000


@dataclass(frozen=True, slots=True)
class Desk:
    """What handling files needs of the process (a FastAPI dependency)."""

    request: Request
    database: DatabaseOf

    @property
    def limits(self) -> Limits:
        """How much of a file is looked at."""
        return limits_of(self.request.app.state.settings)

    @property
    def upload_bytes_max(self) -> int:
        """How large an upload may be."""
        return int(self.request.app.state.settings.upload_bytes_max)

    def now(self) -> datetime:
        """Return the present moment of the application's clock."""
        clock: Callable[[], datetime] = self.request.app.state.clock
        return clock()


DeskOf = Annotated[Desk, Depends(Desk)]


@dataclass(frozen=True, slots=True)
class UploadForm:
    """The parts of an upload (a FastAPI dependency)."""

    kind: Annotated[KindName, Form(description="What the rows are.")]
    file: Annotated[UploadFile, File(description="CSV, CSV in gzip, or .xlsx.")]
    mapping: Annotated[
        Text | None,
        Form(max_length=MAPPING_LENGTH_MAX, description="A mapping as JSON; guessed without."),
    ] = None
    mapping_name: Annotated[
        Text | None, Form(max_length=100, description="Or the name of a saved one.")
    ] = None
    strict: Annotated[bool, Form(description="Any refused line, and nothing is imported.")] = False
    request_key: Annotated[Text | None, Form(max_length=200)] = None


@router.post(
    "/imports", summary="Upload a file to import", status_code=201, response_model=ImportShown
)
async def upload(
    actor: Importer, desk: DeskOf, form: Annotated[UploadForm, Depends()], header: KeyHeader = None
) -> Response:
    """Take a file and look at its columns; nothing is imported before it is applied."""
    key = request_key_of(header, form.request_key)
    kind = ImportKind(form.kind)
    require_import_rights(actor, kind, Mapping())
    content = await form.file.read(desk.upload_bytes_max + 1)
    if len(content) > desk.upload_bytes_max:
        raise FileTooLargeError(bytes_max=desk.upload_bytes_max)
    mapping = await _mapping_of(desk, kind, form)
    asked = Upload(kind, form.file.filename or "file", content, mapping, form.strict)
    read = await read_upload(asked, desk.limits)

    async def act(tx: Transaction) -> dict[str, Any]:
        return shown(await add_import(tx, actor, read, desk.now()))

    given = ["import.upload", kind.value, read.content_hash.hex(), form.mapping, form.strict]
    answer = await write_once(desk.database, actor, key, given, act)
    return written_answer(answer, status=201, location="/api/v1/imports/{import_id}")


async def _mapping_of(desk: Desk, kind: ImportKind, form: UploadForm) -> Mapping | None:
    if form.mapping:
        try:
            return MappingBody.model_validate(json.loads(form.mapping)).mapping()
        except (ValidationError, ValueError, RecursionError) as error:
            raise MappingInvalidError(reason=str(error)[:300]) from error
    if form.mapping_name:
        async with desk.database.asking() as tx:
            return await reads.saved_mapping(tx, kind, form.mapping_name)
    return None


@router.get("/imports", summary="List imports", response_model=ImportPage)
async def list_imports(
    request: Request, actor: Importer, desk: DeskOf, query: Annotated[ImportQuery, Query()]
) -> Response:
    """Page through imports, newest first; who is limited to sites sees the own ones."""
    given = query.filters() | {"actor_id": whose_imports(actor)}
    async with desk.database.asking() as tx:
        page = await fetch_page(tx, reads.IMPORTS, query.paging(), given)
    items = [{**item, "counts": msgspec.json.decode(item["counts"])} for item in page.items]
    return page_answer(request, Page(items, page.next_cursor))


@router.get("/imports/{import_id}", summary="Read an import", response_model=ImportShown)
async def read_import(import_id: RowIdInPath, actor: Importer, desk: DeskOf) -> Response:
    """Return an import with its columns, its mapping and how far it is."""
    async with desk.database.asking() as tx:
        run = require_seen(actor, await reads.import_run(tx, import_id))
    return json_answer(shown(run))


@router.put("/imports/{import_id}/mapping", summary="Map the columns", response_model=ImportShown)
async def map_columns(
    import_id: RowIdInPath, body: MappingChange, actor: Importer, desk: DeskOf, once: OnceOf
) -> Response:
    """Say which column gives which field; what was checked before is void."""

    async def act(tx: Transaction) -> Any:
        mapping = body.mapping.mapping()
        run = await set_mapping(tx, actor, import_id, mapping, desk.limits, strict=body.strict)
        return shown(run)

    return written_answer(await once.run(actor, body, ["import.map", import_id], act))


@router.post("/imports/{import_id}/preview", summary="Check every line", response_model=Preview)
async def preview(
    import_id: RowIdInPath, body: PreviewBody, actor: Importer, desk: DeskOf
) -> Response:
    """Read and check the whole file without changing anything; asking again is harmless.

    Returns the totals and the first lines, each with its values and what is wrong with it.
    """
    if body.mapping is not None or body.strict is not None:
        await _remap(desk, actor, import_id, body)
    run = await check_import(desk.database, actor, import_id, desk.limits)
    items, following = await row_page(
        desk.database, actor, import_id, desk.limits, (0, PREVIEW_ROWS, False)
    )
    return json_answer({"import": shown(run), "items": items, "next_cursor": following})


async def _remap(desk: Desk, actor: Importer, import_id: int, body: PreviewBody) -> ImportRun:
    async with desk.database.writing() as tx:
        run = require_seen(actor, await reads.import_run(tx, import_id))
        mapping = run.mapping if body.mapping is None else body.mapping.mapping()
        strict = run.strict if body.strict is None else body.strict
        return await set_mapping(tx, actor, import_id, mapping, desk.limits, strict=strict)


@router.get("/imports/{import_id}/rows", summary="Read lines of the file", response_model=RowPage)
async def list_rows(
    import_id: RowIdInPath, actor: Importer, desk: DeskOf, query: Annotated[RowQuery, Query()]
) -> Response:
    """Return lines of the file with what is wrong with them."""
    items, following = await row_page(
        desk.database,
        actor,
        import_id,
        desk.limits,
        (query.cursor, query.limit, query.refused),
    )
    return json_answer({"items": items, "next_cursor": following})


@router.post(
    "/imports/{import_id}/apply",
    summary="Import the file",
    status_code=202,
    response_model=ImportShown,
)
async def apply(import_id: RowIdInPath, body: ApplyBody, actor: Importer, once: OnceOf) -> Response:
    """Have a job import the file. Applying again goes on, or changes nothing."""

    async def act(tx: Transaction) -> Any:
        return shown(await ask_to_apply(tx, actor, import_id))

    answer = await once.run(actor, body, ["import.apply", import_id], act)
    return written_answer(answer, status=202)


@router.get(
    "/imports/{import_id}/errors",
    summary="Download the refused lines",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def refused_lines(import_id: RowIdInPath, actor: Importer, desk: DeskOf) -> Response:
    """Return a CSV of the refused lines as they stand in the file, with line number and problem."""
    name, content = await refused_lines_file(desk.database, actor, import_id, desk.limits)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, headers=headers, media_type="text/csv; charset=utf-8")
