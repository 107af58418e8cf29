"""Facts of items, places and balance ids kept in the process, so that resolving costs no query.

Balance and lot ids never change. Facts of items and locations do: they carry the database's
stamp, every group compares it after its locks, and an old stamp empties the cache. So a cached
fact is never older than the commit order allows, and a closed location is refused at once.
"""

from typing import NamedTuple

from truestock.catalog import reads as catalog
from truestock.catalog.model.items import ItemFacts
from truestock.database import Database, load_sql
from truestock.stock.model.locations import LocationFacts
from truestock.stock.model.movements import BalanceKey
from truestock.stock.operations.gathering import Gathering
from truestock.stock.reads import ledger as reads
from truestock.stock.reads import locations
from truestock.stock.writes import ledger as writes

KEYS_MAX = 200_000
"""Above this many cached keys the cache starts anew; about 40 MB."""

_STAMP = load_sql(__name__, "fact_stamp")


class Name(NamedTuple):
    """How a movement names an item or a location: one of the three is given."""

    sku: str | None = None
    item_id: int | None = None
    location: str | None = None


RouteKey = tuple[str, str | None, str | None, str | None]
"""Kind, SKU, source and target as asked for."""


class Route(NamedTuple):
    """Where the usual line of an item between two places leads: balances, and the sites passed."""

    source_balance_id: int
    target_balance_id: int
    site_ids: frozenset[int]


class Facts:
    """The cache of one process."""

    def __init__(self, database: Database) -> None:
        """Start empty on this database."""
        self._database = database
        self.load = Gathering(self._load)
        self.load_lots = Gathering(self._load_lots)
        self.load_balances = Gathering(self._load_balances)
        self.stamp = 0
        self.forgotten = 0
        """How often facts were dropped: what was resolved before then must be resolved anew."""
        self.items_by_sku: dict[str, ItemFacts] = {}
        self.items_by_id: dict[int, ItemFacts] = {}
        self.locations: dict[str, LocationFacts] = {}
        self.lots: dict[tuple[int, str], tuple[int, bool]] = {}
        self.balances: dict[BalanceKey, int] = {}
        self.routes: dict[RouteKey, Route] = {}

    def forget(self) -> None:
        """Drop what can change; ids stay."""
        self.stamp = 0
        self.forgotten += 1
        self.items_by_sku.clear()
        self.items_by_id.clear()
        self.locations.clear()
        self.routes.clear()

    async def aged(self) -> bool:
        """Tell whether facts have changed since they were read; they are forgotten then."""
        async with self._database.asking() as tx:
            if await tx.value(_STAMP) == self.stamp:
                return False
        self.forget()
        return True

    def remember_route(self, key: RouteKey, route: Route) -> None:
        """Keep where a usual line leads, for as long as the facts it was found with are kept."""
        if len(self.routes) > KEYS_MAX:
            self.routes.clear()
        self.routes[key] = route

    async def _load(self, names: set[Name]) -> None:
        """Read these items and locations; those that do not exist are simply not there after.

        One at a time: facts read under an older stamp must never be kept under a newer one.
        """
        async with self._database.asking() as tx:
            stamp = await tx.value(_STAMP)
            if stamp != self.stamp or len(self.items_by_id) > KEYS_MAX:
                self.forget()
            skus = [name.sku for name in names if name.sku is not None]
            item_ids = [name.item_id for name in names if name.item_id is not None]
            codes = [name.location for name in names if name.location is not None]
            if skus or item_ids:
                for item in await catalog.item_facts(tx, skus, item_ids):
                    self.items_by_sku[item.sku] = self.items_by_id[item.item_id] = item
            if codes:
                for place in await locations.location_facts(tx, codes, []):
                    self.locations[place.code] = place
            self.stamp = stamp

    async def _load_lots(self, names: set[tuple[int, str]]) -> None:
        """Find the lots of these (item id, code); make those that are new."""
        wanted = sorted(names)
        if len(self.lots) > KEYS_MAX:
            self.lots.clear()
        async with self._database.asking() as tx:
            self.lots |= await reads.lot_ids(tx, wanted)
        missing = [name for name in wanted if name not in self.lots]
        if missing:
            async with self._database.writing() as tx:
                await writes.add_missing_lots(tx, missing)
                found = await reads.lot_ids(tx, missing)
            self.lots |= found

    async def _load_balances(self, keys: set[BalanceKey]) -> None:
        """Find the balances of these keys; make zero rows for those that are new."""
        if len(self.balances) > KEYS_MAX:
            self.balances.clear()
        async with self._database.asking() as tx:
            self.balances |= await reads.balance_ids(tx, keys)
        missing = [key for key in keys if key not in self.balances]
        if missing:
            async with self._database.writing() as tx:
                await writes.add_missing_balances(tx, missing)
                found = await reads.balance_ids(tx, missing)
            self.balances |= found
