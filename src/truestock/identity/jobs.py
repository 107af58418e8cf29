"""What identity does by the clock."""

from truestock.identity.operations import forget_old_sessions
from truestock.jobs import JobRun, Registry

AT_ONCE = 1000


def register(registry: Registry) -> None:
    """Add identity's jobs."""
    registry.periodic("identity.forget_sessions", "40 3 * * *", attempts_max=2)(forget_sessions)


async def forget_sessions(run: JobRun) -> None:
    """Delete sessions that ended over 30 days ago, a thousand in a transaction."""
    count = AT_ONCE
    while count == AT_ONCE:
        async with run.database.writing() as tx:
            count = await forget_old_sessions(tx, run.clock())
