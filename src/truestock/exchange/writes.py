"""Changes of imports, saved mappings and export files, one .sql file each."""

from collections.abc import Mapping as AnyMapping
from collections.abc import Sequence
from datetime import datetime
from typing import IO, Any

import msgspec

from truestock.database import Transaction, load_sql
from truestock.exchange.model.imports import (
    ImportKind,
    ImportState,
    Mapping,
    Problem,
    SavedMapping,
    TableForm,
)

PART_BYTES = 1_000_000
"""Files lie in the database in parts of this size."""


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _parts(content: bytes) -> list[bytes]:
    return [content[at : at + PART_BYTES] for at in range(0, len(content), PART_BYTES)] or [b""]


async def add_import(
    tx: Transaction,
    facts: AnyMapping[str, Any],
    content: bytes,
    *,
    actor_id: int,
    now: datetime,
) -> int:
    """Store an upload with its file; returns its id."""
    import_id = await tx.value(
        load_sql(__name__, "add_import"),
        facts["kind"].value,
        facts["file_name"],
        facts["content_hash"],
        _json(facts["table_form"]),
        _json(facts["mapping"]),
        facts["strict"],
        actor_id,
        now,
    )
    await tx.run(load_sql(__name__, "add_import_parts"), import_id, _parts(content))
    return int(import_id)


async def locked_state(tx: Transaction, import_id: int) -> ImportState | None:
    """Lock an import; return its state, None when there is none."""
    found = await tx.value(load_sql(__name__, "lock_import"), import_id)
    return ImportState(found) if found is not None else None


async def set_mapping(
    tx: Transaction, import_id: int, mapping: Mapping, form: TableForm, *, strict: bool
) -> None:
    """Give an import another mapping; what was checked is void."""
    await tx.run(load_sql(__name__, "set_mapping"), import_id, _json(mapping), _json(form), strict)
    await tx.run(load_sql(__name__, "remove_problems"), import_id)


async def set_checked(
    tx: Transaction, import_id: int, rows: tuple[int, int], counts: AnyMapping[str, int]
) -> None:
    """Note a check: `rows` are all and refused ones."""
    total, refused = rows
    await tx.run(
        load_sql(__name__, "set_checked"),
        import_id,
        total,
        total - refused,
        refused,
        _json(dict(counts)),
    )


async def begin(tx: Transaction, import_id: int) -> None:
    """Begin to apply from the start."""
    await tx.run(load_sql(__name__, "begin_import"), import_id)
    await tx.run(load_sql(__name__, "remove_problems"), import_id)


async def set_job(tx: Transaction, import_id: int, job_id: int) -> None:
    """Note which job applies an import."""
    await tx.run(load_sql(__name__, "set_import_job"), import_id, job_id)


async def set_begun(tx: Transaction, import_id: int, total: int, refused: int) -> None:
    """Note how many lines there are and how many are refused before the first step."""
    await tx.run(load_sql(__name__, "set_begun"), import_id, total, refused)


async def claim_step(tx: Transaction, import_id: int, position: int) -> dict[str, int] | None:
    """Make a step ours until the transaction ends; returns the counts so far, None if it is not."""
    found = await tx.value(load_sql(__name__, "claim_step"), import_id, position)
    return None if found is None else msgspec.json.decode(found, type=dict[str, int])


async def note_step(
    tx: Transaction, import_id: int, counts: AnyMapping[str, int], refused: int
) -> None:
    """Note what a step did; `refused` lines are refused besides those before."""
    await tx.run(load_sql(__name__, "note_step"), import_id, _json(dict(counts)), refused)


async def end(
    tx: Transaction, import_id: int, state: ImportState, now: datetime, failure: str = ""
) -> None:
    """End an import that is being applied."""
    await tx.run(load_sql(__name__, "end_import"), import_id, state.value, failure, now)


async def remove_problems(tx: Transaction, import_id: int) -> None:
    """Forget the problems of an import."""
    await tx.run(load_sql(__name__, "remove_problems"), import_id)


async def count_problems(tx: Transaction, import_id: int) -> int:
    """Return how many problems are stored."""
    return int(await tx.value(load_sql(__name__, "count_problems"), import_id))


async def add_problems(tx: Transaction, import_id: int, found: Sequence[Problem]) -> None:
    """Store what is wrong with lines."""
    if found:
        await tx.run(
            load_sql(__name__, "add_problems"),
            import_id,
            [each.line_number for each in found],
            [each.field for each in found],
            [each.code for each in found],
            [each.message for each in found],
        )


async def add_poster(tx: Transaction, fingerprint: bytes, actor_id: int) -> None:
    """Make this actor the one who posts a content, unless there is one."""
    await tx.run(load_sql(__name__, "add_poster"), fingerprint, actor_id)


async def put_mapping(tx: Transaction, saved: SavedMapping, actor_id: int) -> None:
    """Save a mapping under a name."""
    encoded = _json(saved.mapping)
    await tx.run(load_sql(__name__, "put_mapping"), saved.kind.value, saved.name, encoded, actor_id)


async def remove_mapping(tx: Transaction, kind: ImportKind, name: str) -> bool:
    """Forget a saved mapping; tells whether there was one."""
    return bool(await tx.value(load_sql(__name__, "remove_mapping"), kind.value, name))


async def forget_files(tx: Transaction, imports_before: datetime, exports_before: datetime) -> None:
    """Drop the bytes of old imports and old exports whole."""
    await tx.run(load_sql(__name__, "forget_files"), imports_before)
    await tx.run(load_sql(__name__, "forget_exports"), exports_before)


async def add_export(
    tx: Transaction, facts: AnyMapping[str, Any], actor_id: int, now: datetime
) -> int:
    """Store a wish for an export of which the same actor has no open one; returns its id."""
    query = _json(facts["query"])
    added = await tx.value(
        load_sql(__name__, "add_export"),
        facts["list_name"],
        facts["format"].value,
        facts["file_name"],
        query,
        actor_id,
        now,
    )
    return int(added)


async def open_export(
    tx: Transaction, facts: AnyMapping[str, Any], actor_id: int, since: datetime
) -> int | None:
    """Return the actor's export of the same question that is still being written."""
    found: int | None = await tx.value(
        load_sql(__name__, "find_open_export"),
        facts["list_name"],
        facts["format"].value,
        _json(facts["query"]),
        actor_id,
        since,
    )
    return found


async def put_export_content(tx: Transaction, export_id: int, content: IO[bytes]) -> None:
    """Store an export's file in parts, instead of what an earlier attempt stored."""
    await tx.run(load_sql(__name__, "remove_export_parts"), export_id)
    number = 0
    while part := content.read(PART_BYTES):
        await tx.run(load_sql(__name__, "add_export_part"), export_id, number, part)
        number += 1


async def end_export(
    tx: Transaction, export_id: int, row_count: int, byte_count: int, now: datetime
) -> None:
    """Note that an export's file is whole."""
    await tx.run(load_sql(__name__, "end_export"), export_id, row_count, byte_count, now)
