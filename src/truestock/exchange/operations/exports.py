"""Exporting a list: short ones at once, long ones by a job that keeps the file for its asker.

All pages of an export are read in one snapshot: the file shows one moment.
"""

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from tempfile import TemporaryFile
from typing import IO, Any, Final

import msgspec

from truestock.database import Database, Transaction
from truestock.exchange import reads, writes
from truestock.exchange.errors.exports import ExportNotFoundError
from truestock.exchange.model.exports import ExportFile, ExportFormat
from truestock.exchange.operations.lists import LISTS, ExportList
from truestock.exchange.operations.writing import writer
from truestock.http.paging import PageRequest
from truestock.jobs import enqueue
from truestock.kernel.actor import Actor
from truestock.kernel.clock import Clock
from truestock.notify import Notice
from truestock.notify import tell as tell_people

ROWS_AT_ONCE: Final = 10_000
"""Up to so many rows are answered at once; more are written by a job."""
PAGE_ROWS: Final = 2_000
OPEN_FOR: Final = timedelta(hours=1)
KEPT_FOR: Final = timedelta(days=7)
JOB: Final = "exchange.write_export"

Tell = Callable[[int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ExportWish:
    """Which list, how filtered and sorted, and as what. Filters are those of the list's query."""

    list_name: str
    format: ExportFormat
    filters: Mapping[str, Any]
    sort: str | None = None
    mark: bool = False

    @property
    def chosen(self) -> ExportList:
        """The list."""
        return LISTS[self.list_name]

    def file_name(self, now: datetime) -> str:
        """Return the name that the file gets."""
        return f"{self.list_name}-{now:%Y%m%d-%H%M}.{self.format.value}"


async def list_rows(
    database: Database, actor: Actor, wish: ExportWish
) -> AsyncIterator[list[list[Any]]]:
    """Yield all rows of a list, some thousand at a time, from one snapshot."""
    actor.require(wish.chosen.permission)
    cursor: str | None = None
    async with database.reading() as tx:
        while True:
            asked = PageRequest(PAGE_ROWS, cursor, wish.sort)
            page = await wish.chosen.page(tx, actor, asked, wish.filters)
            yield [wish.chosen.cells(row) for row in page.items]
            cursor = page.next_cursor
            if cursor is None:
                return


async def short_export(database: Database, actor: Actor, wish: ExportWish) -> bytes | None:
    """Return the file of a list, None when it is too long to be answered at once."""
    kept: list[list[Any]] = []
    async for rows in list_rows(database, actor, wish):
        kept += rows
        if len(kept) > ROWS_AT_ONCE:
            return None

    def written() -> bytes:
        out = io.BytesIO()
        made = writer(wish.format, wish.chosen.columns, out, mark=wish.mark)
        made.write(kept)
        made.finish()
        return out.getvalue()

    return await asyncio.to_thread(written)


async def export_to(
    database: Database, actor: Actor, wish: ExportWish, out: IO[bytes], tell: Tell
) -> int:
    """Write a list of any length into an open file; returns how many rows it has."""
    made = writer(wish.format, wish.chosen.columns, out, mark=wish.mark)
    count = 0
    async for rows in list_rows(database, actor, wish):
        await asyncio.to_thread(made.write, rows)
        count += len(rows)
        await tell(count)
    await asyncio.to_thread(made.finish)
    return count


async def ask_for_export(
    tx: Transaction, actor: Actor, wish: ExportWish, now: datetime
) -> tuple[int, int]:
    """Have a job write a long list; returns export id and job id. Asking again finds the same."""
    actor.require(wish.chosen.permission)
    query = {
        "filters": _stored(wish.filters),
        "sort": wish.sort,
        "mark": wish.mark,
        "site_ids": None if actor.site_ids is None else sorted(actor.site_ids),
    }
    facts = {
        "list_name": wish.list_name,
        "format": wish.format,
        "file_name": wish.file_name(now),
        "query": query,
    }
    export_id = await writes.open_export(tx, facts, actor.actor_id, now - OPEN_FOR)
    if export_id is None:
        export_id = await writes.add_export(tx, facts, actor.actor_id, now)
    job_id = await enqueue(
        tx, JOB, {"export_id": export_id}, actor=actor, single_key=f"{JOB}:{export_id}"
    )
    return export_id, job_id


def require_readable(actor: Actor, kept: ExportFile) -> None:
    """Raise unless the actor may still see all that was asked for when the file was."""
    actor.require(LISTS[kept.list_name].permission)
    query: Mapping[str, Any] = kept.query
    asked = query.get("site_ids")
    if actor.site_ids is not None and (asked is None or not actor.site_ids.issuperset(asked)):
        raise ExportNotFoundError(export_id=kept.export_id)


async def write_export(
    database: Database, actor: Actor, export_id: int, clock: Clock, tell: Tell
) -> int:
    """Write the file that was asked for and keep it; returns how many rows it has."""
    async with database.asking() as tx:
        asked = await reads.export_file(tx, export_id, actor.actor_id)
    query: Mapping[str, Any] = asked.query
    wish = ExportWish(
        asked.list_name,
        asked.format,
        _restored(query["filters"]),
        query["sort"],
        bool(query["mark"]),
    )
    with TemporaryFile() as out:
        row_count = await export_to(database, actor, wish, out, tell)
        byte_count = out.tell()
        out.seek(0)
        async with database.writing() as tx:
            await writes.put_export_content(tx, export_id, out)
            await writes.end_export(tx, export_id, row_count, byte_count, clock())
            ready = Notice("export.ready", export_id, {"list": asked.list_name, "rows": row_count})
            await tell_people(tx, [actor.actor_id], ready)
    return row_count


async def forget_files(tx: Transaction, now: datetime, imports_kept: timedelta) -> None:
    """Drop the bytes of old imports, and exports nobody will fetch any more."""
    await writes.forget_files(tx, now - imports_kept, now - KEPT_FOR)


def _stored(filters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the filters as JSON keeps them; moments are marked to come back as moments."""
    given = {name: value for name, value in filters.items() if value is not None}
    plain: dict[str, Any] = msgspec.to_builtins(
        {
            name: {"at": value} if isinstance(value, datetime) else value
            for name, value in given.items()
        }
    )
    return plain


def _restored(filters: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: msgspec.convert(value["at"], datetime) if isinstance(value, dict) else value
        for name, value in filters.items()
    }
