"""The rules of drafts and postings, without a database."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from truestock.catalog.model.items import ItemFacts, ItemStatus, Tracking
from truestock.documents.errors import (
    FourEyesError,
    ItemTwiceError,
    UnitResizedError,
    ValueNotApprovedError,
)
from truestock.documents.model import (
    Approval,
    DocumentType,
    NewDocument,
    NewDocumentLine,
    Place,
    Reason,
    Standing,
)
from truestock.documents.rules.drafting import (
    DraftFacts,
    drafted,
    line_places,
    number_year,
    require_places,
    storable,
)
from truestock.documents.rules.posting import (
    movement_key,
    movement_of_draft,
    require_approvable,
    require_postable,
    require_quantities,
)
from truestock.kernel.actor import Actor, ActorKind
from truestock.kernel.errors import TruestockError
from truestock.stock.model.locations import LocationFacts, LocationKind, PlaceStatus
from truestock.stock.model.movements import Line

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PLACES: dict[str | int, LocationFacts] = {
    code: LocationFacts(
        number,
        code,
        site,
        LocationKind.BIN,
        site is not None,
        PlaceStatus.ACTIVE,
        False,
        True,
        True,
    )
    for number, (code, site) in enumerate(
        [("A", 1), ("B", 1), ("C", 2), ("SUPPLIER", None), ("CUSTOMER", None)], start=1
    )
}
ITEMS: dict[str | int, ItemFacts] = {
    name: ItemFacts(number, name, tracking, ItemStatus.ACTIVE, "each", {"box": Fraction(12)})
    for number, (name, tracking) in enumerate(
        [("MUG", Tracking.NONE), ("TEA", Tracking.LOT), ("POT", Tracking.NONE)], start=1
    )
}
FACTS = DraftFacts(
    ITEMS,
    PLACES,
    {},
    {each: Reason(each, each, way) for each, way in [("theft", "decrease"), ("found", "increase")]},
)
KINDS = st.sampled_from(list(DocumentType))
SITES = [None, *[(PLACES[code]) for code in ("A", "B", "C", "SUPPLIER", "CUSTOMER")]]


def place_of(found: LocationFacts | None) -> Place | None:
    return None if found is None else Place(found.location_id, found.code, found.site_id)


def document(kind: DocumentType, *lines: NewDocumentLine, **more: Any) -> NewDocument:
    return NewDocument(type=kind, lines=lines, **more)


@given(KINDS, st.sampled_from(SITES), st.sampled_from(SITES))
def test_places_are_right_exactly_when_one_end_is_in_a_site_as_the_type_says(
    kind: DocumentType, source: LocationFacts | None, target: LocationFacts | None
) -> None:
    inside = (
        source is not None and source.site_id is not None,
        target is not None and target.site_id is not None,
    )
    right = {
        DocumentType.RECEIPT: inside == (False, True),
        DocumentType.DELIVERY: inside == (True, False),
        DocumentType.TRANSFER: inside == (True, True) and source != target,
        DocumentType.ADJUSTMENT: inside[0] != inside[1] and (source is None) != (target is None),
    }[kind]
    try:
        require_places(kind, place_of(source), place_of(target))
    except TruestockError:
        assert not right
    else:
        assert right


LINES = st.lists(
    st.builds(
        NewDocumentLine,
        item=st.sampled_from(["MUG", "TEA", "POT"]),
        quantity=st.one_of(st.integers(1, 1000), st.decimals(min_value=1, max_value=50, places=0)),
        unit=st.sampled_from([None, "each", "box"]),
    ),
    max_size=3,
    unique_by=lambda each: each.item,
)


@given(LINES)
def test_a_draft_keeps_what_was_entered_and_the_movement_means_the_same(
    lines: Sequence[NewDocumentLine],
) -> None:
    draft = drafted(document(DocumentType.RECEIPT, *lines, target="A"), FACTS, NOW)
    movement = movement_of_draft(draft)
    for asked, kept, moved in zip(lines, draft.lines, movement.lines, strict=True):
        assert kept.quantity_entered == asked.quantity
        factor = 12 if asked.unit == "box" else 1
        assert kept.quantity_base == asked.quantity * factor
        assert moved.quantity * (12 if moved.unit == "box" else 1) == kept.quantity_base
        assert (moved.source_location, moved.target_location) == (None, "A")


@given(st.lists(st.tuples(st.sampled_from(["MUG", "TEA"]), st.sampled_from([None, "x", "y"]))))
def test_an_item_stands_once_unless_its_lot_differs(pairs: list[tuple[str, str | None]]) -> None:
    pairs = [(item, lot if item == "TEA" else None) for item, lot in pairs]
    lines = [NewDocumentLine(item=item, quantity=1, lot=lot) for item, lot in pairs]
    asked = document(DocumentType.RECEIPT, *lines, target="A")
    if len(set(pairs)) == len(pairs):
        assert len(drafted(asked, FACTS, NOW).lines) == len(pairs)
    else:
        with pytest.raises(ItemTwiceError) as caught:
            drafted(asked, FACTS, NOW)
        named = [n for each in caught.value.facts["items"] for n in each["line_numbers"]]
        assert all(pairs.count(pairs[number - 1]) > 1 for number in named)


def test_a_line_of_an_adjustment_with_a_place_of_its_own_turns_its_direction() -> None:
    lines = [
        NewDocumentLine(item="MUG", quantity=1),
        NewDocumentLine(item="POT", quantity=1, target="B"),
    ]
    more = {"reason_code": "theft", "source": "A"}
    with pytest.raises(TruestockError) as caught:
        drafted(document(DocumentType.ADJUSTMENT, *lines, **more), FACTS, NOW)
    assert caught.value.facts["line_number"] == 2
    draft = drafted(document(DocumentType.ADJUSTMENT, lines[0], **more), FACTS, NOW)
    header = (draft.source, draft.target)
    assert line_places(draft.type, header, draft.lines[0]) == (draft.source, None)
    moved = movement_of_draft(draft).lines[0]
    assert (moved.source_location, moved.target_location) == ("A", "ADJUSTMENT")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (NewDocumentLine(item="MUG", quantity=Decimal("NaN")), "quantity_out_of_range"),
        (NewDocumentLine(item="MUG", quantity=Decimal("1E+999999999")), "quantity_out_of_range"),
        (NewDocumentLine(item="MUG", quantity=1, unit_cost=Decimal("NaN")), "unit_cost_not_here"),
        (NewDocumentLine(item="MUG", quantity=1, unit_cost=Decimal("1E+13")), "unit_cost_not_here"),
        (NewDocumentLine(item="TEA", quantity=1, lot=""), "line_form"),
        (NewDocumentLine(item="TEA", quantity=1, lot="\ud800"), "line_form"),
        (NewDocumentLine(item="MUG", quantity=1, target="C"), "line_place_elsewhere"),
        (NewDocumentLine(item="MUG", quantity=1, target="CUSTOMER"), "receipt_places"),
    ],
)
def test_a_bad_line_is_refused_by_its_number(line: NewDocumentLine, code: str) -> None:
    good = NewDocumentLine(item="POT", quantity=1)
    with pytest.raises(TruestockError) as caught:
        drafted(document(DocumentType.RECEIPT, good, line, target="A"), FACTS, NOW)
    assert (caught.value.code, caught.value.facts["line_number"]) == (code, 2)
    msgspec.json.encode(caught.value.facts)


def test_a_document_is_numbered_in_the_year_of_its_own_date() -> None:
    asked = document(DocumentType.RECEIPT, target="A")
    assert number_year(drafted(asked, FACTS, NOW), NOW) == 2026
    late = datetime.fromisoformat("2025-12-31T23:30:00-02:00")
    dated = document(DocumentType.RECEIPT, target="A", occurred_at=late)
    assert number_year(drafted(dated, FACTS, NOW), NOW) == 2026
    early = datetime.fromisoformat("2025-12-31T23:30:00+00:00")
    dated = document(DocumentType.RECEIPT, target="A", occurred_at=early)
    assert number_year(drafted(dated, FACTS, NOW), NOW) == 2025


@given(st.text(min_size=1, max_size=200))
def test_the_key_of_a_movement_is_made_of_the_documents_key_and_fits(key: str) -> None:
    made = movement_key(key)
    assert made != key
    assert len(made) <= 200 - len("/9223372036854775807")
    assert movement_key(key) == made


@given(st.text(max_size=20))
def test_a_text_is_storable_when_it_is_unicode_without_nul(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        assert not storable(text)
    else:
        assert storable(text) == ("\x00" not in text)


def test_lines_that_mean_another_quantity_now_are_named() -> None:
    with pytest.raises(UnitResizedError) as caught:
        require_quantities([("MUG", 12), ("POT", 24)], [Line(1, 2, 12), Line(3, 4, 20)])
    assert [each["line_number"] for each in caught.value.facts["lines"]] == [2]


DRAFT = Standing(1, "receipt", "R", "draft", 1, 1, 1, None, None, 1, None, None, False, False)
FREE, BY_TYPE = Approval(None, []), Approval("type", [])
PEOPLE = [Actor(n, ActorKind.PERSON, str(n)) for n in (1, 2, 3)] + [Actor(4, ActorKind.KEY, "4")]


@given(
    st.sampled_from(PEOPLE),
    st.sampled_from([1, 2]),
    st.sampled_from([1, 2]),
    st.sampled_from([None, 1, 2, 3]),
    st.booleans(),
)
def test_with_four_eyes_nothing_passes_that_only_its_writers_saw(
    poster: Actor,
    creator: int,
    changer: int,
    approver: int | None,
    needed: bool,  # noqa: FBT001
) -> None:
    standing = replace(
        DRAFT,
        created_by=creator,
        changed_by=changer,
        approved_by=approver,
        four_eyes=True,
        other_approver=True,
    )
    writers = {creator, changer}
    try:
        require_postable(standing, poster, BY_TYPE if needed else FREE)
    except TruestockError:
        passed = False
    else:
        passed = True
    seen_by_another = approver is not None and approver not in writers
    posted_by_another = poster.kind is ActorKind.PERSON and poster.actor_id not in writers
    assert passed == ((seen_by_another or posted_by_another) and not (needed and approver is None))


def test_a_writer_does_not_approve_under_four_eyes() -> None:
    standing = replace(DRAFT, four_eyes=True, other_approver=True)
    with pytest.raises(FourEyesError):
        require_approvable(standing, PEOPLE[0])
    require_approvable(standing, PEOPLE[1])
    require_approvable(DRAFT, PEOPLE[0])


@given(
    st.sampled_from(PEOPLE),
    st.sampled_from([1, 2]),
    st.sampled_from([1, 2]),
    st.sampled_from([None, 1, 2, 3]),
    st.sampled_from(["value", "cost_unknown"]),
)
def test_above_a_threshold_only_the_approval_of_another_person_counts(
    poster: Actor, creator: int, changer: int, approver: int | None, why: str
) -> None:
    standing = replace(
        DRAFT, created_by=creator, changed_by=changer, approved_by=approver, other_approver=True
    )
    passes = approver is not None and approver not in {creator, changer}
    try:
        require_postable(standing, poster, Approval(why, []))
    except ValueNotApprovedError:
        assert not passes
    else:
        assert passes
