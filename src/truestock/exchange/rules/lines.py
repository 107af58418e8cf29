"""Lines of a file read through a mapping: values by field, and what is wrong with each. Pure."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from truestock.exchange.model.imports import ImportKind, Line, Mapping, Problem
from truestock.exchange.rules.fields import FIELDS
from truestock.exchange.rules.tables import Table
from truestock.exchange.rules.values import Parse, ValueRefusedError, parser

KEYS: dict[ImportKind, tuple[str, ...]] = {
    ImportKind.ITEMS: ("sku",),
    ImportKind.LOCATIONS: ("code",),
    ImportKind.PARTIES: ("kind", "code"),
}
"""What may stand only once in a file of this kind."""


def read_lines(table: Table, kind: ImportKind, mapping: Mapping, zone: ZoneInfo) -> Iterator[Line]:
    """Yield every line with its values; a value that cannot be read is a problem of its line."""
    readers = _readers(table, kind, mapping, zone)
    keys = KEYS.get(kind, ())
    seen: set[tuple[object, ...]] = set()
    width = len(table.header)
    for number, cells in table.lines():
        line = Line(number, {})
        if len(cells) > width:
            line.problems.append(
                Problem(number, "", "line_too_long", "The line has more cells than the header.")
            )
        for name, place, constant, parse, is_required in readers:
            text = cells[place] if place is not None else ""
            if not text or text.isspace():
                text = constant
            if not text:
                if is_required:
                    line.problems.append(
                        Problem(number, name, "value_missing", "A value is needed here.")
                    )
                continue
            try:
                line.values[name] = parse(text)
            except ValueRefusedError as refused:
                line.problems.append(Problem(number, name, refused.code, str(refused)))
        if keys and not line.problems:
            key = tuple(line.values.get(name) for name in keys)
            if key in seen:
                line.problems.append(
                    Problem(number, keys[-1], "row_repeated", "An earlier line has the same code.")
                )
            seen.add(key)
        yield line


def _readers(
    table: Table, kind: ImportKind, mapping: Mapping, zone: ZoneInfo
) -> list[tuple[str, int | None, str, Parse, bool]]:
    places = {name: place for place, name in enumerate(table.header)}
    found = []
    for field in FIELDS[kind]:
        column = mapping.columns.get(field.name)
        constant = mapping.constants.get(field.name, "")
        if column is None and not constant and not field.is_required:
            continue
        place = places[column] if column is not None else None
        parse = parser(field.form, mapping, zone)
        found.append((field.name, place, constant, parse, field.is_required))
    return found
