"""`stock` and `why`: what there is, and why the number is what it is."""

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from truestock.cli.output import Json, print_json, print_rows, with_database

if TYPE_CHECKING:
    from truestock.database import Database

LINES = 20


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(stock)
    app.command()(why)


def stock(
    sku: Annotated[
        str | None, typer.Argument(help="One item by location; else all totals.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Items at most.")] = 100,
    *,
    as_json: Json = False,
) -> None:
    """Show the stock of an item by location, or the totals of all items."""
    if sku is None:
        rows = with_database(lambda database: _totals(database, limit))
        columns = ["sku", "name", "quantity_on_hand", "quantity_reserved", "quantity_available"]
        print_rows(rows, columns, as_json=as_json)
        return
    found = with_database(lambda database: _item(database, sku))
    if as_json:
        print_json(found)
        return
    sys.stdout.write(
        f"{found['sku']}  {found['name']}: {found['quantity_on_hand']} {found['base_unit']}"
        f" on hand, {found['quantity_available']} available\n"
    )
    columns = ["site_code", "location_code", "quantity_on_hand", "quantity_available"]
    print_rows(found["locations"], columns, as_json=False)


async def _totals(database: "Database", limit: int) -> list[dict[str, Any]]:
    from truestock.http.paging import PageRequest
    from truestock.stock.reads.balances import stock_page

    async with database.reading() as tx:
        return (await stock_page(tx, None, PageRequest(limit, None, None), {})).items


async def _item(database: "Database", sku: str) -> dict[str, Any]:
    from truestock.catalog.reads.items import item_by_sku
    from truestock.stock.reads.balances import item_stock

    async with database.reading() as tx:
        item = await item_by_sku(tx, sku)
        return asdict(await item_stock(tx, None, item.item_id))


def why(
    sku: str,
    location: str,
    lot: Annotated[str | None, typer.Option(help="Of this lot or serial number.")] = None,
    disposition: Annotated[str, typer.Option()] = "available",
    lines: Annotated[int, typer.Option(min=1, max=1000, help="Newest lines shown.")] = LINES,
    *,
    as_json: Json = False,
) -> None:
    """Explain a number: the movements that make it, with what there was after each."""
    found = with_database(lambda database: _why(database, sku, location, lot, disposition, lines))
    if as_json:
        print_json(found)
        return
    balance = found["balance"]
    sys.stdout.write(
        f"{balance['sku']} at {balance['location_code']}: {balance['quantity_on_hand']}"
        f" {balance['base_unit']} on hand, {balance['quantity_reserved']} reserved\n"
    )
    shown = [line | {"other_place": line["other_location_code"]} for line in found["lines"]]
    columns = ["recorded_at", "movement_id", "kind", "delta", "running_quantity", "other_place"]
    print_rows(shown, [*columns, "actor_name", "note"], as_json=False)
    if found["next_cursor"]:
        sys.stdout.write(f"Older lines: --lines {lines * 5}\n")


async def _why(  # noqa: PLR0917 - the words of one balance
    database: "Database", sku: str, location: str, lot: str | None, disposition: str, lines: int
) -> dict[str, Any]:
    from truestock.http.paging import PageRequest
    from truestock.stock.reads.balances import balance_at
    from truestock.stock.reads.why import why as explained

    async with database.reading() as tx:
        balance = await balance_at(tx, None, sku, location, lot=lot, disposition=disposition)
        asked = PageRequest(lines, None, None)
        return asdict(await explained(tx, None, balance.balance_id, asked))
