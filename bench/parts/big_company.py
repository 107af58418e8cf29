"""A big company in one go: items at ten bins of two sites, and five ledger lines for each balance.

Every item lives the same life (received twice, moved around, delivered twice), times a weight of
its own. The life is played once here, so every running quantity is known; the database multiplies.
What results is what the ledger itself would have written: movements of ten items, their requests,
lines with the quantities after them, balances, some reservations.
"""

import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TypeAlias

from truestock.database import connect
from truestock.database.invariants import broken_invariants

BINS = 10
LINES_OF_A_MOVEMENT = 10
SERIES = 100
"""So many items share a series, which is part of their names."""
SUPPLIER, CUSTOMER = 0, -1
"""Places of a life beside the bins 1 to 10."""

Place: TypeAlias = int

_ITEMS = """
INSERT INTO item (sku, name)
SELECT
    'SKU-' || i,
    (ARRAY['Bolt', 'Bracket', 'Hinge', 'Valve', 'Cable', 'Lamp', 'Gasket', 'Spring'])[1 + i % 8]
    || ' ' || lpad((i / 100)::text, 4, '0') || '-' || i % 100
FROM generate_series(1, $1::bigint) AS i
"""
_PLACES = """
INSERT INTO location (site_id, code, kind, path)
SELECT site_id, 'B-' || k, 'bin', '/' || site.code || '/B-' || k
FROM generate_series(1, 10) AS k
JOIN site ON site.code = CASE WHEN k <= 5 THEN 'EAST' ELSE 'WEST' END
ORDER BY k
"""
_BALANCES = """
INSERT INTO balance
    (balance_id, item_id, location_id, physical, quantity_on_hand, quantity_reserved)
SELECT
    $2::bigint * i + $3::bigint, i, location_id, physical, $5::bigint * (1 + i % 7),
    CASE WHEN physical AND i % 50 = 0 THEN 1 ELSE 0 END
FROM generate_series(1, $1::bigint) AS i
JOIN location ON location.code = $4
"""
_MOVEMENTS = """
WITH made AS (
    SELECT
        id, 'load-' || id AS request_key,
        now() - interval '365 days' + id * (interval '365 days' / ($3::bigint + 1)) AS at
    FROM generate_series($1::bigint, $2::bigint) AS id
)
INSERT INTO request
    (movement_id, actor_id, request_key, payload_hash, kind, occurred_at, recorded_at, line_count)
SELECT id, 1, request_key, decode(md5(request_key), 'hex'), $4, at, at, 10 FROM made
"""
_LINES = """
INSERT INTO movement_line (
    movement_id, line_number, source_balance_id, target_balance_id, quantity,
    source_quantity_after, target_quantity_after
)
SELECT
    $2::bigint + (i - 1) / 10, 1 + (i - 1) % 10,
    $3::bigint * i + $4::bigint, $5::bigint * i + $6::bigint, $7::bigint * (1 + i % 7),
    $8::bigint * (1 + i % 7), $9::bigint * (1 + i % 7)
FROM generate_series(1, $1::bigint) AS i
"""
_RESERVATIONS = """
INSERT INTO reservation
    (reservation_id, balance_id, actor_id, request_key, quantity, priority, recorded_at)
SELECT
    nextval('reservation_id_seq'), balance_id, 1, 'promise-' || balance_id, 1, 100, now()
FROM balance
WHERE quantity_reserved > 0
"""
_SEQUENCES = """
SELECT
    setval('balance_id_seq', (SELECT max(abs(balance_id)) FROM balance)),
    setval('movement_id_seq', (SELECT max(movement_id) FROM movement))
"""


@dataclass(frozen=True)
class Step:
    """One line of a life: quantities are for weight one."""

    kind: str
    source: Place
    target: Place
    quantity: int
    source_after: int = 0
    target_after: int = 0


def life() -> tuple[list[Step], dict[Place, int]]:
    """Return every step with the quantities after it, and what is where in the end."""
    bins = range(1, BINS + 1)
    steps = [Step("receipt", SUPPLIER, bin_, 10) for _ in range(2) for bin_ in bins]
    steps += [Step("transfer", bin_, bin_ % BINS + 1, 2) for bin_ in bins]
    steps += [Step("delivery", bin_, CUSTOMER, quantity) for quantity in (3, 1) for bin_ in bins]
    there: dict[Place, int] = defaultdict(int)
    lived = []
    for step in steps:
        there[step.source] -= step.quantity
        there[step.target] += step.quantity
        after = (there[step.source], there[step.target])
        lived.append(Step(step.kind, step.source, step.target, step.quantity, *after))
    return lived, there


def balance_ids(place: Place) -> tuple[int, int]:
    """Return factor and offset: the balance of item i at a place is factor * i + offset."""
    if place == SUPPLIER:
        return -2, 1
    if place == CUSTOMER:
        return -2, 0
    return BINS, place - BINS


def location_code(place: Place) -> str:
    return {SUPPLIER: "SUPPLIER", CUSTOMER: "CUSTOMER"}.get(place, f"B-{place}")


async def load(dsn: str, items: int) -> None:
    """Fill a fresh migrated database; `items` is a multiple of ten."""
    database = await connect(dsn, statement_timeout="600s", synchronous_commit="off")
    steps, there = life()
    blocks = items // LINES_OF_A_MOVEMENT
    began = time.perf_counter()
    async with database.writing() as tx:
        await tx.run("INSERT INTO actor (kind, name) VALUES ('job', 'load of the benchmark')")
        await tx.run("INSERT INTO site (code, name) VALUES ('EAST', 'East'), ('WEST', 'West')")
        await tx.run(_PLACES)
        await tx.run(_ITEMS, items)
        for place, quantity in there.items():
            await tx.run(_BALANCES, items, *balance_ids(place), location_code(place), quantity)
    for number, step in enumerate(steps):
        first = number * blocks + 1
        async with database.writing() as tx:
            await tx.run(_MOVEMENTS, first, first + blocks - 1, blocks * len(steps), step.kind)
            source, target = balance_ids(step.source), balance_ids(step.target)
            after = (step.source_after, step.target_after)
            await tx.run(_LINES, items, first, *source, *target, step.quantity, *after)
    async with database.writing() as tx:
        await tx.run(_RESERVATIONS)
        await tx.rows(_SEQUENCES)
    async with database.asking() as tx:
        await tx.rows("VACUUM (ANALYZE)")
    await database.close()
    taken = time.perf_counter() - began
    print(f"  {items:,} items, {items * len(steps):,} lines loaded in {taken:.0f} s", flush=True)


async def verify(dsn: str) -> None:
    """Assert that every invariant holds."""
    database = await connect(dsn, statement_timeout="600s")
    began = time.perf_counter()
    async with database.reading() as tx:
        broken = await broken_invariants(tx)
    await database.close()
    assert not broken, broken
    print(f"  every invariant holds, looked at in {time.perf_counter() - began:.0f} s", flush=True)
