"""Many documents at once: each with its outcome, once, whatever is run again."""

import asyncio
from typing import Any

import pytest

from documents.desk import CLERK, SOUTH_CLERK, Desk, adjustment, delivery, line, receipt, transfer
from support.company import on_hand
from truestock.documents.model import DocumentRecorded, KeyedDocument, NewDocument
from truestock.documents.operations import bulk
from truestock.documents.operations.bulk import create_and_post_many
from truestock.kernel.errors import TruestockError
from truestock.stock.operations.ledger import Ledger


async def record(desk: Desk, *documents: NewDocument, prefix: str = "row") -> list[Any]:
    asked = [KeyedDocument(each, f"{prefix}-{n}") for n, each in enumerate(documents)]
    return await create_and_post_many(desk.database, desk.ledger, desk.actor, asked)


async def test_documents_of_all_types_are_recorded_in_order_with_numbers(desk: Desk) -> None:
    outcomes = await record(
        desk,
        receipt(line("SKU-1", 10), line("LOT-1", 3, lot="A"), line("SKU-2", 1, unit="each")),
        receipt(line("SKU-1", 1, unit="box"), party_id=1, reference="R", note="N"),
        transfer(line("SKU-1", 4)),
        delivery(line("SKU-1", 2), party_id=2),
        adjustment(line("SKU-1", 1), line("SKU-3", 2, target="BIN-3"), source="BIN-1"),
    )
    numbers = [each.number[:4] + each.number[-6:] for each in outcomes]
    assert numbers == ["REC-000001", "REC-000002", "TRF-000001", "DEL-000001", "ADJ-000001"]
    assert await on_hand(desk.database, "SKU-1", "BIN-1") == 15
    assert await on_hand(desk.database, "SKU-3", "BIN-3") == 2
    found = await desk.read(outcomes[1].document_id)
    assert (found.state, found.reference, found.note) == ("posted", "R", "N")
    assert [each.event for each in found.history] == ["created", "posted"]
    assert found.movements[0].movement_id == outcomes[1].movement_id
    written = await desk.write(receipt(line("SKU-1")))
    assert written.number.endswith("-000003")


async def test_a_second_run_changes_nothing_and_tells_the_same(desk: Desk) -> None:
    documents = [receipt(line("SKU-1", n + 1)) for n in range(20)]
    first = await record(desk, *documents[:12])
    again = await record(desk, *documents)
    assert [each.document_id for each in again[:12]] == [each.document_id for each in first]
    assert [each.replayed for each in again] == [True] * 12 + [False] * 8
    assert await on_hand(desk.database, "SKU-1", "BIN-1") == 210
    assert await desk.value("SELECT count(*) FROM document") == 20


async def test_a_refused_document_leaves_its_neighbours_and_its_key_alone(desk: Desk) -> None:
    documents = [
        receipt(line("SKU-1", 5)),
        delivery(line("SKU-1", 3), line("SKU-2", 9)),
        receipt(line("NO", 5)),
        delivery(line("SKU-1", 5)),
        delivery(line("SKU-1", 1)),
    ]
    outcomes = await record(desk, *documents)
    codes = [each.code if isinstance(each, TruestockError) else "" for each in outcomes]
    assert codes == ["", "insufficient_stock", "document_item_unknown", "", "insufficient_stock"]
    [short] = outcomes[1].facts["shortages"]
    assert (short["sku"], short["location_code"], short["quantity_missing"]) == (
        "SKU-2",
        "BIN-1",
        9,
    )
    await record(desk, receipt(line("SKU-1", 9), line("SKU-2", 9)), prefix="more")
    again = await record(desk, *documents)
    assert isinstance(again[1], DocumentRecorded)
    assert not again[1].replayed
    assert isinstance(again[4], DocumentRecorded)
    assert again[2].code == "document_item_unknown"
    keys = await desk.value("SELECT count(*) FROM request WHERE request_key LIKE 'row-%'")
    assert keys == 2 * 4


async def test_a_key_with_another_document_is_refused(desk: Desk) -> None:
    await record(desk, receipt(line("SKU-1", 5)))
    [outcome] = await record(desk, receipt(line("SKU-1", 6)))
    assert outcome.code == "request_key_reused"
    asked = [
        KeyedDocument(receipt(line("SKU-1", 1)), "twice"),
        KeyedDocument(receipt(line("SKU-1", 1)), "twice"),
        KeyedDocument(receipt(line("SKU-1", 2)), "twice"),
    ]
    first, same, other = await create_and_post_many(desk.database, desk.ledger, CLERK, asked)
    assert first == same
    assert isinstance(other, TruestockError)
    assert other.code == "request_key_reused"
    assert await on_hand(desk.database, "SKU-1", "BIN-1") == 6


async def test_a_person_of_one_site_records_only_there(desk: Desk) -> None:
    south = desk.by(SOUTH_CLERK)
    here, there = await record(
        south, receipt(line("SKU-1")), receipt(line("SKU-1"), target="BIN-2")
    )
    assert isinstance(here, DocumentRecorded)
    assert there.code == "forbidden"


async def test_two_runs_at_once_record_every_document_once(desk: Desk) -> None:
    other = Ledger(desk.database, desk.ledger._clock)
    documents = [
        KeyedDocument(receipt(line(f"SKU-{n % 7 + 1}", 1)), f"row-{n}") for n in range(300)
    ]
    runs = await asyncio.gather(
        create_and_post_many(desk.database, desk.ledger, CLERK, documents),
        create_and_post_many(desk.database, other, CLERK, list(reversed(documents))),
        create_and_post_many(desk.database, other, CLERK, documents[100:200]),
    )
    await other.close()
    assert all(isinstance(each, DocumentRecorded) for run in runs for each in run)
    assert await desk.value("SELECT count(*) FROM document") == 300
    assert await desk.value("SELECT sum(quantity) FROM movement_line") == 300


async def test_a_fault_in_the_middle_leaves_whole_chunks_and_a_restart_completes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "DOCUMENTS_AT_ONCE", 10)
    documents = [receipt(line("SKU-1", 1)) for _ in range(35)]
    async with desk.database.writing() as tx:
        await tx.run(
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN RAISE EXCEPTION ''power cut''; END'"
        )
        await tx.run(
            "CREATE TRIGGER fail BEFORE INSERT ON document FOR EACH ROW "
            "WHEN (NEW.number_index = 25) EXECUTE FUNCTION fail()"
        )
    with pytest.raises(Exception, match="power cut"):
        await record(desk, *documents)
    assert await desk.value("SELECT count(*) FROM document") == 20
    assert await on_hand(desk.database, "SKU-1", "BIN-1") == 20
    async with desk.database.writing() as tx:
        await tx.run("DROP TRIGGER fail ON document")
    outcomes = await record(desk, *documents)
    assert [each.replayed for each in outcomes] == [True] * 20 + [False] * 15
    assert await on_hand(desk.database, "SKU-1", "BIN-1") == 35


async def test_numbers_are_of_the_year_of_the_document(desk: Desk) -> None:
    from datetime import UTC, datetime

    outcomes = await record(
        desk,
        *[
            receipt(line("SKU-1"), occurred_at=datetime(year, 6, 1, tzinfo=UTC))
            for year in (2024, 2025, 2024)
        ],
    )
    assert [each.number for each in outcomes] == [
        "REC-2024-000001",
        "REC-2025-000001",
        "REC-2024-000002",
    ]
