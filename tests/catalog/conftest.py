"""The served application on a fresh database."""

from collections.abc import AsyncIterator

import pytest

from support.served import Served, serve
from truestock.database import Database


@pytest.fixture
async def served(database: Database) -> AsyncIterator[Served]:
    running = await serve(database)
    yield running
    await running.close()
