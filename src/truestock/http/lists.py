"""What list routes share: the query with its paging, the refusal of unknown filters, the answer.

A list declares its filters as a class under `PageQuery`; the answer's `Link` header names the next
page.
"""

from typing import Any, Self

import msgspec
from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from truestock.http.paging import (
    LIMIT_DEFAULT,
    LIMIT_MAX,
    FilterUnknownError,
    Page,
    PageRequest,
)


class PageQuery(BaseModel):
    """The query of a list: how many rows, after which cursor, in which order, and its filters."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(LIMIT_DEFAULT, ge=1, le=LIMIT_MAX, description="Rows per page.")
    cursor: str | None = Field(None, max_length=2000, description="`next_cursor` of a page.")
    sort: str | None = Field(
        None, max_length=60, description="A column; a minus before it sorts downwards."
    )

    @model_validator(mode="before")
    @classmethod
    def _known(cls, given: Any) -> Any:
        known = {field.alias or name for name, field in cls.model_fields.items()}
        for name in given if isinstance(given, dict) else ():
            if name not in known:
                raise FilterUnknownError(filter=name, known=sorted(known))
        return given

    @model_validator(mode="after")
    def _storable(self) -> Self:
        for value in self.__dict__.values():
            if isinstance(value, str) and "\x00" in value:
                raise ValueError("must not hold the character NUL")
        return self

    def paging(self) -> PageRequest:
        """Return which page is asked for."""
        return PageRequest(self.limit, self.cursor, self.sort)

    def filters(self) -> dict[str, Any]:
        """Return the list's own filters by name; None where not given."""
        given = self.model_dump()
        return {name: given[name] for name in given if name not in PageQuery.model_fields}


def page_answer(request: Request, page: Page) -> Response:
    """Return a page as JSON; its `Link` header leads to the next one."""
    body = msgspec.json.encode({"items": page.items, "next_cursor": page.next_cursor})
    headers = {}
    if page.next_cursor is not None:
        following = request.url.include_query_params(cursor=page.next_cursor)
        headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    return Response(body, headers=headers, media_type="application/json")
