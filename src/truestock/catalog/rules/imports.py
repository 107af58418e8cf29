"""What an import will do to each row, decided before anything is written. Pure."""

from collections.abc import Mapping, Sequence

from truestock.catalog.errors.items import GtinTakenError
from truestock.catalog.model.imports import PlannedRow, planned_rows
from truestock.catalog.model.items import Item, ItemFields, ItemRow
from truestock.catalog.model.parties import Party, PartyFields, PartyRow
from truestock.catalog.rules import items as item_rules
from truestock.catalog.rules import parties as party_rules
from truestock.catalog.rules.gtin import comparable


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

    return planned_rows(enumerate(rows, start=1), lambda row: row.sku, decide)


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

    return planned_rows(enumerate(rows, start=1), lambda row: (row.kind, row.code), decide)
