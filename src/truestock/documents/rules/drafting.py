"""From a document as asked for to a draft: names resolved, the rules of its type kept. Pure."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import msgspec

from truestock.catalog.model.items import ItemFacts, ItemStatus, Tracking
from truestock.catalog.model.parties import Party, PartyKind, PartyStatus
from truestock.documents.errors import (
    AdjustmentPlacesError,
    CostNotHereError,
    DeliveryPlacesError,
    DocumentDueError,
    DocumentMomentError,
    DocumentTextError,
    ItemTwiceError,
    ItemUnknownError,
    LineFormError,
    LinePlaceError,
    LinesTooManyError,
    PartyMisfitError,
    PlacesSameError,
    PlaceUnknownError,
    ReasonUnknownError,
    ReceiptPlacesError,
    TransferPlacesError,
)
from truestock.documents.model import (
    DocumentType,
    Draft,
    DraftLine,
    NewDocument,
    NewDocumentLine,
    Place,
    Reason,
)
from truestock.kernel.errors import TruestockError, about
from truestock.kernel.quantity import ONE, base_quantity, is_unit_cost
from truestock.kernel.texts import is_storable
from truestock.stock.errors.movements import (
    ItemArchivedError,
    LocationInactiveError,
    LotNotTrackedError,
    UnitUnknownError,
)
from truestock.stock.model.locations import LocationFacts, PlaceStatus

LINES_MAX = 1_000
REFERENCE_LENGTH_MAX = 200
NOTE_LENGTH_MAX = 2_000
LOT_LENGTH_MAX = 64
_AHEAD_MAX = timedelta(days=1)
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST_DAY = date(1970, 1, 1)

_PARTY_KINDS = {
    DocumentType.RECEIPT: PartyKind.SUPPLIER,
    DocumentType.DELIVERY: PartyKind.CUSTOMER,
}
_PLACES_ERRORS: dict[DocumentType, type[TruestockError]] = {
    DocumentType.RECEIPT: ReceiptPlacesError,
    DocumentType.DELIVERY: DeliveryPlacesError,
    DocumentType.TRANSFER: TransferPlacesError,
    DocumentType.ADJUSTMENT: AdjustmentPlacesError,
}


class DraftFacts(msgspec.Struct, frozen=True):
    """What drafting needs to know; what is not in it does not exist. Keys are names and ids."""

    items: Mapping[str | int, ItemFacts]
    places: Mapping[str | int, LocationFacts]
    parties: Mapping[int, Party]
    reasons: Mapping[str, Reason]


def drafted(asked: NewDocument, facts: DraftFacts, now: datetime) -> Draft:
    """Return the draft of what is asked for, or raise the first rule that it breaks."""
    if len(asked.lines) > LINES_MAX:
        raise LinesTooManyError(line_count=len(asked.lines), line_count_max=LINES_MAX)
    _require_texts(asked)
    _require_moment(asked.occurred_at, now)
    if asked.due_on is not None and asked.due_on < _EARLIEST_DAY:
        raise DocumentDueError(due_on=asked.due_on.isoformat())
    source, target = _place(asked.source, facts), _place(asked.target, facts)
    require_places(asked.type, source, target)
    _require_party(asked, facts)
    lines = []
    for number, line in enumerate(asked.lines, start=1):
        lines.append(_line(asked.type, line, facts, (source, target), number))
    _require_each_once(lines)
    draft = Draft(
        asked.type,
        source,
        target,
        asked.party_id,
        asked.reference,
        asked.note,
        asked.reason_code,
        asked.occurred_at,
        lines,
        asked.due_on,
    )
    _require_reason(draft, facts)
    return draft


def require_places(kind: DocumentType, source: Place | None, target: Place | None) -> None:
    """Raise unless the places are those that the type needs (the table has the same CHECKs)."""
    outside_source = source is None or source.site_id is None
    outside_target = target is None or target.site_id is None
    if kind is DocumentType.RECEIPT:
        right = outside_source and not outside_target
    elif kind is DocumentType.DELIVERY:
        right = outside_target and not outside_source
    elif kind is DocumentType.TRANSFER:
        right = not outside_source and not outside_target
    else:
        right = (source is None) != (target is None) and outside_source != outside_target
    if not right:
        raise _PLACES_ERRORS[kind](
            source=source.code if source else None, target=target.code if target else None
        )
    if source is not None and source == target:
        raise PlacesSameError(location=source.code)


def line_places(
    kind: DocumentType, header: tuple[Place | None, Place | None], line: DraftLine
) -> tuple[Place | None, Place | None]:
    """Return where a line really moves, source first: its own places before the document's.

    A line of an adjustment that names a place of its own names all it has: so one document may add
    here and take away there. None is the virtual side that the type implies.
    """
    if kind is DocumentType.ADJUSTMENT and (line.source or line.target):
        return line.source, line.target
    return line.source or header[0], line.target or header[1]


def number_year(draft: Draft, now: datetime) -> int:
    """Return the year a document is numbered in: of its own date, else of today, in UTC."""
    return (draft.occurred_at or now).astimezone(UTC).year


def _require_texts(asked: NewDocument) -> None:
    for field, text, length_max in (
        ("reference", asked.reference, REFERENCE_LENGTH_MAX),
        ("note", asked.note, NOTE_LENGTH_MAX),
    ):
        if text and (len(text) > length_max or not storable(text)):
            raise DocumentTextError(field=field, length_max=length_max)


def storable(text: str) -> bool:
    """Tell whether PostgreSQL can keep a text: valid Unicode without NUL."""
    return (text.isascii() and text.isprintable()) or is_storable(text)


def _require_moment(at: datetime | None, now: datetime) -> None:
    if at is not None and (at.tzinfo is None or not _EARLIEST <= at <= now + _AHEAD_MAX):
        raise DocumentMomentError(occurred_at=at.isoformat())


def _place(asked: str | int | None, facts: DraftFacts, number: int | None = None) -> Place | None:
    if asked is None:
        return None
    found = facts.places.get(asked)
    where = {} if number is None else {"line_number": number}
    if found is None:
        raise PlaceUnknownError(location=asked, **where)
    if found.status is not PlaceStatus.ACTIVE:
        raise LocationInactiveError(location=found.code, **where)
    return Place(found.location_id, found.code, found.site_id)


def _require_party(asked: NewDocument, facts: DraftFacts) -> None:
    if asked.party_id is None:
        return
    found = facts.parties.get(asked.party_id)
    needed = _PARTY_KINDS.get(asked.type)
    if found is None or found.kind is not needed or found.status is not PartyStatus.ACTIVE:
        raise PartyMisfitError(party_id=asked.party_id, kind_needed=needed)


def _line(
    kind: DocumentType,
    line: NewDocumentLine,
    facts: DraftFacts,
    header: tuple[Place | None, Place | None],
    number: int,
) -> DraftLine:
    item = facts.items.get(line.item)
    if item is None:
        raise ItemUnknownError(line_number=number, item=line.item)
    if item.status is not ItemStatus.ACTIVE:
        raise ItemArchivedError(line_number=number, sku=item.sku)
    _require_lot(line, item, number)
    if line.unit_cost is not None and not (
        kind is DocumentType.RECEIPT and is_unit_cost(line.unit_cost)
    ):
        raise CostNotHereError(line_number=number)
    source, target = line.source, line.target
    drafted_line = DraftLine(
        item.item_id,
        item.sku,
        item.base_unit,
        line.unit or item.base_unit,
        line.quantity,
        _quantity_base(line, item, number),
        line.lot,
        line.disposition,
        line.unit_cost,
        None if source is None else _place(source, facts, number),
        None if target is None else _place(target, facts, number),
    )
    if source is not None or target is not None:
        _require_line_places(kind, header, drafted_line, number)
    return drafted_line


def _require_lot(line: NewDocumentLine, item: ItemFacts, number: int) -> None:
    lot = line.lot
    if lot is None:
        return
    if item.tracking is Tracking.NONE:
        raise LotNotTrackedError(line_number=number, sku=item.sku)
    if not 0 < len(lot) <= LOT_LENGTH_MAX or lot != lot.strip() or not storable(lot):
        raise LineFormError(line_number=number, field="lot")


def _quantity_base(line: NewDocumentLine, item: ItemFacts, number: int) -> int:
    factor: Fraction | None = ONE
    if line.unit is not None and line.unit != item.base_unit:
        factor = item.packs.get(line.unit)
    if factor is None:
        known = [item.base_unit, *item.packs]
        raise UnitUnknownError(line_number=number, unit=line.unit, known=known)
    with about(line_number=number, sku=item.sku):
        return base_quantity(line.quantity, factor)


def _require_line_places(
    kind: DocumentType, header: tuple[Place | None, Place | None], line: DraftLine, number: int
) -> None:
    """Raise unless the line keeps its type's rule and stays in the sites of its document."""
    places = line_places(kind, header, line)
    with about(line_number=number):
        require_places(kind, *places)
    sites = {place.site_id for place in header if place is not None}
    for own, of_header in zip((line.source, line.target), header, strict=True):
        allowed = {of_header.site_id} if of_header is not None else sites | {None}
        if own is not None and own.site_id not in allowed:
            raise LinePlaceError(line_number=number, location=own.code)


