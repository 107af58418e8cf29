"""What monitoring does by the clock."""

from typing import Any

from truestock.jobs import JobRun, Registry
from truestock.monitoring.operations import verify_and_keep


def register(registry: Registry) -> None:
    """Add monitoring's jobs."""
    registry.periodic("monitoring.verify", "15 2 * * *", attempts_max=2)(prove_the_ledger)


async def prove_the_ledger(run: JobRun) -> dict[str, Any]:
    """Run every invariant over the whole database."""
    found = await verify_and_keep(run.database, run.clock())
    return {"rules": found.rules, "broken": [each["name"] for each in found.broken]}
