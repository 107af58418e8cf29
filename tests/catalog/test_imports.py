"""Imports of items and parties: thousands of rows, each with its outcome."""

from collections import Counter

import pytest

from support.counting import counted_database
from truestock.catalog.model.imports import Outcome, RowOutcome
from truestock.catalog.model.items import ItemRow, Pack
from truestock.catalog.model.parties import PartyRow
from truestock.catalog.operations.items import import_items
from truestock.catalog.operations.parties import import_parties
from truestock.catalog.reads.items import item_by_sku
from truestock.catalog.rules.gtin import check_digit
from truestock.database import Database
from truestock.kernel.actor import Actor, ActorKind
from truestock.kernel.errors import ForbiddenError

CLERK = Actor(1, ActorKind.PERSON, "Clerk", frozenset({"item.write", "party.write"}))
ADD_CLERK = "INSERT INTO actor (kind, name) VALUES ('person', 'Clerk')"


def gtin(number: int) -> str:
    body = f"{number:012d}"
    return body + check_digit(body)


async def ready(database: Database) -> Database:
    async with database.writing() as tx:
        await tx.run(ADD_CLERK)
    return database


async def imported(database: Database, rows: list[ItemRow]) -> list[RowOutcome]:
    async with database.writing() as tx:
        return await import_items(tx, CLERK, rows)


async def test_thousands_of_rows_are_created_once_and_then_unchanged(database: Database) -> None:
    await ready(database)
    rows = [
        ItemRow(
            sku=f"SKU-{number:05d}",
            name=f"Item {number}",
            gtin=gtin(number),
            packs=(Pack("box", 12, 1, gtin(100_000 + number)), Pack("half", 2, 4)),
        )
        for number in range(5_000)
    ]
    first = await imported(database, rows)
    assert Counter(each.outcome for each in first) == {Outcome.CREATED: 5_000}
    assert len({each.row_id for each in first}) == 5_000
    second = await imported(database, rows)
    assert Counter(each.outcome for each in second) == {Outcome.UNCHANGED: 5_000}
    assert [each.row_id for each in second] == [each.row_id for each in first]


async def test_each_row_has_its_own_outcome_and_reason(database: Database) -> None:
    await ready(database)
    await imported(database, [ItemRow(sku="A", gtin=gtin(1)), ItemRow(sku="B", name="Bee")])
    outcomes = await imported(
        database,
        [
            ItemRow(sku="B", cost_minor=7),
            ItemRow(sku="C", gtin=gtin(1)),
            ItemRow(sku="D", gtin="4006381333930"),
            ItemRow(sku="E", gtin=gtin(2)),
            ItemRow(sku="F", packs=(Pack("box", 2, 1, gtin(2)),)),
            ItemRow(sku="E"),
            ItemRow(sku="A", tracking="serial"),
            ItemRow(sku="A\x00"),
            ItemRow(sku="\ud800"),
            ItemRow(sku="A"),
        ],
    )
    assert [(each.outcome.value, each.code) for each in outcomes] == [
        ("changed", None),
        ("refused", "gtin_taken"),
        ("refused", "gtin_invalid"),
        ("created", None),
        ("refused", "gtin_taken"),
        ("refused", "row_repeated"),
        ("refused", "item_fixed_once_moved"),
        ("refused", "sku_form"),
        ("refused", "sku_form"),
        ("refused", "row_repeated"),
    ]
    assert outcomes[1].facts["sku"] == "A"
    assert outcomes[1].reason == "Another item or pack has this GTIN."
    assert [each.row_number for each in outcomes] == list(range(1, 11))
    async with database.asking() as tx:
        changed = await item_by_sku(tx, "B")
        assert (changed.name, changed.cost_minor, changed.version) == ("Bee", 7, 2)
        events = await tx.value("SELECT count(*) FROM audit_event WHERE action = 'item.imported'")
    assert events == 2


async def test_statements_do_not_grow_with_the_rows(dsn: str) -> None:
    async with counted_database(dsn) as (database, seen):
        await ready(database)
        counts = []
        for start, size in ((0, 2), (10, 3), (100, 300)):  # the first lets the driver look up types
            rows = [
                ItemRow(sku=f"S{n}", gtin=gtin(n), packs=(Pack("box", 2, 1, gtin(n + 10_000)),))
                for n in range(start, start + size)
            ]
            seen.clear()
            await imported(database, rows)
            counts.append(len(seen))
            seen.clear()
            await imported(database, [ItemRow(sku=row.sku, cost_minor=5) for row in rows])
            counts.append(len(seen))
    assert counts[2] == counts[4] <= 12
    assert counts[3] == counts[5] <= 14


async def test_an_import_needs_the_right_to_write(database: Database) -> None:
    nobody = Actor(1, ActorKind.PERSON, "Nobody")
    async with database.writing() as tx:
        with pytest.raises(ForbiddenError):
            await import_items(tx, nobody, [ItemRow(sku="A")])
        with pytest.raises(ForbiddenError):
            await import_parties(tx, nobody, [PartyRow(kind="supplier", code="A")])


async def test_an_empty_import_does_nothing(database: Database) -> None:
    assert await imported(database, []) == []


async def test_parties_are_imported_by_kind_and_code(database: Database) -> None:
    await ready(database)
    rows = [
        PartyRow(kind="supplier", code="P1", name="One"),
        PartyRow(kind="customer", code="P1", email="desk@one.example"),
        PartyRow(kind="friend", code="P2"),
        PartyRow(kind="supplier", code="P3", email="nowhere"),
        PartyRow(kind="supplier", code="P1"),
    ]
    async with database.writing() as tx:
        first = await import_parties(tx, CLERK, rows)
    assert [(each.outcome.value, each.code) for each in first] == [
        ("created", None),
        ("created", None),
        ("refused", "party_kind_unknown"),
        ("refused", "email_form"),
        ("refused", "row_repeated"),
    ]
    async with database.writing() as tx:
        [changed, same] = await import_parties(
            tx, CLERK, [PartyRow(kind="supplier", code="P1", phone="1"), rows[1]]
        )
    assert (changed.outcome, same.outcome) == (Outcome.CHANGED, Outcome.UNCHANGED)
    assert (changed.row_id, same.row_id) == (first[0].row_id, first[1].row_id)
