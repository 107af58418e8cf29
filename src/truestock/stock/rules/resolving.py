"""From a movement as asked for to balance keys and exact base quantities. Pure."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from truestock.catalog.model.items import ItemFacts
from truestock.kernel.quantity import ONE, base_quantity, is_unit_cost
from truestock.kernel.texts import is_storable
from truestock.stock.errors.movements import (
    ItemArchivedError,
    ItemUnknownError,
    LinesMissingError,
    LocationInactiveError,
    LocationMissingError,
    LotCodeError,
    LotMissingError,
    LotNotTrackedError,
    OccurredAtError,
    SameLocationError,
    SerialQuantityError,
    TextTooLongError,
    UnitCostError,
    UnitUnknownError,
)
from truestock.stock.model.locations import LocationFacts
from truestock.stock.model.movements import BalanceKey, NewLine, NewMovement

LINES_MAX = 1000
TEXT_LENGTH_MAX = 2000
NAME_LENGTH_MAX = 64
ID_MAX = 2**63 - 1
_AHEAD_MAX = timedelta(days=1)
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS_MAX = 24

_SOURCE_BY_KIND = {"receipt": "SUPPLIER"}
_TARGET_BY_KIND = {"delivery": "CUSTOMER", "scrap": "SCRAP"}


def checked(movement: NewMovement, now: datetime) -> None:
    """Raise unless the movement's own form is right: count of lines, texts, moment."""
    if not 0 < len(movement.lines) <= LINES_MAX:
        raise LinesMissingError(line_count=len(movement.lines))
    for text in (movement.reason, movement.note):
        if text and (len(text) > TEXT_LENGTH_MAX or not is_storable(text)):
            raise TextTooLongError(length_max=TEXT_LENGTH_MAX)
    at = movement.occurred_at
    if at is not None and (at.tzinfo is None or not _EARLIEST <= at <= now + _AHEAD_MAX):
        raise OccurredAtError(occurred_at=at.isoformat())


def check_names(line: NewLine, number: int) -> None:
    """Refuse names that no item, place, unit or lot can have, before anything looks for them.

    Look-ups are shared by callers; what the database would not even read must not get there.
    """
    names = (line.sku, line.unit, line.source_location, line.target_location, line.lot)
    for name in names:
        if name is not None and not (name.isprintable() and len(name) <= NAME_LENGTH_MAX):
            raise TextTooLongError(line_number=number, length_max=NAME_LENGTH_MAX)
    if line.lot is not None and line.lot != line.lot.strip():
        raise LotCodeError(line_number=number)
    if line.item_id is not None and not 0 < line.item_id <= ID_MAX:
        raise ItemUnknownError(line_number=number, item_id=line.item_id)


def places(kind: str, line: NewLine, number: int) -> tuple[str, str]:
    """Return the codes of source and target, with the kind's usual other side filled in."""
    source = line.source_location or _SOURCE_BY_KIND.get(kind)
    target = line.target_location or _TARGET_BY_KIND.get(kind)
    if source is None or target is None:
        missing = "source_location" if source is None else "target_location"
        raise LocationMissingError(line_number=number, field=missing)
    return source, target


def quantity_in_base(line: NewLine, item: ItemFacts, number: int) -> int:
    """Return the line's quantity in the item's base unit; exact or refused."""
    factor = ONE
    if line.unit is not None and line.unit != item.base_unit:
        found = item.packs.get(line.unit)
        if found is None:
            known = [item.base_unit, *item.packs]
            raise UnitUnknownError(line_number=number, unit=line.unit, known=known)
        factor = found
    return base_quantity(line.quantity, factor)


def require_movable(
    line: NewLine,
    item: ItemFacts,
    source: LocationFacts,
    target: LocationFacts,
    number: int,
) -> None:
    """Raise unless item and places take movements and the lot is named exactly when tracked."""
    if item.status != "active":
        raise ItemArchivedError(line_number=number, sku=item.sku)
    for place in (source, target):
        if place.status != "active":
            raise LocationInactiveError(line_number=number, location=place.code)
    if item.tracking == "none" and line.lot is not None:
        raise LotNotTrackedError(line_number=number, sku=item.sku)
    if item.tracking != "none" and not line.lot:
        raise LotMissingError(line_number=number, sku=item.sku)
    cost = line.unit_cost
    if cost is not None and not is_unit_cost(cost):
        raise UnitCostError(line_number=number)


def require_single(quantity: int, number: int) -> None:
    """Raise unless a line of a serial moves exactly one."""
    if quantity != 1:
        raise SerialQuantityError(line_number=number, quantity=quantity)


def keys(
    line: NewLine, item: ItemFacts, place_ids: tuple[int, int], lot_id: int | None, number: int
) -> tuple[BalanceKey, BalanceKey]:
    """Return the keys of both balances, source first; they must differ."""
    kept = line.target_disposition or line.disposition
    source = BalanceKey(item.item_id, place_ids[0], lot_id, line.disposition)
    target = BalanceKey(item.item_id, place_ids[1], lot_id, kept)
    if source == target:
        raise SameLocationError(line_number=number)
    return source, target


def canonical(movement: NewMovement) -> tuple[Any, ...]:
    """Return the payload in one form for hashing: same meaning, same form; the key is not in it."""
    at = movement.occurred_at
    lines = movement.lines
    for line in lines:
        if type(line.quantity) is not int or line.unit_cost is not None:
            lines = [_canonical_line(each) for each in lines]
            break
    moment = at.astimezone(UTC) if at is not None else None
    return (movement.kind, moment, movement.reason, movement.note, lines)


def _canonical_line(line: NewLine) -> NewLine:
    """1, 1.0 and 1.00 are the same number."""
    cost = None if line.unit_cost is None else _shortest(line.unit_cost)
    return msgspec.structs.replace(line, quantity=_shortest(line.quantity), unit_cost=cost)


def _shortest(number: int | Decimal) -> int | Decimal:
    if isinstance(number, int) or not number.is_finite() or number.adjusted() > _DIGITS_MAX:
        return number
    return int(number) if number == number.to_integral_value() else number.normalize()
