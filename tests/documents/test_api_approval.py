"""Approval by value and due days through HTTP."""

from typing import Any

import pytest

from documents.caller import Caller, receipt


async def test_thresholds_are_set_shown_and_hold(call: Caller) -> None:
    body: dict[str, Any] = {"four_eyes": False, "approval_needed": False}
    euro = [{"currency": "EUR", "value_minor": 500}]
    changed = await call(
        "PUT", "/document-types/adjustment", body | {"thresholds": euro}, version=1
    )
    assert (changed.status_code, changed.json()["thresholds"]) == (200, euro)
    left_out = await call("PUT", "/document-types/adjustment", body, version=2)
    assert left_out.json()["thresholds"] == euro
    draft = {
        "type": "adjustment",
        "target_location": "BIN-1",
        "reason_code": "found",
        "due_on": "2030-01-31",
        "lines": [{"sku": "SKU-1", "quantity": 6}],
    }
    made = (await call("POST", "/documents", draft)).json()
    assert (made["approval_needed"], made["approval_why"]) == (True, "cost_unknown")
    assert (made["other_approver"], made["due_on"]) == (True, "2030-01-31")
    priced = await call("PATCH", "/items/1", {"cost_minor": 100}, version=1)
    assert priced.status_code == 200, priced.text
    refused = await call("POST", f"/documents/{made['document_id']}/post", {}, key="p")
    assert (refused.status_code, refused.json()["code"]) == (409, "value_not_approved")
    facts = [
        {
            "currency": "EUR",
            "value_minor": "600",
            "threshold_minor": 500,
            "lines_without_cost": 0,
        }
    ]
    assert (refused.json()["values"], refused.json()["why"]) == (facts, "value")
    again = await call("POST", f"/documents/{made['document_id']}/post", {}, key="p")
    assert again.json()["values"] == facts
    for wrong in (
        [{"currency": "EUR", "value_minor": -1}],
        [{"currency": "EUR", "value_minor": 1.5}],
        [{"currency": "EUR", "value_minor": "500"}],
        [{"currency": "EUR", "value_minor": 10**15 + 1}],
        [{"currency": "eur", "value_minor": 1}],
        [{"currency": "EUR'; DROP TABLE item; --", "value_minor": 1}],
        [{"currency": "EUR"}],
        [*euro, *euro],
        euro * 51,
        "500",
        {"EUR": 500},
    ):
        answer = await call(
            "PUT", "/document-types/adjustment", body | {"thresholds": wrong}, version=3
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input"), wrong
    nan = b'{"four_eyes": false, "approval_needed": false, "thresholds": [{"currency": "EUR",'
    answer = await call(
        "PUT", "/document-types/adjustment", content=nan + b'"value_minor": NaN}]}', version=3
    )
    assert answer.status_code == 422
    none = await call("PUT", "/document-types/adjustment", body | {"thresholds": []}, version=3)
    assert none.json()["thresholds"] == []
    assert (await call("POST", f"/documents/{made['document_id']}/post", {})).status_code == 200


@pytest.mark.parametrize(
    "due_on", ["1969-12-31", "2026-02-30", "tomorrow", 20260101, 1.5, True, "10000-01-01", {}]
)
async def test_a_day_that_is_none_is_refused(call: Caller, due_on: Any) -> None:
    answer = await call("POST", "/documents", receipt(due_on=due_on))
    assert answer.status_code == 422, answer.text
    assert (await call("GET", "/documents")).json()["items"] == []
