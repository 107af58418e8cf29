"""A ledger on a fresh database with a small company in it."""

from collections.abc import AsyncIterator

import pytest

from support.company import found_company
from truestock.database import Database
from truestock.kernel import clock
from truestock.stock.operations.ledger import Ledger


@pytest.fixture
async def company(database: Database) -> Database:
    await found_company(database)
    return database


@pytest.fixture
async def ledger(company: Database) -> AsyncIterator[Ledger]:
    opened = Ledger(company, clock.now)
    yield opened
    await opened.close()
