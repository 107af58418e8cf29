"""The little company that the clients work for, made through the API like anybody's."""

from typing import Any

from bench.chaos.caller import Caller
from bench.chaos.client import BATCH, BINS, SKUS
from bench.chaos.installation import Installation
from bench.chaos.journal import Asked, outcomes_of

OPENING_QUANTITY = 60


def found_company(place: Installation) -> list[Asked]:
    """Make site, bins, items and opening stock; return the opening requests with their answers."""
    caller = Caller(place.port, place.api_key)

    def made(path: str, body: dict[str, Any], key: str) -> Any:
        return caller.post(f"/api/v1/{path}", body, key)

    site = made("sites", {"code": "CHAOS", "name": "Proving ground"}, "site")
    for code in BINS:
        made("locations", {"site_id": site["site_id"], "code": code, "kind": "bin"}, code)
    for sku in SKUS:
        made("items", {"sku": sku, "name": f"Crate {sku}"}, sku)
    opening = {
        "movements": [
            {
                "kind": "receipt",
                "request_key": f"opening-{sku}-{code}",
                "lines": [{"sku": sku, "quantity": OPENING_QUANTITY, "target_location": code}],
            }
            for sku in SKUS
            for code in BINS
        ]
    }
    answer = caller.post(BATCH, opening)
    caller.close()
    request = Asked(BATCH, opening)
    request.outcomes = outcomes_of(answer, len(request.movements))
    return [request]
