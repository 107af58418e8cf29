"""A ledger on a fresh database with a small company in it."""

from collections.abc import AsyncIterator

import pytest

from support.company import found_company
from truestock.database import Database
from truestock.kernel import clock
from truestock.stock.operations.ledger import Ledger, open_ledger


@pytest.fixture
async def company(database: Database) -> Database:
    await found_company(database)
    return database


@pytest.fixture
async def ledger(company: Database) -> AsyncIterator[Ledger]:
    async with open_ledger(company, clock.now, group_max=1_000, waiting_max=20_000) as opened:
        yield opened
