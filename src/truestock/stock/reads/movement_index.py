"""How far the coarse index of the ledger goes."""

from dataclasses import dataclass

from truestock.database import ReadTransaction, Transaction, load_sql

MOVEMENTS_OF_BLOCK = 100
"""As in the statements that fill the index."""

_END = load_sql(__name__, "movement_index_end")
_LOCK = load_sql(__name__, "lock_movement_index")


@dataclass(frozen=True, slots=True)
class IndexEnd:
    """Movements up to `indexed` are in the index; those after it, up to `last`, are not yet."""

    indexed: int
    last: int

    @property
    def block_first(self) -> int:
        """The first block that may hold movements which are not in the index."""
        return (self.indexed + 1) // MOVEMENTS_OF_BLOCK

    @property
    def block_last(self) -> int:
        """The last block of all."""
        return self.last // MOVEMENTS_OF_BLOCK


async def index_end(tx: ReadTransaction) -> IndexEnd:
    """Return up to where the index goes, and the last movement."""
    row = await tx.row(_END)
    assert row is not None  # noqa: S101 - the table has its one row
    return IndexEnd(*row)


async def locked_end(tx: Transaction) -> int | None:
    """Lock the index and return up to where it goes; None while another process extends it."""
    found: int | None = await tx.value(_LOCK)
    return found
