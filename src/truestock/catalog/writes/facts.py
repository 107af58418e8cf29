"""The stamp of cached facts."""

from truestock.database import Transaction, load_sql

_RAISE = load_sql(__name__, "raise_fact_stamp")


async def raise_stamp(tx: Transaction) -> None:
    """Raise the stamp by one; its row stays locked until the transaction ends."""
    await tx.run(_RAISE)
