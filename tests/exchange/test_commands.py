"""`import` and `export` as a person meets them: our own program in its own process."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from support.office import Office

SOME_REFUSED = 3


def run(dsn: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "truestock.cli", *arguments],
        env=os.environ | {"TRUESTOCK_DATABASE_URL": dsn},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "stock.csv"
    found.write_text("Artikel;Platz;Menge\nMUG;A-1;5\nCUP;A-1;1\n")
    return found


async def test_a_file_with_a_mapping_is_imported_and_what_is_refused_is_kept(
    stocked: Office, dsn: str, file: Path, tmp_path: Path
) -> None:
    mapping = tmp_path / "mapping.toml"
    mapping.write_text('[columns]\nsku = "Artikel"\nlocation = "Platz"\nquantity = "Menge"\n')
    refused = tmp_path / "refused.csv"
    arguments = ("import", "opening-stock", str(file), "--mapping", str(mapping))
    answer = run(dsn, *arguments, "--refused", str(refused))
    assert answer.returncode == SOME_REFUSED, answer.stderr
    assert "1 movements posted" in answer.stdout
    assert "Done, but for the refused lines." in answer.stdout
    [row] = csv.DictReader(io.StringIO(refused.read_text("utf-8-sig")))
    assert (row["Artikel"], row["line number"]) == ("CUP", "3")
    again = run(dsn, *arguments)
    assert "Nothing was changed" in again.stdout
    assert await stocked.value("SELECT sum(quantity_on_hand) FROM balance WHERE physical") == 5


async def test_a_check_changes_nothing(stocked: Office, dsn: str, tmp_path: Path) -> None:
    file = tmp_path / "items.csv"
    file.write_text("sku,name\nNEW,New\nMUG,Other\n")
    answer = run(dsn, "import", "items", str(file), "--check", "--json")
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["counts"] == {"items_created": 1, "items_changed": 1}
    assert await stocked.value("SELECT count(*) FROM item") == 3


async def test_constants_stand_for_columns_that_are_not_there(
    stocked: Office, dsn: str, tmp_path: Path
) -> None:
    file = tmp_path / "suppliers.csv"
    file.write_text("code,name\nCLAY,Clayworks\n")
    answer = run(dsn, "import", "parties", str(file), "--set", "kind=supplier", "--json")
    assert answer.returncode == 0, answer.stderr
    assert await stocked.value("SELECT kind FROM party") == "supplier"


def test_what_cannot_be_imported_is_one_sentence(dsn: str, tmp_path: Path) -> None:
    file = tmp_path / "file.csv"
    for content, sentence in (
        (b"", "no header line"),
        (b"\x00\x01\x02", "not a CSV text"),
        (b"colour\nblue\n", "mapping does not fit"),
    ):
        file.write_bytes(content)
        answer = run(dsn, "import", "items", str(file))
        assert answer.returncode == 1
        assert sentence in answer.stderr
        assert "Traceback" not in answer.stderr


async def test_a_list_is_exported_filtered_to_a_file_or_to_the_terminal(
    stocked: Office, dsn: str, tmp_path: Path
) -> None:
    shown = run(dsn, "export", "items", "--filter", "q=MUG")
    assert shown.returncode == 0, shown.stderr
    assert [row["sku"] for row in csv.DictReader(io.StringIO(shown.stdout))] == ["MUG"]
    file = tmp_path / "items.parquet"
    answer = run(dsn, "export", "items", "-o", str(file), "--sort", "-sku")
    assert answer.stderr == "3 rows\n"
    assert pl.read_parquet(file)["sku"].to_list() == ["PLATE", "MUG", "MILK"]
    wrong = run(dsn, "export", "items", "--filter", "colour=blue")
    assert wrong.returncode != 0
    assert "Traceback" not in wrong.stderr
    unknown = run(dsn, "export", "everything")
    assert "no list everything" in unknown.stderr
    assert await stocked.value("SELECT count(*) FROM item") == 3
