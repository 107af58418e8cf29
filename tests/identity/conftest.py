"""The application on a fresh database, its first administrator, a clock that stands."""

from collections.abc import Callable
from typing import Any

import pytest

from support.house import PASSWORD, House, StandingClock, assembled
from support.plain_settings import plain_settings
from truestock.database import Database
from truestock.identity.model import Deed, KeyDraft, KeyMade, Origin
from truestock.identity.operations import create_api_key, create_first_administrator
from truestock.kernel.actor import Actor
from truestock.kernel.settings import Settings


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def settings() -> Settings:
    return plain_settings(
        rate_anonymous="10000/minute",
        rate_login="10000/minute",
    )


@pytest.fixture
async def boss(database: Database, clock: StandingClock) -> Actor:
    return await create_first_administrator(
        database, clock, login="boss", name="The Boss", password=PASSWORD
    )


@pytest.fixture
async def house(database: Database, settings: Settings, clock: StandingClock, boss: Actor) -> House:
    return assembled(database, settings, clock, boss)


@pytest.fixture
def another_house(
    database: Database, settings: Settings, clock: StandingClock, boss: Actor
) -> Callable[[], House]:
    """Another process on the same database."""
    return lambda: assembled(database, settings, clock, boss)


@pytest.fixture
def make_key(database: Database, clock: StandingClock, boss: Actor) -> Callable[..., Any]:
    async def make(*scopes: str, **fields: Any) -> KeyMade:
        async with database.writing() as tx:
            deed = Deed(boss, clock(), Origin("test", "test"))
            return await create_api_key(
                tx, deed, KeyDraft("A key", scopes or ("stock.read",), **fields)
            )

    return make
