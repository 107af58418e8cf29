"""Posting on real PostgreSQL: what is acknowledged is there, what is refused left no trace."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from support.company import CLERK, delivery, keyed, on_hand, receipt, transfer
from truestock.database import Database
from truestock.kernel import clock
from truestock.kernel.errors import ForbiddenError, RequestKeyReusedError, TruestockError
from truestock.stock.errors.movements import (
    AlreadyReversedError,
    HistoryIsPermanentError,
    InsufficientStockError,
    ReservationResolvedError,
    ReversalOfReversalError,
    SerialNotHereError,
)
from truestock.stock.model.movements import NewLine, NewMovement, NewReservation, Posted
from truestock.stock.operations.ledger import Ledger


async def refused(awaitable: object) -> TruestockError:
    with pytest.raises(TruestockError) as caught:
        await awaitable  # type: ignore[misc]
    return caught.value


async def test_a_receipt_is_on_hand_and_a_delivery_takes_it(
    ledger: Ledger, company: Database
) -> None:
    posted = await ledger.post(CLERK, receipt("SKU-1", 10), "r1")
    assert posted.lines[0].target_quantity_on_hand == 10
    await ledger.post(CLERK, delivery("SKU-1", 4), "d1")
    assert await on_hand(company, "SKU-1", "BIN-1") == 6
    assert await on_hand(company, "SKU-1", "SUPPLIER") == -10
    assert await on_hand(company, "SKU-1", "CUSTOMER") == 4


async def test_units_convert_exactly_or_are_refused(ledger: Ledger, company: Database) -> None:
    await ledger.post(CLERK, receipt("SKU-1", 2, unit="box"), "r1")
    await ledger.post(CLERK, receipt("SKU-1", 6, unit="half"), "r2")
    assert await on_hand(company, "SKU-1", "BIN-1") == 27
    for number, (quantity, unit) in enumerate(
        [
            (3, "half"),
            (Decimal("0.5"), None),
            (Decimal("0.3"), "box"),
            (Decimal("1E+999999999"), "box"),
            (10**13, None),
            (0, None),
            (-1, None),
        ]
    ):
        error = await refused(
            ledger.post(CLERK, receipt("SKU-1", quantity, unit=unit), f"bad{number}")  # type: ignore[arg-type]
        )
        assert error.code in {"quantity_fractional", "quantity_out_of_range"}
    assert (await refused(ledger.post(CLERK, receipt("SKU-1", 1, unit="mile"), "u"))).code == (
        "unit_unknown"
    )
    assert await on_hand(company, "SKU-1", "BIN-1") == 27


async def test_a_shortage_names_every_short_line_and_moves_nothing(
    ledger: Ledger, company: Database
) -> None:
    await ledger.post(CLERK, receipt("SKU-1", 5), "r1")
    await ledger.post(CLERK, receipt("SKU-2", 5), "r2")
    lines = [
        NewLine(sku=sku, quantity=quantity, source_location="BIN-1")
        for sku, quantity in [("SKU-1", 9), ("SKU-2", 5), ("SKU-3", 1)]
    ]
    error = await refused(ledger.post(CLERK, NewMovement(kind="delivery", lines=lines), "d1"))
    shortages = error.facts["shortages"]
    assert [(each["line_number"], each["quantity_missing"]) for each in shortages] == [
        (1, 4),
        (3, 1),
    ]
    assert await on_hand(company, "SKU-2", "BIN-1") == 5


async def test_the_same_key_gives_the_same_answer_and_posts_once(
    ledger: Ledger, company: Database
) -> None:
    first = await ledger.post(CLERK, receipt("SKU-1", 10), "r1")
    again = await ledger.post(CLERK, receipt("SKU-1", 10), "r1")
    assert again.replayed
    assert not first.replayed
    assert (again.movement_id, again.recorded_at, again.lines) == (
        first.movement_id,
        first.recorded_at,
        first.lines,
    )
    assert await on_hand(company, "SKU-1", "BIN-1") == 10


async def test_whole_decimals_are_the_same_payload_as_integers(ledger: Ledger) -> None:
    await ledger.post(CLERK, receipt("SKU-1", 10), "r1")
    again = await ledger.post(CLERK, receipt("SKU-1", Decimal("10.0")), "r1")  # type: ignore[arg-type]
    assert again.replayed


async def test_another_payload_under_a_key_is_refused(ledger: Ledger, company: Database) -> None:
    await ledger.post(CLERK, receipt("SKU-1", 10), "r1")
    for other in (receipt("SKU-1", 11), receipt("SKU-2", 10), receipt("SKU-1", 10, "BIN-2")):
        with pytest.raises(RequestKeyReusedError):
            await ledger.post(CLERK, other, "r1")
    assert await on_hand(company, "SKU-1", "BIN-1") == 10


async def test_a_refusal_stays_though_stock_arrives(ledger: Ledger) -> None:
    first = await refused(ledger.post(CLERK, delivery("SKU-1", 1), "d1"))
    await ledger.post(CLERK, receipt("SKU-1", 10), "r1")
    again = await refused(ledger.post(CLERK, delivery("SKU-1", 1), "d1"))
    assert first.code == again.code == "insufficient_stock"
    assert first.facts == again.facts
    assert isinstance(await ledger.post(CLERK, delivery("SKU-1", 1), "d2"), Posted)


async def test_an_unknown_item_is_not_stored_so_the_key_works_once_it_exists(
    ledger: Ledger, company: Database
) -> None:
    assert (await refused(ledger.post(CLERK, receipt("NEW", 1), "r1"))).code == "item_unknown"
    async with company.writing() as tx:
        await tx.run("INSERT INTO item (sku, name) VALUES ('NEW', 'New')")
        await tx.run("UPDATE fact_stamp SET stamp = stamp + 1")
    await ledger.post(CLERK, receipt("NEW", 1), "r1")
    assert await on_hand(company, "NEW", "BIN-1") == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("UPDATE item SET status = 'archived' WHERE sku = 'SKU-1'", "item_archived"),
        ("UPDATE location SET status = 'inactive' WHERE code = 'BIN-1'", "location_inactive"),
        ("UPDATE item SET sku = 'GONE' WHERE sku = 'SKU-1'", "item_unknown"),
    ],
)
async def test_a_cached_fact_never_outlives_its_change(
    ledger: Ledger, company: Database, change: str, code: str
) -> None:
    await ledger.post(CLERK, receipt("SKU-1", 1), "warm")
    async with company.writing() as tx:
        await tx.run(change)
        await tx.run("UPDATE fact_stamp SET stamp = stamp + 1")
    assert (await refused(ledger.post(CLERK, receipt("SKU-1", 1), "after"))).code == code


async def test_a_batch_answers_each_movement_for_itself(ledger: Ledger, company: Database) -> None:
    asked = [
        keyed(receipt("SKU-1", 5), "k1"),
        keyed(delivery("SKU-1", 9), "k2"),
        keyed(receipt("NOPE", 1), "k3"),
        keyed(delivery("SKU-1", 5), "k4"),
        keyed(receipt("SKU-1", 5), "k1"),
    ]
    outcomes = await ledger.post_many(CLERK, asked)
    assert [type(each).__name__ for each in outcomes] == [
        "Posted",
        "Refused",
        "ItemUnknownError",
        "Posted",
        "Posted",
    ]
    assert await on_hand(company, "SKU-1", "BIN-1") == 0


async def test_a_movement_may_pass_through_a_place_in_order(ledger: Ledger) -> None:
    await ledger.post(CLERK, receipt("SKU-1", 5), "r1")
    there = NewLine(sku="SKU-1", quantity=5, source_location="BIN-1", target_location="BIN-2")
    on = NewLine(sku="SKU-1", quantity=5, source_location="BIN-2", target_location="BIN-3")
    await ledger.post(CLERK, NewMovement(kind="transfer", lines=[there, on]), "t1")
    back = await refused(ledger.post(CLERK, NewMovement(kind="transfer", lines=[there, on]), "t2"))
    assert back.code == "insufficient_stock"


async def test_a_reversal_mirrors_once(ledger: Ledger, company: Database) -> None:
    posted = await ledger.post(CLERK, receipt("SKU-1", 5), "r1")
    reversal = await ledger.reverse(CLERK, posted.movement_id, "v1", "typed twice")
    assert await on_hand(company, "SKU-1", "BIN-1") == 0
    with pytest.raises(TruestockError) as caught:
        await ledger.reverse(CLERK, posted.movement_id, "v2")
    assert caught.value.code == AlreadyReversedError.code
    assert (await ledger.reverse(CLERK, posted.movement_id, "v1", "typed twice")).replayed
    with pytest.raises(ReversalOfReversalError):
        await ledger.reverse(CLERK, reversal.movement_id, "v3")


async def test_a_receipt_that_has_moved_on_cannot_be_reversed(ledger: Ledger) -> None:
    posted = await ledger.post(CLERK, receipt("SKU-1", 5), "r1")
    await ledger.post(CLERK, delivery("SKU-1", 3), "d1")
    error = await refused(ledger.reverse(CLERK, posted.movement_id, "v1"))
    assert error.code == InsufficientStockError.code


async def test_serials_are_in_one_place(ledger: Ledger, company: Database) -> None:
    await ledger.post(CLERK, receipt("SER-1", 1, lot="A1"), "r1")
    error = await refused(ledger.post(CLERK, receipt("SER-1", 1, "BIN-2", lot="A1"), "r2"))
    assert error.code == SerialNotHereError.code
    move = NewLine(
        sku="SER-1", quantity=1, lot="A1", source_location="BIN-1", target_location="BIN-2"
    )
    await ledger.post(CLERK, NewMovement(kind="transfer", lines=[move]), "t1")
    assert await on_hand(company, "SER-1", "BIN-2") == 1
    assert (await refused(ledger.post(CLERK, receipt("SER-1", 2, lot="A2"), "r3"))).code == (
        "serial_quantity"
    )
    assert (await refused(ledger.post(CLERK, receipt("SER-1", 1), "r4"))).code == "lot_missing"
    await ledger.post(CLERK, delivery("SER-1", 1, "BIN-2", lot="A1"), "d1")
    await ledger.post(CLERK, receipt("SER-1", 1, "BIN-3", lot="A1"), "r5")


async def test_reservations_hold_stock_until_resolved_once(
    ledger: Ledger, company: Database
) -> None:
    await ledger.post(CLERK, receipt("SKU-1", 10), "r1")
    held = await ledger.reserve(
        CLERK, NewReservation(sku="SKU-1", location="BIN-1", quantity=7), "h1"
    )
    error = await refused(
        ledger.reserve(CLERK, NewReservation(sku="SKU-1", location="BIN-1", quantity=4), "h2")
    )
    assert error.code == "insufficient_stock"
    assert (await refused(ledger.post(CLERK, delivery("SKU-1", 4), "d1"))).code == (
        "insufficient_stock"
    )
    await ledger.fulfil(CLERK, held.reservation_id, delivery("SKU-1", 5), "f1")
    assert await on_hand(company, "SKU-1", "BIN-1") == 5
    with pytest.raises(TruestockError) as caught:
        await ledger.void(CLERK, held.reservation_id, "v1")
    assert caught.value.code == ReservationResolvedError.code
    await ledger.post(CLERK, delivery("SKU-1", 5), "d2")


async def test_expiry_is_judged_by_the_database(ledger: Ledger) -> None:
    await ledger.post(CLERK, receipt("SKU-1", 10), "r1")
    soon = clock.now() + timedelta(seconds=0.4)
    asked = NewReservation(sku="SKU-1", location="BIN-1", quantity=7, expires_at=soon)
    held = await ledger.reserve(CLERK, asked, "h1")
    [early] = await ledger.expire(CLERK, [held.reservation_id])
    assert type(early).__name__ == "Refused"
    await asyncio.sleep(0.5)
    late = await refused(
        ledger.fulfil(CLERK, held.reservation_id, delivery("SKU-1", 5), "too-late")
    )
    assert late.code == ReservationResolvedError.code
    [expired] = await ledger.expire(CLERK, [held.reservation_id])
    assert type(expired).__name__ == "Reserved"
    await ledger.post(CLERK, delivery("SKU-1", 10), "d1")


async def test_history_cannot_be_changed(ledger: Ledger, company: Database) -> None:
    await ledger.post(CLERK, receipt("SKU-1", 10), "r1")
    for statement in (
        "UPDATE movement_line SET quantity = 1",
        "DELETE FROM movement",
        "TRUNCATE movement_line",
    ):
        with pytest.raises(HistoryIsPermanentError):
            async with company.writing() as tx:
                await tx.run(statement)


async def test_rights_and_sites_are_checked(ledger: Ledger) -> None:
    from truestock.kernel.actor import Actor, ActorKind

    nobody = Actor(1, ActorKind.PERSON, "Nobody")
    with pytest.raises(ForbiddenError):
        await ledger.post(nobody, receipt("SKU-1", 1), "r1")
    north = Actor(1, ActorKind.PERSON, "North", frozenset({"stock.post"}), frozenset({1}))
    assert (await refused(ledger.post(north, transfer("SKU-1", 1, "BIN-2", "BIN-1"), "t"))).code
    assert isinstance(await ledger.post(north, receipt("SKU-1", 1, "BIN-2"), "r2"), Posted)
    with pytest.raises(ForbiddenError):
        await ledger.post(north, receipt("SKU-1", 1, "BIN-1"), "r3")


async def test_a_cancelled_caller_is_recorded_or_not_and_its_retry_tells(
    ledger: Ledger, company: Database
) -> None:
    tasks = [
        asyncio.create_task(ledger.post(CLERK, receipt("SKU-1", 1), f"c{number}"))
        for number in range(40)
    ]
    for number, task in enumerate(tasks):
        if number % 7 == 0:
            await asyncio.sleep(0)
        if number % 2:
            task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for number in range(40):
        await ledger.post(CLERK, receipt("SKU-1", 1), f"c{number}")
    assert await on_hand(company, "SKU-1", "BIN-1") == 40


@pytest.mark.parametrize(
    "line",
    [
        {"sku": "A\x00B"},
        {"sku": "x" * 65},
        {"sku": None, "item_id": 10**30},
        {"sku": None, "item_id": -1},
        {"sku": None},
        {"target_location": "BIN\n1"},
        {"unit": "\x7f"},
        {"sku": "LOT-1", "lot": " padded "},
        {"sku": "LOT-1", "lot": "\x00"},
    ],
)
async def test_a_name_nobody_can_have_does_not_disturb_neighbours(
    ledger: Ledger, company: Database, line: dict[str, object]
) -> None:
    asked = {"sku": "SKU-1", "quantity": 1, "target_location": "BIN-1", **line}
    odd = NewMovement(kind="receipt", lines=[NewLine(**asked)])  # type: ignore[arg-type]
    results = await asyncio.gather(
        ledger.post(CLERK, odd, "odd"),
        *[ledger.post(CLERK, receipt(f"SKU-{number}", 1), f"n{number}") for number in range(2, 6)],
        return_exceptions=True,
    )
    assert isinstance(results[0], TruestockError)
    assert 400 <= results[0].status < 500
    assert all(isinstance(each, Posted) for each in results[1:])
    assert await on_hand(company, "SKU-2", "BIN-1") == 1


async def test_stock_appears_and_vanishes_without_a_document_only_by_a_right_of_its_own(
    ledger: Ledger, company: Database
) -> None:
    """An adjustment's document has four eyes; a bare movement would go around them."""
    poster = replace(CLERK, permissions=CLERK.permissions - {"stock.adjust"})
    await ledger.post(poster, receipt("SKU-1", 5), "r")
    for kind, source, target in (
        ("adjustment", "ADJUSTMENT", "BIN-1"),
        ("count", "BIN-1", "ADJUSTMENT"),
        ("scrap", "BIN-1", None),
    ):
        line = NewLine(sku="SKU-1", quantity=1, source_location=source, target_location=target)
        movement = NewMovement(kind=kind, lines=[line])  # type: ignore[arg-type]
        with pytest.raises(ForbiddenError) as refused:
            await ledger.post(poster, movement, kind)
        assert refused.value.facts == {"permission": "stock.adjust"}
        assert (await ledger.post(CLERK, movement, kind)).movement_id
    assert await on_hand(company, "SKU-1", "BIN-1") == 4
