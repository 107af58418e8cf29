"""What the overview does by the clock."""

from typing import Any

from truestock.jobs import JobRun, Registry
from truestock.overview.operations import keep_stock_figures


def register(registry: Registry) -> None:
    """Add the overview's jobs."""
    registry.periodic("overview.count_figures", "* * * * *", attempts_max=2)(count_figures)


async def count_figures(run: JobRun) -> dict[str, Any]:
    """Count what the dashboard tells of all balances, where these are many."""
    return {"counted": await keep_stock_figures(run.database, run.clock())}
