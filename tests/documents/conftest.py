"""The company, its ledger and a desk to write documents at."""

from collections.abc import AsyncIterator

import httpx
import pytest

from documents.caller import Caller
from documents.desk import Desk, found_company_with_parties
from truestock.database import Database
from truestock.kernel import clock
from truestock.stock.operations.ledger import Ledger


@pytest.fixture
async def company(database: Database) -> Database:
    await found_company_with_parties(database)
    return database


@pytest.fixture
async def ledger(company: Database) -> AsyncIterator[Ledger]:
    opened = Ledger(company, clock.now)
    yield opened
    await opened.close()


@pytest.fixture
def desk(company: Database, ledger: Ledger) -> Desk:
    return Desk(company, ledger)


@pytest.fixture
async def call(company: Database, administrator: httpx.AsyncClient) -> Caller:  # noqa: ARG001 - the company must be there
    return Caller(administrator)
