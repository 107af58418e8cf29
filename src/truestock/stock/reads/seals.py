"""Seals as stored, blocks as they are now, and how far ids are surely complete."""

from collections.abc import Sequence

from truestock.database import ReadTransaction, load_sql
from truestock.stock.model.seals import GENESIS, Block, Digest, Seal

_LAST = load_sql(__name__, "last_seal")
_AFTER = load_sql(__name__, "seals_after")
_TOTALS = load_sql(__name__, "seal_totals")
_DIGESTS = load_sql(__name__, "seal_digests")
_BLOCK_END = load_sql(__name__, "block_end")
_TAKEN = load_sql(__name__, "movement_ids_taken")
_BEGUN = load_sql(__name__, "transactions_begun")
_OVER = load_sql(__name__, "transactions_all_over")


async def last_seal(tx: ReadTransaction) -> tuple[int, int, bytes]:
    """Return (seal id, last movement id, hash) of the newest seal; zeros before the first."""
    row = await tx.row(_LAST)
    return (row[0], row[1], row[2]) if row else (0, 0, GENESIS)


async def seals_after(tx: ReadTransaction, seal_id: int, limit: int) -> list[Seal]:
    """Return the next seals in order."""
    return [Seal(*row) for row in await tx.rows(_AFTER, seal_id, limit)]


async def seal_totals(tx: ReadTransaction) -> tuple[int, int]:
    """Return how many seals there are and the last movement id they cover."""
    row = await tx.row(_TOTALS)
    assert row is not None  # noqa: S101 - an aggregate has one row
    return row[0], row[1]


async def digests(tx: ReadTransaction, blocks: Sequence[Block]) -> list[Digest]:
    """Hash these blocks as they are now."""
    firsts = [block.movement_id_first for block in blocks]
    lasts = [block.movement_id_last for block in blocks]
    hashes = [block.previous_hash for block in blocks]
    rows = await tx.rows(_DIGESTS, firsts, lasts, hashes)
    return [Digest(row["movement_count"], row["hash"]) for row in rows]


async def block_end(
    tx: ReadTransaction, after: int, complete_to: int, movements_max: int, lines_max: int
) -> int | None:
    """Return the last id of the block after this id, or None when nothing is left to seal."""
    found: int | None = await tx.value(_BLOCK_END, after, complete_to, movements_max, lines_max)
    return found


async def movement_ids_taken(tx: ReadTransaction) -> int:
    """Return the last movement id given out, committed or not."""
    return int(await tx.value(_TAKEN))


async def transactions_begun(tx: ReadTransaction) -> int:
    """Return the number of the next transaction; ask in a statement of its own (`asking`)."""
    return int(await tx.value(_BEGUN))


async def transactions_all_over(tx: ReadTransaction, begun: int) -> bool:
    """Tell whether every transaction with a smaller number has ended."""
    return bool(await tx.value(_OVER, begun))
