"""Adding to the chain of seals."""

from truestock.database import Transaction, load_sql
from truestock.stock.model.seals import Block, Digest

_LOCK = load_sql(__name__, "lock_seals")
_ADD = load_sql(__name__, "add_seal")


async def lock_seals(tx: Transaction) -> bool:
    """Take the right to extend the chain until the transaction ends; False if another has it."""
    return bool(await tx.value(_LOCK))


async def add_seal(tx: Transaction, seal_id: int, block: Block, digest: Digest) -> None:
    """Store the seal of a block."""
    await tx.run(
        _ADD,
        seal_id,
        block.movement_id_first,
        block.movement_id_last,
        digest.movement_count,
        block.previous_hash,
        digest.hash,
    )
