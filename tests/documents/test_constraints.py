"""What the database itself refuses, each under a name that means one sentence."""

import re
from importlib.resources import files

import pytest

from documents.desk import Desk, line, receipt
from truestock.database import Database
from truestock.database.errors import error_of_constraint, error_of_deletion
from truestock.database.invariants import broken_invariants
from truestock.documents.errors import DocumentNotFoundError
from truestock.kernel.errors import TruestockError

# One draft receipt (document 1: SKU-1 at BIN-1), one posted (2) and one cancelled (3).
BROKEN = [
    ("UPDATE document_type SET type = 'receipt' WHERE type = 'build'", "document_type_pk"),
    ("UPDATE document_type SET prefix = 'REC' WHERE type = 'build'", "document_type_prefix_unique"),
    ("UPDATE document_type SET prefix = 'r' WHERE type = 'build'", "document_type_prefix_form"),
    (
        "INSERT INTO document_threshold VALUES ('adjustment', 'EUR', -1)",
        "document_threshold_value_range",
    ),
    (
        "INSERT INTO document_threshold VALUES ('adjustment', 'euro', 1)",
        "document_threshold_currency_form",
    ),
    (
        (
            "INSERT INTO document_threshold VALUES ('adjustment', 'EUR', 1), "
            "('adjustment', 'EUR', 2)"
        ),
        "document_threshold_pk",
    ),
    ("INSERT INTO document_threshold VALUES ('gift', 'EUR', 1)", "document_threshold_type_known"),
    ("UPDATE document SET due_on = '1969-12-31' WHERE document_id = 1", "document_due_range"),
    ("INSERT INTO reason_code VALUES ('theft', 'T', 'either')", "reason_code_pk"),
    ("INSERT INTO reason_code VALUES ('Theft', 'T', 'either')", "reason_code_form"),
    ("INSERT INTO reason_code VALUES ('x', ' ', 'either')", "reason_code_name_form"),
    ("INSERT INTO reason_code VALUES ('x', 'X', 'up')", "reason_code_direction_known"),
    ("INSERT INTO document_counter VALUES ('voucher', 2026, 1)", "document_counter_type_known"),
    ("INSERT INTO document_counter VALUES ('build', 2026, 0)", "document_counter_positive"),
    ("INSERT INTO document_counter SELECT * FROM document_counter", "document_counter_pk"),
    (
        (
            "INSERT INTO document (document_id, type, number, number_year, number_index, "
            "created_by, changed_by) VALUES (1, 'build', 'B', 2026, 1, 101, 101)"
        ),
        "document_pk",
    ),
    (
        (
            "INSERT INTO document (document_id, type, number, number_year, number_index, "
            "created_by, changed_by) VALUES (9, 'voucher', 'V', 2026, 1, 101, 101)"
        ),
        "document_type_known",
    ),
    (
        (
            "INSERT INTO document (document_id, type, number, number_year, number_index, "
            "created_by, changed_by) "
            "SELECT 9, 'build', number, 2026, 1, 101, 101 FROM document LIMIT 1"
        ),
        "document_number_unique",
    ),
    (
        (
            "INSERT INTO document (document_id, type, number, number_year, number_index, "
            "created_by, changed_by, target_location_id, target_site_id) "
            "SELECT 9, type, 'X', number_year, "
            "number_index, 101, 101, target_location_id, target_site_id FROM document LIMIT 1"
        ),
        "document_index_unique",
    ),
    (
        (
            "INSERT INTO document (document_id, type, number, number_year, number_index, "
            "created_by, changed_by) VALUES (9, 'build', 'B', 1969, 1, 101, 101)"
        ),
        "document_year_range",
    ),
    (
        (
            "INSERT INTO document (document_id, type, number, number_year, number_index, "
            "created_by, changed_by, state, target_location_id, target_site_id) "
            "VALUES (9, 'purchase_order', 'P', 2026, 1, 101, 101, 'lost', 6, 2)"
        ),
        "document_state_known",
    ),
    ("UPDATE document SET state = 'sent' WHERE document_id = 1", "document_state_fits_type"),
    (
        "UPDATE document SET state = 'posted' WHERE document_id = 1",
        "document_posted_is_whole",
    ),
    (
        "UPDATE document SET approved_by = 101 WHERE document_id = 1",
        "document_approved_is_whole",
    ),
    (
        "UPDATE document SET state = 'cancelled' WHERE document_id = 1",
        "document_cancelled_is_whole",
    ),
    (
        (
            "UPDATE document SET state = 'cancelled', cancelled_by = 101, cancelled_at = now(), "
            "cancel_reason = ' ' WHERE document_id = 1"
        ),
        "document_cancel_reason_form",
    ),
    ("UPDATE document SET party_id = 2 WHERE document_id = 1", "document_party_known"),
    (
        "UPDATE document SET type = 'transfer', party_id = 1 WHERE document_id = 1",
        "document_fixed",
    ),
    (
        (
            "INSERT INTO document (document_id, type, number, number_year, number_index, "
            "created_by, changed_by, party_id) VALUES (9, 'build', 'B', 2026, 1, 101, 101, 1)"
        ),
        "document_party_fits",
    ),
    (
        "UPDATE document SET source_location_id = 999 WHERE document_id = 1",
        "document_source_known",
    ),
    (
        "UPDATE document SET target_location_id = 999, target_site_id = NULL WHERE document_id = 1",
        "document_receipt_places",
    ),
    (
        (
            "INSERT INTO document (document_id, type, number, number_year, number_index, "
            "created_by, changed_by, target_location_id) "
            "VALUES (9, 'build', 'B', 2026, 1, 101, 101, 999)"
        ),
        "document_target_known",
    ),
    (
        (
            "INSERT INTO document (document_id, type, number, number_year, number_index, "
            "created_by, changed_by, source_location_id, source_site_id) "
            "VALUES (9, 'build', 'B', 2026, 1, 101, 101, 6, 1)"
        ),
        "document_source_in_site",
    ),
    ("UPDATE document SET target_site_id = 1 WHERE document_id = 1", "document_target_in_site"),
    (
        (
            "INSERT INTO document (document_id, type, number, number_year, number_index, "
            "created_by, changed_by) VALUES (9, 'delivery', 'D', 2026, 1, 101, 101)"
        ),
        "document_delivery_places",
    ),
    (
        (
            "INSERT INTO document (document_id, type, number, number_year, number_index, "
            "created_by, changed_by, source_location_id, source_site_id) "
            "VALUES (9, 'transfer', 'T', 2026, 1, 101, 101, 6, 2)"
        ),
        "document_transfer_places",
    ),
    (
        (
            "INSERT INTO document (document_id, type, number, number_year, number_index, "
            "created_by, changed_by, source_location_id, source_site_id, "
            "target_location_id, target_site_id) "
            "VALUES (9, 'transfer', 'T', 2026, 1, 101, 101, 6, 2, 6, 2)"
        ),
        "document_places_differ",
    ),
    (
        (
            "INSERT INTO document (document_id, type, number, number_year, number_index, "
            "created_by, changed_by, reason_code) "
            "VALUES (9, 'adjustment', 'A', 2026, 1, 101, 101, 'theft')"
        ),
        "document_adjustment_places",
    ),
    (
        "UPDATE document SET reason_code = 'theft' WHERE document_id = 1",
        "document_reason_iff_adjustment",
    ),
    (
        (
            "INSERT INTO document (document_id, type, number, number_year, number_index, "
            "created_by, changed_by, reason_code, source_location_id, source_site_id) "
            "VALUES (9, 'adjustment', 'A', 2026, 1, 101, 101, 'boredom', 6, 2)"
        ),
        "document_reason_known",
    ),
    ("UPDATE document SET reference = repeat('x', 201)", "document_reference_length"),
    ("UPDATE document SET note = repeat('x', 2001)", "document_note_length"),
    (
        "UPDATE document SET occurred_at = '1969-01-01Z' WHERE document_id = 1",
        "document_occurred_range",
    ),
    (
        (
            "INSERT INTO document (document_id, type, number, number_year, number_index, "
            "created_by, changed_by) VALUES (9, 'build', 'B', 2026, 1, 999, 101)"
        ),
        "document_creator_known",
    ),
    ("UPDATE document SET changed_by = 999 WHERE document_id = 1", "document_changer_known"),
    (
        "UPDATE document SET approved_by = 999, approved_at = now() WHERE document_id = 1",
        "document_approver_known",
    ),
    (
        (
            "UPDATE document SET state = 'posted', posted_by = 999, posted_at = now(), "
            "occurred_at = now() WHERE document_id = 1"
        ),
        "document_poster_known",
    ),
    (
        (
            "UPDATE document SET state = 'cancelled', cancelled_by = 999, cancelled_at = now(), "
            "cancel_reason = 'x' WHERE document_id = 1"
        ),
        "document_canceller_known",
    ),
    ("UPDATE document SET reverses_id = 999 WHERE document_id = 1", "document_original_known"),
    ("UPDATE document SET reverses_id = 1 WHERE document_id = 1", "document_reversal_of_another"),
    (
        "UPDATE document SET reversed_by_id = 999 WHERE document_id = 2",
        "document_reversal_known",
    ),
    (
        "UPDATE document SET reversed_by_id = 2 WHERE document_id = 1",
        "document_reversed_was_posted",
    ),
    (
        (
            "WITH first AS (UPDATE document SET reversed_by_id = 1 WHERE document_id = 2) "
            "UPDATE document SET reversed_by_id = 1 WHERE document_id = 4"
        ),
        "document_reversal_unique",
    ),
    (
        "UPDATE document SET reverses_id = 2 WHERE document_id IN (1, 5)",
        "document_reversed_once",
    ),
    ("UPDATE document SET number = 'X' WHERE document_id = 1", "document_fixed"),
    ("UPDATE document SET note = 'X' WHERE document_id = 2", "document_fixed"),
    ("UPDATE document SET note = 'X' WHERE document_id = 3", "document_fixed"),
    ("DELETE FROM document", "document_append_only"),
    ("UPDATE document_line SET quantity_base = 9 WHERE document_id = 2", "document_line_fixed"),
    ("DELETE FROM document_line WHERE document_id = 3", "document_line_fixed"),
    (
        "UPDATE document_line SET line_number = 0 WHERE document_id = 1",
        "document_line_number_range",
    ),
    ("UPDATE document_line SET item_id = 999 WHERE document_id = 1", "document_line_item_known"),
    ("UPDATE document_line SET lot_code = ' A' WHERE document_id = 1", "document_line_lot_form"),
    (
        "UPDATE document_line SET disposition = 'eaten' WHERE document_id = 1",
        "document_line_disposition_known",
    ),
    ("UPDATE document_line SET unit = '' WHERE document_id = 1", "document_line_unit_form"),
    (
        "UPDATE document_line SET quantity_entered = 0 WHERE document_id = 1",
        "document_line_entered_positive",
    ),
    (
        "UPDATE document_line SET quantity_base = 0 WHERE document_id = 1",
        "document_line_quantity_range",
    ),
    (
        "UPDATE document_line SET unit_cost_minor = -1 WHERE document_id = 1",
        "document_line_cost_range",
    ),
    (
        "UPDATE document_line SET source_location_id = 999 WHERE document_id = 1",
        "document_line_source_known",
    ),
    (
        "UPDATE document_line SET target_location_id = 999 WHERE document_id = 1",
        "document_line_target_known",
    ),
    (
        (
            "UPDATE document_line SET source_location_id = 6, target_location_id = 6 "
            "WHERE document_id = 1"
        ),
        "document_line_places_differ",
    ),
    (
        (
            "INSERT INTO document_line (document_id, line_number, item_id, unit, quantity_entered, "
            "quantity_base) VALUES (1, 1, 2, 'each', 1, 1)"
        ),
        "document_line_pk",
    ),
    (
        (
            "INSERT INTO document_line (document_id, line_number, item_id, unit, quantity_entered, "
            "quantity_base) VALUES (1, 2, 1, 'each', 1, 1)"
        ),
        "document_line_item_once",
    ),
    (
        (
            "INSERT INTO document (document_id, type, number, number_year, number_index, "
            "reason_code, target_location_id, target_site_id, created_by, changed_by, approved_by, "
            "approved_at) VALUES (9, 'adjustment', 'A', 2026, 1, 'found', 6, 2, 101, 101, 101, "
            "now())"
        ),
        "document_approver_differs",
    ),
    (
        (
            "UPDATE document_type SET approval_needed = true; UPDATE document "
            "SET state = 'posted', "
            "posted_by = 101, posted_at = now(), occurred_at = now() WHERE document_id = 1"
        ),
        "document_approved_first",
    ),
    (
        (
            "UPDATE document SET approved_by = 103, approved_at = now() WHERE document_id = 1; "
            "UPDATE document_line SET quantity_base = 2 WHERE document_id = 1"
        ),
        "document_approved_fixed",
    ),
    (
        (
            "UPDATE document SET approved_by = 103, approved_at = now() WHERE document_id = 1; "
            "INSERT INTO document_line (document_id, line_number, item_id, unit, quantity_entered, "
            "quantity_base) VALUES (1, 2, 2, 'each', 1, 1)"
        ),
        "document_approved_fixed",
    ),
    (
        (
            "UPDATE document SET approved_by = 103, approved_at = now() WHERE document_id = 1; "
            "UPDATE document SET party_id = 1, version = 3 WHERE document_id = 1"
        ),
        "document_approved_fixed",
    ),
    (
        (
            "INSERT INTO document_line (document_id, line_number, item_id, unit, quantity_entered, "
            "quantity_base) VALUES (2, 2, 2, 'each', 1, 1)"
        ),
        "document_line_fixed",
    ),
]
UNGUARDED = "ALTER TABLE document_line DISABLE TRIGGER document_line_added_to_draft"
CONSTRAINT = re.compile(r"CONSTRAINT\s+([a-z_]+)|UNIQUE INDEX ([a-z_]+)|TRIGGER ([a-z_]+)")


