"""Many callers with movements of one item and of several: all are posted, answers in order."""

import asyncio
import random

from support.company import CLERK, keyed, on_hand, receipt
from truestock.database import Database
from truestock.kernel import clock
from truestock.stock.model.movements import NewLine, NewMovement, Posted
from truestock.stock.operations.ledger import Ledger


def receipt_of(*skus: str) -> NewMovement:
    lines = [NewLine(sku=sku, quantity=1, target_location="BIN-1") for sku in skus]
    return NewMovement(kind="receipt", lines=lines)


async def test_movements_of_one_and_of_several_items_are_all_posted(company: Database) -> None:
    ledger = Ledger(company, clock.now, group_max=10)
    choose = random.Random(7)  # noqa: S311 - a reproducible sample
    expected = dict.fromkeys((f"SKU-{number}" for number in range(1, 9)), 0)

    async def call(caller: int) -> int:
        posted = 0
        for number in range(15):
            asked = []
            for place in range(choose.choice([1, 1, 3])):
                skus = choose.sample(sorted(expected), choose.choice([1, 1, 2, 4]))
                for sku in skus:
                    expected[sku] += 1
                asked.append(keyed(receipt_of(*skus), f"{caller}/{number}/{place}"))
            outcomes = await ledger.post_many(CLERK, asked)
            posted += sum(isinstance(each, Posted) for each in outcomes)
            posted -= len(asked)
        return posted

    missed = await asyncio.wait_for(asyncio.gather(*[call(each) for each in range(12)]), 60)
    await ledger.close()
    assert missed == [0] * 12
    assert {sku: await on_hand(company, sku, "BIN-1") for sku in expected} == expected


async def test_outcomes_come_back_in_the_order_asked(ledger: Ledger) -> None:
    asked = [
        keyed(receipt(f"SKU-{1 + number % 7}", number + 1), f"k{number}") for number in range(30)
    ]
    outcomes = await ledger.post_many(CLERK, asked)
    totals: dict[str, int] = {}
    for number, outcome in enumerate(outcomes):
        sku = f"SKU-{1 + number % 7}"
        totals[sku] = totals.get(sku, 0) + number + 1
        assert isinstance(outcome, Posted)
        assert outcome.lines[0].target_quantity_on_hand == totals[sku]
