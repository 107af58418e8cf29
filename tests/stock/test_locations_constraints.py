"""Every named constraint of sites and locations means one error."""

import asyncpg
import pytest

from truestock.database import Database
from truestock.database.errors import error_of_constraint, error_of_deletion, translated
from truestock.kernel.errors import TruestockError
from truestock.stock.errors import locations

DECLARED_IN = (locations,)
"""Importing it is what makes its constraints known."""

SETUP = """
INSERT INTO site (site_id, code, name) OVERRIDING SYSTEM VALUE
VALUES (91, 'N', 'North'), (92, 'S', 'South');
INSERT INTO location (location_id, site_id, parent_id, code, kind, path) OVERRIDING SYSTEM VALUE
VALUES (91, 91, NULL, 'A', 'zone', '/N/A'), (92, 91, 91, 'B', 'bin', '/N/A/B'),
    (93, 92, NULL, 'C', 'bin', '/S/C');
INSERT INTO item (item_id, sku, name) OVERRIDING SYSTEM VALUE VALUES (91, 'A', 'A');
INSERT INTO balance (balance_id, item_id, location_id, physical) VALUES (91, 91, 93, true)
"""
SITE = "UPDATE site SET {} WHERE site_id = 92"
PLACE = "UPDATE location SET {} WHERE location_id = 92"
VIRTUAL = "UPDATE location SET {} WHERE location_id = 1"
LONG = "repeat('x', 2001)"

VIOLATIONS = [
    ("site_code_unique", SITE.format("code = 'N'"), "site_code_taken"),
    ("site_code_form", SITE.format("code = 'a/b'"), "site_code_form"),
    ("site_name_form", SITE.format("name = ' '"), "site_name_form"),
    ("site_time_zone_form", SITE.format("time_zone = ''"), "time_zone_unknown"),
    ("site_address_length", SITE.format(f"address = {LONG}"), "site_address_length"),
    ("site_status_known", SITE.format("status = 'x'"), "place_status_unknown"),
    (
        "location_site_known",
        "UPDATE location SET site_id = 99 WHERE location_id = 93",
        "site_not_found",
    ),
    ("location_parent_known", PLACE.format("parent_id = 93"), "location_parent_unknown"),
    ("location_code_unique", PLACE.format("code = 'A', path = '/N/A/A'"), "location_code_taken"),
    ("location_code_form", PLACE.format("code = 'a/b', path = '/N/a/b'"), "location_code_form"),
    ("location_name_length", PLACE.format(f"name = {LONG}"), "location_name_length"),
    ("location_kind_known", PLACE.format("kind = 'x', site_id = NULL"), "location_kind"),
    (
        "location_site_iff_physical",
        "UPDATE location SET site_id = NULL, parent_id = NULL WHERE location_id = 93",
        "location_kind",
    ),
    ("location_virtual_is_plain", VIRTUAL.format("pickable = true"), "location_kind"),
    ("location_path_length", PLACE.format(f"path = {LONG} || '/B'"), "location_too_deep"),
    ("location_path_ends_in_code", PLACE.format("path = '/N/A/X'"), "location_code_form"),
    ("location_capacity_range", PLACE.format("capacity = 0"), "capacity_range"),
    ("location_status_known", PLACE.format("status = 'x'"), "place_status_unknown"),
    ("location_not_own_parent", PLACE.format("parent_id = 92"), "location_cycle"),
]
DELETIONS = [
    ("location_site_known", "DELETE FROM site WHERE site_id = 91", "site_used"),
    (
        "location_parent_known",
        "DELETE FROM location WHERE location_id = 91",
        "location_has_children",
    ),
    ("balance_location_known", "DELETE FROM location WHERE location_id = 93", "location_used"),
]
UNREACHABLE = {"site_pk", "location_pk", "location_site_key", "location_path_unique"}
"""Keys of generated ids, a key that holds because they do, and paths that end in a unique code."""


async def meaning(database: Database, statement: str) -> tuple[str, TruestockError]:
    """Run a statement on the set-up tables and undo all; returns the constraint and our error."""
    async with database.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            for each in SETUP.split(";\n"):
                await connection.execute(each)
            with pytest.raises(asyncpg.PostgresError) as refused:
                await connection.execute(statement)
        finally:
            await transaction.rollback()
    error = translated(refused.value)
    assert isinstance(error, TruestockError), (statement, refused.value)
    return str(getattr(refused.value, "constraint_name", None)), error


async def test_every_constraint_has_a_case_here(database: Database) -> None:
    async with database.asking() as tx:
        rows = await tx.rows(
            "SELECT conname AS name FROM pg_constraint"
            " WHERE conrelid IN ('site'::regclass, 'location'::regclass) AND contype <> 'n'"
        )
    assert {row["name"] for row in rows} - UNREACHABLE == {name for name, _s, _c in VIOLATIONS}


async def test_a_violated_constraint_is_its_error(database: Database) -> None:
    for constraint, statement, code in VIOLATIONS:
        violated, error = await meaning(database, statement)
        assert (violated, error.code) == (constraint, code), statement
        assert error_of_constraint(constraint) is type(error)


async def test_a_deletion_that_is_stopped_is_its_error(database: Database) -> None:
    for constraint, statement, code in DELETIONS:
        violated, error = await meaning(database, statement)
        assert (violated, error.code) == (constraint, code), statement
        assert error_of_deletion(constraint) is type(error)
