"""Files to import, what a plain replay of them gives, and faults in the middle of importing them.

The replay reads the file's lines in order, as a person with a notebook would: a delivery or a
transfer of more than is there is refused, everything else moves. The ledger must show the same
flows between the same places, whatever happened to the worker.
"""

import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import httpx

from bench.chaos.client import BINS
from bench.chaos.installation import Installation
from bench.chaos.rounds import Round

MOVEMENT_LINES = 12_000
ITEMS = 40
DAYS = 60
POLL_SECONDS = 0.1
BEGIN_SECONDS_MAX = 60.0
END_SECONDS_MAX = 150.0
JOB_SECONDS_MAX = 60.0

Flow = tuple[str, str, str]
"""SKU, and the codes of the locations it went from and to."""

_FLOWS = """
SELECT sku, source_place.code, target_place.code, sum(line.quantity)::bigint
FROM movement_line AS line
JOIN balance AS source ON source.balance_id = line.source_balance_id
JOIN balance AS target ON target.balance_id = line.target_balance_id
JOIN location AS source_place ON source_place.location_id = source.location_id
JOIN location AS target_place ON target_place.location_id = target.location_id
JOIN item ON item.item_id = source.item_id
WHERE sku LIKE %s
GROUP BY sku, source_place.code, target_place.code
"""
_LINES = """
SELECT count(*) FROM movement_line AS line
JOIN balance ON balance_id = line.source_balance_id JOIN item USING (item_id)
WHERE sku LIKE %s
"""


@dataclass(frozen=True)
class ImportFile:
    """A file and what it must lead to. All its SKUs begin with the prefix."""

    kind: str
    prefix: str
    content: bytes
    mapping: dict[str, Any]
    lines: int
    refused: int
    flows: dict[Flow, int]


def movements_file(choose: random.Random, prefix: str) -> ImportFile:
    """Return receipts, transfers and deliveries in random order, some of more than is there."""
    on_hand: Counter[tuple[str, str]] = Counter()
    flows: Counter[Flow] = Counter()
    rows, refused = ["kind,sku,quantity,source_location,target_location"], 0
    for _ in range(MOVEMENT_LINES):
        kind = choose.choices(["receipt", "delivery", "transfer"], [4, 3, 3])[0]
        sku = f"{prefix}{choose.randrange(ITEMS)}"
        here, there = choose.sample(BINS, 2)
        quantity = choose.randint(1, 30)
        source = "" if kind == "receipt" else here
        target = "" if kind == "delivery" else there
        rows.append(f"{kind},{sku},{quantity},{source},{target}")
        if source and on_hand[sku, source] < quantity:
            refused += 1
            continue
        on_hand[sku, source] -= quantity
        on_hand[sku, target] += quantity
        flows[sku, source or "SUPPLIER", target or "CUSTOMER"] += quantity
    content = "\n".join(rows).encode()
    return ImportFile("movements", prefix, content, {}, MOVEMENT_LINES, refused, dict(flows))


def deliveries_file(choose: random.Random, prefix: str) -> ImportFile:
    """Return sales per item and day; items, site, location and opening stock are to be made."""
    site = f"{prefix}SITE"
    flows: defaultdict[Flow, int] = defaultdict(int)
    rows, first = ["item,date,quantity"], date(2026, 1, 1)
    for day in range(DAYS):
        for item in range(ITEMS):
            sku, quantity = f"{prefix}{item}", choose.randint(1, 50)
            rows.append(f"{sku},{first + timedelta(days=day)},{quantity}")
            flows[sku, "SUPPLIER", f"{site}-STOCK"] += quantity
            flows[sku, f"{site}-STOCK", "CUSTOMER"] += quantity
    mapping = {
        "columns": {"item": "item", "date": "date", "quantity": "quantity"},
        "constants": {"site": site},
        "create_missing": True,
        "opening_stock": True,
    }
    content = "\n".join(rows).encode()
    return ImportFile("deliveries", prefix, content, mapping, ITEMS * DAYS, 0, dict(flows))


