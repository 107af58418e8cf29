from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truestock.database.embedded import OptionReservedError, ServerAddress
from truestock.database.embedded.account import Account
from truestock.database.embedded.configuration import (
    MEBIBYTE,
    _memory_settings,
    memory_bytes,
    quoted,
    settings_text,
)
from truestock.database.embedded.placement import Placement

PLACE = Placement(Path("/d"), Path("/d/postgres"), Account("someone", 1, 1, switching=False))
PRINTABLE = st.text(st.characters(categories=("L", "N", "P", "S", "Zs"))).filter(str.isprintable)


def text_with(**options: str) -> str:
    return settings_text(PLACE, Path("/s"), statistics=True, options=options)


@given(PRINTABLE)
def test_any_text_in_quotes_is_one_value_that_reads_back(value: str) -> None:
    inner = quoted(value)[1:-1]
    assert inner.replace("\\\\", "").replace("''", "").count("'") == 0
    assert inner.replace("''", "'").replace("\\\\", "\\") == value


def test_a_value_cannot_smuggle_in_a_second_line() -> None:
    with pytest.raises(OptionReservedError):
        quoted("on'\nfsync = 'off")


def test_the_ledger_is_durable_unless_an_option_says_otherwise() -> None:
    lines = text_with().splitlines()
    assert {"fsync = 'on'", "synchronous_commit = 'on'", "full_page_writes = 'on'"} <= set(lines)
    assert "fsync = 'off'" in text_with(fsync="off").splitlines()


def test_an_option_replaces_our_value_whatever_its_case() -> None:
    text = text_with(Max_Connections="20")
    assert "max_connections = '20'" in text
    assert text.count("max_connections") == 1


@pytest.mark.parametrize("name", ["port", "HBA_FILE", "unix_socket_directories", "x = 1 #", ""])
def test_settings_that_the_launcher_relies_on_cannot_be_overridden(name: str) -> None:
    with pytest.raises(OptionReservedError):
        settings_text(PLACE, Path("/s"), statistics=True, options={name: "1"})


def test_nothing_listens_on_a_network() -> None:
    assert "listen_addresses = ''" in text_with()


def test_statistics_are_loaded_only_where_their_library_is() -> None:
    without = settings_text(PLACE, Path("/s"), statistics=False, options={})
    assert "pg_stat_statements" in text_with()
    assert "pg_stat_statements" not in without


@pytest.mark.parametrize(
    ("machine_mebibytes", "buffers"), [(256, "64MB"), (4096, "737MB"), (65_536, "2048MB")]
)
def test_memory_is_a_modest_and_bounded_part_of_the_machine(
    machine_mebibytes: int, buffers: str
) -> None:
    settings = _memory_settings(machine_mebibytes * MEBIBYTE)
    assert settings["shared_buffers"] == buffers


def test_the_memory_of_this_machine_is_known() -> None:
    assert memory_bytes() > 64 * MEBIBYTE


@given(PRINTABLE.filter(bool))
def test_an_address_survives_being_a_url(folder: str) -> None:
    where = Path("/a") / folder.strip("/").replace("/", "_")
    address = ServerAddress(where, 5432, "truestock", "p@ss/:word", "truestock")
    url = urlsplit(address.dsn())
    assert parse_qs(url.query)["host"] == [str(where)]
    assert unquote(url.password or "") == "p@ss/:word"


def test_the_password_is_not_shown_by_accident() -> None:
    assert "geheim" not in repr(ServerAddress(Path("/s"), 1, "u", "geheim", "d"))
