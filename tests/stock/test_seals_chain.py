"""Sealing and proving the ledger: nothing incomplete is sealed, and no tampering stays unseen."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from support.company import CLERK, found_company, keyed, receipt, transfer
from truestock.database import Database, connect
from truestock.database.invariants import broken_invariants
from truestock.kernel import clock
from truestock.stock.model.movements import NewMovement
from truestock.stock.operations import seals
from truestock.stock.operations.ledger import Ledger
from truestock.stock.operations.seals import extend_seals, verify_seals

BLOCK = 4


@pytest.fixture
async def tampered(dsn: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    """A database whose invariants need not hold afterwards, sealed in blocks of four."""
    monkeypatch.setattr(seals, "BLOCK_MOVEMENTS_MAX", BLOCK)
    opened = await connect(dsn)
    await found(opened)
    yield opened
    await opened.close()


async def found(database: Database) -> None:

    await found_company(database)
    ledger = Ledger(database, clock.now)
    movements = [receipt("SKU-1", 5) for _ in range(6)]
    movements += [transfer("SKU-1", 1, "BIN-1", "BIN-2") for _ in range(4)]
    await ledger.post_many(
        CLERK, [keyed(each, f"k{number}") for number, each in enumerate(movements)]
    )
    await ledger.close()


async def test_everything_recorded_is_sealed_in_blocks_and_verifies(
    company: Database, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seals, "BLOCK_MOVEMENTS_MAX", BLOCK)
    assert await extend_seals(company) == 0
    for number in range(10):
        await ledger.post(CLERK, receipt("SKU-1", 1), f"k{number}")
    assert await extend_seals(company) == 10
    assert await extend_seals(company) == 0
    await ledger.post(CLERK, receipt("SKU-1", 1), "one more")
    assert await extend_seals(company) == 1
    told: list[tuple[int, int]] = []

    async def progress(done: int, total: int) -> None:
        told.append((done, total))

    report = await verify_seals(company, progress)
    assert (report.seal_count, report.movement_id_sealed, report.broken) == (4, 11, [])
    assert len(report.last_hash) == 64
    assert told[-1] == (11, 11)


async def test_a_posting_that_is_under_way_is_waited_for_and_never_left_out(
    company: Database, ledger: Ledger, dsn: str
) -> None:
    await ledger.post(CLERK, receipt("SKU-1", 1), "before")
    late = await asyncpg.connect(dsn)
    posting = late.transaction()
    await posting.start()
    await late.execute("SELECT 1 FROM balance WHERE balance_id = 3 FOR NO KEY UPDATE")
    await late.execute("SELECT 1 FROM item WHERE item_id = 1 FOR NO KEY UPDATE")
    taken = await late.fetchval("SELECT nextval('movement_id_seq')")
    await ledger.post(CLERK, receipt("SKU-2", 1), "after")
    assert await extend_seals(company, wait_seconds=0.3) == 0
    waiting = asyncio.create_task(extend_seals(company, wait_seconds=20))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    await late.execute(
        "INSERT INTO request (movement_id, actor_id, request_key, payload_hash, kind, occurred_at,"
        " line_count) VALUES ($1, 1, 'late', decode(repeat('00', 16), 'hex'), 'move', now(), 1)",
        taken,
    )
    ids = await late.fetch("SELECT balance_id FROM balance WHERE item_id = 1 ORDER BY balance_id")
    source, target = ids[0][0], ids[-1][0]
    await late.execute(
        "INSERT INTO movement_line (movement_id, line_number, source_balance_id,"
        " target_balance_id, quantity, source_quantity_after, target_quantity_after)"
        " VALUES ($1, 1, $2, $3, 1, -2, 2)",
        taken,
        source,
        target,
    )
    await late.execute(
        "UPDATE balance SET quantity_on_hand = quantity_on_hand + sign(balance_id)::bigint"
        " WHERE item_id = 1"
    )
    await posting.commit()
    await late.close()
    assert await waiting == 3
    report = await verify_seals(company)
    assert (report.movement_id_sealed, report.broken) == (3, [])


async def test_ids_that_were_given_back_leave_gaps_that_stay_sealed(
    company: Database, ledger: Ledger, dsn: str
) -> None:
    await ledger.post(CLERK, receipt("SKU-1", 1), "a")
    lost = await asyncpg.connect(dsn)
    await lost.execute("SELECT nextval('movement_id_seq') FROM generate_series(1, 5)")
    await lost.close()
    await ledger.post(CLERK, receipt("SKU-1", 1), "b")
    assert await extend_seals(company) == 2
    assert (await verify_seals(company)).broken == []


async def test_a_block_is_bounded_by_its_lines_too(
    company: Database, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seals, "BLOCK_LINES_MAX", 5)
    line = receipt("SKU-1", 1).lines[0]
    for number, count in enumerate((3, 2, 1, 9, 1)):
        whole = NewMovement(kind="receipt", lines=[line] * count)
        await ledger.post(CLERK, whole, f"k{number}")
    assert await extend_seals(company) == 5
    async with company.asking() as tx:
        rows = await tx.rows("SELECT movement_count FROM ledger_seal ORDER BY seal_id")
    assert [row[0] for row in rows] == [2, 1, 1, 1]
    assert (await verify_seals(company)).broken == []


async def test_many_sealers_at_once_make_one_chain(company: Database, ledger: Ledger) -> None:
    for number in range(20):
        await ledger.post(CLERK, receipt("SKU-1", 1), f"k{number}")
    sealed = await asyncio.gather(*(extend_seals(company) for _ in range(6)))
    assert sum(sealed) == 20
    assert (await verify_seals(company)).broken == []


TRIGGERS_OFF = """
ALTER TABLE request DISABLE TRIGGER USER;
ALTER TABLE movement_line DISABLE TRIGGER USER;
ALTER TABLE ledger_seal DISABLE TRIGGER USER;
"""
TAMPERINGS = {
    "a quantity changed": (
        "UPDATE movement_line SET quantity = quantity + 1 WHERE movement_id = 6",
        2,
    ),
    "a line deleted": ("DELETE FROM movement_line WHERE movement_id = 6", 2),
    "a line added": (
        """
        INSERT INTO movement_line
        SELECT movement_id, 2, source_balance_id, target_balance_id, quantity,
            source_quantity_after, target_quantity_after
        FROM movement_line WHERE movement_id = 6
        """,
        2,
    ),
    "two movements swapped": (
        """
        UPDATE movement_line
        SET movement_id = CASE movement_id WHEN 6 THEN 1007 ELSE 1006 END
        WHERE movement_id IN (6, 7);
        UPDATE movement_line SET movement_id = movement_id - 1000 WHERE movement_id > 1000
        """,
        2,
    ),
    "a movement deleted": (
        """
        DELETE FROM movement_line WHERE movement_id = 9;
        DELETE FROM movement WHERE movement_id = 9
        """,
        3,
    ),
    "another actor": ("UPDATE movement SET actor_id = 2 WHERE movement_id = 1", 1),
    "another moment": (
        "UPDATE movement SET occurred_at = occurred_at - interval '1 us' WHERE movement_id = 1",
        1,
    ),
    "another place": (
        """
        UPDATE balance SET location_id = (SELECT location_id FROM location WHERE code = 'BIN-8')
        WHERE location_id = (SELECT location_id FROM location WHERE code = 'BIN-2')
        """,
        2,
    ),
    "a running quantity": (
        "UPDATE movement_line SET target_quantity_after = 1000 WHERE movement_id = 10",
        3,
    ),
    "a seal's hash": ("UPDATE ledger_seal SET hash = sha256('x') WHERE seal_id = 2", 2),
    "a seal removed": ("DELETE FROM ledger_seal WHERE seal_id = 2", 3),
    "the first seal removed": ("DELETE FROM ledger_seal WHERE seal_id = 1", 2),
}


@pytest.mark.parametrize("name", TAMPERINGS)
async def test_tampering_is_caught_and_its_block_named(
    tampered: Database, dsn: str, name: str
) -> None:
    assert await extend_seals(tampered) == 10
    assert (await verify_seals(tampered)).broken == []
    statements, seal_id = TAMPERINGS[name]
    intruder = await asyncpg.connect(dsn)
    await intruder.execute(TRIGGERS_OFF)
    await intruder.execute(statements)
    await intruder.close()
    broken = (await verify_seals(tampered)).broken
    assert broken[0].seal_id == seal_id, broken
    assert broken[0].movement_id_first == (seal_id - 1) * BLOCK + 1
    others = [each.seal_id for each in broken[1:]]
    assert others == ([3] if name in {"another place", "a seal's hash"} else []), broken


async def test_a_broken_chain_breaks_an_invariant(tampered: Database, dsn: str) -> None:
    await extend_seals(tampered)
    intruder = await asyncpg.connect(dsn)
    await intruder.execute(TRIGGERS_OFF)
    await intruder.execute("DELETE FROM ledger_seal WHERE seal_id = 2")
    await intruder.close()
    async with tampered.reading() as tx:
        broken = await broken_invariants(tx)
    assert [rule.name for rule in broken] == ["inv_13_seals"]


async def test_seals_are_append_only_for_everybody_else(tampered: Database, dsn: str) -> None:
    await extend_seals(tampered)
    plain = await asyncpg.connect(dsn)
    for statement in ("DELETE FROM ledger_seal", "UPDATE ledger_seal SET movement_count = 0"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await plain.execute(statement)
    await plain.close()
