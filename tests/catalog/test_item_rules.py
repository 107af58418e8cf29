"""What makes an item right, and factors that stay exact."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truestock.catalog.errors import items as errors
from truestock.catalog.model.items import ItemFields, ItemRow, Pack, Tracking
from truestock.catalog.rules.items import (
    FACTOR_MAX,
    changed_by_row,
    checked,
    checked_pack,
    gtins,
    new_from_row,
)
from truestock.kernel.errors import TruestockError
from truestock.kernel.quantity import FractionalQuantityError, base_quantity

PLAIN = ItemFields(sku="A", name="Thing")

factors = st.builds(Pack, st.just("box"), st.integers(1, FACTOR_MAX), st.integers(1, FACTOR_MAX))


@given(factors)
def test_a_factor_in_lowest_terms_is_the_same_number(pack: Pack) -> None:
    lowest = checked_pack(pack)
    assert Fraction(lowest.factor_numerator, lowest.factor_denominator) == Fraction(
        pack.factor_numerator, pack.factor_denominator
    )
    assert checked_pack(lowest) == lowest


@given(st.integers(1, 1_000), st.integers(1, 1_000), st.integers(1, 1_000))
def test_packs_convert_exactly_or_are_refused(
    numerator: int, denominator: int, entered: int
) -> None:
    factor = Fraction(numerator, denominator)
    if (entered * factor).denominator == 1:
        assert base_quantity(entered, factor) * denominator == entered * numerator
    else:
        with pytest.raises(FractionalQuantityError):
            base_quantity(entered, factor)


@given(st.lists(factors, max_size=5))
def test_the_order_of_packs_does_not_matter(packs: list[Pack]) -> None:
    named = [replace(pack, unit=f"unit-{place}") for place, pack in enumerate(packs)]
    forwards = checked(replace(PLAIN, packs=tuple(named)))
    backwards = checked(replace(PLAIN, packs=tuple(reversed(named))))
    assert forwards == backwards


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"sku": ""}, errors.SkuFormError),
        ({"sku": " A"}, errors.SkuFormError),
        ({"sku": "A\t"}, errors.SkuFormError),
        ({"sku": "A\x00B"}, errors.SkuFormError),
        ({"sku": "x" * 65}, errors.SkuFormError),
        ({"name": "  "}, errors.ItemNameError),
        ({"name": "x" * 301}, errors.ItemNameError),
        ({"name": "half \ud800 pair"}, errors.ItemNameError),
        ({"description": "x" * 10_001}, errors.ItemDescriptionError),
        ({"description": "\x00"}, errors.ItemDescriptionError),
        ({"base_unit": ""}, errors.UnitFormError),
        ({"gtin": "4006381333930"}, errors.GtinInvalidError),
        ({"shelf_life_days": 0}, errors.ShelfLifeError),
        ({"currency": "eur"}, errors.CurrencyFormError),
        ({"list_price_minor": -1}, errors.PriceRangeError),
        ({"cost_minor": 10**15 + 1}, errors.PriceRangeError),
        ({"picture_url": "javascript:alert(1)"}, errors.PictureLinkError),
        ({"picture_url": "https://a b"}, errors.PictureLinkError),
        ({"packs": (Pack("each", 2),)}, errors.PackIsBaseUnitError),
        ({"packs": (Pack("box", 2), Pack("box", 3))}, errors.PackRepeatedError),
        ({"packs": (Pack("box", 0),)}, errors.PackFactorError),
        ({"packs": (Pack("box", 1, 0),)}, errors.PackFactorError),
        ({"packs": (Pack("box", FACTOR_MAX + 1),)}, errors.PackFactorError),
        ({"packs": (Pack(" box", 1),)}, errors.UnitFormError),
        ({"packs": tuple(Pack(f"u{n}", 1) for n in range(51))}, errors.PacksTooManyError),
        (
            {"gtin": "036000291452", "packs": (Pack("box", 2, 1, "0036000291452"),)},
            errors.GtinTakenError,
        ),
    ],
)
def test_a_wrong_item_is_refused(fields: dict[str, object], error: type[TruestockError]) -> None:
    with pytest.raises(error):
        checked(replace(PLAIN, **fields))  # type: ignore[arg-type]  # a table of any fields


def test_every_code_of_an_item_is_listed_with_its_unit() -> None:
    item = replace(PLAIN, gtin="4006381333931", packs=(Pack("box", 2, 1, "96385074"), Pack("p", 3)))
    assert gtins(item) == [("4006381333931", None), ("96385074", "box")]


def test_a_row_without_a_name_is_named_by_its_sku() -> None:
    assert new_from_row(ItemRow(sku="A")) == ItemFields(sku="A", name="A")


def test_a_row_changes_only_what_it_gives() -> None:
    item = ItemFields(sku="A", name="Thing", cost_minor=5, packs=(Pack("box", 2),))
    assert changed_by_row(item, ItemRow(sku="A", cost_minor=6)) == replace(item, cost_minor=6)


def test_a_row_changes_neither_base_unit_nor_tracking() -> None:
    for row in (ItemRow(sku="A", base_unit="kg"), ItemRow(sku="A", tracking="lot")):
        with pytest.raises(errors.ItemFixedError):
            changed_by_row(PLAIN, row)
    same = ItemRow(sku="A", tracking=Tracking.NONE.value)
    assert changed_by_row(PLAIN, same) == PLAIN


def test_a_row_with_an_unknown_tracking_is_refused() -> None:
    with pytest.raises(errors.TrackingUnknownError):
        new_from_row(ItemRow(sku="A", tracking="batch"))
