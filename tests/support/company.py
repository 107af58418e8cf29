"""A small company to post in: plain items, one by lot, one by serial; bins at two sites."""

from truestock.database import Database
from truestock.kernel.actor import Actor, ActorKind
from truestock.stock.model.movements import NewLine, NewMovement
from truestock.stock.operations.resolve import Asked

PERMISSIONS = frozenset(
    {
        "stock.read",
        "stock.post",
        "stock.adjust",
        "stock.reverse",
        "stock.reserve",
        "item.read",
        "item.write",
        "location.read",
        "location.write",
    }
)
CLERK = Actor(1, ActorKind.PERSON, "Clerk", PERMISSIONS)

_SETUP = """
INSERT INTO actor (kind, name) VALUES ('person', 'Clerk'), ('key', 'Scanner');
INSERT INTO item (sku, name, tracking)
SELECT 'SKU-' || i, 'Item ' || i, 'none' FROM generate_series(1, 40) AS i;
INSERT INTO item (sku, name, tracking)
VALUES ('LOT-1', 'Milk', 'lot'), ('SER-1', 'Drill', 'serial');
INSERT INTO item_pack (item_id, base_unit, unit, factor_numerator, factor_denominator)
VALUES (1, 'each', 'box', 12, 1), (1, 'each', 'half', 1, 2);
INSERT INTO site (code, name) VALUES ('N', 'North'), ('S', 'South');
INSERT INTO location (site_id, code, kind, path)
SELECT 1 + i % 2, 'BIN-' || i, 'bin', CASE i % 2 WHEN 0 THEN '/N/BIN-' ELSE '/S/BIN-' END || i
FROM generate_series(1, 10) AS i;
"""


async def found_company(database: Database) -> None:
    """Make the company by plain SQL, so that tests of stock do not lean on other operations."""
    async with database.writing() as tx:
        for statement in _SETUP.split(";\n"):
            if statement.strip():
                await tx.run(statement)


def receipt(sku: str, quantity: int, location: str = "BIN-1", **more: object) -> NewMovement:
    """A receipt of one line."""
    line = NewLine(sku=sku, quantity=quantity, target_location=location, **more)  # type: ignore[arg-type]
    return NewMovement(kind="receipt", lines=[line])


def delivery(sku: str, quantity: int, location: str = "BIN-1", **more: object) -> NewMovement:
    """A delivery of one line."""
    line = NewLine(sku=sku, quantity=quantity, source_location=location, **more)  # type: ignore[arg-type]
    return NewMovement(kind="delivery", lines=[line])


def transfer(sku: str, quantity: int, source: str, target: str) -> NewMovement:
    """A transfer of one line."""
    line = NewLine(sku=sku, quantity=quantity, source_location=source, target_location=target)
    return NewMovement(kind="transfer", lines=[line])


def keyed(movement: NewMovement, key: str) -> Asked:
    """A movement under a request key."""
    return Asked(movement, key)


async def on_hand(database: Database, sku: str, location: str) -> int:
    """What is there, straight from the table."""
    async with database.asking() as tx:
        quantity = await tx.value(
            """
            SELECT coalesce(sum(quantity_on_hand), 0)::bigint
            FROM balance JOIN item USING (item_id) JOIN location USING (location_id)
            WHERE sku = $1 AND location.code = $2
            """,
            sku,
            location,
        )
    return int(quantity)
