from typing import Any

import pytest
from bench.chaos.compare import Recorded, changed_answers, compared
from bench.chaos.journal import Asked, Outcome, outcomes_of

SUPPLIER, CUSTOMER = "SUPPLIER", "CUSTOMER"


def received(key: str, quantity: int = 5) -> dict[str, Any]:
    line = {"sku": "S", "quantity": quantity, "target_location": "A"}
    return {"kind": "receipt", "request_key": key, "lines": [line]}


def asked(key: str, *outcomes: Outcome) -> Asked:
    return Asked("/api/v1/movements", received(key), list(outcomes))


def posted(movement_id: int) -> Outcome:
    return Outcome(movement_id, "posted", None)


REFUSED = Outcome(None, "insufficient_stock", "There are 3.")


def recorded(movement_id: int, key: str, quantity: int = 5) -> Recorded:
    return Recorded(movement_id, key, (("S", SUPPLIER, "A", quantity),))


def test_what_was_told_and_is_there_is_clean() -> None:
    found = compared([asked("k", posted(1))], [recorded(1, "k")], {("S", "A"): 5})
    assert found.clean
    assert (found.asked, found.acknowledged, found.unanswered) == (1, 1, 0)


def test_an_acknowledged_movement_that_is_gone_is_lost() -> None:
    assert len(compared([asked("k", posted(1))], [], {}).lost) == 1


def test_an_acknowledged_movement_that_is_there_under_another_number_is_lost() -> None:
    requests = [asked("k", posted(1))]
    assert len(compared(requests, [recorded(2, "k")], {("S", "A"): 5}).lost) == 1


def test_an_unanswered_movement_may_be_there_or_not() -> None:
    assert compared([asked("k")], [], {}).clean
    there = compared([asked("k")], [recorded(1, "k")], {("S", "A"): 5})
    assert there.clean
    assert (there.unanswered, there.recorded_unanswered) == (1, 1)


@pytest.mark.parametrize(
    ("requests", "there"),
    [
        ([asked("k", posted(1))], [recorded(1, "k"), recorded(2, "k")]),
        ([asked("k", posted(1))], [recorded(1, "k"), recorded(2, "never asked")]),
        ([asked("k", REFUSED)], [recorded(1, "k")]),
        ([asked("k", posted(1))], [recorded(1, "k", quantity=6)]),
    ],
    ids=["twice under its key", "nobody asked", "refused and recorded", "another quantity"],
)
def test_what_should_not_be_there_is_doubled(requests: list[Asked], there: list[Recorded]) -> None:
    assert compared(requests, there, {("S", "A"): 5}).doubled


def test_a_balance_is_expected_from_what_the_clients_asked() -> None:
    found = compared([asked("k", posted(1))], [recorded(1, "k")], {("S", "A"): 6})
    assert len(found.drifted) == 1
    assert not compared([asked("k", posted(1))], [recorded(1, "k")], {}).clean


def test_a_retry_must_give_the_first_answer() -> None:
    first = [asked("a", posted(1)), asked("b", REFUSED), asked("c")]
    assert not changed_answers(first, [asked("a", posted(1)), asked("b", REFUSED), first[0]])
    others = [asked("a", posted(2)), asked("b", posted(3)), asked("c")]
    assert len(changed_answers(first, others)) == 3


def test_single_and_batch_answers_are_read_alike() -> None:
    entry = {"status": "posted", "movement_id": 7, "recorded_at": "now", "lines": [1]}
    problem = {"code": "insufficient_stock", "detail": "There are 3."}
    single = outcomes_of(entry, 1)
    batch = outcomes_of({"outcomes": [entry, {"status": "refused", "problem": problem}]}, 2)
    assert single[0] == batch[0] == Outcome(7, "posted", ["now", [1]])
    assert batch[1] == outcomes_of(problem, 1)[0] == REFUSED
