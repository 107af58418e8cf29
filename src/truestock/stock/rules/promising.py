"""What may be promised by date. Pure."""

from collections.abc import Iterable
from datetime import date

from truestock.stock.model.explanations import Dated, Expected, PromisePoint


def dated(expected: Iterable[Expected], today: date) -> list[Dated]:
    """Return on which days open documents count.

    Without a day, what goes is gone from today on and what comes is not counted on: nobody may
    promise what comes nobody knows when.
    """
    return [
        Dated(each.due_on or today, each.quantity)
        for each in expected
        if each.due_on is not None or each.quantity < 0
    ]


def promisable(available: int, today: date, dated: Iterable[Dated]) -> list[PromisePoint]:
    """Return a point for today and for each later day on which something comes or goes.

    What may be promised for a day is the least of what is projected from then on: stock that is
    needed later is not given away now (cumulative available to promise with look-ahead). What is
    overdue counts today. A shortage shows as a number below zero.
    """
    changes: dict[date, int] = {today: 0}
    for each in dated:
        day = max(each.date, today)
        changes[day] = changes.get(day, 0) + each.quantity
    days = sorted(changes)
    projected = []
    running = available
    for day in days:
        running += changes[day]
        projected.append(running)
    least = projected[-1]
    points = []
    for day, quantity in zip(reversed(days), reversed(projected), strict=True):
        least = min(least, quantity)
        points.append(PromisePoint(day, quantity, least))
    return points[::-1]
