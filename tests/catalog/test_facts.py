"""What postings and scanners ask of the catalogue: set-based, exact, in one statement."""

import asyncio
from fractions import Fraction

from support.counting import counted_database
from truestock.catalog import reads
from truestock.catalog.model.items import CodeMeaning, ItemStatus, Tracking
from truestock.database import Database

SETUP = """
INSERT INTO item (sku, name, tracking)
VALUES ('A', 'A', 'none'), ('B', 'B', 'lot'), ('96385074', 'C', 'none');
INSERT INTO item_pack (item_id, base_unit, unit, factor_numerator, factor_denominator)
VALUES (1, 'each', 'box', 12, 1), (1, 'each', 'third', 1, 3);
INSERT INTO item_gtin (item_id, pack_unit, gtin)
VALUES (1, NULL, '4006381333931'), (1, 'box', '14006381333938'), (2, NULL, '96385074')
"""


async def set_up(database: Database) -> None:
    async with database.writing() as tx:
        for statement in SETUP.split(";\n"):
            await tx.run(statement)


async def test_facts_come_for_skus_and_ids_together(database: Database) -> None:
    await set_up(database)
    async with database.asking() as tx:
        found = {each.sku: each for each in await reads.item_facts(tx, ["A", "gone"], [2, 99])}
    assert set(found) == {"A", "B"}
    assert found["A"].packs == {"box": Fraction(12), "third": Fraction(1, 3)}
    assert (found["A"].base_unit, found["A"].status) == ("each", ItemStatus.ACTIVE)
    assert (found["B"].tracking, found["B"].packs) == (Tracking.LOT, {})


async def test_a_code_means_a_sku_first_then_a_gtin_of_any_length(database: Database) -> None:
    await set_up(database)
    async with database.asking() as tx:
        found = await reads.items_by_code(
            tx, ["A", "04006381333931", "14006381333938", "96385074", "00000096385074", "nothing"]
        )
    assert found == {
        "A": CodeMeaning(1, "A", "each"),
        "04006381333931": CodeMeaning(1, "A", "each"),
        "14006381333938": CodeMeaning(1, "A", "box"),
        "96385074": CodeMeaning(3, "96385074", "each"),
        "00000096385074": CodeMeaning(2, "B", "each"),
    }


async def test_facts_and_codes_take_one_statement_each(dsn: str) -> None:
    async with counted_database(dsn) as (database, seen):
        await set_up(database)
        async with database.asking() as tx:
            for size in (1, 3):  # the driver looks types up the first time
                await asyncio.sleep(0)  # the driver tells of a statement a little later
                seen.clear()
                await reads.item_facts(tx, ["A", "B", "C"][:size], [1, 2, 3][:size])
                await reads.items_by_code(tx, ["A", "B", "C"][:size])
                await reads.search_items(tx, "abc")
                await asyncio.sleep(0)
    assert len(seen) == 3, [each[:60] for each in seen]
