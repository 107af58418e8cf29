import pytest
from bench.chaos.compare import Found
from bench.chaos.rounds import Round

LOST = Found(lost=["k: movement 1 was acknowledged and is gone"])
DOUBLED = Found(doubled=["k: movements [1, 2]"])


def ended(found: Found, **more: str) -> Round:
    this = Round("name", "fault", "seed", **more)  # type: ignore[arg-type]  # kinds of rounds
    this.add(found, when="after recovery")
    return this


@pytest.mark.parametrize("found", [LOST, DOUBLED, Found(drifted=["x"])])
@pytest.mark.parametrize("kind", ["real", "control"])
def test_a_round_is_good_when_nothing_was_found(found: Found, kind: str) -> None:
    assert ended(Found(), kind=kind).good
    assert not ended(found, kind=kind).good


def test_a_planted_fault_is_caught_by_what_was_planted_and_by_nothing_else() -> None:
    assert ended(LOST, kind="planted").good
    assert not ended(Found(), kind="planted").good
    assert not ended(DOUBLED, kind="planted").good
    assert ended(DOUBLED, kind="planted", must_show="doubled").good
    noisy = ended(Found(), kind="planted")
    noisy.faults.append("no answers within 60 s after the fault")
    assert not noisy.good
