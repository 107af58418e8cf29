"""Turning movements as asked for into commands on balances, from cached facts if they suffice."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from truestock.catalog.model.items import ItemFacts
from truestock.database.request_keys import payload_hash
from truestock.kernel.actor import Actor
from truestock.kernel.clock import Clock
from truestock.kernel.errors import TruestockError
from truestock.kernel.quantity import ONE, base_quantity
from truestock.stock.errors.movements import (
    ExpiryPastError,
    ItemUnknownError,
    LocationUnknownError,
    PriorityOutOfRangeError,
)
from truestock.stock.model.locations import LocationFacts
from truestock.stock.model.movements import (
    BalanceKey,
    Disposition,
    Line,
    NewLine,
    NewMovement,
    NewReservation,
    Post,
    Reserve,
)
from truestock.stock.operations.facts import Facts, Name, Route
from truestock.stock.rules.resolving import (
    canonical,
    check_names,
    checked,
    keys,
    places,
    quantity_in_base,
    require_movable,
    require_single,
)

PRIORITY_MAX = 1000
_ADJUSTING = frozenset({"adjustment", "count", "scrap"})
"""Kinds that make stock appear or vanish. Without a document nobody else looks at them, so they
take a right of their own."""
_AVAILABLE = Disposition.AVAILABLE


class Asked(NamedTuple):
    """A movement with the key it was asked under and the document it belongs to."""

    movement: NewMovement
    request_key: str
    document_id: int | None = None


class _Lacking:
    """What a pass over the movements did not find in the cache; once looked for, it is unknown."""

    def __init__(self) -> None:
        self.names: set[Name] = set()
        self.lots: set[tuple[int, str]] = set()
        self.balances: set[BalanceKey] = set()

    def __bool__(self) -> bool:
        return bool(self.names or self.lots or self.balances)


async def resolved(
    facts: Facts, actor: Actor, asked: Sequence[Asked], clock: Clock
) -> list[Post | TruestockError]:
    """Return for each movement a command, or why there is none. Makes missing zero balances.

    All commands come from facts of one stamp: when facts were dropped meanwhile, all begin anew.
    """
    now = clock()
    commands: list[Post | TruestockError | None] = [None] * len(asked)
    unknown = _Lacking()
    forgotten = facts.forgotten
    while True:
        lacking = _Lacking()
        if not facts.stamp:
            await facts.load(())
        if facts.forgotten != forgotten:
            commands, unknown, forgotten = [None] * len(asked), _Lacking(), facts.forgotten
        on = _Pass(facts, actor, lacking, unknown)
        for place, each in enumerate(asked):
            if commands[place] is None:
                commands[place] = _attempt(on, each, now)
        if not lacking:
            return [command for command in commands if command is not None]
        await _look_for(facts, lacking)
        unknown.names |= lacking.names


async def _look_for(facts: Facts, lacking: _Lacking) -> None:
    """Load what a pass lacked."""
    if lacking.names:
        await facts.load(lacking.names)
    if lacking.lots:
        await facts.load_lots(lacking.lots)
        if not lacking.lots <= facts.lots.keys():
            facts.forget()  # a remembered item has been deleted
    if lacking.balances:
        await facts.load_balances(lacking.balances)
        if not lacking.balances <= facts.balances.keys():
            facts.forget()  # a remembered item or location has been deleted


class _Pass(NamedTuple):
    facts: Facts
    actor: Actor
    lacking: _Lacking
    unknown: _Lacking


def _attempt(on: _Pass, asked: Asked, now: datetime) -> Post | TruestockError | None:
    """Make the command from the cache; None when the cache lacks something, which is noted."""
    movement = asked.movement
    try:
        if movement.kind in _ADJUSTING and asked.document_id is None:
            on.actor.require("stock.adjust")
        checked(movement, now)
        lines = [
            _line(on, movement.kind, line, number)
            for number, line in enumerate(movement.lines, start=1)
        ]
    except TruestockError as error:
        return error
    if None in lines:
        return None
    return Post(
        on.actor.actor_id,
        asked.request_key,
        post_hash(asked),
        movement.kind,
        movement.occurred_at,
        tuple(lines),  # type: ignore[arg-type]  # no None among them
        movement.reason,
        movement.note,
        asked.document_id,
    )


def _line(on: _Pass, kind: str, line: NewLine, number: int) -> Line | None:
    usual = _is_usual(line)
    if usual:
        route = on.facts.routes.get((kind, line.sku, line.source_location, line.target_location))
        if route is not None and (on.actor.site_ids is None or route.site_ids <= on.actor.site_ids):
            quantity = base_quantity(line.quantity, ONE)
            return Line(route.source_balance_id, route.target_balance_id, quantity)
    check_names(line, number)
    source_code, target_code = places(kind, line, number)
    item = _item(on, line, number)
    source = _place(on, source_code, number)
    target = _place(on, target_code, number)
    if item is None or source is None or target is None:
        return None
    require_movable(line, item, source, target, number)
    quantity = quantity_in_base(line, item, number)
    lot_id, serial = None, False
    if line.lot:
        lot = on.facts.lots.get((item.item_id, line.lot))
        if lot is None:
            on.lacking.lots.add((item.item_id, line.lot))
            return None
        lot_id, serial = lot
        if serial:
            require_single(quantity, number)
    pair = keys(line, item, (source.location_id, target.location_id), lot_id, number)
    source_id, target_id = on.facts.balances.get(pair[0]), on.facts.balances.get(pair[1])
    if source_id is None or target_id is None:
        on.lacking.balances.update(key for key in pair if key not in on.facts.balances)
        return None
    if usual:
        sites = frozenset(each.site_id for each in (source, target) if each.site_id is not None)
        on.facts.remember_route(
            (kind, line.sku, line.source_location, line.target_location),
            Route(source_id, target_id, sites),
        )
    return Line(
        source_id,
        target_id,
        quantity,
        line.unit,
        None if line.unit is None else Decimal(line.quantity),
        line.unit_cost,
        lot_id if serial else None,
    )


def _is_usual(line: NewLine) -> bool:
    """Tell whether a line names its item by SKU and nothing but quantity and places."""
    return (
        line.item_id is None
        and line.unit is None
        and line.lot is None
        and line.unit_cost is None
        and line.target_disposition is None
        and line.disposition is _AVAILABLE
    )


def _item(on: _Pass, line: NewLine, number: int) -> ItemFacts | None:
    if line.sku is not None:
        found = on.facts.items_by_sku.get(line.sku)
    elif line.item_id is not None:
        found = on.facts.items_by_id.get(line.item_id)
    else:
        raise ItemUnknownError(line_number=number)
    if found is None and _was_looked_for(on, Name(sku=line.sku, item_id=line.item_id)):
        raise ItemUnknownError(line_number=number, sku=line.sku, item_id=line.item_id)
    return found


def _place(on: _Pass, code: str, number: int) -> LocationFacts | None:
    found = on.facts.locations.get(code)
    if found is None:
        if _was_looked_for(on, Name(location=code)):
            raise LocationUnknownError(line_number=number, location=code)
        return None
    if on.actor.site_ids is not None:
        on.actor.require_site(found.site_id)
    return found


def _was_looked_for(on: _Pass, name: Name) -> bool:
    """Tell whether a name is known to be unknown; else note that it must be looked for."""
    if name in on.unknown.names:
        return True
    on.lacking.names.add(name)
    return False


def post_hash(asked: Asked) -> bytes:
    """Return the hash by which a repeat of a movement is known."""
    return payload_hash("post_movement", asked.document_id, canonical(asked.movement))


def reserve_hash(asked: NewReservation) -> bytes:
    """Return the hash by which a repeat of a reservation is known."""
    movement = _movement_promised(asked)
    moment = asked.expires_at
    if moment is not None and moment.tzinfo is not None:
        moment = moment.astimezone(UTC)
    return payload_hash("reserve", canonical(movement), asked.priority, moment)


def repeat(actor: Actor, request_key: str, hash_of_payload: bytes) -> Post:
    """Return the command of a key that was answered before: it moves nothing and is told again."""
    return Post(actor.actor_id, request_key, hash_of_payload, "", None, ())


def _movement_promised(asked: NewReservation) -> NewMovement:
    line = NewLine(
        quantity=asked.quantity,
        sku=asked.sku,
        item_id=asked.item_id,
        unit=asked.unit,
        lot=asked.lot,
        source_location=asked.location,
        target_location="CUSTOMER",
    )
    return NewMovement(kind="delivery", lines=[line], note=asked.note)


async def reservation(
    facts: Facts, actor: Actor, asked: NewReservation, request_key: str, clock: Clock
) -> Reserve | TruestockError:
    """Return the command for a promise, or why there is none."""
    movement = _movement_promised(asked)
    [found] = await resolved(facts, actor, [Asked(movement, request_key)], clock)
    if isinstance(found, TruestockError):
        return found
    expires_at = asked.expires_at
    if expires_at is not None and (expires_at.tzinfo is None or expires_at <= clock()):
        return ExpiryPastError(expires_at=expires_at.isoformat())
    if not 0 <= asked.priority <= PRIORITY_MAX:
        return PriorityOutOfRangeError(priority=asked.priority)
    return Reserve(
        actor.actor_id,
        request_key,
        reserve_hash(asked),
        found.lines[0].source_balance_id,
        found.lines[0].quantity,
        asked.priority,
        expires_at,
        None,
        asked.note,
    )
