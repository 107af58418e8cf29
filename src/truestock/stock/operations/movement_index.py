"""Extending the coarse index of the ledger: which places a hundred movements touch, and their days.

It follows the seals: below the last sealed id nothing can appear any more.
"""

from truestock.database import Database
from truestock.stock.reads import movement_index as reads
from truestock.stock.reads.seals import last_seal
from truestock.stock.writes import movement_index as writes

MOVEMENTS_AT_ONCE = 5_000


async def index_movements(database: Database) -> int:
    """Enter what is sealed and not yet in the index; returns how many movement ids that were.

    While another process does it, 0: come back later.
    """
    indexed = 0
    while count := await _index_next(database):
        indexed += count
    return indexed


async def _index_next(database: Database) -> int:
    async with database.writing() as tx:
        begun = await reads.locked_end(tx)
        if begun is None:
            return 0
        _seal_id, sealed, _hash = await last_seal(tx)
        end = min(begun + MOVEMENTS_AT_ONCE, sealed)
        if end <= begun:
            return 0
        await writes.index_movements(tx, begun, end)
    return end - begun
