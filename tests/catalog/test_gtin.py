"""GTINs, as rules and as the database sees them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truestock.catalog.errors.items import GtinInvalidError
from truestock.catalog.rules.gtin import check_digit, comparable, is_gtin, require_gtin
from truestock.database import Database

KNOWN = ("4006381333931", "036000291452", "96385074", "00012345600012", "5901234123457")

bodies = st.sampled_from((7, 11, 12, 13)).flatmap(
    lambda length: st.text("0123456789", min_size=length, max_size=length)
)


@pytest.mark.parametrize("gtin", KNOWN)
def test_known_codes_are_right(gtin: str) -> None:
    assert is_gtin(gtin)


@given(bodies)
def test_exactly_one_last_digit_is_right(body: str) -> None:
    right = [digit for digit in "0123456789" if is_gtin(body + digit)]
    assert right == [check_digit(body)]


@given(bodies, st.data())
def test_one_misread_digit_is_always_noticed(body: str, data: st.DataObject) -> None:
    gtin = body + check_digit(body)
    place = data.draw(st.integers(0, len(gtin) - 1))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != gtin[place]]))
    assert not is_gtin(gtin[:place] + other + gtin[place + 1 :])


@given(bodies)
def test_leading_zeros_do_not_make_another_code(body: str) -> None:
    gtin = body + check_digit(body)
    assert is_gtin(gtin.rjust(14, "0"))
    assert comparable(gtin) == comparable(gtin.rjust(14, "0"))


@given(st.text(max_size=20))
def test_any_text_is_judged_without_a_fault(text: str) -> None:
    if is_gtin(text):
        require_gtin(text)
    else:
        with pytest.raises(GtinInvalidError):
            require_gtin(text)


@pytest.mark.parametrize(
    "text", ["", "1", "123456789", "4006381333930", "\uff14006381333931", "\u0664006381333931"]
)
def test_wrong_codes_are_refused(text: str) -> None:
    with pytest.raises(GtinInvalidError):
        require_gtin(text)


def test_the_right_last_digit_is_named() -> None:
    with pytest.raises(GtinInvalidError) as refused:
        require_gtin("4006381333930")
    assert refused.value.facts["check_digit"] == "1"


async def test_the_database_agrees_on_every_last_digit(database: Database) -> None:
    bodies_tried = ("400638133393", "03600029145", "9638507", "1400638133393", "0000000")
    codes = [body + digit for body in bodies_tried for digit in "0123456789"]
    async with database.asking() as tx:
        rows = await tx.rows(
            "SELECT code, gtin_check_digit_right(lpad(code, 14, '0')) AS fits"
            " FROM unnest($1::text[]) AS code",
            codes,
        )
    assert {row["code"]: row["fits"] for row in rows} == {code: is_gtin(code) for code in codes}
