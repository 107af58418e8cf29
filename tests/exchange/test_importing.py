"""Imports on a real database: what they write, what they refuse, what a second time changes."""

from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest

from support.office import LIMITS, Office, quiet
from truestock.exchange.errors.imports import (
    ImportRefusedError,
    ImportStateError,
    MappingInvalidError,
    SiteMissingError,
)
from truestock.exchange.model.imports import ImportRun, Mapping
from truestock.exchange.operations.applying import apply_import
from truestock.exchange.operations.checking import check_import
from truestock.exchange.operations.rows import refused_lines_file, row_page
from truestock.exchange.operations.uploads import set_mapping
from truestock.identity.operations import job_actor
from truestock.kernel.errors import ForbiddenError

LEDGER = "SELECT count(*) FROM movement_line"


async def problems(office: Office, run: ImportRun) -> list[tuple[int, str, str]]:
    rows = await office.rows(
        "SELECT line_number, field, code FROM import_problem WHERE import_id = $1"
        " ORDER BY line_number, problem_number",
        run.import_id,
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def on_hand(office: Office, sku: str, location: str) -> int:
    return int(
        await office.value(
            "SELECT coalesce(sum(quantity_on_hand), 0) FROM balance JOIN item USING (item_id)"
            " JOIN location USING (location_id) WHERE sku = $1 AND location.code = $2",
            sku,
            location,
        )
    )


async def test_items_come_with_prices_packs_and_codes(office: Office) -> None:
    text = (
        "sku;name;price;ean;packs\n"
        "MUG;Mug;1,50;4006381333931;box=12\n"
        "PLATE;Plate;;;\n"
        "'=NAME;'=1+1;2;;\n"
    )
    run = await office.imported("items", text)
    assert (run.rows_total, run.rows_accepted, run.rows_refused) == (3, 3, 0)
    found = await office.rows("SELECT sku, name, list_price_minor FROM item ORDER BY name")
    assert found == [("=NAME", "=1+1", 200), ("MUG", "Mug", 150), ("PLATE", "Plate", None)]
    assert await office.value("SELECT factor_numerator FROM item_pack") == 12


async def test_importing_the_same_items_again_changes_nothing(office: Office) -> None:
    text = "sku,name,price\n" + "".join(f"S{n},Item {n},{n}.5\n" for n in range(2500))
    first = await office.imported("items", text)
    assert first.counts == {"items_created": 2500}
    before = await office.rows("SELECT item_id, version, changed_at FROM item ORDER BY item_id")
    again = await office.imported("items", text)
    assert again.counts == {"items_unchanged": 2500}
    assert await office.rows("SELECT item_id, version, changed_at FROM item ORDER BY item_id") == (
        before
    )


async def test_locations_may_name_parents_further_down(office: Office) -> None:
    await office.imported("locations", "code,site,parent,kind\n")
    async with office.database.writing() as tx:
        await tx.run("INSERT INTO site (code, name) VALUES ('N', 'North')")
    text = "code,site,parent,kind\nB-1,,B,bin\nB,,Z,aisle\nZ,N,,zone\nX,NOWHERE,,bin\n"
    run = await office.imported("locations", text)
    assert run.counts == {"locations_created": 3, "locations_refused": 1}
    assert await office.value("SELECT path FROM location WHERE code = 'B-1'") == "/N/Z/B/B-1"
    assert [each[0] for each in await problems(office, run)] == [5]


async def test_parties_come_with_their_kind(office: Office) -> None:
    text = "type,code,company,mail\nSupplier,CLAY,Clayworks,a@clay.example\nbuyer,X,Y,\n"
    run = await office.imported("parties", text)
    assert run.counts == {"parties_created": 1, "parties_refused": 1}
    assert await office.value("SELECT email FROM party") == "a@clay.example"


async def test_opening_stock_is_an_adjustment_per_line(stocked: Office) -> None:
    text = (
        "sku,location,quantity,unit,lot\n"
        "MUG,A-1,2,box,\n"
        "PLATE,A-2,7,,\n"
        "MILK,A-3,5,,L-1\n"
        "MUG,A-9,1,,\n"
        "CUP,A-1,1,,\n"
        "MILK,A-1,1,,\n"
        "MUG,A-1,-4,,\n"
    )
    run = await stocked.imported("opening_stock", text)
    assert run.counts == {"movements_posted": 3, "lines_posted": 3, "movements_refused": 4}
    assert (run.rows_accepted, run.rows_refused) == (3, 4)
    assert await on_hand(stocked, "MUG", "A-1") == 24
    assert await on_hand(stocked, "MILK", "A-3") == 5
    found = await problems(stocked, run)
    assert [each[0] for each in found] == [5, 6, 7, 8]


async def test_importing_stock_again_changes_nothing_for_anybody(stocked: Office) -> None:
    text = "sku,location,quantity\n" + "".join(
        f"{sku},A-{1 + number % 3},{1 + number}\n"
        for number in range(600)
        for sku in ("MUG", "PLATE")
    )
    first = await stocked.imported("opening_stock", text)
    assert first.counts == {"movements_posted": 1200, "lines_posted": 1200}
    lines = await stocked.value(LEDGER)
    again = await stocked.imported("opening_stock", text, file_name="renamed.csv")
    assert again.counts == {"movements_repeated": 1200, "lines_repeated": 1200}
    async with stocked.database.writing() as tx:
        other = Office(stocked.database, stocked.ledger, await job_actor(tx, "somebody else"))
    third = await other.imported("opening_stock", text)
    assert third.counts == {"movements_repeated": 1200, "lines_repeated": 1200}
    assert await stocked.value(LEDGER) == lines
    labelled = await stocked.imported(
        "opening_stock", text, mapping=Mapping(label="the same again, on purpose")
    )
    assert labelled.counts["movements_posted"] == 1200


async def test_a_refused_line_is_tried_again_by_the_next_import(stocked: Office) -> None:
    text = "kind,sku,quantity,from,to\nmove,MUG,5,A-1,A-2\nreceipt,PLATE,3,,A-1\n"
    first = await stocked.imported("movements", text)
    assert first.counts == {"movements_refused": 1, "movements_posted": 1, "lines_posted": 1}
    assert [each[2] for each in await problems(stocked, first)] == ["insufficient_stock"]
    await stocked.imported("opening_stock", "sku,location,quantity\nMUG,A-1,9\n")
    second = await stocked.imported("movements", text)
    assert second.counts["movements_posted"] == 1
    assert second.counts["movements_repeated"] == 1
    assert await on_hand(stocked, "MUG", "A-2") == 5


async def test_lines_of_one_movement_are_all_or_nothing(stocked: Office) -> None:
    text = (
        "number,kind,sku,quantity,from,to,when\n"
        "R1,import,MUG,5,,A-1,2026-01-05\n"
        "R1,import,PLATE,5,,A-1,2026-01-05\n"
        "R2,receipt,MUG,5,,A-2,\n"
        "R2,receipt,NOTHING,5,,A-2,\n"
        "R3,receipt,MUG,5,,A-3,\n"
        "R3,delivery,MUG,5,A-3,,\n"
        "R4,receipt,MUG,x,,A-3,\n"
        "R4,receipt,PLATE,1,,A-3,\n"
        ",count,MUG,1,,A-1,\n"
    )
    run = await stocked.imported("movements", text)
    assert run.counts["movements_posted"] == 1
    assert await on_hand(stocked, "MUG", "A-1") == 5
    assert await on_hand(stocked, "MUG", "A-2") == 0
    assert [each[0] for each in await problems(stocked, run)] == [4, 5, 6, 7, 8, 9, 10]
    at = await stocked.value("SELECT occurred_at FROM movement")
    assert at == datetime(2026, 1, 5, 12, tzinfo=UTC)


DEMAND = """item,date,quantity,unit_price
RED MUG,2026-01-05,3,1.25
RED MUG,2026-01-05,2,1.25
Plate "white",2026-01-05,1,9.999
RED MUG,2026-01-06,0,1.25
RED MUG,2026-01-07,4,1.20
"""
DEMAND_MAPPING = Mapping(
    constants={"site": "SHOP"}, create_missing=True, opening_stock=True, time_zone="Europe/Berlin"
)


async def test_sales_become_items_a_receipt_and_a_delivery_a_day(office: Office) -> None:
    run = await office.imported("deliveries", DEMAND, mapping=DEMAND_MAPPING)
    assert run.counts == {
        "items_created": 2,
        "receipts_posted": 1,
        "deliveries_posted": 2,
        "lines_posted": 5,
    }
    found = await office.rows(
        "SELECT type, occurred_at, sum(quantity_base)::int FROM document"
        " JOIN document_line USING (document_id) GROUP BY document_id ORDER BY occurred_at"
    )
    assert found == [
        ("receipt", datetime(2026, 1, 5, 5, tzinfo=UTC), 10),
        ("delivery", datetime(2026, 1, 5, 11, tzinfo=UTC), 6),
        ("delivery", datetime(2026, 1, 7, 11, tzinfo=UTC), 4),
    ]
    prices = await office.rows("SELECT name, list_price_minor FROM item ORDER BY name")
    assert prices == [('Plate "white"', 1000), ("RED MUG", 125)]
    assert await office.value("SELECT sum(quantity_on_hand) FROM balance WHERE physical") == 0


async def test_the_same_sales_again_change_nothing(office: Office) -> None:
    await office.imported("deliveries", DEMAND, mapping=DEMAND_MAPPING)
    lines = await office.value(LEDGER)
    again = await office.imported("deliveries", DEMAND, mapping=DEMAND_MAPPING)
    assert again.counts == {
        "items_unchanged": 2,
        "receipts_repeated": 1,
        "deliveries_repeated": 2,
        "lines_repeated": 5,
    }
    assert await office.value(LEDGER) == lines


async def test_a_day_with_a_refused_line_is_refused_whole(office: Office) -> None:
    text = DEMAND.replace("2026-01-07,4,1.20", "2026-01-07,4,1.20\nCUP,2026-01-07,x,1")
    run = await office.imported("deliveries", text, mapping=DEMAND_MAPPING)
    assert run.counts["deliveries_posted"] == 1
    assert [(n, code) for n, _f, code in await problems(office, run)] == [
        (6, "day_refused"),
        (7, "not_a_number"),
    ]


async def test_sales_of_stock_that_is_there_need_no_preset(stocked: Office) -> None:
    await stocked.imported("opening_stock", "sku,location,quantity\nMUG,A-1,9\n")
    text = (
        "sku,day,sold,location\nMUG,2026-01-05,4,A-1\nMUG,2026-01-06,6,A-1\nCUP,2026-01-07,1,A-1\n"
    )
    run = await stocked.imported("deliveries", text)
    assert run.counts == {"deliveries_posted": 1, "deliveries_refused": 2, "lines_posted": 1}
    codes = [code for _n, _f, code in await problems(stocked, run)]
    assert codes == ["insufficient_stock", "document_item_unknown"]


async def test_a_site_that_is_not_there_fails_the_import_and_says_so(office: Office) -> None:
    mapping = replace_mapping(create_missing=False)
    with pytest.raises(SiteMissingError):
        await office.imported("deliveries", DEMAND, mapping=mapping)
    [(import_id, state, failure)] = await office.rows(
        "SELECT import_id, state, failure FROM import_run"
    )
    assert state == "failed"
    assert "SHOP" in failure
    columns = {"item": "item", "date": "date", "quantity": "quantity"}
    mended = replace_mapping(create_missing=True, columns=columns)
    async with office.database.writing() as tx:
        await set_mapping(tx, office.actor, import_id, mended, LIMITS, strict=False)
    run = await office.apply(import_id)
    assert (run.state, run.counts["deliveries_posted"]) == ("applied", 2)


def replace_mapping(**changes: object) -> Mapping:
    return msgspec.structs.replace(DEMAND_MAPPING, **changes)


STRICT = {
    "items": "sku,name\nA,One\nB,\x01\n" + "C" * 70 + ",Three\n",
    "opening_stock": "sku,location,quantity\nMUG,A-1,5\nMUG,A-9,5\n",
    "movements": "kind,sku,quantity,from,to\nreceipt,MUG,5,,A-1\nmove,MUG,6,A-1,A-2\n",
}


@pytest.mark.parametrize("kind", STRICT)
async def test_a_strict_import_with_a_refused_line_imports_nothing(
    stocked: Office, kind: str
) -> None:
    items, lines = await stocked.value("SELECT count(*) FROM item"), await stocked.value(LEDGER)
    with pytest.raises(ImportRefusedError):
        await stocked.imported(kind, STRICT[kind], strict=True)
    assert await stocked.value("SELECT count(*) FROM item") == items
    assert await stocked.value(LEDGER) == lines
    assert await stocked.value("SELECT state FROM import_run ORDER BY import_id DESC") == "failed"
    assert await stocked.value("SELECT count(*) FROM import_problem") == 1


async def test_a_strict_import_without_one_is_a_single_step(stocked: Office) -> None:
    text = "sku,location,quantity\n" + "MUG,A-1,1\n" * 1500
    run = await stocked.imported("opening_stock", text, strict=True)
    assert (run.position, run.counts["movements_posted"]) == (1, 1500)


async def test_a_check_finds_what_an_import_would_refuse_and_changes_nothing(
    stocked: Office,
) -> None:
    text = "sku,name,ean\nMUG,Mug,\nNEW,New,\nBAD,,123\nNEW,Twice,\n,None,\n"
    run = await stocked.upload("items", text)
    run = await check_import(stocked.database, stocked.actor, run.import_id, LIMITS)
    assert (run.state, run.rows_total, run.rows_refused) == ("checked", 5, 3)
    assert run.counts["items_created"] == 1
    assert await problems(stocked, run) == [
        (4, "gtin", "gtin_invalid"),
        (5, "sku", "row_repeated"),
        (6, "sku", "value_missing"),
    ]
    assert await stocked.value("SELECT count(*) FROM item") == 3


async def test_a_check_of_movements_names_unknown_items_and_places(stocked: Office) -> None:
    text = "sku,location,quantity\nMUG,A-1,1\nCUP,A-1,1\nMUG,A-9,x\nMUG,A-9,2\n"
    run = await stocked.upload("opening_stock", text)
    run = await check_import(stocked.database, stocked.actor, run.import_id, LIMITS)
    assert (run.rows_total, run.rows_refused) == (4, 3)
    assert await problems(stocked, run) == [
        (3, "sku", "item_unknown"),
        (4, "quantity", "not_a_number"),
        (5, "location", "location_unknown"),
    ]


async def test_lines_are_shown_with_their_problems_and_can_be_downloaded(stocked: Office) -> None:
    text = "Code,Bin,Menge,Remark\nMUG,A-1,1,fine\nCUP,A-1,1,=bad\nMUG,A-1,one,\n"
    run = await stocked.upload("opening_stock", text)
    await check_import(stocked.database, stocked.actor, run.import_id, LIMITS)
    means = (stocked.database, stocked.actor, run.import_id, LIMITS)
    items, following = await row_page(*means, (0, 2, False))
    assert [item["line_number"] for item in items] == [2, 3]
    assert following == 3
    items, following = await row_page(*means, (3, 2, False))
    assert [item["line_number"] for item in items] == [4]
    assert following is None
    items, _following = await row_page(*means, (0, 50, True))
    assert items[0]["values"] == {"sku": "CUP", "location": "A-1", "quantity": "1"}
    assert items[0]["errors"][0]["column"] == "Code"
    name, content = await refused_lines_file(*means)
    assert name == f"refused-{run.import_id}.csv"
    lines = content.decode("utf-8-sig").split("\r\n")
    assert lines[0] == "Code,Bin,Menge,Remark,line number,problem"
    assert lines[1] == "CUP,A-1,1,'=bad,3,Code: There is no item CUP."
    assert lines[2].startswith("MUG,A-1,one,,4,Menge: ")


async def test_another_mapping_voids_the_check_and_is_refused_once_applied(
    stocked: Office,
) -> None:
    run = await stocked.upload("items", "a,b\nX,Y\n")
    with pytest.raises(MappingInvalidError):
        await stocked.apply(run.import_id)
    mapping = Mapping(columns={"sku": "a", "name": "b"})
    async with stocked.database.writing() as tx:
        run = await set_mapping(tx, stocked.actor, run.import_id, mapping, LIMITS, strict=False)
    assert run.state == "uploaded"
    run = await stocked.apply(run.import_id)
    assert run.counts == {"items_created": 1}
    with pytest.raises(ImportStateError):
        async with stocked.database.writing() as tx:
            await set_mapping(tx, stocked.actor, run.import_id, mapping, LIMITS, strict=False)


async def test_a_job_that_comes_again_after_the_last_step_changes_nothing(stocked: Office) -> None:
    run = await stocked.imported("opening_stock", "sku,location,quantity\nMUG,A-1,5\n")
    again = await apply_import(stocked.means, stocked.actor, run.import_id, quiet)
    assert again == run
    assert await on_hand(stocked, "MUG", "A-1") == 5


NEEDED = (
    ("items", "item.write"),
    ("locations", "location.write"),
    ("parties", "party.write"),
    ("opening_stock", "stock.post"),
    ("opening_stock", "stock.adjust"),
    ("movements", "stock.post"),
    ("deliveries", "document.post"),
    ("items", "import.run"),
)


async def test_an_import_needs_the_right_of_what_it_imports(office: Office) -> None:
    for kind, missing in NEEDED:
        actor = replace(office.actor, permissions=office.actor.permissions - {missing})
        with pytest.raises(ForbiddenError):
            await Office(office.database, office.ledger, actor).upload(kind, "sku,code\nA,B\n")


async def test_a_site_bound_importer_cannot_post_elsewhere(stocked: Office) -> None:
    async with stocked.database.writing() as tx:
        await tx.run("INSERT INTO site (code, name) VALUES ('S', 'South')")
    actor = replace(stocked.actor, site_ids=frozenset({2}))
    bound = Office(stocked.database, stocked.ledger, actor)
    run = await bound.imported("opening_stock", "sku,location,quantity\nMUG,A-1,9\n")
    assert run.counts == {"movements_refused": 1}
    assert [each[2] for each in await problems(stocked, run)] == ["forbidden"]