def _require_each_once(lines: list[DraftLine]) -> None:
    if len({(line.item_id, line.lot, line.disposition) for line in lines}) == len(lines):
        return
    numbers = defaultdict(list)
    for number, line in enumerate(lines, start=1):
        numbers[line.item_id, line.lot, line.disposition].append(number)
    twice = [found for found in numbers.values() if len(found) > 1]
    raise ItemTwiceError(
        items=[{"sku": lines[found[0] - 1].sku, "line_numbers": found} for found in twice]
    )


def _require_reason(draft: Draft, facts: DraftFacts) -> None:
    """Raise unless the reason fits the direction of every line: a theft does not add."""
    if (draft.reason_code is None) != (draft.type is not DocumentType.ADJUSTMENT):
        raise ReasonUnknownError(reason_code=draft.reason_code, known=sorted(facts.reasons))
    if draft.reason_code is None:
        return
    reason = facts.reasons.get(draft.reason_code)
    if reason is None:
        raise ReasonUnknownError(reason_code=draft.reason_code, known=sorted(facts.reasons))
    header = (draft.source, draft.target)
    for number, line in enumerate(draft.lines, start=1):
        source, _target = line_places(draft.type, header, line)
        direction = "increase" if source is None else "decrease"
        if reason.direction not in ("either", direction):
            raise ReasonUnknownError(
                line_number=number, reason_code=draft.reason_code, direction=reason.direction
            )
