"""pgqueuer in one place: its tables have their usual names, whatever the environment says."""

from typing import Any

from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver, AsyncpgPoolDriver
from pgqueuer.adapters.persistence.qb import (
    QueryBuilderEnvironment,
    QueryQueueBuilder,
    QuerySchedulerBuilder,
)
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.domain.types import Channel

from truestock.database import Database, Transaction

NAMES = DBSettings(
    prefix="",
    db_schema=None,
    channel=Channel("ch_pgqueuer"),
    function="fn_pgqueuer_changed",
    statistics_table="pgqueuer_statistics",
    queue_status_type="pgqueuer_status",
    queue_table="pgqueuer",
    queue_table_log="pgqueuer_log",
    trigger="tg_pgqueuer_changed",
    schedules_table="pgqueuer_schedules",
    durability=Durability.durable,
)


def _queries(driver: Any) -> Queries:
    return Queries(
        driver,
        qbe=QueryBuilderEnvironment(NAMES),
        qbq=QueryQueueBuilder(NAMES),
        qbs=QuerySchedulerBuilder(NAMES),
    )


def queries_in(tx: Transaction) -> Queries:
    """Return pgqueuer's statements, run within our transaction."""
    return _queries(AsyncpgDriver(tx.connection))  # type: ignore[arg-type]  # a pooled one is as good


def queries_of(database: Database) -> Queries:
    """Return pgqueuer's statements, each on a connection of the pool."""
    return _queries(AsyncpgPoolDriver(database.pool))
