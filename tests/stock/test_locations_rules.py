"""Sites, paths, cycles and racks, without a database."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truestock.kernel.errors import TruestockError
from truestock.stock.errors import locations as errors
from truestock.stock.model.locations import (
    LocationFields,
    LocationKind,
    LocationRow,
    Rack,
    SiteFields,
    Span,
)
from truestock.stock.rules.location_imports import new_from_row, parents_first
from truestock.stock.rules.locations import (
    checked_location,
    checked_site,
    is_time_zone,
    path_of,
    rack_rows,
    require_outside,
)

SITE = SiteFields(code="N", name="North")
BIN = LocationFields(code="A", kind=LocationKind.BIN)
RACK = Rack(zone="A", aisles=Span(1, 2), bins=Span(1, 3, 3))

codes = st.text("ABC-._0", min_size=1, max_size=4).filter(lambda code: code[0].isalnum())


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"code": ""}, errors.SiteCodeFormError),
        ({"code": "a/b"}, errors.SiteCodeFormError),
        ({"code": "~"}, errors.SiteCodeFormError),
        ({"code": "x" * 33}, errors.SiteCodeFormError),
        ({"name": " "}, errors.SiteNameError),
        ({"name": "\x00"}, errors.SiteNameError),
        ({"address": "x" * 2_001}, errors.SiteAddressError),
        ({"time_zone": "Mars/Base"}, errors.TimeZoneUnknownError),
        ({"time_zone": "../etc/passwd"}, errors.TimeZoneUnknownError),
        ({"time_zone": ""}, errors.TimeZoneUnknownError),
    ],
)
def test_a_wrong_site_is_refused(fields: dict[str, str], error: type[TruestockError]) -> None:
    with pytest.raises(error):
        checked_site(replace(SITE, **fields))


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"code": "a/b"}, errors.LocationCodeFormError),
        ({"code": "-a"}, errors.LocationCodeFormError),
        ({"code": "a\n"}, errors.LocationCodeFormError),
        ({"code": "x" * 65}, errors.LocationCodeFormError),
        ({"kind": LocationKind.SUPPLIER}, errors.LocationKindError),
        ({"name": "x" * 201}, errors.LocationNameError),
        ({"capacity": 0}, errors.CapacityError),
        ({"capacity": 10**12 + 1}, errors.CapacityError),
    ],
)
def test_a_wrong_location_is_refused(
    fields: dict[str, object], error: type[TruestockError]
) -> None:
    with pytest.raises(error):
        checked_location(replace(BIN, **fields))  # type: ignore[arg-type]  # a table of any fields


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "America/Argentina/Ushuaia", "Etc/GMT+5"])
def test_time_zones_of_the_database_are_known(name: str) -> None:
    assert is_time_zone(name)


@given(st.text(max_size=40))
def test_any_text_is_judged_as_a_time_zone_without_a_fault(text: str) -> None:
    is_time_zone(text)


@given(st.lists(codes, min_size=1, max_size=6), st.lists(codes, min_size=1, max_size=6))
def test_a_place_lies_within_another_exactly_when_its_path_goes_through_it(
    one: list[str], other: list[str]
) -> None:
    path, parent = "/N/" + "/".join(one), "/N/" + "/".join(other)
    if other[: len(one)] == one:
        with pytest.raises(errors.LocationCycleError):
            require_outside(path, parent)
    else:
        require_outside(path, parent)


def test_a_path_ends_somewhere() -> None:
    assert path_of("N", None, "A") == "/N/A"
    assert path_of("N", "/N/A", "B") == "/N/A/B"
    with pytest.raises(errors.LocationTooDeepError):
        path_of("N", "/N" + "/x" * 499, "B")


def test_a_rack_is_a_zone_with_aisles_and_bins() -> None:
    rows = rack_rows(RACK, "N", None)
    assert [(row.code, row.parent, row.kind) for row in rows] == [
        ("A", None, "zone"),
        ("A-01", "A", "aisle"),
        ("A-01-001", "A-01", "bin"),
        ("A-01-002", "A-01", "bin"),
        ("A-01-003", "A-01", "bin"),
        ("A-02", "A", "aisle"),
        ("A-02-001", "A-02", "bin"),
        ("A-02-002", "A-02", "bin"),
        ("A-02-003", "A-02", "bin"),
    ]


@pytest.mark.parametrize(
    "spans",
    [
        {"aisles": Span(2, 1)},
        {"aisles": Span(-1, 1)},
        {"bins": Span(1, 10, 7)},
        {"bins": Span(1, 1_000_000)},
        {"aisles": Span(1, 100), "bins": Span(1, 50)},
    ],
)
def test_a_rack_out_of_range_is_refused(spans: dict[str, Span]) -> None:
    with pytest.raises(errors.RackTooLargeError):
        rack_rows(replace(RACK, **spans), "N", None)  # type: ignore[arg-type]  # spans only


@given(st.permutations(rack_rows(RACK, "N", "TOP")))
def test_parents_come_first_whatever_the_order_of_the_file(rows: list[LocationRow]) -> None:
    ordered, rest = parents_first(rows, lambda code: code == "TOP")
    seen = {"TOP"}
    for index in ordered:
        assert rows[index].parent in seen
        seen.add(rows[index].code)
    assert rest == []


def test_rows_that_lie_in_each_other_or_nowhere_are_left_over() -> None:
    rows = [LocationRow(code=code, parent=parent) for code, parent in ("AB", "BA", "CC", "DX")]
    assert parents_first(rows, lambda _code: False) == ([], [0, 1, 2, 3])


def test_a_row_without_a_kind_is_a_bin() -> None:
    assert new_from_row(LocationRow(code="A")).kind is LocationKind.BIN
    with pytest.raises(errors.LocationKindError):
        new_from_row(LocationRow(code="A", kind="cupboard"))
