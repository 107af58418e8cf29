"""The hot routes: posting a movement, reserving, looking a balance up.

Bodies are decoded straight into the ledger's commands and answers are encoded from its outcomes.
"""

from typing import cast

import msgspec

from truestock.http.problems import RequestKeyMissingError
from truestock.http.thin import ThinAnswer, ThinCall, ThinRoute
from truestock.kernel.errors import InvalidInputError, RequestKeyReusedError, TruestockError
from truestock.stock.errors import movements as errors
from truestock.stock.errors.balances import BalanceUnknownError
from truestock.stock.model.balances import BalanceShown
from truestock.stock.model.movements import (
    Disposition,
    NewMovement,
    NewReservation,
    Posted,
    Reserved,
)
from truestock.stock.operations.ledger import Ledger, refusal_of
from truestock.stock.operations.resolve import Asked
from truestock.stock.reads import balances as reads

REPLAYED = ((b"idempotent-replayed", b"true"),)
_ID_DIGITS_MAX = 18

_encode = msgspec.json.Encoder().encode
_DISPOSITIONS = {each.value for each in Disposition}


async def post_movement(call: ThinCall) -> ThinAnswer:
    """Post one movement, all lines or nothing."""
    movement: NewMovement = call.command
    asked = Asked(movement, call.request_key(movement.request_key))
    [outcome] = await ledger_of(call).post_many(call.actor, [asked])
    if isinstance(outcome, Posted):
        return _answer(outcome)
    raise await _explained(call, refusal_of(outcome))


async def reserve(call: ThinCall) -> ThinAnswer:
    """Promise part of a balance."""
    wanted: NewReservation = call.command
    key = call.request_key(wanted.request_key)
    try:
        return _answer(await ledger_of(call).reserve(call.actor, wanted, key))
    except TruestockError as error:
        raise await _explained(call, error) from error


async def post_reservation(call: ThinCall) -> ThinAnswer:
    """Post a movement out of a reservation."""
    movement: NewMovement = call.command
    key = call.request_key(movement.request_key)
    reservation_id = row_id(call, "reservation_id")
    try:
        posted = await ledger_of(call).fulfil(call.actor, reservation_id, movement, key)
    except TruestockError as error:
        raise await _explained(call, error) from error
    return _answer(posted)


async def read_balance(call: ThinCall) -> bytes:
    """Return one balance by its id."""
    balance_id = row_id(call, "balance_id")
    async with call.database.asking() as tx:
        return _encode(await reads.balance_shown(tx, call.actor.site_ids, balance_id))


async def look_balance_up(call: ThinCall) -> bytes:
    """Return one balance by codes."""
    query = call.query
    for name in ("sku", "location"):
        if not query.get(name):
            raise InvalidInputError(faults=[{"field": name, "reason": "is needed"}])
    disposition = query.get("disposition", Disposition.AVAILABLE.value)
    if disposition not in _DISPOSITIONS:
        raise InvalidInputError(
            faults=[{"field": "disposition", "reason": f"one of {sorted(_DISPOSITIONS)}"}]
        )
    async with call.database.asking() as tx:
        found = await reads.balance_at(
            tx,
            call.actor.site_ids,
            query["sku"],
            query["location"],
            lot=query.get("lot"),
            disposition=disposition,
        )
    return _encode(found)


def row_id(call: ThinCall, name: str) -> int:
    """Return an id in the path; raises `InvalidInputError` if it is not a whole number."""
    text = call.parameters[name]
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _ID_DIGITS_MAX):
        raise InvalidInputError(faults=[{"field": name, "reason": "a whole number"}])
    return int(text)


def ledger_of(call: ThinCall) -> Ledger:
    """Return the ledger of this process."""
    return cast("Ledger", call.request.app.state.ledger)


def _answer(done: Posted | Reserved) -> ThinAnswer:
    if done.replayed:
        return ThinAnswer(_encode(done), 200, REPLAYED)
    return ThinAnswer(_encode(done), 201)


async def _explained(call: ThinCall, error: TruestockError) -> TruestockError:
    """Return a refusal that says by name which item is short where."""
    if "shortages" not in error.facts:
        return error
    async with call.database.asking() as tx:
        return await reads.with_places_named(tx, error)


_REFUSALS = (
    errors.InsufficientStockError,
    errors.ItemUnknownError,
    errors.ItemArchivedError,
    errors.LocationUnknownError,
    errors.LocationInactiveError,
    errors.UnitUnknownError,
    errors.SerialNotHereError,
    RequestKeyReusedError,
    RequestKeyMissingError,
)
RECEIPT = {
    "kind": "receipt",
    "request_key": "receipt-4711",
    "lines": [{"sku": "SKU-1", "quantity": 10, "target_location": "BIN-1"}],
}
POSTED = {
    "movement_id": 1,
    "recorded_at": "2026-03-02T09:00:00Z",
    "lines": [
        {"line_number": 1, "source_quantity_on_hand": -10, "target_quantity_on_hand": 10},
    ],
    "status": "posted",
    "replayed": False,
}

thin_routes = (
    ThinRoute(
        method="POST",
        path="/api/v1/movements",
        permission="stock.post",
        summary="Post a movement",
        handler=post_movement,
        body=NewMovement,
        answer=Posted,
        status=201,
        status_replayed=200,
        tags=("movements",),
        body_example=RECEIPT,
        answer_example=POSTED,
        errors=_REFUSALS,
    ),
    ThinRoute(
        method="POST",
        path="/api/v1/reservations",
        permission="stock.reserve",
        summary="Reserve stock",
        handler=reserve,
        body=NewReservation,
        answer=Reserved,
        status=201,
        status_replayed=200,
        tags=("reservations",),
        body_example={
            "request_key": "order-17/1",
            "sku": "SKU-1",
            "location": "BIN-1",
            "quantity": 3,
            "expires_at": "2030-01-01T00:00:00Z",
        },
        answer_example={
            "reservation_id": 1,
            "state": "pending",
            "quantity": 3,
            "replayed": False,
        },
        errors=(*_REFUSALS, errors.NotReservableError, errors.ExpiryPastError),
    ),
    ThinRoute(
        method="POST",
        path="/api/v1/reservations/{reservation_id}/post",
        permission="stock.post",
        summary="Post a movement out of a reservation",
        handler=post_reservation,
        body=NewMovement,
        answer=Posted,
        status=201,
        status_replayed=200,
        tags=("reservations",),
        body_example={
            "kind": "delivery",
            "request_key": "order-17/1/shipped",
            "lines": [{"sku": "SKU-1", "quantity": 3, "source_location": "BIN-1"}],
        },
        answer_example=POSTED,
        errors=(
            *_REFUSALS,
            errors.ReservationUnknownError,
            errors.ReservationResolvedError,
            errors.ReservationTooSmallError,
        ),
    ),
    ThinRoute(
        method="GET",
        path="/api/v1/balances/lookup",
        permission="stock.read",
        summary="Look a balance up by codes",
        handler=look_balance_up,
        answer=BalanceShown,
        tags=("balances",),
        query={
            "sku": "The item's SKU; needed.",
            "location": "The location's code; needed.",
            "lot": "The lot or serial; without it, stock of no lot.",
            "disposition": "available if not given.",
        },
        errors=(BalanceUnknownError,),
    ),
    ThinRoute(
        method="GET",
        path="/api/v1/balances/{balance_id}",
        permission="stock.read",
        summary="Read a balance",
        handler=read_balance,
        answer=BalanceShown,
        tags=("balances",),
        errors=(BalanceUnknownError,),
    ),
)
