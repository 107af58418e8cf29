"""Four eyes: who wrote a document is not who lets it through, where the type's policy says so."""

import pytest

from documents.desk import CHIEF, CLERK, SCANNER, Desk, line, receipt
from truestock.documents.errors import (
    ApprovalMissingError,
    ApprovedAlreadyError,
    ApproverNotPersonError,
    FourEyesError,
)
from truestock.documents.model import KeyedDocument
from truestock.documents.operations.bulk import create_and_post_many
from truestock.kernel.errors import StaleVersionError


async def test_without_a_policy_who_wrote_may_post(desk: Desk) -> None:
    await desk.posted(receipt(line("SKU-1")))


async def test_an_approved_draft_names_the_signed_in_person(desk: Desk) -> None:
    written = await desk.write(receipt(line("SKU-1")))
    approved = await desk.by(CHIEF).approve(written)
    assert (approved.approved_by, approved.state, approved.version) == ("Chief", "draft", 2)
    with pytest.raises(ApprovedAlreadyError):
        await desk.approve(approved)
    with pytest.raises(ApproverNotPersonError):
        await desk.by(SCANNER).approve(await desk.write(receipt(line("SKU-1"))))


async def test_where_approval_is_needed_nothing_is_posted_before_it(desk: Desk) -> None:
    await desk.policy("receipt", four_eyes=False, approval_needed=True)
    written = await desk.write(receipt(line("SKU-1")))
    with pytest.raises(ApprovalMissingError):
        await desk.post(written)
    await desk.approve(written)
    assert (await desk.post(written))["state"] == "posted"


async def test_with_four_eyes_another_person_approves_or_posts(desk: Desk) -> None:
    await desk.policy("receipt", four_eyes=True, approval_needed=False)
    written = await desk.write(receipt(line("SKU-1")))
    with pytest.raises(FourEyesError):
        await desk.post(written)
    with pytest.raises(FourEyesError):
        await desk.approve(written)
    with pytest.raises(ApproverNotPersonError):
        await desk.by(SCANNER).post(written)
    await desk.by(CHIEF).post(written)
    approved = await desk.by(CHIEF).approve(await desk.write(receipt(line("SKU-1"))))
    assert (await desk.post(approved))["approved_by"] == "Chief"


async def test_who_last_changed_a_document_has_written_it_too(desk: Desk) -> None:
    await desk.policy("receipt", four_eyes=True, approval_needed=False)
    written = await desk.write(receipt(line("SKU-1", 1)))
    chief = desk.by(CHIEF)
    await chief.change(written, receipt(line("SKU-1", 1_000_000)))
    with pytest.raises(FourEyesError):
        await chief.post(written)


async def test_a_change_takes_the_approval_back(desk: Desk) -> None:
    await desk.policy("receipt", four_eyes=True, approval_needed=True)
    written = await desk.write(receipt(line("SKU-1", 1)))
    approved = await desk.by(CHIEF).approve(written)
    with pytest.raises(StaleVersionError):
        await desk.change(written, receipt(line("SKU-1", 2)))
    changed = await desk.change(approved, receipt(line("SKU-1", 1_000)))
    assert changed.approved_by is None
    with pytest.raises(ApprovalMissingError):
        await desk.post(changed)


async def test_an_approval_of_an_old_version_is_refused(desk: Desk) -> None:
    written = await desk.write(receipt(line("SKU-1", 1)))
    await desk.change(written, receipt(line("SKU-1", 1_000)))
    with pytest.raises(StaleVersionError):
        await desk.by(CHIEF).approve(written)


async def test_a_reversal_under_four_eyes_waits_for_another_person(desk: Desk) -> None:
    chief = desk.by(CHIEF)
    original = await desk.posted(receipt(line("SKU-1", 5)))
    await desk.policy("receipt", four_eyes=True, approval_needed=False)
    drafted = await desk.reverse(original, "wrong")
    assert drafted["state"] == "draft"
    reversal = await desk.read(drafted["document_id"])
    found = await desk.read(original.document_id)
    assert found.reversed_by is not None
    assert (found.reversed_by.state, found.movements[0].reversed) == ("draft", False)
    with pytest.raises(FourEyesError):
        await desk.post(reversal)
    posted = await chief.post(reversal)
    assert posted["movements"][0]["kind"] == "reversal"
    found = await desk.read(original.document_id)
    assert found.movements[0].reversed
    assert found.history[-1].actor_name == "Chief"


async def test_a_cancelled_reversal_makes_room_for_another(desk: Desk) -> None:
    original = await desk.posted(receipt(line("SKU-1", 5)))
    await desk.policy("receipt", four_eyes=False, approval_needed=True)
    drafted = await desk.read((await desk.reverse(original))["document_id"])
    await desk.cancel(drafted)
    assert (await desk.reverse(original))["state"] == "draft"


async def test_a_type_under_a_policy_is_not_recorded_in_bulk(desk: Desk) -> None:
    await desk.policy("receipt", four_eyes=True, approval_needed=False)
    asked = [KeyedDocument(receipt(line("SKU-1")), "one")]
    [outcome] = await create_and_post_many(desk.database, desk.ledger, CLERK, asked)
    assert isinstance(outcome, ApprovalMissingError)
