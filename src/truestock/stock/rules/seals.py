"""Which blocks to seal, and which seals are broken. Pure."""

from collections.abc import Iterator, Sequence

from truestock.stock.model.seals import Block, BrokenSeal, Digest, Seal

BLOCK_IDS_MAX = 10_000


def next_block(movement_id_before: int, movement_id_to: int, previous_hash: bytes) -> Block | None:
    """Return the block that follows in the chain, or None when all is sealed."""
    if movement_id_before >= movement_id_to:
        return None
    last = min(movement_id_to, movement_id_before + BLOCK_IDS_MAX)
    return Block(movement_id_before + 1, last, previous_hash)


def broken_seals(
    before: tuple[int, int, bytes], seals: Sequence[Seal], found: Sequence[Digest]
) -> Iterator[BrokenSeal]:
    """Yield the seals that do not verify; `found` are the blocks as they are now.

    `before` is (seal id, last movement id, hash) of the seal before these. Each block is judged by
    the hash its predecessor stored, so one broken block does not hide or blame the next.
    """
    seal_id, movement_id, previous = before
    for seal, digest in zip(seals, found, strict=True):
        reason = None
        if seal.seal_id != seal_id + 1 or seal.movement_id_first != movement_id + 1:
            reason = "a block is missing before this one"
        elif seal.previous_hash != previous:
            reason = "the hash of the block before is another one now"
        elif digest.movement_count != seal.movement_count:
            reason = (
                f"{seal.movement_count} movements were sealed, there are {digest.movement_count}"
            )
        elif digest.hash != seal.hash:
            reason = "the movements are not what was sealed"
        if reason is not None:
            yield BrokenSeal(seal.seal_id, seal.movement_id_first, seal.movement_id_last, reason)
        seal_id, movement_id, previous = seal.seal_id, seal.movement_id_last, seal.hash
