"""One rule for every write: the same request key gives the same stored answer, in one transaction.

The key is claimed first; a twin that runs at the same moment waits for the claim and then finds the
answer. A refusal is an answer too and is stored. A fault stores nothing, so the retry executes.
"""

import hashlib
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from truestock.database.errors import DeadlockError
from truestock.database.pool import Database
from truestock.database.sql import load_sql
from truestock.database.transactions import ReadTransaction, Transaction
from truestock.kernel.errors import (
    BusyError,
    InvalidInputError,
    RequestKeyReusedError,
    TruestockError,
)

REQUEST_KEY_LENGTH_MAX = 200
PAYLOAD_HASH_BYTES = 16
SERVER_FAULT = 500
"""Statuses from here on are faults, not answers; they are never stored."""

_TRIES_MAX = 4
"""Of one transaction that is undone to break a deadlock."""

_encode_sorted = msgspec.json.Encoder(order="sorted").encode
_CLAIM = load_sql(__name__, "claim_request_key")
_FIND = load_sql(__name__, "find_request")
_STORE = load_sql(__name__, "store_answer")
_CLAIM_MANY = load_sql(__name__, "claim_request_keys")
_FIND_MANY = load_sql(__name__, "find_requests")
_STORE_MANY = load_sql(__name__, "store_answers")
_FREE_MANY = load_sql(__name__, "free_request_keys")


class RepeatedRefusalError(TruestockError):
    """The same request was refused before; the refusal stands for this key."""

    def __init__(self, problem: dict[str, Any]) -> None:
        """Take the stored problem's members."""
        super().__init__(**problem.get("facts", {}))
        self.code = problem["code"]  # type: ignore[misc]  # the stored refusal's own
        self.status = problem["status"]  # type: ignore[misc]  # the stored refusal's own
        self._title = problem["title"]
        self._detail = problem["detail"]

    @property
    def title(self) -> str:
        """The stored sentence."""
        return str(self._title)

    @property
    def detail(self) -> str:
        """The stored sentence for the case."""
        return str(self._detail)


@dataclass(frozen=True, slots=True)
class Request:
    """One write as asked: who, under which key, and the hash of what."""

    actor_id: int
    request_key: str
    payload_hash: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered, and whether it had been stored before."""

    body: Any
    replayed: bool


def payload_hash(*parts: Any) -> bytes:
    """Hash a canonical form of the payload: struct order, sorted maps, no white space."""
    return hashlib.blake2b(_encode_sorted(parts), digest_size=PAYLOAD_HASH_BYTES).digest()


def checked_request_key(request_key: str | None) -> str:
    """Return the key if it is 1..200 printable characters, else raise `InvalidInputError`."""
    if (
        not request_key
        or len(request_key) > REQUEST_KEY_LENGTH_MAX
        or not request_key.isprintable()
    ):
        raise InvalidInputError(field="request_key", reason="1 to 200 printable characters")
    return request_key


def stored_problem(error: TruestockError) -> dict[str, Any]:
    """Return what is kept of a refusal so that it can be given again."""
    return {
        "code": error.code,
        "status": error.status,
        "title": error.title,
        "detail": error.detail,
        "facts": error.facts,
    }


async def answer_once(
    database: Database, request: Request, act: Callable[[Transaction], Awaitable[Any]]
) -> Answer:
    """Run `act` in a transaction unless this request was answered before; keep its answer with it.

    `act` returns a JSON-able answer. Its refusal is stored (its effects undone) and raised; so is
    the stored refusal on a repeat. Raises `RequestKeyReusedError` for another payload. When a
    deadlock is broken by undoing this transaction, it is tried again: `act` may run repeatedly.
    """
    for tries_left in reversed(range(_TRIES_MAX)):
        try:
            async with database.writing() as tx:
                answer = await answer_once_within(tx, request, act)
            break
        except DeadlockError:
            if not tries_left:
                raise
    if isinstance(answer.body, TruestockError):
        raise answer.body
    return answer


async def answer_once_within(
    tx: Transaction, request: Request, act: Callable[[Transaction], Awaitable[Any]]
) -> Answer:
    """Do the work of `answer_once` in the caller's transaction; a refusal comes as the body."""
    claimed = await tx.value(_CLAIM, request.actor_id, request.request_key, request.payload_hash)
    if claimed is None:
        return await _answer_before(tx, request)
    try:
        async with tx.savepoint():
            body = await act(tx)
    except TruestockError as refusal:
        if refusal.status >= SERVER_FAULT:
            raise
        await _store(tx, request, {"refusal": stored_problem(refusal)})
        return Answer(refusal, replayed=False)
    await _store(tx, request, {"answer": body})
    return Answer(body, replayed=False)


async def known_keys(tx: ReadTransaction, actor_id: int, request_keys: Collection[str]) -> set[str]:
    """Return those of these keys that were answered before."""
    rows = await tx.rows(_FIND_MANY, actor_id, list(request_keys))
    return {row["request_key"] for row in rows}


async def claim_many(
    tx: Transaction, actor_id: int, asked: Mapping[str, bytes]
) -> dict[str, Answer | TruestockError]:
    """Claim the keys of many writes, given with their payload hashes, in one statement.

    Returns what was answered before, by key, and an error for a key with another payload; the
    other keys are this transaction's now, until `store_many` or `free_many`.
    """
    rows = await tx.rows(_CLAIM_MANY, actor_id, list(asked), list(asked.values()))
    claimed = {row["request_key"] for row in rows}
    before = [key for key in asked if key not in claimed]
    if not before:
        return {}
    found: dict[str, Answer | TruestockError] = {}
    for row in await tx.rows(_FIND_MANY, actor_id, before):
        key = row["request_key"]
        if bytes(row["payload_hash"]) != asked[key] or row["answer"] is None:
            found[key] = RequestKeyReusedError(request_key=key)
            continue
        stored = msgspec.json.decode(row["answer"])
        refused = "refusal" in stored
        found[key] = (
            RepeatedRefusalError(stored["refusal"])
            if refused
            else Answer(stored["answer"], replayed=True)
        )
    if len(found) < len(before):
        raise BusyError
    return found


async def store_many(tx: Transaction, actor_id: int, answers: Mapping[str, Any]) -> None:
    """Keep the answers of claimed keys; they are JSON-able."""
    texts = [msgspec.json.encode({"answer": each}).decode() for each in answers.values()]
    await tx.run(_STORE_MANY, actor_id, list(answers), texts)


async def free_many(tx: Transaction, actor_id: int, request_keys: Collection[str]) -> None:
    """Give back keys claimed in this transaction; a later request may use them."""
    await tx.run(_FREE_MANY, actor_id, list(request_keys))


async def _store(tx: Transaction, request: Request, answer: dict[str, Any]) -> None:
    text = msgspec.json.encode(answer).decode()
    await tx.run(_STORE, request.actor_id, request.request_key, text)


async def _answer_before(tx: Transaction, request: Request) -> Answer:
    found = await tx.row(_FIND, request.actor_id, request.request_key)
    if found is None:
        raise BusyError
    if bytes(found["payload_hash"]) != request.payload_hash or found["answer"] is None:
        raise RequestKeyReusedError(request_key=request.request_key)
    stored = msgspec.json.decode(found["answer"])
    if "refusal" in stored:
        return Answer(RepeatedRefusalError(stored["refusal"]), replayed=True)
    return Answer(stored["answer"], replayed=True)
