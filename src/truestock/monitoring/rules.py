"""Judging figures: what is well, what needs a look, what needs it now. No I/O."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from truestock.monitoring.model import Check, Level

DISK_WARNING: Final = 0.10
DISK_CRITICAL: Final = 0.03
"""Share of the disk that is free."""
WORKER_QUIET: Final = timedelta(minutes=12)
"""The worker tidies every five minutes; twice missed is quiet."""
QUEUE_WAITS: Final = timedelta(minutes=15)
PROOF_OLD: Final = timedelta(hours=30)
"""The invariants are proved every night."""
SEAL_OLD: Final = timedelta(hours=2)
CONNECTIONS_WARNING: Final = 0.85

_ORDER: Final = [Level.OK, Level.WARNING, Level.CRITICAL]


def worst(checks: Iterable[Check]) -> Level:
    """Return the worst level among the checks; ok without any."""
    return max((check.level for check in checks), key=_ORDER.index, default=Level.OK)


def judged_database(facts: dict[str, Any]) -> Check:
    """Judge what the server says about itself."""
    if not facts["writable"]:
        return Check("database", Level.CRITICAL, "The database cannot be written.", facts)
    if not facts["durable"]:
        sentence = "fsync or synchronous_commit is off: a power cut loses what was acknowledged."
        return Check("database", Level.CRITICAL, sentence, facts)
    if facts["connections"] > facts["connections_max"] * CONNECTIONS_WARNING:
        return Check("database", Level.WARNING, "Nearly all connections are in use.", facts)
    return Check("database", Level.OK, "The database answers and can be written.", facts)


def judged_jobs(facts: dict[str, Any], now: datetime) -> Check:
    """Judge the queue: a worker must have been there, and nothing may wait for long."""
    seen, oldest = facts["worker_seen_at"], facts["oldest_queued_at"]
    if oldest is not None and now - oldest > QUEUE_WAITS:
        return Check("jobs", Level.CRITICAL, "Jobs wait and nobody does them.", facts)
    if seen is None or now - seen > WORKER_QUIET:
        return Check("jobs", Level.WARNING, "No worker has been seen lately.", facts)
    if facts["failed_last_day"]:
        return Check("jobs", Level.WARNING, "Some jobs have failed in the last day.", facts)
    return Check("jobs", Level.OK, "Jobs are being done.", facts)


def judged_disk(free_bytes: int, total_bytes: int) -> Check:
    """Judge the room left on the disk of the data directory."""
    facts = {"free_bytes": free_bytes, "total_bytes": total_bytes}
    share = free_bytes / total_bytes if total_bytes else 0.0
    if share < DISK_CRITICAL:
        return Check("disk", Level.CRITICAL, "The disk is nearly full.", facts)
    if share < DISK_WARNING:
        return Check("disk", Level.WARNING, "Little room is left on the disk.", facts)
    return Check("disk", Level.OK, "There is room on the disk.", facts)


def judged_proof(last: dict[str, Any] | None, now: datetime) -> Check:
    """Judge the last run of every invariant."""
    if last is None:
        return Check("ledger", Level.WARNING, "The ledger has not been proved yet.")
    if last["broken"]:
        return Check("ledger", Level.CRITICAL, "The ledger breaks its own rules.", last)
    if now - last["recorded_at"] > PROOF_OLD:
        return Check("ledger", Level.WARNING, "The last proof of the ledger is old.", last)
    return Check("ledger", Level.OK, "Every rule of the ledger held.", last)


def judged_seal(facts: dict[str, Any], now: datetime) -> Check:
    """Judge how far the ledger is sealed."""
    recorded, sealed = facts["recorded_to"] or 0, facts["sealed_to"] or 0
    if recorded <= sealed:
        return Check("seal", Level.OK, "Everything recorded is sealed.", facts)
    if facts["sealed_at"] is None or now - facts["sealed_at"] > SEAL_OLD:
        return Check("seal", Level.WARNING, "Recorded movements wait to be sealed.", facts)
    return Check("seal", Level.OK, "The ledger is sealed up to a short while ago.", facts)
