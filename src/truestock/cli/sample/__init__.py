"""The sample company: Oakmere Hardware and Garden, a year of its life, always the same.

Everything goes through the real operations, under request keys, so that a build that was stopped
goes on where it was and a second one changes nothing.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from truestock.database import Database
    from truestock.kernel.settings import Settings
    from truestock.stock.operations.ledger import Ledger

Progress = Callable[[str, float], None]
"""Told what is being made and how much of all is done, 0 to 1."""


async def build_sample(
    database: "Database", ledger: "Ledger", now: datetime, progress: Progress
) -> None:
    """Make the sample company, its year ending on the day before `now`.

    Does nothing when it is there; raises `OtherDataError` on a database with other data.
    """
    from truestock.cli.sample.build import Builder

    await Builder(database, ledger, progress).build(now)


async def create_sample_company(database: "Database", settings: "Settings") -> None:
    """Make the sample company for the demo, saying on standard error how far it is."""
    import sys

    from truestock.kernel.clock import now
    from truestock.stock.operations.ledger import open_ledger

    def say(what: str, done: float) -> None:
        sys.stderr.write(f"\r\x1b[K  {done:4.0%}  {what}" if done < 1 else "\r\x1b[K")
        sys.stderr.flush()

    async with open_ledger(
        database,
        now,
        group_max=settings.posting_group_max,
        waiting_max=settings.posting_queue_max,
    ) as ledger:
        await build_sample(database, ledger, now(), say)
