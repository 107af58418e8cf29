"""A task that changes what postings rely on: items, locations and their policies."""

import asyncio
import random
import time
from typing import TYPE_CHECKING, Any

from stock.journals import Told
from truestock.catalog.operations import items
from truestock.catalog.reads.items import item_by_sku
from truestock.kernel.actor import Actor
from truestock.kernel.errors import TruestockError
from truestock.stock.model.movements import NewLine, NewMovement
from truestock.stock.operations import locations
from truestock.stock.reads.locations import location_by_id

if TYPE_CHECKING:
    from stock.random_writer import Shared

ARCHIVED = "SKU-4"
POLICY, CLOSING = "BIN-3", "BIN-5"
PAUSE_SECONDS = 0.15
"""About five changes a second by each process; far more leave callers with a 503 at times."""
AT = "SELECT location_id FROM location WHERE code = $1"
THERE = """
SELECT sku, quantity_on_hand
FROM balance JOIN item USING (item_id) JOIN location USING (location_id)
WHERE location.code = $1 AND quantity_on_hand > 0 ORDER BY sku
"""


class Changer:
    """Archives and restores, closes and opens, renames, forbids and allows stock below zero."""

    def __init__(self, shared: "Shared", actor: Actor, seed: int) -> None:
        self.shared = shared
        self.actor = actor
        self.choose = random.Random(f"changes {seed}")  # noqa: S311 - reproducible load
        self.name = f"c{seed}"
        self.number = 0

    async def run(self, until: float) -> None:
        verbs = [self.rename_item, self.rename_location, self.archive, self.policy, self.close]
        while time.monotonic() < until:
            self.number += 1
            verb = self.choose.choice(verbs)
            try:
                await verb()
                self.shared.counts[f"change: {verb.__name__}"] += 1
            except TruestockError as error:
                if error.status >= 500:
                    self.shared.faults.append(f"{verb.__name__}: {error!r}")
                self.shared.counts[f"change refused: {error.code}"] += 1
            except Exception as error:  # noqa: BLE001 - whatever surfaces to a caller is the finding
                self.shared.faults.append(f"{verb.__name__}: {error!r}")
            await asyncio.sleep(PAUSE_SECONDS)
        await self._open()

    async def _item(self, sku: str, change: Any) -> None:
        async with self.shared.database.writing() as tx:
            found = await item_by_sku(tx, sku)
            await change(tx, self.actor, found.item_id, found.version)

    async def _location(self, code: str, change: Any, *more: Any) -> None:
        async with self.shared.database.writing() as tx:
            location_id = await tx.value(AT, code)
            found = await location_by_id(tx, self.actor, location_id)
            await change(tx, self.actor, location_id, found.version, *more)

    async def rename_item(self) -> None:
        changes = {"name": f"Item {self.name}/{self.number}"}

        async def change(tx: Any, actor: Actor, item_id: int, version: int) -> None:
            await items.change_item(tx, actor, item_id, version, changes)

        await self._item(f"SKU-{self.choose.randint(1, 4)}", change)

    async def rename_location(self) -> None:
        changes = {"name": f"Bin {self.name}/{self.number}"}
        code = f"BIN-{self.choose.randint(1, 5)}"
        await self._location(code, locations.change_location, changes)

    async def archive(self) -> None:
        await self._item(ARCHIVED, items.archive_item)
        await asyncio.sleep(PAUSE_SECONDS)
        await self._item(ARCHIVED, items.restore_item)

    async def policy(self) -> None:
        """Allow stock below zero or forbid it; that is refused while there is some."""
        allowed = self.choose.random() < 0.5
        await self._location(POLICY, locations.change_location, {"negative_allowed": allowed})

    async def close(self) -> None:
        """Empty a location and close it at once, which is refused when somebody was faster."""
        from stock.random_writer import lines_asked

        async with self.shared.database.asking() as tx:
            rows = await tx.rows(THERE, CLOSING)
        if rows:
            lines = [NewLine(sku=sku, quantity=n, source_location=CLOSING) for sku, n in rows]
            movement = NewMovement(kind="delivery", lines=lines)
            key = f"{self.name}/{self.number}"

            async def call() -> Any:
                return await self.shared.ledger.post(self.actor, movement, key)

            await self.shared.done(Told(key, "post", asked=lines_asked(movement)), call)
        await self._location(CLOSING, locations.deactivate_location)
        await asyncio.sleep(PAUSE_SECONDS)
        await self._open()

    async def _open(self) -> None:
        """Open again, unless another process's changer has done it."""
        try:
            await self._location(CLOSING, locations.activate_location)
        except TruestockError as error:
            if error.status >= 500:
                raise
