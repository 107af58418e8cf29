"""Why is this number 7: the lines that make a balance, with what there was after each.

The running quantities were stored with the lines, so a page costs the same however long the
history is.
"""

from typing import Any

from truestock.database import ReadTransaction, load_sql
from truestock.http.paging import PageRequest
from truestock.stock.model.explanations import Why, WhyLine
from truestock.stock.reads.balances import balance_shown
from truestock.stock.reads.movements import lines_of_balance
from truestock.stock.reads.reservations import pending_on
from truestock.stock.reads.scope import Sites

_SIBLINGS = load_sql(__name__, "sibling_balance_ids")


async def why(tx: ReadTransaction, sites: Sites, balance_id: int, asked: PageRequest) -> Why:
    """Explain a balance; raises `BalanceUnknownError`. Sort: recorded_at, newest first.

    Open `tx` with `reading()`, so that the number and its lines are of the same moment.
    """
    balance = await balance_shown(tx, sites, balance_id)
    siblings = None
    if balance_id < 0:
        siblings = [row[0] for row in await tx.rows(_SIBLINGS, [balance_id])]
    page = await lines_of_balance(tx, sites, asked, balance_id, siblings)
    lines = [_as_seen_from(balance_id, line) for line in page.items]
    reservations = await pending_on(tx, balance_id)
    return Why(balance, lines, reservations, page.next_cursor)


def _as_seen_from(balance_id: int, line: dict[str, Any]) -> WhyLine:
    outwards = line["source_balance_id"] == balance_id
    side, other = ("source", "target") if outwards else ("target", "source")
    return WhyLine(
        movement_id=line["movement_id"],
        line_number=line["line_number"],
        kind=line["kind"],
        occurred_at=line["occurred_at"],
        recorded_at=line["recorded_at"],
        delta=-line["quantity"] if outwards else line["quantity"],
        running_quantity=line[f"{side}_quantity_after"],
        other_location_code=line[f"{other}_location_code"],
        document_id=line["document_id"],
        actor_id=line["actor_id"],
        actor_name=line["actor_name"],
        request_key=line["request_key"],
        reason=line["reason"],
        note=line["note"],
        reverses_id=line["reverses_id"],
        reversed_by_id=line["reversed_by_id"],
    )
