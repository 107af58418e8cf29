"""What the papers say can be done: their commands exist, their examples are accepted."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from typer.main import get_command

from truestock.cli import application
from truestock.database.invariants import every_invariant
from truestock.kernel.settings import Settings
from truestock.stock.model.movements import NewMovement, Posted

ROOT = Path(__file__).parents[1]
PAPERS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
README = (ROOT / "README.md").read_text()


def said(pattern: str) -> Iterator[tuple[str, str]]:
    for paper in PAPERS:
        for found in re.findall(pattern, paper.read_text()):
            yield paper.name, found


def test_every_make_target_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {target for _, target in said(r"(?m)(?:`|^(?:[A-Z_]+=\S+ )*)make ([a-z-]+)")}
    assert {"demo", "test", "chaos", "bench-posting"} <= named
    assert named <= targets, named - targets


def test_every_command_named_exists() -> None:
    known = set(get_command(application()).commands)  # type: ignore[attr-defined]
    named = {command for _, command in said(r"`(?:\.venv/bin/)?truestock ([a-z]+)")}
    assert {"verify", "why"} <= named
    assert named <= known, named - known


def test_every_setting_named_exists() -> None:
    known = {f"TRUESTOCK_{name.upper()}" for name in Settings.model_fields}
    named = {setting for _, setting in said(r"\b(TRUESTOCK_[A-Z_]*[A-Z])\b")}
    named -= {each for each in named if each.startswith("TRUESTOCK_TEST_")}
    assert named
    assert named <= known, named - known


def test_the_first_movement_of_the_readme_is_one() -> None:
    asked = re.search(r"-d '(\{.*?\})' \\\n", README, re.DOTALL)
    assert asked
    movement = msgspec.json.decode(asked[1], type=NewMovement, strict=True)
    assert (movement.kind, movement.request_key) == ("transfer", "hello-1")
    answered = re.search(r"```json\n(.*?)```", README, re.DOTALL)
    assert answered
    posted = msgspec.json.decode(answered[1], type=Posted, strict=True)
    assert len(posted.lines) == len(movement.lines)
    assert json.loads(answered[1]).keys() == msgspec.to_builtins(posted).keys()


def test_the_readme_counts_the_rules_that_hold() -> None:
    counted = re.search(r"All hold: (\d+) rules", README)
    assert counted
    assert int(counted[1]) == len(every_invariant()) + 1, "the seals are a rule as well"


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_links_between_papers_resolve(paper: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", paper.read_text())
    missing = [link for link in links if not (paper.parent / link).exists()]
    assert not missing