@pytest.fixture
async def five(desk: Desk) -> Desk:
    await desk.write(receipt(line("SKU-1")))
    await desk.posted(receipt(line("SKU-1")))
    await desk.cancel(await desk.write(receipt(line("SKU-1"))))
    await desk.posted(receipt(line("SKU-1")))
    await desk.write(receipt(line("SKU-1")))
    return desk


async def test_every_broken_constraint_is_its_error(five: Desk) -> None:
    wrong = []
    for statement, constraint in BROKEN:
        with pytest.raises(TruestockError) as caught:
            async with five.database.writing() as tx:
                await tx.run(statement)
        violated = getattr(caught.value.__cause__, "constraint_name", None)
        if (violated, type(caught.value)) != (constraint, error_of_constraint(constraint)):
            wrong.append((statement, constraint, violated, caught.value))
    assert not wrong


async def test_a_line_without_its_document_is_refused_when_it_commits(desk: Desk) -> None:
    with pytest.raises(DocumentNotFoundError):
        async with desk.database.writing() as tx:
            await tx.run(
                "INSERT INTO document_line (document_id, line_number, item_id, unit, "
                "quantity_entered, quantity_base) VALUES (99, 1, 1, 'each', 1, 1)"
            )


def test_every_constraint_of_the_tables_is_triggered_here() -> None:
    declared: set[str] = set()
    for name in ("0006_documents", "0014_backend"):
        file = files("truestock.database").joinpath(f"migrations/{name}.sql")
        text = file.read_text(encoding="utf-8")
        named = {part for found in CONSTRAINT.findall(text) for part in found}
        declared |= {name for name in named if name.startswith(("document", "reason"))}
    assert declared - {constraint for _statement, constraint in BROKEN} == {
        "document_line_document_known",
        "document_type_threshold_range",  # its column is gone
        "document_approved_first_when_added",  # raise under the names of others
        "document_line_added_to_draft",
    }


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("DELETE FROM item WHERE sku = 'SKU-40'", "document_line_item_known"),
        ("DELETE FROM location WHERE code = 'BIN-9'", "document_target_known"),
        ("DELETE FROM location WHERE code = 'BIN-7'", "document_line_target_known"),
        ("DELETE FROM party WHERE code = 'CLAYWORKS'", "document_party_known"),
    ],
)
async def test_what_a_document_names_is_not_deleted(
    desk: Desk, statement: str, constraint: str
) -> None:
    await desk.write(receipt(line("SKU-40", target="BIN-7"), target="BIN-9", party_id=1))
    with pytest.raises(TruestockError) as caught:
        async with desk.database.writing() as tx:
            await tx.run(statement)
    assert caught.value.code == "named_by_document"
    assert error_of_deletion(constraint) is type(caught.value)


