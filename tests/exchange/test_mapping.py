"""Which column gives which field, and what a cell says."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truestock.exchange.errors.imports import MappingInvalidError
from truestock.exchange.model.imports import Column, Form, ImportKind, Mapping, TableForm
from truestock.exchange.rules.demand import sku_of
from truestock.exchange.rules.fields import FIELDS, guessed_mapping
from truestock.exchange.rules.mapping import decoded_mapping, merged, require_mapping
from truestock.exchange.rules.values import ValueRefusedError, minor_units, parser

BERLIN = ZoneInfo("Europe/Berlin")


def form(**samples: list[str]) -> TableForm:
    return TableForm(columns=[Column(name.replace("_", " "), s) for name, s in samples.items()])


def read(kind: Form, text: str, **mapping: object) -> object:
    return parser(kind, Mapping(**mapping), BERLIN)(text)  # type: ignore[arg-type]


def test_headers_name_fields_in_the_words_of_many_systems() -> None:
    found = guessed_mapping(
        ImportKind.ITEMS,
        form(Item_Code=["A1"], Title=["Mug"], EAN=[], Unit_Price=["1,50"], Colour=["blue"]),
    )
    assert found.columns == {
        "sku": "Item Code",
        "name": "Title",
        "gtin": "EAN",
        "list_price": "Unit Price",
    }
    assert found.decimal_mark == ","


def test_our_own_field_names_win_over_other_words() -> None:
    found = guessed_mapping(ImportKind.DELIVERIES, form(name=["x"], item=["y"], date=[], sold=[]))
    assert found.columns["item"] == "item"
    assert found.columns["quantity"] == "sold"


@pytest.mark.parametrize(
    ("samples", "pattern"),
    [
        (["2026-03-31"], ""),
        (["31.03.2026"], "%d.%m.%Y"),
        (["31/03/2026"], "%d/%m/%Y"),
        (["03/31/2026"], "%m/%d/%Y"),
        (["02/03/2026"], ""),
        (["soon"], ""),
    ],
)
def test_a_date_pattern_is_taken_only_when_it_is_the_only_one(
    samples: list[str], pattern: str
) -> None:
    found = guessed_mapping(ImportKind.DELIVERIES, form(item=[], date=samples, quantity=[]))
    assert found.date_format == pattern


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Form.WHOLE, "12", 12),
        (Form.WHOLE, "12.0", 12),
        (Form.QUANTITY, "2.5", Decimal("2.5")),
        (Form.QUANTITY, "-3", -3),
        (Form.QUANTITY, "1e3", 1000),
        (Form.YES_NO, "Yes", True),
        (Form.YES_NO, "0", False),
        (Form.CODE, "  A-1 ", "A-1"),
        (Form.TEXT, "'=1+1", "=1+1"),
        (Form.WORD, " Lot ", "lot"),
        (Form.DAY, "2026-03-31", date(2026, 3, 31)),
        (Form.DAY, "2026-03-31T23:59:00", date(2026, 3, 31)),
        (Form.MOMENT, "2026-03-31", datetime(2026, 3, 31, 10, tzinfo=UTC)),
        (Form.MOMENT, "2026-01-31 08:30", datetime(2026, 1, 31, 7, 30, tzinfo=UTC)),
        (Form.MOMENT, "2026-01-31T08:30:00Z", datetime(2026, 1, 31, 8, 30, tzinfo=UTC)),
    ],
)
def test_cells_are_read(kind: Form, text: str, value: object) -> None:
    assert read(kind, text) == value


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        (Form.WHOLE, "1.5", "not_whole"),
        (Form.QUANTITY, "1,5", "not_a_number"),
        (Form.QUANTITY, "1,500", "number_grouped"),
        (Form.QUANTITY, "NaN", "not_a_number"),
        (Form.QUANTITY, "1e999999999", "not_a_number"),
        (Form.QUANTITY, "9" * 40, "not_a_number"),
        (Form.QUANTITY, "١٢", "not_a_number"),
        (Form.QUANTITY, "twelve", "not_a_number"),
        (Form.YES_NO, "maybe", "not_yes_or_no"),
        (Form.DAY, "31.02.2026", "not_a_date"),
        (Form.DAY, "2026-02-30", "not_a_date"),
        (Form.TEXT, "a\x00b", "text_nul"),
        (Form.PACKS, "box of 12", "packs_form"),
    ],
)
def test_cells_that_are_no_value_are_refused(kind: Form, text: str, code: str) -> None:
    with pytest.raises(ValueRefusedError) as refused:
        read(kind, text)
    assert refused.value.code == code


def test_the_comma_is_the_decimal_mark_where_the_mapping_says_so() -> None:
    assert read(Form.QUANTITY, "1,5", decimal_mark=",") == Decimal("1.5")
    with pytest.raises(ValueRefusedError):
        read(Form.QUANTITY, "1.5", decimal_mark=",")


def test_prices_have_the_decimals_of_their_currency() -> None:
    assert minor_units(Decimal("1.5"), "EUR") == 150
    assert minor_units(Decimal(150), "JPY") == 150
    assert minor_units(Decimal("1.505"), "KWD") == 1505
    assert minor_units(Decimal("1.6799999999999997"), "EUR", rounded=True) == 168
    with pytest.raises(ValueRefusedError):
        minor_units(Decimal("1.505"), "EUR")


@given(st.text(min_size=1, max_size=90), st.text(min_size=1, max_size=90))
def test_different_names_have_different_skus_and_every_sku_is_a_code(one: str, two: str) -> None:
    first, second = sku_of(one), sku_of(two)
    assert (first == second) == (one == two)
    assert 0 < len(first) <= 64
    assert first == first.strip()


def test_plain_names_stay_readable_as_skus() -> None:
    assert sku_of("10 COLOUR SPACEBOY PEN") == "10-COLOUR-SPACEBOY-PEN"
    assert sku_of("SET/6 PAPER PLATES").startswith("SET-6-PAPER-PLATES-")


@pytest.mark.parametrize(
    "mapping",
    [
        Mapping(columns={"nothing": "sku"}),
        Mapping(columns={"sku": "missing"}),
        Mapping(columns={"name": "name"}),
        Mapping(columns={"sku": "sku"}, constants={"nothing": "1"}),
        Mapping(columns={"sku": "sku"}, constants={"name": "x" * 301}),
        Mapping(columns={"sku": "sku"}, delimiter="::"),
        Mapping(columns={"sku": "sku"}, encoding="../x"),
        Mapping(columns={"sku": "sku"}, date_format="day"),
        Mapping(columns={"sku": "sku"}, time_zone="Atlantis/City"),
        Mapping(columns={"sku": "sku"}, label="a\nb"),
        Mapping(columns={"sku": "sku"}, create_missing=True),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(mapping: Mapping) -> None:
    with pytest.raises(MappingInvalidError):
        require_mapping(ImportKind.ITEMS, mapping, ["sku", "name"])


def test_a_mapping_is_read_from_toml_and_json_and_completed_by_the_guess() -> None:
    toml = decoded_mapping(b'[constants]\ncurrency = "USD"\n', toml=True)
    assert toml == decoded_mapping(b'{"constants": {"currency": "USD"}}', toml=False)
    guess = Mapping(columns={"sku": "code", "currency": "cur"}, decimal_mark=",")
    assert merged(guess, toml).columns == {"sku": "code"}
    assert merged(guess, toml).decimal_mark == ","
    with pytest.raises(MappingInvalidError):
        decoded_mapping(b"columns = 5", toml=True)
    with pytest.raises(MappingInvalidError):
        decoded_mapping(b'{"colums": {}}', toml=False)


def test_no_header_means_two_fields_of_one_kind() -> None:
    for fields in FIELDS.values():
        names = [field.name for field in fields]
        assert len(names) == len(set(names))
