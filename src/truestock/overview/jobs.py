"""What the overview does by the clock."""

from typing import Any

from truestock.jobs import JobRun, Registry
from truestock.overview.operations import forget_old_notifications, keep_stock_figures


def register(registry: Registry) -> None:
    """Add the overview's jobs."""
    registry.periodic("overview.count_figures", "* * * * *", attempts_max=2)(count_figures)
    registry.periodic("overview.forget_notifications", "50 3 * * *")(forget_notifications)


async def count_figures(run: JobRun) -> dict[str, Any]:
    """Count what the dashboard tells of all balances, where these are many."""
    return {"counted": await keep_stock_figures(run.database, run.clock())}


async def forget_notifications(run: JobRun) -> None:
    """Forget what people were told long ago."""
    async with run.database.writing() as tx:
        await forget_old_notifications(tx, run.clock())
