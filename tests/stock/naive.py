"""The rules of stock as a person would say them, with plain dictionaries; shares no code with ours.

It answers a code for a refusal and None for "done", and keeps what is where and what is promised.
"""

from dataclasses import dataclass, field
from datetime import datetime

LARGEST = 9_007_199_254_740_991
PHYSICAL = (1, 2, 3)
BELOW_ZERO = 4
ON_HOLD = 5
OUTSIDE = (-1, -2)
EVERY = (*PHYSICAL, BELOW_ZERO, ON_HOLD, *OUTSIDE)

Moved = tuple[int, int, int, int | None]
"""Source, target, quantity, and the serial that moves, if any."""


@dataclass
class Promise:
    """Stock that somebody was promised."""

    place: int
    quantity: int
    ends: datetime | None
    state: str = "pending"


@dataclass
class Naive:
    """What is where, what is promised, where each serial is, what was undone."""

    on_hand: dict[int, int] = field(default_factory=lambda: dict.fromkeys(EVERY, 0))
    promises: dict[int, Promise] = field(default_factory=dict)
    serials: dict[int, int] = field(default_factory=dict)
    undone: set[int] = field(default_factory=set)
    short: list[tuple[int, int]] = field(default_factory=list)
    """Of the last movement: line number and how much is missing."""

    def reserved(self, place: int) -> int:
        return sum(
            each.quantity
            for each in self.promises.values()
            if each.place == place and each.state == "pending"
        )

    def move(
        self, lines: list[Moved], now: datetime, *, fulfils: int | None = None, undoes: int = 0
    ) -> str | None:
        self.short = []
        if undoes in self.undone:
            return "already_reversed"
        promise = None
        if fulfils is not None:
            refusal = self.cannot_end(fulfils, now)
            if refusal:
                return refusal
            promise = self.promises[fulfils]
            taken = sum(quantity for source, _, quantity, _ in lines if source == promise.place)
            if taken < 1 or taken > promise.quantity:
                return "reservation_too_small"
            promise.state = "being fulfilled"
        refusal = self.moved(lines)
        if promise is not None:
            promise.state = "pending" if refusal else "posted"
        if refusal is None and undoes:
            self.undone.add(undoes)
        return refusal

    def moved(self, lines: list[Moved]) -> str | None:
        there, serials = dict(self.on_hand), dict(self.serials)
        for number, (source, target, quantity, serial) in enumerate(lines, start=1):
            if self.lacks(source, there[source] - quantity):
                free = max(there[source] - self.reserved(source), 0)
                self.short.append((number, quantity - free))
                continue
            if there[source] - quantity < -LARGEST or there[target] + quantity > LARGEST:
                return "balance_out_of_range"
            if serial is not None:
                if serials.get(serial) != (source if source > 0 else None):
                    return "serial_elsewhere"
                serials.pop(serial, None)
                if target > 0:
                    serials[serial] = target
            there[source] -= quantity
            there[target] += quantity
        if self.short:
            return "insufficient_stock"
        self.on_hand, self.serials = there, serials
        return None

    def lacks(self, place: int, would_be_left: int) -> bool:
        """Promises are kept everywhere; only where it is allowed may less than nothing be left."""
        if place < 0:
            return False
        promised = self.reserved(place)
        if place == BELOW_ZERO and promised == 0:
            return False
        return would_be_left < promised

    def promise(self, number: int, place: int, quantity: int, ends: datetime | None) -> str | None:
        if place not in {*PHYSICAL, BELOW_ZERO}:
            return "not_reservable"
        if quantity > self.on_hand[place] - self.reserved(place):
            return "insufficient_stock"
        self.promises[number] = Promise(place, quantity, ends)
        return None

    def cannot_end(self, number: int, now: datetime) -> str | None:
        if number not in self.promises:
            return "reservation_unknown"
        promise = self.promises[number]
        over = promise.ends is not None and promise.ends <= now
        return "reservation_resolved" if promise.state != "pending" or over else None

    def end(self, number: int, how: str, now: datetime) -> str | None:
        """Void a promise at any time, or let it expire, but only once its time is over."""
        if number not in self.promises:
            return "reservation_unknown"
        promise = self.promises[number]
        if promise.state != "pending":
            return "reservation_resolved"
        if how == "expired" and (promise.ends is None or promise.ends > now):
            return "reservation_resolved"
        promise.state = how
        return None
