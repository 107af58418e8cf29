"""The sample company: believable, whole, the same each time, and made only once."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

import pytest

from truestock.catalog.rules.gtin import is_gtin
from truestock.cli.sample import build_sample
from truestock.cli.sample.build import OtherDataError
from truestock.cli.sample.goods import goods
from truestock.cli.sample.places import STORES, location_rows
from truestock.cli.sample.year import Year
from truestock.database import Database
from truestock.documents.model import DocumentType, KeyedDocument
from truestock.kernel import clock
from truestock.stock.operations.ledger import Ledger

TODAY = date(2026, 6, 15)
NOW = datetime(2026, 6, 15, 8, tzinfo=UTC)


def quiet(_what: str, _done: float) -> None:
    pass


def year() -> list[KeyedDocument]:
    parties: defaultdict[str, int] = defaultdict(lambda: 1)
    return list(Year(goods(), parties, TODAY).documents())


def test_there_are_a_thousand_items_with_their_own_codes() -> None:
    found = goods()
    gtins = [
        gtin for good in found for gtin in (good.row.gtin, *(p.gtin for p in good.row.packs or ()))
    ]
    assert len(found) >= 1000
    assert len({good.row.sku for good in found}) == len(found)
    assert len({good.row.name for good in found}) == len(found)
    assert len(set(gtins)) == len(gtins)
    assert all(gtin is not None and is_gtin(gtin) for gtin in gtins)
    assert {good.row.tracking for good in found} == {"none", "lot", "serial"}


def test_three_stores_have_two_hundred_locations() -> None:
    rows = [row for store in STORES for row in location_rows(store)]
    assert len(STORES) == 3
    assert len(rows) >= 200
    assert len({row.code for row in rows}) == len(rows)
    assert {row.kind for row in rows} == {"zone", "aisle", "bin", "dock", "stage"}


def test_the_year_is_the_same_each_time_and_lies_in_the_past() -> None:
    first, second = year(), year()
    assert first == second
    moments = [each.document.occurred_at for each in first]
    assert all(at is not None and at.date() < TODAY for at in moments)
    begun = first[0].document.occurred_at
    assert begun is not None
    assert begun.date() == TODAY - timedelta(days=365)
    assert moments == sorted(moments, key=lambda at: at.date() if at else TODAY)


def test_the_year_has_all_sorts_of_documents_and_no_open_sundays() -> None:
    found = year()
    kinds = {each.document.type for each in found}
    assert kinds == {
        DocumentType.RECEIPT,
        DocumentType.DELIVERY,
        DocumentType.TRANSFER,
        DocumentType.ADJUSTMENT,
    }
    days = [each.document.occurred_at.weekday() for each in found[5:] if each.document.occurred_at]
    assert 6 not in days
    assert max(len(each.document.lines) for each in found) <= 1000
    keys = [each.request_key for each in found]
    assert len(set(keys)) == len(keys)


def test_gardens_sell_more_in_spring_than_in_winter() -> None:
    garden = {good.row.sku for good in goods() if good.family.season == "garden"}
    sold = dict.fromkeys(range(1, 13), 0)
    for each in year():
        if each.document.type is DocumentType.DELIVERY and each.document.occurred_at:
            month = each.document.occurred_at.month
            sold[month] += sum(1 for line in each.document.lines if line.item in garden)
    assert sold[5] > 2 * sold[1]


@pytest.mark.slow
async def test_the_company_is_built_through_the_real_operations_and_only_once(
    database: Database,
) -> None:
    ledger = Ledger(database, clock.now)
    told: list[float] = []
    await build_sample(database, ledger, NOW, lambda _what, done: told.append(done))
    assert told == sorted(told)
    assert told[-1] == 1.0

    async def counted() -> list[tuple[str, str, int]]:
        async with database.asking() as tx:
            rows = await tx.rows(
                "SELECT type, state, count(*) FROM document GROUP BY 1, 2 ORDER BY 1, 2"
            )
            lines = await tx.value("SELECT count(*) FROM movement_line")
        return [tuple(row) for row in rows] + [("lines", "", lines)]

    before = await counted()
    kinds = {(kind, state) for kind, state, _count in before}
    assert {("delivery", "draft"), ("delivery", "cancelled"), ("transfer", "draft")} <= kinds
    assert sum(count for _kind, state, count in before if state == "posted") > 2000
    async with database.asking() as tx:
        assert await tx.value("SELECT count(*) FROM document WHERE reverses_id IS NOT NULL") == 3
        assert await tx.value("SELECT count(*) FROM supplier_term") > 1000
        assert await tx.value("SELECT count(*) FROM person") == 8
        out = await tx.value(
            "SELECT count(*) FROM (SELECT item_id FROM balance WHERE physical GROUP BY item_id"
            " HAVING sum(quantity_on_hand) = 0) AS gone"
        )
        assert out > 0
    later = NOW + timedelta(days=40)
    await build_sample(database, ledger, later, quiet)
    assert await counted() == before
    await ledger.close()


async def test_a_database_with_other_data_is_left_alone(database: Database) -> None:
    async with database.writing() as tx:
        await tx.run("INSERT INTO item (sku, name) VALUES ('MINE', 'My own item')")
    ledger = Ledger(database, clock.now)
    with pytest.raises(OtherDataError):
        await build_sample(database, ledger, NOW, quiet)
    async with database.asking() as tx:
        assert await tx.value("SELECT count(*) FROM item") == 1
        assert await tx.value("SELECT count(*) FROM site") == 0
    await ledger.close()
