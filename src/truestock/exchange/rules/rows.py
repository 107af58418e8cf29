"""From the values of a line to what the operations take. Pure.

Money becomes minor units here, because that needs the line's currency; a line that cannot be made
gets its problem and stays out.
"""

from decimal import Decimal
from typing import Any

from truestock.catalog.model.items import ItemRow
from truestock.catalog.model.parties import PartyRow
from truestock.exchange.model.imports import ImportKind, Line, Problem
from truestock.exchange.rules.values import ValueRefusedError, minor_units
from truestock.stock.model.locations import LocationRow

CURRENCY = "EUR"
_MONEY = {"list_price": "list_price_minor", "cost": "cost_minor"}
_UPPER = ("currency",)


def catalog_row(kind: ImportKind, line: Line) -> ItemRow | LocationRow | PartyRow | None:
    """Return the row of an import into the catalogue; None with a problem noted on the line."""
    if line.problems:
        return None
    values: dict[str, Any] = dict(line.values)
    for name in _UPPER:
        if name in values:
            values[name] = values[name].strip().upper()
    for name, minor in _MONEY.items():
        if name in values:
            price = values.pop(name)
            try:
                values[minor] = minor_units(Decimal(price), values.get("currency", CURRENCY))
            except ValueRefusedError as refused:
                line.problems.append(Problem(line.number, name, refused.code, str(refused)))
    if line.problems:
        return None
    if kind is ImportKind.ITEMS:
        return ItemRow(**values)
    if kind is ImportKind.LOCATIONS:
        return LocationRow(**values)
    return PartyRow(**values)
