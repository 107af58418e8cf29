"""A year of trade, played through in memory: what came, went, moved and was miscounted, by day.

The play keeps its own stock, so that nothing is sold that is not there and every document can be
posted. The same seed gives the same year.
"""

import random
from bisect import bisect
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Any, Final

from truestock.cli.sample.goods import Good
from truestock.cli.sample.places import STORES, ZONE, Store
from truestock.documents.model import DocumentType, KeyedDocument, NewDocument, NewDocumentLine

SEED: Final = 20_260_101
DAYS: Final = 365
SUNDAY: Final = 6
REVIEW_WEEKDAY: Final = 1
SHOP_WEEKDAYS: Final = (2, 4)
WEEKDAYS: Final = (0.9, 0.8, 0.85, 0.95, 1.25, 1.7, 0.0)
SEASONS: Final = {
    "garden": (0.3, 0.4, 0.9, 1.7, 2.0, 1.7, 1.3, 1.1, 0.9, 0.6, 0.3, 0.3),
    "winter": (1.7, 1.4, 1.0, 0.7, 0.5, 0.4, 0.4, 0.5, 0.8, 1.3, 1.7, 1.9),
    "even": (0.9, 0.9, 1.0, 1.1, 1.1, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
}
"""By month, around 1."""
COUNTER_LINES: Final = {"CENTRAL": 20, "LAKESIDE": 12, "HILLTOP": 11}
LINES_MAX: Final = 900
DROPPED: Final = 0.06
DROPPED_DAYS: Final = 150
"""This part of the items is not ordered any more in the last days: some run out."""

Lots = dict[str | None, int]


@dataclass(slots=True)
class Shelf:
    """What is in the bin of an item at a store, by lot, oldest first."""

    bin: str
    lots: Lots = field(default_factory=dict)

    @property
    def quantity(self) -> int:
        """All of it."""
        return sum(self.lots.values())

    def add(self, lot: str | None, quantity: int) -> None:
        """Put some in."""
        self.lots[lot] = self.lots.get(lot, 0) + quantity

    def take(self, quantity: int) -> list[tuple[str | None, int]]:
        """Take so many, or what there is; returns how many of which lot."""
        taken = []
        for lot in list(self.lots):
            if quantity <= 0:
                break
            part = min(quantity, self.lots[lot])
            taken.append((lot, part))
            quantity -= part
            self.lots[lot] -= part
            if not self.lots[lot]:
                del self.lots[lot]
        return taken


@dataclass(frozen=True, slots=True)
class Order:
    """Goods on their way to the central store."""

    arrives: date
    supplier: str
    wanted: tuple[tuple[Good, int], ...]


class Year:
    """The play. `documents` yields what is to be recorded, in the order it happened."""

    def __init__(self, goods: Sequence[Good], parties: Mapping[str, int], today: date) -> None:
        """Take the items, the ids of parties by code, and the day after the year."""
        self._random = random.Random(SEED)  # noqa: S311 - a play, the same each time
        self._goods = goods
        self._parties = parties
        self._first = today - timedelta(days=DAYS)
        self._shelves = {store.code: self._shelves_of(store) for store in STORES}
        self._popularity = [
            good.family.weight * self._random.lognormvariate(0, 0.7) for good in goods
        ]
        self._dropped = {good.number for good in goods if self._random.random() < DROPPED}
        self._orders: list[Order] = []
        self._lot_count: dict[int, int] = defaultdict(int)
        self._key = 0

    def _shelves_of(self, store: Store) -> dict[int, Shelf]:
        """Give each item the store keeps a bin; heavy and bulky goods lie in the yard."""
        bins = store.bins
        yard = [code for code in bins if "-Y-" in code]
        racked = [code for code in bins if "-Y-" not in code]
        outside = {"stavewood", "clayhollow"}
        found = {}
        for good in self._goods:
            if good.number % 100 >= store.share * 100:
                continue
            home = yard if good.family.supplier in outside else racked
            found[good.number] = Shelf(home[good.number * 7 % len(home)])
        return found

    def documents(self) -> Iterator[KeyedDocument]:
        """Play the year."""
        yield from self._opening()
        for number in range(1, DAYS):
            day = self._first + timedelta(days=number)
            yield from self._day(day)

    def _day(self, day: date) -> Iterator[KeyedDocument]:
        if day.weekday() == SUNDAY:
            return
        yield from self._arrivals(day)
        if day.weekday() == REVIEW_WEEKDAY:
            self._order(day)
        yield from self._customer_deliveries(day)
        if day.weekday() in SHOP_WEEKDAYS:
            yield from self._to_shops(day)
        for store in STORES:
            yield from self._counter_sales(store, day)
        if day.weekday() == 5:  # noqa: PLR2004 - Saturday, after closing
            for store in STORES:
                yield from self._corrections(store, day)

    def _opening(self) -> Iterator[KeyedDocument]:
        for store in STORES:
            lines = []
            for good in self._goods:
                shelf = self._shelves[store.code].get(good.number)
                if shelf is not None:
                    lines += self._received(good, shelf, self._level(store, good), self._first)
            for begin in range(0, len(lines), LINES_MAX):
                yield self._document(
                    DocumentType.RECEIPT,
                    self._first,
                    7,
                    lines[begin : begin + LINES_MAX],
                    target=store.dock,
                    reference="Opening stock",
                )

    def _level(self, store: Store, good: Good) -> int:
        """Return how many a store wants to have of an item: about five weeks of sales."""
        share = COUNTER_LINES[store.code] / COUNTER_LINES["CENTRAL"]
        usual = self._popularity[good.number - 1] * good.family.sold * 5 * share
        if good.family.tracking == "serial":
            return max(2, round(usual * 2))
        return max(good.family.sold * 3, round(usual))

    def _received(
        self, good: Good, shelf: Shelf, quantity: int, day: date
    ) -> list[NewDocumentLine]:
        """Put goods on the shelf; a line for each lot, one for each serial."""
        cost = Decimal(good.cost_minor)
        if good.family.tracking == "none":
            shelf.add(None, quantity)
            return [self._line(good, quantity, target=shelf.bin, unit_cost=cost)]
        if good.family.tracking == "lot":
            lot = f"{day:%y%m%d}-{good.family.supplier[:3].upper()}"
            shelf.add(lot, quantity)
            return [self._line(good, quantity, target=shelf.bin, lot=lot, unit_cost=cost)]
        lines = []
        for _ in range(quantity):
            self._lot_count[good.number] += 1
            serial = f"{good.family.code}{good.number:04d}{self._lot_count[good.number]:05d}"
            shelf.add(serial, 1)
            lines.append(self._line(good, 1, target=shelf.bin, lot=serial, unit_cost=cost))
        return lines

    def _order(self, day: date) -> None:
        """Order for the central store what has fallen below half of what it wants to have."""
        store = STORES[0]
        coming = {good.number for order in self._orders for good, _count in order.wanted}
        wanted: dict[str, list[tuple[Good, int]]] = defaultdict(list)
        stopped = self._first + timedelta(days=DAYS - DROPPED_DAYS)
        for good in self._goods:
            shelf = self._shelves[store.code][good.number]
            level = self._level(store, good) * 2
            season = SEASONS[good.family.season][(day + timedelta(days=14)).month - 1]
            level = round(level * max(season, 0.5))
            gone = good.number in self._dropped and day > stopped
            if gone or good.number in coming or shelf.quantity * 2 > level:
                continue
            multiple = good.family.packs[0][1] if good.family.packs else 1
            count = max(level - shelf.quantity, 1)
            if multiple <= count:
                count = -(-count // multiple) * multiple
            wanted[good.family.supplier].append((good, count))
        for supplier, lines in wanted.items():
            late = self._random.choice((0, 0, 0, 1, 2, 5))
            arrives = day + timedelta(days=7 + late)
            if arrives.weekday() == SUNDAY:
                arrives += timedelta(days=1)
            self._orders.append(Order(arrives, supplier, tuple(lines)))

    def _arrivals(self, day: date) -> Iterator[KeyedDocument]:
        from truestock.cli.sample.catalogue import SUPPLIERS

        here = [order for order in self._orders if order.arrives <= day]
        self._orders = [order for order in self._orders if order.arrives > day]
        shelves = self._shelves["CENTRAL"]
        for order in here:
            lines = [
                line
                for good, count in order.wanted
                for line in self._received(good, shelves[good.number], count, day)
            ]
            code = SUPPLIERS[order.supplier][0]
            for begin in range(0, len(lines), LINES_MAX):
                yield self._document(
                    DocumentType.RECEIPT,
                    day,
                    9,
                    lines[begin : begin + LINES_MAX],
                    target=STORES[0].dock,
                    party_id=self._parties[code],
                    reference=f"{code[:3]}-{day:%y%m%d}",
                )

    def _sold(self, store: Store, day: date, count: int, factor: int = 1) -> list[NewDocumentLine]:
        """Return what customers take at a store: often bought items more often, in season more."""
        month = day.month - 1
        kept = self._shelves[store.code]
        chosen = [good for good in self._goods if good.number in kept]
        weights = list(
            accumulate(
                self._popularity[good.number - 1] * SEASONS[good.family.season][month]
                for good in chosen
            )
        )
        lines: list[NewDocumentLine] = []
        seen: set[int] = set()
        for _ in range(count):
            good = chosen[bisect(weights, self._random.random() * weights[-1])]
            wanted = max(1, round(self._random.expovariate(1 / (good.family.sold * factor))))
            if good.number in seen:
                continue
            seen.add(good.number)
            shelf = kept[good.number]
            for lot, quantity in shelf.take(wanted):
                lines.append(self._line(good, quantity, source=shelf.bin, lot=lot))
        return lines

    def _counter_sales(self, store: Store, day: date) -> Iterator[KeyedDocument]:
        busy = WEEKDAYS[day.weekday()] * (0.8 + 0.4 * self._random.random())
        season = 0.75 + 0.35 * SEASONS["garden"][day.month - 1] if store.code == "HILLTOP" else 1
        lines = self._sold(store, day, round(COUNTER_LINES[store.code] * busy * season))
        if lines:
            yield self._document(
                DocumentType.DELIVERY,
                day,
                18,
                lines,
                source=store.stage,
                reference=f"Counter {day:%d %b}",
            )

    def _customer_deliveries(self, day: date) -> Iterator[KeyedDocument]:
        from truestock.cli.sample.catalogue import CUSTOMERS

        for _ in range(self._random.choice((0, 1, 1, 2, 2, 3))):
            code, _name = self._random.choice(CUSTOMERS)
            lines = self._sold(STORES[0], day, self._random.randint(2, 8), factor=3)
            if lines:
                self._key += 1
                yield self._document(
                    DocumentType.DELIVERY,
                    day,
                    11,
                    lines,
                    source=STORES[0].stage,
                    party_id=self._parties[code],
                    reference=f"Order {4000 + self._key}",
                )

    def _to_shops(self, day: date) -> Iterator[KeyedDocument]:
        central = self._shelves["CENTRAL"]
        for store in STORES[1:]:
            lines: list[NewDocumentLine] = []
            for good in self._goods:
                shelf = self._shelves[store.code].get(good.number)
                if shelf is None:
                    continue
                level = self._level(store, good)
                if shelf.quantity * 2 > level or len(lines) > LINES_MAX // 4:
                    continue
                for lot, quantity in central[good.number].take(level - shelf.quantity):
                    shelf.add(lot, quantity)
                    lines.append(
                        self._line(
                            good,
                            quantity,
                            source=central[good.number].bin,
                            target=shelf.bin,
                            lot=lot,
                        )
                    )
            if lines:
                yield self._document(
                    DocumentType.TRANSFER,
                    day,
                    14,
                    lines,
                    source=STORES[0].stage,
                    target=store.dock,
                    reference=f"Shop {store.code.title()}",
                )

    def _corrections(self, store: Store, day: date) -> Iterator[KeyedDocument]:
        """Write down what broke, was lost, or turned up again."""
        reason = self._random.choice(("damage", "damage", "lost", "correction", "expiry", "theft"))
        kept = [number for number, shelf in self._shelves[store.code].items() if shelf.quantity > 2]  # noqa: PLR2004 - something is left
        lines = []
        for number in sorted(self._random.sample(kept, min(self._random.randint(1, 4), len(kept)))):
            good, shelf = self._goods[number - 1], self._shelves[store.code][number]
            if good.family.tracking == "serial":
                continue
            for lot, quantity in shelf.take(self._random.randint(1, 2))[:1]:
                lines.append(self._line(good, quantity, source=shelf.bin, lot=lot))
        if lines:
            yield self._document(
                DocumentType.ADJUSTMENT, day, 19, lines, source=store.stage, reason_code=reason
            )
        if self._random.random() < 0.3:  # noqa: PLR2004 - now and then
            number = self._random.choice(kept)
            good, shelf = self._goods[number - 1], self._shelves[store.code][number]
            if good.family.tracking == "none":
                shelf.add(None, 1)
                found = self._line(good, 1, target=shelf.bin)
                yield self._document(
                    DocumentType.ADJUSTMENT,
                    day,
                    19,
                    [found],
                    target=store.stage,
                    reason_code="found",
                )

    def _line(self, good: Good, quantity: int, **more: Any) -> NewDocumentLine:
        return NewDocumentLine(item=good.row.sku, quantity=quantity, **more)

    def _document(
        self,
        kind: DocumentType,
        day: date,
        hour: int,
        lines: Sequence[NewDocumentLine],
        **more: Any,
    ) -> KeyedDocument:
        self._key += 1
        at = datetime.combine(day, time(hour), ZONE)
        made = NewDocument(type=kind, lines=lines, occurred_at=at, **more)
        return KeyedDocument(made, f"sample/{self._key}")
