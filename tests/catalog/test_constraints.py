"""Every named constraint of the catalogue means one error, also for those who bypass the rules."""

import asyncpg
import pytest

from truestock.catalog.errors import items, parties, terms
from truestock.database import Database
from truestock.database.errors import error_of_constraint, error_of_deletion, translated
from truestock.kernel.errors import TruestockError

DECLARED_IN = (items, parties, terms)
"""Importing these is what makes their constraints known."""

SETUP = """
INSERT INTO item (item_id, sku, name) OVERRIDING SYSTEM VALUE VALUES (1, 'A', 'A'), (2, 'B', 'B');
INSERT INTO item_pack (item_id, base_unit, unit, factor_numerator) VALUES (1, 'each', 'box', 2);
INSERT INTO item_gtin (item_id, gtin) VALUES (1, '4006381333931');
INSERT INTO party (party_id, kind, code, name) OVERRIDING SYSTEM VALUE
VALUES (1, 'supplier', 'S', 'S'), (2, 'supplier', 'T', 'T'), (3, 'customer', 'C', 'C');
INSERT INTO supplier_term (supplier_id, item_id, lead_time_days, currency, preferred)
VALUES (1, 1, 5, 'EUR', true);
INSERT INTO supplier_price_break VALUES (1, 1, 10, 100);
INSERT INTO lot (item_id, code) VALUES (2, 'L');
INSERT INTO balance (balance_id, item_id, location_id, physical) VALUES (-1, 1, 1, false)
"""

LONG = "repeat('x', 10001)"
ITEM = "UPDATE item SET {} WHERE item_id = 2"
PACK = "INSERT INTO item_pack VALUES ({})"
GTIN = "INSERT INTO item_gtin (item_id, pack_unit, gtin) VALUES ({})"
PARTY = "UPDATE party SET {} WHERE party_id = 2"
CONTACT = "INSERT INTO party_contact (party_id, name, email, phone, role) VALUES ({})"
NEW_TERM = (
    "INSERT INTO supplier_term (supplier_id, item_id, lead_time_days, currency, preferred)"
    " VALUES ({})"
)
TERM = "UPDATE supplier_term SET {}"
BREAK = "INSERT INTO supplier_price_break VALUES ({})"

