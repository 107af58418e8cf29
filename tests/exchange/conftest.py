"""A company with a few items and bins, the application over it, and imports done to their end."""

from collections.abc import AsyncIterator

import pytest

from support.office import Caller, Office
from support.served import Served, serve
from truestock.database import Database
from truestock.identity.operations import job_actor
from truestock.kernel import clock
from truestock.stock.model.locations import LocationRow, SiteFields
from truestock.stock.operations.ledger import Ledger
from truestock.stock.operations.location_imports import import_locations
from truestock.stock.operations.sites import create_site

ALL_RIGHTS = (
    "import.run",
    "item.read",
    "item.write",
    "location.read",
    "location.write",
    "party.read",
    "party.write",
    "stock.read",
    "stock.post",
    "stock.adjust",
    "document.read",
    "document.write",
    "document.post",
    "user.manage",
)


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with database.writing() as tx:
        actor = await job_actor(tx, "importer")
    ledger = Ledger(database, clock.now)
    yield Office(database, ledger, actor)
    await ledger.close()


@pytest.fixture
async def stocked(office: Office) -> Office:
    """A site NORTH with the bins A-1 to A-3 and the items MUG (boxes of 12), PLATE and MILK."""
    async with office.database.writing() as tx:
        await create_site(tx, office.actor, SiteFields(code="NORTH", name="North"))
        bins = [LocationRow(code=f"A-{number}", site="NORTH") for number in (1, 2, 3)]
        await import_locations(tx, office.actor, bins)
    items = "sku,name,packs,tracking\nMUG,Mug,box=12,\nPLATE,Plate,,\nMILK,Milk,,lot\n"
    run = await office.imported("items", items)
    assert run.counts == {"items_created": 3}
    return office


@pytest.fixture
async def served(stocked: Office) -> AsyncIterator[Served]:
    found = await serve(stocked.database)
    found.api_key = await found.key(*ALL_RIGHTS)
    yield found
    await found.close()


@pytest.fixture
def caller(served: Served) -> Caller:
    return Caller(served)
