"""Sealing the ledger and proving it: blocks of movements hash into a chain (INV-13).

A block may hold only ids below which nothing can appear any more. Ids are taken from a sequence by
transactions that have their number already. So: read the last id given out; then the number of the
next transaction; once every transaction with a smaller number has ended, each of these ids is
either committed or never will be.
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

import structlog

from truestock.database import Database
from truestock.stock.model.seals import GENESIS, Block, BrokenSeal, SealReport
from truestock.stock.reads import seals as reads
from truestock.stock.rules.seals import broken_seals, first_few
from truestock.stock.writes import seals as writes

WAIT_SECONDS_MAX = 20.0
"""For transactions that began before; a long one only puts sealing off."""
LOOK_AGAIN_SECONDS = 0.1
BLOCK_MOVEMENTS_MAX = 10_000
BLOCK_LINES_MAX = 50_000
"""A block takes about a second to hash, whatever its movements are like."""
CHECKED_AT_ONCE = 50

Progress = Callable[[int, int], Awaitable[None]]
"""Told how many movement ids are done, of how many."""

_log = structlog.get_logger(__name__)


async def extend_seals(database: Database, *, wait_seconds: float = WAIT_SECONDS_MAX) -> int:
    """Seal what is surely complete; return how many movements were sealed.

    Another process that seals at the moment, or a transaction that stays open longer than
    `wait_seconds`, makes it 0: come back later.
    """
    complete_to = await _complete_to(database, wait_seconds)
    if complete_to is None:
        return 0
    sealed = 0
    while (count := await _seal_next(database, complete_to)) is not None:
        sealed += count
    return sealed


async def verify_seals(database: Database, progress: Progress | None = None) -> SealReport:
    """Hash every sealed block anew and compare; name each block that is not what it was."""
    async with database.asking() as tx:
        count, movement_id_sealed = await reads.seal_totals(tx)
    before, broken = (0, 0, GENESIS), list[BrokenSeal]()
    while True:
        async with database.reading() as tx:
            seals = first_few(
                await reads.seals_after(tx, before[0], CHECKED_AT_ONCE), BLOCK_MOVEMENTS_MAX
            )
            if not seals:
                return SealReport(count, movement_id_sealed, before[2].hex(), broken)
            blocks = [
                Block(seal.movement_id_first, seal.movement_id_last, seal.previous_hash)
                for seal in seals
            ]
            found = await reads.digests(tx, blocks)
        broken += broken_seals(before, seals, found)
        before = (seals[-1].seal_id, seals[-1].movement_id_last, seals[-1].hash)
        if progress is not None:
            await progress(before[1], max(movement_id_sealed, before[1]))


async def _complete_to(database: Database, wait_seconds: float) -> int | None:
    """Return the last id that is surely complete, or None when that cannot be told soon."""
    async with database.asking() as tx:
        taken = await reads.movement_ids_taken(tx)
        begun = await reads.transactions_begun(tx)
    until = monotonic() + wait_seconds
    while True:
        async with database.asking() as tx:
            if await reads.transactions_all_over(tx, begun):
                return taken
        if monotonic() >= until:
            return None
        await asyncio.sleep(LOOK_AGAIN_SECONDS)


async def _seal_next(database: Database, complete_to: int) -> int | None:
    """Seal one block; return how many movements are in it, or None when there is no more."""
    async with database.writing() as tx:
        if not await writes.lock_seals(tx):
            return None
        seal_id, movement_id, previous_hash = await reads.last_seal(tx)
        last = await reads.block_end(
            tx, movement_id, complete_to, BLOCK_MOVEMENTS_MAX, BLOCK_LINES_MAX
        )
        if last is None:
            return None
        block = Block(movement_id + 1, last, previous_hash)
        [digest] = await reads.digests(tx, [block])
        await writes.add_seal(tx, seal_id + 1, block, digest)
    _log.info("ledger_sealed", movement_id=block.movement_id_last, hash=digest.hash.hex())
    return digest.movement_count
