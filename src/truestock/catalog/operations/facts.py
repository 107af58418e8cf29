"""Facts that postings cache: who changes one says so, last in the transaction."""

from truestock.catalog.writes import facts as writes
from truestock.database import Transaction


async def raise_fact_stamp(tx: Transaction) -> None:
    """Tell every process that items or locations changed.

    Call it as the last statement of a change: all changes of facts wait for this one row.
    """
    await writes.raise_stamp(tx)
