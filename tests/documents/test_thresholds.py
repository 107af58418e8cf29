"""Above a value at cost, another person approves before anything is posted."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from documents.desk import CHIEF, CLERK, SOUTH_CLERK, Desk, adjustment, line, receipt
from truestock.database import Database
from truestock.documents.errors import (
    ApprovalMissingError,
    FourEyesError,
    PolicyInvalidError,
    ValueNotApprovedError,
)
from truestock.documents.model import Document, KeyedDocument, Threshold
from truestock.documents.operations.bulk import create_and_post_many
from truestock.documents.operations.drafts import approve_document, change_document
from truestock.documents.operations.policies import change_policy
from truestock.kernel import clock
from truestock.kernel.errors import ForbiddenError, TruestockError


async def thresholds(desk: Desk, *given: tuple[str, int], kind: str = "adjustment") -> None:
    version = await desk.value("SELECT version FROM document_type WHERE type = $1", kind)
    async with desk.database.writing() as tx:
        await change_policy(
            tx,
            CLERK,
            kind,
            version,
            four_eyes=False,
            approval_needed=False,
            thresholds=[Threshold(*each) for each in given],
        )


async def cost(desk: Desk, sku: str, minor: int | None, currency: str = "EUR") -> None:
    async with desk.database.writing() as tx:
        sql = "UPDATE item SET cost_minor = $2, currency = $3 WHERE sku = $1"
        await tx.run(sql, sku, minor, currency)


@pytest.fixture
async def weighed(desk: Desk) -> Desk:
    """Adjustments above 100.00 EUR need approval; SKU-1 costs 10.00, SKU-2 2.50, SKU-3 nobody
    knows, SKU-4 is in dollars."""
    await cost(desk, "SKU-1", 1_000)
    await cost(desk, "SKU-2", 250)
    await cost(desk, "SKU-4", 1, "USD")
    await thresholds(desk, ("EUR", 10_000))
    return desk


async def found(desk: Desk, *lines: Any) -> Document:
    return await desk.write(adjustment(*lines, reason_code="found", target="BIN-1"))


async def test_up_to_the_threshold_nobody_is_asked(weighed: Desk) -> None:
    written = await found(weighed, line("SKU-1", 9), line("SKU-2", 4))
    assert (written.approval_needed, written.approval_why) == (False, None)
    assert [each.value_minor for each in written.values] == [Decimal(10_000)]
    assert (await weighed.post(written))["state"] == "posted"


async def test_above_it_nothing_is_posted_and_the_refusal_tells_value_and_threshold(
    weighed: Desk,
) -> None:
    written = await found(weighed, line("SKU-1", 10), line("SKU-2", 1))
    assert (written.approval_needed, written.approval_why) == (True, "value")
    with pytest.raises(ValueNotApprovedError) as caught:
        await weighed.by(CHIEF).post(written)
    assert caught.value.code == "value_not_approved"
    assert caught.value.facts["why"] == "value"
    assert caught.value.facts["values"] == [
        {
            "currency": "EUR",
            "value_minor": Decimal(10_250),
            "threshold_minor": 10_000,
            "lines_without_cost": 0,
        }
    ]
    with pytest.raises(FourEyesError):
        await weighed.approve(written)
    await weighed.by(CHIEF).approve(written)
    assert (await weighed.post(written))["approved_by"] == "Chief"


async def test_what_is_taken_away_weighs_as_much_as_what_is_added(weighed: Desk) -> None:
    await weighed.by(CHIEF).posted(receipt(line("SKU-1", 50), line("SKU-2", 50)))
    mixed = adjustment(
        line("SKU-1", 6, source="BIN-1"), line("SKU-2", 17, target="BIN-1"), target="BIN-1"
    )
    written = await weighed.write(mixed)
    assert [each.value_minor for each in written.values] == [Decimal(10_250)]
    with pytest.raises(ValueNotApprovedError):
        await weighed.post(written)


async def test_an_item_without_a_cost_needs_approval_and_zero_is_a_cost(weighed: Desk) -> None:
    written = await found(weighed, line("SKU-3", 1))
    assert (written.approval_why, written.values[0].lines_without_cost) == ("cost_unknown", 1)
    with pytest.raises(ValueNotApprovedError):
        await weighed.post(written)
    await cost(weighed, "SKU-3", 0)
    assert (await weighed.post(written))["state"] == "posted"


async def test_a_currency_without_a_threshold_has_one_of_zero(weighed: Desk) -> None:
    written = await found(weighed, line("SKU-4", 1))
    assert (written.approval_why, written.values[0].threshold_minor) == ("value", None)
    await thresholds(weighed, ("EUR", 10_000), ("USD", 1))
    assert (await weighed.read(written.document_id)).approval_why is None
    await weighed.post(written)


async def test_without_any_threshold_nothing_is_weighed(weighed: Desk) -> None:
    await thresholds(weighed)
    await weighed.post(await found(weighed, line("SKU-1", 1_000), line("SKU-3", 1_000)))


async def test_the_largest_document_is_weighed_exactly(weighed: Desk) -> None:
    await cost(weighed, "SKU-1", 10**15)
    written = await found(weighed, line("SKU-1", 10**12), line("SKU-2", 3))
    assert written.values[0].value_minor == Decimal(10**27 + 750)


async def test_a_cost_that_rises_after_writing_counts_when_it_is_posted(weighed: Desk) -> None:
    written = await found(weighed, line("SKU-1", 10))
    await cost(weighed, "SKU-1", 1_001)
    with pytest.raises(ValueNotApprovedError):
        await weighed.post(written)


async def test_an_approval_of_before_the_threshold_by_the_writer_is_given_anew(desk: Desk) -> None:
    written = await desk.write(receipt(line("SKU-1", 1)))
    approved = await desk.approve(written)
    await thresholds(desk, ("EUR", 0), kind="receipt")
    with pytest.raises(ValueNotApprovedError):
        await desk.post(approved)
    again = await desk.by(CHIEF).approve(approved)
    assert (again.approved_by, (await desk.post(again))["state"]) == ("Chief", "posted")


async def test_a_change_takes_the_approval_back(weighed: Desk) -> None:
    written = await found(weighed, line("SKU-1", 11))
    approved = await weighed.by(CHIEF).approve(written)
    asked = adjustment(line("SKU-1", 1_000), reason_code="found", target="BIN-1")
    changed = await weighed.change(approved, asked)
    assert changed.approved_by is None
    with pytest.raises(ValueNotApprovedError):
        await weighed.post(changed)
    with pytest.raises(FourEyesError):
        await weighed.approve(changed)


async def test_undoing_a_large_adjustment_waits_for_another_person_too(weighed: Desk) -> None:
    written = await found(weighed, line("SKU-1", 11))
    await weighed.by(CHIEF).approve(written)
    await weighed.post(written)
    drafted = await weighed.reverse(await weighed.read(written.document_id))
    assert (drafted["state"], drafted["approval_why"]) == ("draft", "value")
    reversal = await weighed.read(drafted["document_id"])
    with pytest.raises(ValueNotApprovedError):
        await weighed.post(reversal)
    await weighed.by(CHIEF).approve(reversal)
    assert (await weighed.post(reversal))["movements"][0]["kind"] == "reversal"


async def test_approving_and_changing_at_once_never_posts_what_nobody_approved(
    weighed: Desk,
) -> None:
    for _ in range(12):
        written = await found(weighed, line("SKU-1", 11))
        larger = adjustment(line("SKU-1", 5_000), reason_code="found", target="BIN-1")

        async def approve(seen: Document = written) -> Any:
            async with weighed.database.writing() as tx:
                return await approve_document(tx, CHIEF, seen.document_id, seen.version)

        async def change(seen: Document = written, asked: Any = larger) -> Any:
            async with weighed.database.writing() as tx:
                return await change_document(
                    tx, CLERK, seen.document_id, asked, version=seen.version, now=clock.now()
                )

        outcomes = await asyncio.gather(approve(), change(), return_exceptions=True)
        assert sum(isinstance(each, TruestockError) for each in outcomes) == 1, outcomes
        stands = await weighed.read(written.document_id)
        posting = asyncio.gather(
            *[weighed.post(stands) for _ in range(2)],
            weighed.change(stands, larger),
            return_exceptions=True,
        )
        await posting
        stands = await weighed.read(written.document_id)
        if stands.state == "posted":
            assert stands.lines[0].quantity == 11
            assert stands.approved_by == "Chief"


async def test_the_database_itself_keeps_a_large_draft_from_being_posted(
    weighed: Desk, database: Database
) -> None:
    written = await found(weighed, line("SKU-1", 11))
    with pytest.raises(ValueNotApprovedError):
        async with database.writing() as tx:
            await tx.run(
                "UPDATE document SET state = 'posted', posted_by = 103, posted_at = now(), "
                "occurred_at = now() WHERE document_id = $1",
                written.document_id,
            )


async def test_a_type_with_a_threshold_is_not_recorded_in_bulk(weighed: Desk) -> None:
    asked = [KeyedDocument(adjustment(line("SKU-1"), reason_code="found", target="BIN-1"), "one")]
    [outcome] = await create_and_post_many(weighed.database, weighed.ledger, CLERK, asked)
    assert isinstance(outcome, ApprovalMissingError)


async def test_a_currency_has_one_threshold_in_the_allowed_range(desk: Desk) -> None:
    for wrong in ([("EUR", 1), ("EUR", 2)], [("EURO", 1)], [("EUR", -1)], [("EUR", 10**15 + 1)]):
        with pytest.raises(PolicyInvalidError):
            await thresholds(desk, *wrong)
    assert await desk.value("SELECT count(*) FROM document_threshold") == 0


async def test_who_is_limited_to_sites_does_not_set_what_holds_for_all(desk: Desk) -> None:
    async def set_by_the_south() -> None:
        async with desk.database.writing() as tx:
            await change_policy(
                tx, SOUTH_CLERK, "adjustment", 1, four_eyes=False, approval_needed=False
            )

    with pytest.raises(ForbiddenError):
        await set_by_the_south()
