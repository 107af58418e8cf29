"""Putting a job into the queue, within the caller's transaction."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec

from truestock.database import Transaction, load_sql
from truestock.jobs.library import queries_in
from truestock.kernel.actor import Actor

_ADD = load_sql(__name__, "add_job")
_FIND_SINGLE = load_sql(__name__, "find_single_job")
_SET_QUEUED = load_sql(__name__, "set_queued")


async def enqueue(
    tx: Transaction,
    name: str,
    arguments: Mapping[str, Any] | None = None,
    *,
    actor: Actor | None = None,
    single_key: str | None = None,
    after: timedelta = timedelta(0),
) -> int:
    """Add a job that exists exactly if this transaction commits; returns its id.

    It runs with those of the rights `actor` has now that it still has then, and not at all when it
    may not come in any more; without an actor with those the job's registration
    names. With a `single_key`, a job of the same key that waits or runs is returned instead of a
    second one. Arguments must be JSON.
    """
    encoded = msgspec.json.encode(dict(arguments or {})).decode()
    job_id = await tx.value(
        _ADD,
        name,
        encoded,
        actor.actor_id if actor else None,
        sorted(actor.permissions) if actor else None,
        sorted(actor.site_ids) if actor and actor.site_ids is not None else None,
        single_key,
    )
    if job_id is None:
        return int(await tx.value(_FIND_SINGLE, single_key))
    await put_in_queue(tx, job_id, name, after)
    return int(job_id)


async def put_in_queue(
    tx: Transaction, job_id: int, name: str, after: timedelta = timedelta(0)
) -> None:
    """Give a job a new place in the queue; an older place of it is ignored from now on."""
    placed = await queries_in(tx).enqueue(name, str(job_id).encode(), execute_after=after)
    await tx.run(_SET_QUEUED, job_id, placed[0])
