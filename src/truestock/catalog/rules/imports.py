"""What an import will do to each row, decided before anything is written. Pure."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from truestock.catalog.errors.imports import RowRepeatedError
from truestock.catalog.errors.items import GtinTakenError
from truestock.catalog.model.imports import Outcome, RowOutcome
from truestock.catalog.model.items import Item, ItemFields, ItemRow
from truestock.catalog.model.parties import Party, PartyFields, PartyRow
from truestock.catalog.rules import items as item_rules
from truestock.catalog.rules import parties as party_rules
from truestock.catalog.rules.gtin import comparable
from truestock.kernel.errors import TruestockError

Fields = TypeVar("Fields")
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class PlannedRow(Generic[Fields]):
    """One row: its outcome, and what to write when it creates or changes."""

    outcome: RowOutcome
    before: Fields | None = None
    after: Fields | None = None


def planned_rows(
    rows: Sequence[Row],
    key_of: Callable[[Row], Hashable],
    decide: Callable[[Row], tuple[int | None, Fields | None, Fields]],
) -> list[PlannedRow[Fields]]:
    """Plan rows in order. `decide` returns (id, before, after) or raises why a row is refused.

    The second row with the same key is refused; `before` None makes a row new.
    """
    seen: set[Hashable] = set()
    planned = []
    for number, row in enumerate(rows, start=1):
        key = key_of(row)
        shown = " ".join(key) if isinstance(key, tuple) else str(key)
        try:
            if key in seen:
                raise RowRepeatedError(key=shown)
            seen.add(key)
            row_id, before, after = decide(row)
        except TruestockError as error:
            planned.append(PlannedRow[Fields](refused(number, shown, error)))
            continue
        what = Outcome.CREATED if before is None else Outcome.CHANGED
        if before == after:
            what = Outcome.UNCHANGED
        planned.append(PlannedRow(RowOutcome(number, shown, what, row_id), before, after))
    return planned


def refused(row_number: int, key: str, error: TruestockError) -> RowOutcome:
    """Return the outcome of a row that an error stands against."""
    return RowOutcome(row_number, key, Outcome.REFUSED, None, error.code, error.detail, error.facts)


def planned_items(
    rows: Sequence[ItemRow], stored: Mapping[str, Item], owners: Mapping[str, str]
) -> list[PlannedRow[ItemFields]]:
    """Plan item rows against the stored items by SKU and the owners (SKUs) of 14-digit GTINs."""
    taken = dict(owners)

    def decide(row: ItemRow) -> tuple[int | None, ItemFields | None, ItemFields]:
        item = stored.get(row.sku)
        before = item_rules.fields_of(item) if item is not None else None
        after = (
            item_rules.new_from_row(row)
            if before is None
            else item_rules.changed_by_row(before, row)
        )
        codes = [comparable(gtin) for gtin, _unit in item_rules.gtins(after)]
        for code in codes:
            if taken.get(code, row.sku) != row.sku:
                raise GtinTakenError(gtin=code, sku=taken[code])
        taken.update(dict.fromkeys(codes, row.sku))
        return (item.item_id if item is not None else None), before, after

    return planned_rows(rows, lambda row: row.sku, decide)


def planned_parties(
    rows: Sequence[PartyRow], stored: Mapping[tuple[str, str], Party]
) -> list[PlannedRow[PartyFields]]:
    """Plan party rows against the stored parties by (kind, code)."""

    def decide(row: PartyRow) -> tuple[int | None, PartyFields | None, PartyFields]:
        party = stored.get((row.kind, row.code))
        if party is None:
            return None, None, party_rules.new_from_row(row)
        before = party_rules.fields_of(party)
        return party.party_id, before, party_rules.changed_by_row(before, row)

    return planned_rows(rows, lambda row: (row.kind, row.code), decide)
