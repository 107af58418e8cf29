"""Lists are paged in the database by keyset: 20 rows by default, at most 100, with a cursor."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from fastapi import Query

from truestock.database import Listing, ReadTransaction
from truestock.kernel.errors import InvalidInputError

LIMIT_DEFAULT = 20
LIMIT_MAX = 100


class CursorInvalidError(InvalidInputError):
    """This cursor is not one of ours or belongs to another sort."""

    code = "cursor_invalid"


class SortUnknownError(InvalidInputError):
    """This list cannot be sorted that way."""

    code = "sort_unknown"


class FilterUnknownError(InvalidInputError):
    """This list has no such filter."""

    code = "filter_unknown"


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is asked for. `sort` is a public name, `-` before it means descending."""

    limit: int
    cursor: str | None
    sort: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows as mappings, and the cursor of the next one if there is one."""

    items: list[dict[str, Any]]
    next_cursor: str | None


def page_request(
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = LIMIT_DEFAULT,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    sort: Annotated[str | None, Query(max_length=60)] = None,
) -> PageRequest:
    """Collect the paging parameters of a list route (a FastAPI dependency)."""
    return PageRequest(limit, cursor, sort)


async def fetch_page(
    tx: ReadTransaction, listing: Listing, asked: PageRequest, filters: Mapping[str, Any]
) -> Page:
    """Run a listing for one page; its statement selects `/*sort*/` among its columns.

    Raises `SortUnknownError` and `CursorInvalidError`.
    """
    sort = asked.sort or listing.default
    if sort.removeprefix("-") not in listing.sorts:
        raise SortUnknownError(sort=sort, known=sorted(listing.sorts))
    after = _decoded(asked.cursor, sort) if asked.cursor else None
    statement, values = listing.page(filters, sort, after, asked.limit + 1)
    rows = await tx.rows(statement, *values)
    items = [dict(row) for row in rows[: asked.limit]]
    last = (items[-1]["sort_value"], items[-1]["sort_key"]) if items else None
    for item in items:
        del item["sort_value"], item["sort_key"]
    more = len(rows) > asked.limit and last is not None
    return Page(items, _encoded(sort, *last) if more and last else None)


def _encoded(sort: str, value: str, key: int) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode([sort, value, key])).decode().rstrip("=")


def _decoded(cursor: str, sort: str) -> tuple[str, int]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        found = msgspec.json.decode(base64.urlsafe_b64decode(padded), type=tuple[str, str, int])
    except (binascii.Error, msgspec.DecodeError, ValueError) as error:
        raise CursorInvalidError(cursor=cursor) from error
    if found[0] != sort:
        raise CursorInvalidError(cursor=cursor, sort=sort)
    return found[1], found[2]