@pytest.mark.parametrize(
    ("rule", "statements"),
    [
        (
            "inv_10_posted_equals_ledger",
            [
                UNGUARDED,
                (
                    "INSERT INTO document_line (document_id, line_number, item_id, unit, "
                    "quantity_entered, quantity_base) VALUES (2, 2, 2, 'each', 1, 1)"
                ),
            ],
        ),
        (
            "inv_10_posted_equals_ledger",
            [
                (
                    "UPDATE document SET state = 'posted', posted_by = 101, posted_at = now(), "
                    "occurred_at = now() WHERE document_id = 1"
                )
            ],
        ),
        (
            "inv_10_no_pending_reservation",
            [
                (
                    "INSERT INTO reservation (reservation_id, balance_id, actor_id, request_key, "
                    "quantity, document_id, recorded_at) "
                    "SELECT 1, max(balance_id), 101, 'r', 1, 2, now() FROM balance"
                )
            ],
        ),
        ("expected_lines_are_open_documents", ["UPDATE expected_line SET quantity = quantity + 1"]),
        ("expected_lines_are_open_documents", ["DELETE FROM expected_line"]),
        ("document_numbers_have_no_gap", ["UPDATE document_counter SET last_index = 9"]),
        (
            "document_reversal_is_linked",
            ["UPDATE document SET reversed_by_id = 5 WHERE document_id = 4"],
        ),
        (
            "document_lines_stay_in_site",
            ["UPDATE document_line SET target_location_id = 7 WHERE document_id = 1"],
        ),
        (
            "document_has_lines_when_posted",
            [
                UNGUARDED,
                (
                    "INSERT INTO document_line (document_id, line_number, item_id, unit, "
                    "quantity_entered, quantity_base) VALUES (2, 3, 2, 'each', 1, 1)"
                ),
            ],
        ),
    ],
)
async def test_a_planted_fault_is_found_by_its_invariant(
    five: Desk, database: Database, rule: str, statements: list[str]
) -> None:
    broken = await broken_after(database, statements)
    assert rule in broken
    assert five.database is database


async def broken_after(database: Database, statements: list[str]) -> list[str]:
    """The invariants that find something after these statements, which are then undone."""
    found: list[str] = []

    async def plant() -> None:
        async with database.writing() as tx:
            for statement in statements:
                await tx.run(statement)
            found.extend(each.name for each in await broken_invariants(tx))
            raise UndoneError

    with pytest.raises(UndoneError):
        await plant()
    return found


class UndoneError(Exception):
    """What was planted is undone."""
