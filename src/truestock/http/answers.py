"""Answers of handlers: JSON from our own classes, with ETag, Location and the mark of a repeat."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from fastapi import Depends, Response

from truestock.database import Transaction
from truestock.database.request_keys import Answer
from truestock.http.bodies import WriteBody
from truestock.http.handlers import DatabaseOf, KeyHeader, request_key_of, write_once
from truestock.http.versions import etag
from truestock.kernel.actor import Actor

NO_CONTENT = 204


def json_answer(body: Any, *, status: int = 200, location: str | None = None) -> Response:
    """Return data classes, structs or plain values as JSON; a `version` among them is the ETag."""
    plain = msgspec.to_builtins(body)
    headers = {} if location is None else {"Location": location}
    if isinstance(plain, dict) and "version" in plain:
        headers["ETag"] = etag(plain["version"])
    return Response(msgspec.json.encode(plain), status, headers, "application/json")


def written_answer(answer: Answer, *, status: int = 200, location: str = "") -> Response:
    """Return the answer of a write; `location` is formatted with its members.

    A repeat is answered like the first time, with `Idempotent-Replayed: true`.
    """
    if status == NO_CONTENT:
        found = Response(status_code=NO_CONTENT)
    else:
        where = location.format(**answer.body) if location else None
        found = json_answer(answer.body, status=status, location=where)
    if answer.replayed:
        found.headers["Idempotent-Replayed"] = "true"
    return found


@dataclass(frozen=True, slots=True)
class Once:
    """Runs a write of this request once under its key (a FastAPI dependency)."""

    database: DatabaseOf
    key: KeyHeader = None

    async def run(
        self,
        actor: Actor,
        body: WriteBody | None,
        payload: Any,
        act: Callable[[Transaction], Awaitable[Any]],
    ) -> Answer:
        """Run `act` in one transaction; what it returns is kept in its JSON form.

        `payload` is what the write depends on beside the body: its name, ids and version.
        """

        async def plain(tx: Transaction) -> Any:
            return msgspec.to_builtins(await act(tx))

        key = request_key_of(self.key, body.request_key if body is not None else None)
        given = body.model_dump(exclude={"request_key"}, exclude_unset=True) if body else None
        return await write_once(self.database, actor, key, [payload, given], plain)


OnceOf = Annotated[Once, Depends(Once)]