class Imports:
    """Imports of one installation, over HTTP."""

    def __init__(self, place: Installation) -> None:
        self._place = place
        self._client = httpx.Client(
            base_url=f"http://127.0.0.1:{place.port}/api/v1",
            headers={"X-API-Key": place.api_key},
            timeout=60,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def make_items(self, file: ImportFile) -> None:
        """Make the items of a file that does not make them itself."""
        for number in range(ITEMS):
            sku = f"{file.prefix}{number}"
            self._post("/items", json={"sku": sku, "name": sku, "request_key": sku})

    def apply(self, file: ImportFile, request_key: str) -> int:
        """Upload a file and have it applied; return the import's id."""
        uploaded = self._post(
            "/imports",
            files={"file": (f"{file.prefix}.csv", file.content, "text/csv")},
            data={"kind": file.kind, "request_key": request_key}
            | ({"mapping": json.dumps(file.mapping)} if file.mapping else {}),
        )
        import_id = int(uploaded["import_id"])
        self._post(f"/imports/{import_id}/apply", json={"request_key": f"{request_key}-apply"})
        return import_id

    def wait_until_over(self, import_ids: list[int]) -> list[dict[str, Any]]:
        """Return the imports as they ended; raises `TimeoutError`."""
        until = time.monotonic() + END_SECONDS_MAX
        found: list[dict[str, Any]] = []
        while time.monotonic() < until:
            found = [self._get(f"/imports/{import_id}") for import_id in import_ids]
            if all(each.get("state") in {"applied", "failed"} for each in found):
                return found
            time.sleep(POLL_SECONDS * 5)
        raise TimeoutError(f"imports did not end in {END_SECONDS_MAX} s: {found}")

    def over(self, import_ids: list[int]) -> bool:
        """Tell whether all of them have ended."""
        shown = [self._get(f"/imports/{import_id}") for import_id in import_ids]
        return all(each.get("state") in {"applied", "failed"} for each in shown)

    def job_states(self, ended: list[dict[str, Any]]) -> list[str]:
        """Return the states of the jobs of these imports once they are over."""
        until = time.monotonic() + JOB_SECONDS_MAX
        while True:
            states = [str(self._get(f"/jobs/{each['job_id']}").get("state")) for each in ended]
            over = all(state in {"done", "failed", "cancelled"} for state in states)
            if over or time.monotonic() > until:
                return states
            time.sleep(POLL_SECONDS)

    def lines_recorded(self, file: ImportFile) -> int:
        """Count the lines of a file that are in the ledger by now."""
        with self._place.connection() as connection:
            row = connection.execute(_LINES, [f"{file.prefix}%"]).fetchone()
        assert row is not None
        return int(row[0])

    def flows(self, file: ImportFile) -> dict[Flow, int]:
        """Return what went from where to where of a file's items."""
        with self._place.connection() as connection:
            rows = connection.execute(_FLOWS, [f"{file.prefix}%"]).fetchall()
        return {(row[0], row[1], row[2]): row[3] for row in rows}

    def _post(self, path: str, **more: Any) -> dict[str, Any]:
        answer = self._client.post(path, **more)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text[:500]}"
        found: dict[str, Any] = answer.json()
        return found

    def _get(self, path: str) -> dict[str, Any]:
        """Return an answer, or nothing while the installation is not itself."""
        try:
            answer = self._client.get(path)
        except httpx.HTTPError:
            return {}
        found: dict[str, Any] = answer.json() if answer.is_success else {}
        return found


def import_round(
    place: Installation, fault: str, choose: random.Random, strike: Callable[[], None]
) -> Round:
    """Import two files, strike in the middle of both, and compare what is there at the end."""
    seed = f"{choose.getrandbits(32):08x}"
    this = Round("import", fault, seed)
    own = random.Random(seed)
    name = seed.upper()
    files = [movements_file(own, f"M{name}X"), deliveries_file(own, f"D{name}X")]
    imports = Imports(place)
    try:
        imports.make_items(files[0])
        began = time.monotonic()
        import_ids = [imports.apply(file, file.prefix) for file in files]
        _wait_for_the_middle(imports, files, own.uniform(0.1, 0.6))
        this.fault_after_seconds = round(time.monotonic() - began, 2)
        assert not imports.over(import_ids), "the imports had ended before the fault"
        struck = time.monotonic()
        strike()
        ended = imports.wait_until_over(import_ids)
        this.recovery_seconds = round(time.monotonic() - struck, 1)
        _judge(this, imports, files, ended)
        _again(this, imports, files)
    finally:
        imports.close()
    this.take_verification(place.verified())
    return this


def _wait_for_the_middle(imports: Imports, files: list[ImportFile], part: float) -> None:
    until = time.monotonic() + BEGIN_SECONDS_MAX
    wanted = sum(len(file.content.splitlines()) for file in files) * part
    while sum(map(imports.lines_recorded, files)) < wanted:
        assert time.monotonic() < until, "the imports did not begin; see worker.log"
        time.sleep(POLL_SECONDS)


def _judge(
    this: Round, imports: Imports, files: list[ImportFile], ended: list[dict[str, Any]]
) -> None:
    states = imports.job_states(ended)
    if states != ["done", "done"]:
        this.faults.append(f"the jobs ended as {states}")
    for file, shown in zip(files, ended, strict=True):
        this.asked += file.lines
        this.acknowledged += int(shown.get("rows_accepted") or 0)
        if shown["state"] != "applied":
            this.faults.append(f"import of {file.kind} ended {shown['state']}: {shown['failure']}")
        if shown.get("rows_refused") != file.refused:
            refused = shown.get("rows_refused")
            this.faults.append(f"{file.kind}: {refused} lines refused, not {file.refused}")
        _compare(this, file, imports.flows(file), "after recovery")


def _again(this: Round, imports: Imports, files: list[ImportFile]) -> None:
    """Import the same files once more: only what was refused may be done now."""
    before = [imports.lines_recorded(file) for file in files]
    imports.wait_until_over([imports.apply(file, f"{file.prefix}again") for file in files])
    after = [imports.lines_recorded(file) for file in files]
    for file, first, second in zip(files, before, after, strict=True):
        if second - first > file.refused:
            this.faults.append(f"{file.kind}: a second import added {second - first} lines")
            this.doubled += second - first


def _compare(this: Round, file: ImportFile, flows: dict[Flow, int], when: str) -> None:
    for flow in sorted(flows.keys() | file.flows.keys()):
        there, expected = flows.get(flow, 0), file.flows.get(flow, 0)
        if there == expected:
            continue
        this.faults.append(f"{when}: {file.kind}: {flow}: {there}, not {expected}")
        if there < expected:
            this.lost += 1
        else:
            this.doubled += 1
