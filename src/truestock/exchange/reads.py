"""Questions about imports, saved mappings and export files, one .sql file each."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from truestock.database import Listing, ReadTransaction, load_sql
from truestock.database.sql import Sort
from truestock.exchange.errors.exports import ExportNotFoundError
from truestock.exchange.errors.imports import ImportNotFoundError, MappingNotFoundError
from truestock.exchange.model.exports import ExportFile, ExportFormat
from truestock.exchange.model.imports import (
    ImportKind,
    ImportRun,
    ImportState,
    Mapping,
    Problem,
    TableForm,
)

IMPORTS: Final = Listing(
    load_sql(__name__, "import_list"),
    {"recorded_at": Sort("r.recorded_at", "timestamptz")},
    "r.import_id",
    "-recorded_at",
)
"""Filters: kind, state, actor_id."""


async def import_run(tx: ReadTransaction, import_id: int) -> ImportRun:
    """Return one import; raises `ImportNotFoundError`."""
    row = await tx.row(load_sql(__name__, "find_import"), import_id)
    if row is None:
        raise ImportNotFoundError(import_id=import_id)
    given = dict(row)
    given["kind"] = ImportKind(given["kind"])
    given["state"] = ImportState(given["state"])
    given["table_form"] = msgspec.json.decode(given["table_form"], type=TableForm)
    given["mapping"] = msgspec.json.decode(given["mapping"], type=Mapping)
    given["counts"] = msgspec.json.decode(given["counts"])
    given["content_hash"] = bytes(given["content_hash"])
    return ImportRun(**given)


async def import_content(tx: ReadTransaction, import_id: int) -> bytes:
    """Return the uploaded file; raises `ImportNotFoundError` when it is no longer kept."""
    rows = await tx.rows(load_sql(__name__, "import_parts"), import_id)
    if not rows:
        raise ImportNotFoundError(import_id=import_id, reason="the file is no longer kept")
    return b"".join(row["content"] for row in rows)


async def unfinished_import(
    tx: ReadTransaction, content_hash: bytes, kind: ImportKind, mapping: Mapping, *, strict: bool
) -> int | None:
    """Return the import of this very content that was begun and not ended, if there is one."""
    encoded = msgspec.json.encode(mapping).decode()
    found: int | None = await tx.value(
        load_sql(__name__, "find_unfinished_import"), content_hash, kind.value, encoded, strict
    )
    return found


async def problems(tx: ReadTransaction, import_id: int) -> list[Problem]:
    """Return everything that is wrong with the lines of an import, in their order."""
    rows = await tx.rows(load_sql(__name__, "problems"), import_id)
    return [Problem(*row) for row in rows]


async def problem_lines(tx: ReadTransaction, import_id: int, after: int, limit: int) -> list[int]:
    """Return the numbers of lines with problems behind a line."""
    rows = await tx.rows(load_sql(__name__, "problem_lines"), import_id, after, limit)
    return [row["line_number"] for row in rows]


async def problems_of_lines(
    tx: ReadTransaction, import_id: int, line_numbers: Sequence[int]
) -> dict[int, list[Problem]]:
    """Return the problems of these lines by line number."""
    found: dict[int, list[Problem]] = {}
    for row in await tx.rows(load_sql(__name__, "problems_of_lines"), import_id, line_numbers):
        found.setdefault(row["line_number"], []).append(Problem(*row))
    return found


async def cancel_asked(tx: ReadTransaction, job_id: int) -> bool:
    """Tell whether a person asked to cancel a job."""
    return bool(await tx.value(load_sql(__name__, "cancel_asked"), job_id))


async def poster(tx: ReadTransaction, fingerprint: bytes) -> int:
    """Return the actor under whose request keys this content is posted."""
    return int(await tx.value(load_sql(__name__, "find_poster"), fingerprint))


async def saved_mapping(tx: ReadTransaction, kind: ImportKind, name: str) -> Mapping:
    """Return a saved mapping; raises `MappingNotFoundError`."""
    text = await tx.value(load_sql(__name__, "find_mapping"), kind.value, name)
    if text is None:
        raise MappingNotFoundError(kind=kind.value, name=name)
    return msgspec.json.decode(text, type=Mapping)


async def saved_mappings(tx: ReadTransaction, kind: ImportKind | None) -> list[dict[str, Any]]:
    """Return the saved mappings, of one kind or all."""
    rows = await tx.rows(load_sql(__name__, "mappings"), kind.value if kind else None)
    return [{**dict(row), "mapping": msgspec.json.decode(row["mapping"])} for row in rows]


async def export_file(tx: ReadTransaction, export_id: int, actor_id: int) -> ExportFile:
    """Return an export of this actor's; raises `ExportNotFoundError` also for another's."""
    row = await tx.row(load_sql(__name__, "find_export"), export_id)
    if row is None or row["actor_id"] != actor_id:
        raise ExportNotFoundError(export_id=export_id)
    given = dict(row)
    given["format"] = ExportFormat(given["format"])
    given["query"] = msgspec.json.decode(given["query"])
    return ExportFile(**given)


async def export_part(tx: ReadTransaction, export_id: int, part_number: int) -> bytes | None:
    """Return one part of an export's file, None behind the last."""
    found: bytes | None = await tx.value(load_sql(__name__, "export_part"), export_id, part_number)
    return found
