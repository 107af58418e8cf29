"""A document's life on real PostgreSQL: written, changed, posted, cancelled, reversed."""

from decimal import Decimal

import pytest

from documents.desk import (
    CHIEF,
    SOUTH_CLERK,
    Desk,
    adjustment,
    delivery,
    line,
    receipt,
    transfer,
)
from support.company import on_hand
from truestock.documents.errors import (
    AlreadyPostedError,
    DocumentCancelledError,
    DocumentNotFoundError,
    DocumentReversedError,
    DocumentTypeFixedError,
    NotDraftError,
    NotPostedError,
    ReversalFixedError,
    UnitResizedError,
)
from truestock.kernel.errors import ForbiddenError, StaleVersionError, TruestockError
from truestock.stock.errors.movements import MovementOfDocumentError


async def test_a_receipt_is_written_with_a_number_and_posted_once(desk: Desk) -> None:
    written = await desk.write(
        receipt(line("SKU-1", 10), line("SKU-2", 2), party_id=1, reference="PO 17", note="early")
    )
    assert (written.state, written.version, written.party_name) == ("draft", 1, "Clayworks Trading")
    assert written.number.startswith("REC-")
    assert written.number.endswith("-000001")
    assert await on_hand(desk.database, "SKU-1", "BIN-1") == 0
    posted = await desk.post(written)
    assert posted["state"] == "posted"
    assert [each["kind"] for each in posted["movements"]] == ["receipt"]
    assert [each["event"] for each in posted["history"]] == ["created", "posted"]
    assert await on_hand(desk.database, "SKU-1", "BIN-1") == 10
    assert await on_hand(desk.database, "SKU-2", "BIN-1") == 2


async def test_posting_again_gives_the_same_answer_or_names_the_movement(desk: Desk) -> None:
    written = await desk.write(receipt(line("SKU-1", 10)))
    first = await desk.post(written, "same")
    assert await desk.post(written, "same") == first
    with pytest.raises(AlreadyPostedError) as caught:
        await desk.post(written, "another")
    movement_id = first["movements"][0]["movement_id"]
    assert caught.value.facts["movement_ids"] == [movement_id]
    assert await on_hand(desk.database, "SKU-1", "BIN-1") == 10


async def test_a_transfer_and_an_adjustment_move_what_they_say(desk: Desk) -> None:
    await desk.posted(receipt(line("SKU-1", 10)))
    await desk.posted(transfer(line("SKU-1", 4), target="BIN-2"))
    assert await on_hand(desk.database, "SKU-1", "BIN-1") == 6
    assert await on_hand(desk.database, "SKU-1", "BIN-2") == 4
    await desk.posted(adjustment(line("SKU-1", 1), source="BIN-1", reason_code="theft"))
    mixed = await desk.posted(
        adjustment(line("SKU-1", 2), line("SKU-2", 5, target="BIN-3"), source="BIN-1")
    )
    assert [(each.source_location_code, each.target_location_code) for each in mixed.lines] == [
        ("BIN-1", None),
        (None, "BIN-3"),
    ]
    assert await on_hand(desk.database, "SKU-1", "BIN-1") == 3
    assert await on_hand(desk.database, "SKU-2", "BIN-3") == 5
    assert await on_hand(desk.database, "SKU-1", "ADJUSTMENT") == 3


async def test_packs_lots_and_costs_are_kept_as_entered_and_posted_in_base_units(
    desk: Desk,
) -> None:
    posted = await desk.posted(
        receipt(
            line("SKU-1", 2, unit="box", unit_cost=Decimal("12.5")),
            line("LOT-1", 3, lot="A"),
            line("LOT-1", 4, lot="B"),
            line("SKU-2", Decimal("5.0")),
        )
    )
    assert [(each.quantity, each.unit, each.quantity_base) for each in posted.lines] == [
        (2, "box", 24),
        (3, "each", 3),
        (4, "each", 4),
        (5, "each", 5),
    ]
    assert posted.lines[0].unit_cost == Decimal("12.5")
    cost = await desk.value("SELECT unit_cost_minor FROM movement_line WHERE line_number = 1")
    assert cost == Decimal("12.5")
    assert await on_hand(desk.database, "SKU-1", "BIN-1") == 24
    assert await on_hand(desk.database, "LOT-1", "BIN-1") == 7


