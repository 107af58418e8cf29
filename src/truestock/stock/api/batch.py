"""Many movements in one request, each accepted or refused on its own, answered in order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, Literal, cast

import msgspec

from truestock.database.request_keys import checked_request_key
from truestock.http.problems import RequestKeyMissingError, problem_document
from truestock.http.thin import ThinCall, ThinRoute, json_command
from truestock.kernel.errors import InvalidInputError, TruestockError
from truestock.stock.api.hot import POSTED, RECEIPT, ledger_of
from truestock.stock.model.movements import NewMovement, Posted, PostedLine, Refused
from truestock.stock.operations.group import Outcome
from truestock.stock.operations.ledger import refusal_of
from truestock.stock.operations.resolve import Asked
from truestock.stock.reads import balances as reads

BATCH_MAX = 1_000

_encode = msgspec.json.Encoder().encode


class NewMovements(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Independent movements, each with its own request key, posted in this order."""

    movements: Annotated[list[NewMovement], msgspec.Meta(min_length=1, max_length=BATCH_MAX)]


class _RawMovements(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    movements: Annotated[list[msgspec.Raw], msgspec.Meta(min_length=1, max_length=BATCH_MAX)]


class MovementAnswer(msgspec.Struct, frozen=True):
    """What became of one movement of a batch.

    `posted` has the members of a posted movement. `refused` is the ledger's answer, kept for this
    key; `invalid` could not be asked of the ledger and may be corrected under the same key. Both
    have a `problem` document.
    """

    status: Literal["posted", "refused", "invalid"]
    replayed: bool = False
    movement_id: int | msgspec.UnsetType = msgspec.UNSET
    recorded_at: datetime | msgspec.UnsetType = msgspec.UNSET
    lines: list[PostedLine] | msgspec.UnsetType = msgspec.UNSET
    problem: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    request_key: str | None = None


class MovementAnswers(msgspec.Struct, frozen=True):
    """The answers to a batch, in its order."""

    answers: list[MovementAnswer]


class _Batch:
    """Decodes a batch; when it is not of the right form, each movement on its own."""

    def __init__(self) -> None:
        self._all = msgspec.json.Decoder(NewMovements)
        self._raw = msgspec.json.Decoder(_RawMovements)
        self._one = msgspec.json.Decoder(NewMovement)

    def decode(self, body: bytes) -> Sequence[NewMovement | TruestockError]:
        """Return the movements, or why one of them is none; raises what `msgspec` does."""
        try:
            return self._all.decode(body).movements
        except msgspec.ValidationError:
            return [self._movement(raw) for raw in self._raw.decode(body).movements]

    def _movement(self, raw: msgspec.Raw) -> NewMovement | TruestockError:
        try:
            return cast("NewMovement", json_command(self._one, bytes(raw)))
        except TruestockError as error:
            return error


@dataclass(frozen=True)
class BatchRoute(ThinRoute):
    """A thin route whose body is a batch of movements."""

    @cached_property
    def decoder(self) -> Any:
        """Decodes each movement on its own where it must."""
        return _Batch()


async def post_movements(call: ThinCall) -> bytes:
    """Post movements independent of each other; each has an answer of its own."""
    given: Sequence[NewMovement | TruestockError] = call.command
    asked, answers = _asked(given)
    if asked:
        outcomes = await ledger_of(call).post_many(call.actor, asked)
        if len(asked) == len(given):
            answers = outcomes
        else:
            found = iter(outcomes)
            answers = [next(found) if each is None else each for each in answers]
    if any(type(each) is not Posted for each in answers):
        return _encode({"answers": await _told(call, given, answers)})
    return _encode({"answers": answers})


def _asked(
    given: Sequence[NewMovement | TruestockError],
) -> tuple[list[Asked], Sequence[Outcome | None]]:
    """Return what can be asked of the ledger, and for the rest why not (else None)."""
    asked: list[Asked] = []
    faults: list[Outcome | None] = []
    for each in given:
        fault: TruestockError | None = None
        if isinstance(each, TruestockError):
            fault = each
        elif each.request_key is None:
            fault = RequestKeyMissingError()
        else:
            try:
                asked.append(Asked(each, checked_request_key(each.request_key)))
            except InvalidInputError as error:
                fault = error
        faults.append(fault)
    return asked, faults


async def _told(
    call: ThinCall,
    given: Sequence[NewMovement | TruestockError],
    outcomes: Sequence[Outcome | None],
) -> list[Posted | MovementAnswer]:
    """Return the answers of a batch in which something was not posted."""
    refusals = {
        place: refusal_of(outcome)
        for place, outcome in enumerate(outcomes)
        if outcome is not None and not isinstance(outcome, Posted)
    }
    short = [each for error in refusals.values() for each in error.facts.get("shortages", ())]
    if short:
        async with call.database.asking() as tx:
            await reads.name_places(tx, short)
    answers: list[Posted | MovementAnswer] = []
    for place, outcome in enumerate(outcomes):
        if isinstance(outcome, Posted):
            answers.append(outcome)
            continue
        asked = given[place]
        answers.append(
            MovementAnswer(
                status="refused" if isinstance(outcome, Refused) else "invalid",
                replayed=isinstance(outcome, Refused) and outcome.replayed,
                request_key=asked.request_key if isinstance(asked, NewMovement) else None,
                problem=_plain(problem_document(refusals[place])),
            )
        )
    return answers


def _plain(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with anything that JSON has no form for as text."""
    plain: dict[str, Any] = msgspec.to_builtins(document, enc_hook=str)
    return plain


thin_routes = (
    BatchRoute(
        method="POST",
        path="/api/v1/movements/batch",
        permission="stock.post",
        summary="Post many movements, each on its own",
        handler=post_movements,
        body=NewMovements,
        answer=MovementAnswers,
        tags=("movements",),
        body_example={"movements": [RECEIPT]},
        answer_example={"answers": [POSTED]},
    ),
)