VIOLATIONS = [
    ("item_sku_unique", ITEM.format("sku = 'A'"), "sku_taken"),
    ("item_sku_form", ITEM.format("sku = ' A'"), "sku_form"),
    ("item_name_form", ITEM.format("name = ' '"), "item_name_form"),
    ("item_description_length", ITEM.format(f"description = {LONG}"), "item_description_length"),
    ("item_base_unit_form", ITEM.format("base_unit = ''"), "unit_form"),
    ("item_tracking_known", ITEM.format("tracking = 'x'"), "tracking_unknown"),
    ("item_shelf_life_range", ITEM.format("shelf_life_days = 0"), "shelf_life_range"),
    ("item_currency_form", ITEM.format("currency = 'eur'"), "currency_form"),
    ("item_list_price_range", ITEM.format("list_price_minor = -1"), "price_range"),
    ("item_cost_range", ITEM.format("cost_minor = -1"), "price_range"),
    ("item_picture_url_form", ITEM.format("picture_url = 'ftp://x'"), "picture_link_form"),
    ("item_status_known", ITEM.format("status = 'x'"), "item_status_unknown"),
    ("item_pack_pk", PACK.format("1, 'each', 'box', 3, 1"), "pack_repeated"),
    ("item_pack_unit_form", PACK.format("1, 'each', '', 3, 1"), "unit_form"),
    ("item_pack_numerator_range", PACK.format("1, 'each', 'p', 0, 1"), "pack_factor_range"),
    ("item_pack_denominator_range", PACK.format("1, 'each', 'p', 1, 0"), "pack_factor_range"),
    ("item_pack_factor_lowest", PACK.format("1, 'each', 'p', 2, 4"), "pack_factor_range"),
    ("item_pack_differs_from_base", PACK.format("1, 'each', 'each', 2, 1"), "pack_is_base_unit"),
    ("item_pack_item_known", PACK.format("9, 'each', 'p', 2, 1"), "item_not_found"),
    ("item_gtin_unique", GTIN.format("2, NULL, '04006381333931'"), "gtin_taken"),
    ("item_gtin_form", GTIN.format("2, NULL, '4006381333930'"), "gtin_invalid"),
    ("item_gtin_item_known", GTIN.format("9, NULL, '96385074'"), "item_not_found"),
    ("item_gtin_pack_known", GTIN.format("1, 'none', '96385074'"), "pack_unknown"),
    ("item_gtin_one_per_unit", GTIN.format("1, NULL, '96385074'"), "gtin_taken"),
    (
        "item_fixed_once_moved",
        "UPDATE item SET tracking = 'lot' WHERE item_id = 1",
        "item_fixed_once_moved",
    ),
    ("party_code_unique", PARTY.format("code = 'S'"), "party_code_taken"),
    ("party_code_form", PARTY.format("code = ''"), "party_code_form"),
    ("party_name_form", PARTY.format("name = ''"), "party_name_form"),
    ("party_kind_known", PARTY.format("kind = 'x'"), "party_kind_unknown"),
    ("party_status_known", PARTY.format("status = 'x'"), "party_status_unknown"),
    ("party_email_form", PARTY.format("email = 'x'"), "email_form"),
    ("party_phone_length", PARTY.format(f"phone = {LONG}"), "party_text_length"),
    ("party_address_length", PARTY.format(f"address = {LONG}"), "party_text_length"),
    ("party_note_length", PARTY.format(f"note = {LONG}"), "party_text_length"),
    ("party_currency_form", PARTY.format("currency = 'e'"), "currency_form"),
    ("party_contact_party_known", CONTACT.format("9, 'A', NULL, NULL, ''"), "party_not_found"),
    ("party_contact_name_form", CONTACT.format("1, '', NULL, NULL, ''"), "contact_name_form"),
    ("party_contact_email_form", CONTACT.format("1, 'A', 'x', NULL, ''"), "email_form"),
    (
        "party_contact_phone_length",
        CONTACT.format(f"1, 'A', NULL, {LONG}, ''"),
        "party_text_length",
    ),
    (
        "party_contact_role_length",
        CONTACT.format(f"1, 'A', NULL, NULL, {LONG}"),
        "party_text_length",
    ),
    (
        "supplier_term_pk",
        NEW_TERM.format("1, 1, 1, 'EUR', false"),
        "term_exists",
    ),
    (
        "supplier_term_one_preferred",
        NEW_TERM.format("2, 1, 1, 'EUR', true"),
        "preferred_taken",
    ),
    (
        "supplier_term_supplier_known",
        NEW_TERM.format("3, 1, 1, 'EUR', false"),
        "supplier_unknown",
    ),
    (
        "supplier_term_item_known",
        NEW_TERM.format("1, 9, 1, 'EUR', false"),
        "term_item_unknown",
    ),
    ("supplier_term_sku_length", TERM.format(f"supplier_sku = {LONG}"), "supplier_sku_length"),
    ("supplier_term_lead_time_range", TERM.format("lead_time_days = -1"), "lead_time_range"),
    ("supplier_term_minimum_range", TERM.format("order_minimum = 0"), "order_quantity_range"),
    ("supplier_term_multiple_range", TERM.format("order_multiple = 0"), "order_quantity_range"),
    ("supplier_term_currency_form", TERM.format("currency = 'e'"), "currency_form"),
    ("supplier_price_break_pk", BREAK.format("1, 1, 10, 5"), "price_break_repeated"),
    ("supplier_price_break_minimum_range", BREAK.format("1, 1, 0, 5"), "order_quantity_range"),
    ("supplier_price_break_price_range", BREAK.format("1, 1, 5, -1"), "price_range"),
    ("supplier_price_break_term_known", BREAK.format("2, 2, 5, 1"), "term_not_found"),
]
DELETIONS = [
    ("balance_item_known", "DELETE FROM item WHERE item_id = 1", "item_moved"),
    ("lot_item_known", "DELETE FROM item WHERE item_id = 2", "item_moved"),
    ("supplier_term_supplier_known", "DELETE FROM party WHERE party_id = 1", "party_used"),
]
TABLES = [
    "fact_stamp",
    "item",
    "item_pack",
    "item_gtin",
    "party",
    "party_contact",
    "supplier_term",
    "supplier_price_break",
]
UNREACHABLE = {
    "fact_stamp_pk",
    "fact_stamp_one_row",
    "item_pk",
    "party_pk",
    "party_contact_pk",
    "item_base_unit_key",
    "party_kind_key",
}
"""Keys of generated ids, keys that hold because those hold, and the row of the stamp."""


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
            """
            SELECT conname AS name FROM pg_constraint
            WHERE conrelid = ANY ($1::text[]::regclass[]) AND contype <> 'n'
            UNION
            SELECT 'supplier_term_one_preferred'
            """,
            TABLES,
        )
    assert {row["name"] for row in rows} - UNREACHABLE == {name for name, _s, _c in VIOLATIONS} - {
        "item_fixed_once_moved"
    }


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