async def test_a_shortage_names_every_short_line_with_item_and_place(desk: Desk) -> None:
    await desk.posted(receipt(line("SKU-1", 5), line("SKU-2", 5), line("SKU-3", 5)))
    written = await desk.write(
        delivery(line("SKU-1", 9), line("SKU-2", 5), line("SKU-3", 6, source="BIN-3"))
    )
    with pytest.raises(TruestockError) as caught:
        await desk.post(written, "short")
    assert (caught.value.code, caught.value.status) == ("insufficient_stock", 409)
    named = [
        (
            each["line_number"],
            each["sku"],
            each["location_code"],
            each["quantity_asked"],
            each["quantity_available"],
            each["quantity_missing"],
        )
        for each in caught.value.facts["shortages"]
    ]
    assert named == [(1, "SKU-1", "BIN-1", 9, 5, 4), (3, "SKU-3", "BIN-3", 6, 0, 6)]
    assert await on_hand(desk.database, "SKU-2", "BIN-1") == 5
    assert (await desk.read(written.document_id)).state == "draft"


async def test_a_refusal_stands_for_its_key_and_a_new_key_posts_when_stock_has_come(
    desk: Desk,
) -> None:
    written = await desk.write(delivery(line("SKU-1", 5)))
    with pytest.raises(TruestockError):
        await desk.post(written, "early")
    await desk.posted(receipt(line("SKU-1", 5)))
    with pytest.raises(TruestockError) as again:
        await desk.post(written, "early")
    assert again.value.code == "insufficient_stock"
    assert (await desk.post(written, "late"))["state"] == "posted"


async def test_a_change_replaces_header_and_lines_and_a_stale_one_is_refused(desk: Desk) -> None:
    written = await desk.write(receipt(line("SKU-1", 1)))
    changed = await desk.change(written, receipt(line("SKU-2", 7), target="BIN-2", note="other"))
    assert (changed.version, changed.note, changed.target_location_code) == (2, "other", "BIN-2")
    assert [(each.sku, each.quantity) for each in changed.lines] == [("SKU-2", 7)]
    assert changed.number == written.number
    assert [each.event for each in changed.history] == ["created", "changed"]
    with pytest.raises(StaleVersionError):
        await desk.change(written, receipt(line("SKU-3", 1)))
    with pytest.raises(StaleVersionError):
        await desk.post(written, version=1)
    with pytest.raises(DocumentTypeFixedError):
        await desk.change(changed, delivery(line("SKU-3", 1)))


async def test_a_posted_or_cancelled_document_is_not_changed_approved_or_cancelled(
    desk: Desk,
) -> None:
    posted = await desk.posted(receipt(line("SKU-1", 1)))
    cancelled = await desk.cancel(await desk.write(receipt(line("SKU-1", 1))))
    for document in (posted, cancelled):
        with pytest.raises(NotDraftError):
            await desk.change(document, receipt(line("SKU-1", 2)))
        with pytest.raises(NotDraftError):
            await desk.approve(document)
        with pytest.raises(NotDraftError):
            await desk.cancel(document)
    with pytest.raises(DocumentCancelledError):
        await desk.post(cancelled)


async def test_a_cancelled_draft_keeps_number_reason_and_who(desk: Desk) -> None:
    cancelled = await desk.cancel(await desk.write(receipt(line("SKU-1", 1))), "ordered twice")
    assert (cancelled.state, cancelled.cancel_reason) == ("cancelled", "ordered twice")
    assert (cancelled.cancelled_by, cancelled.history[-1].note) == ("Clerk", "ordered twice")
    following = await desk.write(receipt(line("SKU-1", 1)))
    assert following.number.endswith("-000002")


async def test_a_posted_document_is_undone_by_a_reversing_one_linked_both_ways(desk: Desk) -> None:
    original = await desk.posted(receipt(line("SKU-1", 5), line("SKU-2", 6)))
    reversal = await desk.reverse(original, "wrong supplier")
    assert reversal["number"].endswith("-000002")
    assert (reversal["state"], reversal["note"]) == ("posted", "wrong supplier")
    assert reversal["reverses"]["document_id"] == original.document_id
    found = await desk.read(original.document_id)
    assert found.reversed_by is not None
    assert found.reversed_by.number == reversal["number"]
    assert (found.state, found.movements[0].reversed) == ("posted", True)
    assert found.history[-1].event == "reversed"
    assert await on_hand(desk.database, "SKU-1", "BIN-1") == 0
    with pytest.raises(DocumentReversedError):
        await desk.reverse(original)
    with pytest.raises(ReversalFixedError):
        await desk.reverse(await desk.read(reversal["document_id"]))


