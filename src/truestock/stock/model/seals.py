"""Seals of the ledger: blocks of movements hashed into a chain."""

from datetime import datetime

import msgspec

GENESIS = bytes(32)
"""The hash before the first seal."""


class Seal(msgspec.Struct, frozen=True):
    """One block: every movement from the first id to the last, chained to the block before."""

    seal_id: int
    movement_id_first: int
    movement_id_last: int
    movement_count: int
    previous_hash: bytes
    hash: bytes
    sealed_at: datetime


class Block(msgspec.Struct, frozen=True):
    """A span of movement ids and the hash of what comes before it."""

    movement_id_first: int
    movement_id_last: int
    previous_hash: bytes


class Digest(msgspec.Struct, frozen=True):
    """What a block holds now: how many movements, and the hash over them and what is before."""

    movement_count: int
    hash: bytes


class BrokenSeal(msgspec.Struct, frozen=True):
    """A block that is not what it was when it was sealed, and how that shows."""

    seal_id: int
    movement_id_first: int
    movement_id_last: int
    reason: str


class SealReport(msgspec.Struct, frozen=True):
    """The outcome of checking all seals. `last_hash` in hex, to be kept somewhere else."""

    seal_count: int
    movement_id_sealed: int
    last_hash: str
    broken: list[BrokenSeal]
