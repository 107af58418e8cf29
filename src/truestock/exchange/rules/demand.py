"""Sales per item and day become items, one opening receipt, and a delivery per day. Pure.

All of it follows from the lines alone, in the same order each time, so that an import that was
stopped goes on where it was.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import blake2b

from truestock.catalog.model.items import ItemRow
from truestock.exchange.model.imports import Line, Mapping, Problem
from truestock.exchange.rules.rows import CURRENCY
from truestock.exchange.rules.values import ValueRefusedError, minor_units

LINES_MAX = 1_000
"""Lines of one document."""
SKU_LENGTH_MAX = 64

_SIMPLE = re.compile(r"[A-Z0-9]+(?: [A-Z0-9]+)*")
_NOT_CODE = re.compile(r"[^A-Z0-9]+")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a delivery is taken from: codes of site and location, empty when not given."""

    site: str
    location: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One document to be: what leaves a place on a day, or with `opening` what comes there first.

    `key` is its part of the request key. Quantities are per SKU, in the file's order.
    """

    key: str
    place: Place
    day: date
    quantities: tuple[tuple[str, int | Decimal], ...]
    line_numbers: tuple[int, ...]
    opening: bool = False


@dataclass(frozen=True, slots=True)
class Demand:
    """What a file of sales comes to."""

    items: list[ItemRow]
    sheets: list[Sheet]
    problems: list[Problem]
    empty_count: int


def sku_of(text: str) -> str:
    """Return the SKU of an item known only by its name: the same for the same name, always.

    A name of plain words becomes its words; any other gets a mark that keeps it apart.
    """
    plain = " ".join(text.split())
    upper = plain.upper()
    if plain == text and _SIMPLE.fullmatch(plain) and len(plain) <= SKU_LENGTH_MAX:
        return plain.replace(" ", "-")
    mark = blake2b(text.encode(), digest_size=4).hexdigest()
    words = _NOT_CODE.sub("-", upper).strip("-")[: SKU_LENGTH_MAX - 1 - len(mark)].rstrip("-")
    return f"{words}-{mark}" if words else mark


def demand(lines: Iterable[Line], mapping: Mapping) -> Demand:
    """Return items and documents of these lines; a day with a refused line is refused whole."""
    days: dict[tuple[Place, date], list[Line]] = defaultdict(list)
    bad_days: dict[tuple[Place, date], int] = {}
    problems: list[Problem] = []
    kept: list[Line] = []
    empty_count = 0
    for line in lines:
        place_day = _place_and_day(line)
        if line.problems:
            problems.extend(line.problems)
            if place_day is not None:
                bad_days.setdefault(place_day, line.number)
        elif line.values["quantity"] == 0:
            empty_count += 1
            kept.append(line)
        elif place_day is not None:
            days[place_day].append(line)
            kept.append(line)
    for place_day, number in bad_days.items():
        problems.extend(_of_bad_day(line.number, number) for line in days.pop(place_day, ()))
    sheets = [
        sheet
        for (place, day), members in sorted(days.items(), key=_by_day)
        for sheet in _day_sheets(place, day, members, mapping)
    ]
    opening = _opening_sheets(sheets) if mapping.opening_stock else []
    items = _items(kept, problems) if mapping.create_missing else []
    return Demand(items, opening + sheets, problems, empty_count)


def _place_and_day(line: Line) -> tuple[Place, date] | None:
    day = line.values.get("date")
    if day is None:
        return None
    return Place(line.values.get("site", ""), line.values.get("location", "")), day


def _by_day(each: tuple[tuple[Place, date], object]) -> tuple[date, str, str]:
    place, day = each[0]
    return day, place.site, place.location


def _of_bad_day(line_number: int, because: int) -> Problem:
    return Problem(
        line_number, "", "day_refused", f"The day is one delivery; its line {because} is refused."
    )


def _day_sheets(
    place: Place, day: date, lines: Sequence[Line], mapping: Mapping
) -> Iterable[Sheet]:
    """Yield the day's documents: an item once in each, at most so many lines in each."""
    totals: dict[str, int | Decimal] = {}
    numbers: dict[str, list[int]] = defaultdict(list)
    for line in lines:
        text = line.values["item"]
        sku = sku_of(text) if mapping.create_missing else text
        totals[sku] = totals.get(sku, 0) + line.values["quantity"]
        numbers[sku].append(line.number)
    skus = list(totals)
    for part, at in enumerate(range(0, len(skus), LINES_MAX), start=1):
        chosen = skus[at : at + LINES_MAX]
        yield Sheet(
            f"{place.site}/{place.location}/{day.isoformat()}/{part}",
            place,
            day,
            tuple((sku, totals[sku]) for sku in chosen),
            tuple(number for sku in chosen for number in numbers[sku]),
        )


def _opening_sheets(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Return the receipts that bring each place, on its first day, all that will leave it."""
    first: dict[Place, date] = {}
    totals: dict[Place, dict[str, int | Decimal]] = defaultdict(dict)
    for sheet in sheets:
        first.setdefault(sheet.place, sheet.day)
        at = totals[sheet.place]
        for sku, quantity in sheet.quantities:
            at[sku] = at.get(sku, 0) + quantity
    found = []
    for place, day in first.items():
        rows = list(totals[place].items())
        for part, begin in enumerate(range(0, len(rows), LINES_MAX), start=1):
            key = f"{place.site}/{place.location}/opening/{part}"
            chosen = tuple(rows[begin : begin + LINES_MAX])
            found.append(Sheet(key, place, day, chosen, (), opening=True))
    return found


def _items(lines: Sequence[Line], problems: list[Problem]) -> list[ItemRow]:
    """Return the items named in the lines, each with the price it was sold at most often."""
    names: dict[str, str] = {}
    prices: dict[str, Counter[int]] = defaultdict(Counter)
    currencies: dict[str, str] = {}
    for line in lines:
        values = line.values
        sku = sku_of(values["item"])
        names.setdefault(sku, " ".join(values["item"].split()))
        currency = currencies.setdefault(sku, values.get("currency", CURRENCY).upper())
        if "unit_price" in values:
            try:
                price = minor_units(Decimal(values["unit_price"]), currency, rounded=True)
            except ValueRefusedError as refused:
                problems.append(Problem(line.number, "unit_price", refused.code, str(refused)))
                continue
            prices[sku][price] += 1
    return [
        ItemRow(sku=sku, name=name, currency=currencies[sku], list_price_minor=_usual(prices[sku]))
        for sku, name in names.items()
    ]


def _usual(prices: Counter[int]) -> int | None:
    """Return the commonest price, of equally common ones the lowest."""
    return min(prices, key=lambda price: (-prices[price], price)) if prices else None