async def test_a_repeated_reversal_gives_the_same_document(desk: Desk) -> None:
    original = await desk.posted(receipt(line("SKU-1", 5)))
    first = await desk.reverse(original, key="undo")
    assert await desk.reverse(original, key="undo") == first
    assert await desk.value("SELECT count(*) FROM document") == 2


async def test_a_reversal_is_refused_by_line_when_stock_has_moved_on(desk: Desk) -> None:
    original = await desk.posted(receipt(line("SKU-1", 5), line("SKU-2", 6)))
    await desk.posted(delivery(line("SKU-2", 1)))
    with pytest.raises(TruestockError) as caught:
        await desk.reverse(original)
    [short] = caught.value.facts["shortages"]
    assert (short["line_number"], short["sku"], short["location_code"]) == (2, "SKU-2", "BIN-1")
    assert await desk.value("SELECT count(*) FROM document") == 2


async def test_only_what_is_posted_can_be_reversed(desk: Desk) -> None:
    written = await desk.write(receipt(line("SKU-1", 5)))
    with pytest.raises(NotPostedError):
        await desk.reverse(written)


async def test_the_movement_of_a_document_is_not_reversed_behind_its_back(desk: Desk) -> None:
    posted = await desk.posted(receipt(line("SKU-1", 5)))
    with pytest.raises(MovementOfDocumentError):
        await desk.ledger.reverse(CHIEF, posted.movements[0].movement_id, "sly")


async def test_a_pack_that_changed_its_size_is_not_posted_as_another_quantity(desk: Desk) -> None:
    written = await desk.write(receipt(line("SKU-1", 2, unit="box")))
    async with desk.database.writing() as tx:
        await tx.run("UPDATE item_pack SET factor_numerator = 10 WHERE unit = 'box'")
        await tx.run("UPDATE fact_stamp SET stamp = stamp + 1")
    with pytest.raises(UnitResizedError) as caught:
        await desk.post(written)
    [resized] = caught.value.facts["lines"]
    assert (resized["quantity_written"], resized["quantity_now"]) == (24, 20)
    saved = await desk.change(written, receipt(line("SKU-1", 2, unit="box")))
    assert (await desk.post(saved))["lines"][0]["quantity_base"] == 20


async def test_a_renamed_location_is_still_the_same_place(desk: Desk) -> None:
    written = await desk.write(receipt(line("SKU-1", 2)))
    await desk.posted(receipt(line("SKU-2", 2)))
    async with desk.database.writing() as tx:
        await tx.run("UPDATE location SET code = 'X', path = '/S/X' WHERE code = 'BIN-1'")
        await tx.run("UPDATE location SET code = 'BIN-1', path = '/S/BIN-1' WHERE code = 'BIN-3'")
        await tx.run("UPDATE fact_stamp SET stamp = stamp + 1")
    await desk.post(written)
    assert await on_hand(desk.database, "SKU-1", "X") == 2


async def test_who_is_limited_to_a_site_sees_and_posts_only_its_documents(desk: Desk) -> None:
    south = desk.by(SOUTH_CLERK)
    north = await desk.write(receipt(line("SKU-1", 5), target="BIN-2"))
    between = await desk.write(transfer(line("SKU-1", 1), source="BIN-2", target="BIN-1"))
    with pytest.raises(DocumentNotFoundError):
        await south.read(north.document_id)
    with pytest.raises(DocumentNotFoundError):
        await south.post(north)
    with pytest.raises(DocumentNotFoundError):
        await south.cancel(north)
    assert (await south.read(between.document_id)).number == between.number
    await desk.post(north)
    for attempt in (south.post(between), south.cancel(between)):
        with pytest.raises(ForbiddenError):
            await attempt
    with pytest.raises(ForbiddenError):
        await south.write(receipt(line("SKU-1", 1), target="BIN-2"))
    with pytest.raises(DocumentNotFoundError):
        await south.reverse(north)
    await south.posted(receipt(line("SKU-1", 1), target="BIN-1"))


async def test_a_draft_without_lines_can_be_kept_but_not_posted(desk: Desk) -> None:
    written = await desk.write(receipt())
    with pytest.raises(TruestockError) as caught:
        await desk.post(written)
    assert caught.value.code == "lines_missing"
