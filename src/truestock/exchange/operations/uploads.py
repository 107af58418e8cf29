"""Taking a file: can it be read, what is in it, which column gives what. Nothing is imported."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import PurePath

import msgspec

from truestock.database import Transaction
from truestock.exchange import reads, writes
from truestock.exchange.errors.imports import ImportNotFoundError, ImportStateError
from truestock.exchange.model.imports import (
    ImportKind,
    ImportRun,
    ImportState,
    Limits,
    Mapping,
    SavedMapping,
    TableForm,
)
from truestock.exchange.operations.rights import require_import_rights, require_seen
from truestock.exchange.rules.fields import guessed_mapping
from truestock.exchange.rules.mapping import merged, require_mapping
from truestock.exchange.rules.packed import unpacked
from truestock.exchange.rules.tables import Table, read_table
from truestock.kernel.actor import Actor
from truestock.kernel.settings import Settings

FILE_NAME_MAX = 255


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came. `mapping` None leaves everything to the headers."""

    kind: ImportKind
    file_name: str
    content: bytes
    mapping: Mapping | None = None
    strict: bool = False


@dataclass(frozen=True, slots=True)
class ReadUpload:
    """A file that can be read, ready to be stored."""

    upload: Upload
    table: Table
    mapping: Mapping
    content_hash: bytes


def limits_of(settings: Settings) -> Limits:
    """Return how much of a file this installation looks at."""
    return Limits(settings.import_bytes_max, settings.import_rows_max)


def form_wanted(mapping: Mapping | None) -> TableForm:
    """Return how the mapping wants the file to be read."""
    if mapping is None:
        return TableForm()
    return TableForm(encoding=mapping.encoding, delimiter=mapping.delimiter, sheet=mapping.sheet)


async def read_upload(upload: Upload, limits: Limits) -> ReadUpload:
    """Read a file's header and beginning, outside of the event loop; raise what is wrong."""
    return await asyncio.to_thread(_read, upload, limits)


def _read(upload: Upload, limits: Limits) -> ReadUpload:
    table = read_table(upload.content, limits, form_wanted(upload.mapping))
    mapping = merged(guessed_mapping(upload.kind, table.form), upload.mapping)
    if upload.mapping is not None and upload.mapping.columns:
        require_mapping(upload.kind, mapping, table.header)
    digest = blake2b(unpacked(upload.content, limits), digest_size=32).digest()
    return ReadUpload(upload, table, mapping, digest)


async def add_import(tx: Transaction, actor: Actor, read: ReadUpload, now: datetime) -> ImportRun:
    """Store a file with the mapping that was given or guessed."""
    require_import_rights(actor, read.upload.kind, read.mapping)
    facts = {
        "kind": read.upload.kind,
        "file_name": plain_file_name(read.upload.file_name),
        "content_hash": read.content_hash,
        "table_form": read.table.form,
        "mapping": read.mapping,
        "strict": read.upload.strict,
    }
    import_id = await writes.add_import(
        tx, facts, read.upload.content, actor_id=actor.actor_id, now=now
    )
    return await reads.import_run(tx, import_id)


def plain_file_name(name: str) -> str:
    """Return the last part of a path, printable and short enough."""
    last = PurePath(name.replace("\\", "/")).name
    shown = "".join(letter for letter in last if letter.isprintable())
    return shown[-FILE_NAME_MAX:] or "file"


async def set_mapping(
    tx: Transaction,
    actor: Actor,
    import_id: int,
    mapping: Mapping,
    limits: Limits,
    *,
    strict: bool,
) -> ImportRun:
    """Give an import that was not applied, or failed, another mapping; what was checked is void.

    Raises `MappingInvalidError`, `ImportStateError`.
    """
    run = require_seen(actor, await reads.import_run(tx, import_id))
    require_import_rights(actor, run.kind, mapping)
    state = await writes.locked_state(tx, import_id)
    if state is None:
        raise ImportNotFoundError(import_id=import_id)
    if state in (ImportState.APPLYING, ImportState.APPLIED):
        raise ImportStateError(state=state.value)
    content = await reads.import_content(tx, import_id)
    table = await asyncio.to_thread(read_table, content, limits, form_wanted(mapping))
    require_mapping(run.kind, mapping, table.header)
    await writes.set_mapping(tx, import_id, mapping, table.form, strict=strict)
    return await reads.import_run(tx, import_id)


async def save_mapping(tx: Transaction, actor: Actor, saved: SavedMapping) -> None:
    """Keep a mapping under a name for later files of this kind."""
    actor.require("import.run")
    await writes.put_mapping(tx, saved, actor.actor_id)


async def remove_mapping(tx: Transaction, actor: Actor, kind: ImportKind, name: str) -> None:
    """Forget a saved mapping; one that is not there stays so."""
    actor.require("import.run")
    await writes.remove_mapping(tx, kind, name)


def fingerprint_of(run: ImportRun) -> bytes:
    """Return what makes two imports the same: the kind, the unpacked content and the label."""
    parts = msgspec.json.encode([run.kind.value, run.content_hash.hex(), run.mapping.label])
    return blake2b(parts, digest_size=16).digest()
