"""Which seals are broken, and how many are looked at together. Pure."""

from collections.abc import Iterator, Sequence

from truestock.stock.model.seals import BrokenSeal, Digest, Seal


def first_few(seals: Sequence[Seal], movements_max: int) -> Sequence[Seal]:
    """Return the first of these seals, at least one, with at most so many movements together."""
    count = 0
    for place, seal in enumerate(seals):
        count += seal.movement_count
        if place and count > movements_max:
            return seals[:place]
    return seals


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
