"""Imports of locations: any order of rows, each with its outcome, statements that do not grow."""

import asyncio
from collections import Counter

from support.counting import counted_database
from truestock.catalog.model.imports import Outcome, RowOutcome
from truestock.database import Database
from truestock.kernel.actor import Actor, ActorKind
from truestock.stock.model.locations import LocationRow, Rack, Span
from truestock.stock.operations.location_imports import import_locations
from truestock.stock.rules.locations import rack_rows

CLERK = Actor(1, ActorKind.PERSON, "Clerk", frozenset({"location.write"}))


async def set_up(database: Database) -> None:
    async with database.writing() as tx:
        await tx.run("INSERT INTO actor (kind, name) VALUES ('person', 'Clerk')")
        await tx.run("INSERT INTO site (code, name) VALUES ('N', 'North'), ('S', 'South')")


async def imported(
    database: Database, rows: list[LocationRow], actor: Actor = CLERK
) -> list[RowOutcome]:
    async with database.writing() as tx:
        return await import_locations(tx, actor, rows)


async def test_thousands_of_rows_come_in_whatever_their_order(database: Database) -> None:
    await set_up(database)
    rows = rack_rows(Rack(zone="A", aisles=Span(1, 40), bins=Span(1, 100, 3)), "N", None)
    first = await imported(database, list(reversed(rows)))
    assert Counter(each.outcome for each in first) == {Outcome.CREATED: 4_041}
    second = await imported(database, rows)
    assert Counter(each.outcome for each in second) == {Outcome.UNCHANGED: 4_041}
    async with database.asking() as tx:
        path = await tx.value("SELECT path FROM location WHERE code = 'A-40-100'")
    assert path == "/N/A/A-40/A-40-100"


async def test_each_row_has_its_own_outcome_and_reason(database: Database) -> None:
    await set_up(database)
    await imported(database, [LocationRow(code="A", site="N"), LocationRow(code="B", site="S")])
    async with database.writing() as tx:
        await tx.run("UPDATE location SET status = 'inactive' WHERE code = 'B'")
    outcomes = await imported(
        database,
        [
            LocationRow(code="A", name="Named"),
            LocationRow(code="A", name="Again"),
            LocationRow(code="A-1", parent="A"),
            LocationRow(code="A-2", parent="A", site="S"),
            LocationRow(code="B-1", parent="B"),
            LocationRow(code="C"),
            LocationRow(code="C", site="nowhere"),
            LocationRow(code="D", parent="D"),
            LocationRow(code="SUPPLIER", name="Mine"),
            LocationRow(code="B", parent="A"),
            LocationRow(code="E", site="N", kind="cupboard"),
            LocationRow(code="F/G", site="N"),
            LocationRow(code="\x00", site="\x00"),
            LocationRow(code="B", site="S"),
        ],
    )
    assert [(each.outcome.value, each.code) for each in outcomes] == [
        ("changed", None),
        ("refused", "row_repeated"),
        ("created", None),
        ("refused", "location_parent_unknown"),
        ("refused", "location_parent_inactive"),
        ("refused", "site_not_found"),
        ("refused", "row_repeated"),
        ("refused", "location_parent_unknown"),
        ("refused", "location_fixed"),
        ("refused", "location_moves"),
        ("refused", "location_kind"),
        ("refused", "location_code_form"),
        ("refused", "location_code_form"),
        ("refused", "row_repeated"),
    ]


async def test_rows_of_other_sites_are_refused(database: Database) -> None:
    await set_up(database)
    limited = Actor(1, ActorKind.PERSON, "Clerk", frozenset({"location.write"}), frozenset({1}))
    await imported(database, [LocationRow(code="S-1", site="S")])
    outcomes = await imported(
        database,
        [
            LocationRow(code="N-1", site="N"),
            LocationRow(code="S-2", site="S"),
            LocationRow(code="S-1", name="X"),
            LocationRow(code="S-3", parent="S-1"),
        ],
        limited,
    )
    assert [each.code for each in outcomes] == [None, "forbidden", "forbidden", "forbidden"]


async def test_statements_do_not_grow_with_the_rows(dsn: str) -> None:
    async with counted_database(dsn) as (database, seen):
        await set_up(database)
        counts = []
        for zone, bins in (("W", 1), ("A", 2), ("B", 400)):  # the first warms the driver up
            rows = rack_rows(Rack(zone=zone, aisles=Span(1, 2), bins=Span(1, bins, 3)), "N", None)
            await asyncio.sleep(0)
            seen.clear()
            await imported(database, rows)
            await asyncio.sleep(0)
            counts.append(len(seen))
    assert counts[1] == counts[2] <= 12
