"""Adding to the coarse index of the ledger."""

from truestock.database import Transaction, load_sql

_INDEX = load_sql(__name__, "index_movements")


async def index_movements(tx: Transaction, after: int, end: int) -> None:
    """Enter the movements above `after` up to `end`, and note that the index goes to there."""
    await tx.run(_INDEX, after, end)
