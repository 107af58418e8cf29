"""Every operation of the OpenAPI document, fuzzed against a served process on a small company.

In the default run each operation gets its examples, the edges of its schema and a few random
requests, always the same. `make api-fuzz` sets TRUESTOCK_FUZZ_SECONDS: new ones, for so long.
"""

import asyncio
import os
import socket
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.callers import receipt_body
from support.company import found_company
from truestock.database import Database
from truestock.identity.model import PERMISSIONS, Deed, KeyDraft, Origin
from truestock.identity.operations import create_api_key, job_actor
from truestock.kernel.clock import now

SECONDS = int(os.environ.get("TRUESTOCK_FUZZ_SECONDS", "0"))
PROGRAMS = Path(sys.executable).parent
HERE = Path(__file__).parent
UNLIMITED = dict.fromkeys(
    ("TRUESTOCK_RATE_KEY", "TRUESTOCK_RATE_ANONYMOUS", "TRUESTOCK_RATE_LOGIN"), "1000000/second"
)
SHORT = ["--generation-deterministic", "-n", "2", "--warnings", "off"]
OPENINGS = 10
DRAFT = {
    "type": "receipt",
    "target_location": "BIN-1",
    "lines": [{"sku": "SKU-1", "unit": "each", "quantity": 5}],
}


@pytest.fixture
async def client(dsn: str, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """A caller with every right, of a served process on a company with some stock and papers."""
    await found_company(database)
    async with database.writing() as tx:
        deed = Deed(await job_actor(tx, "tests"), now(), Origin("tests"))
        key = await create_api_key(tx, deed, KeyDraft("all rights", tuple(sorted(PERMISSIONS))))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    environment = {**os.environ, **UNLIMITED, "TRUESTOCK_DATABASE_URL": dsn}
    environment |= {"TRUESTOCK_LOG_LEVEL": "ERROR"}
    serving = await asyncio.create_subprocess_exec(
        PROGRAMS / "truestock", "serve", "--port", port, env=environment
    )
    transport = httpx.AsyncHTTPTransport(retries=8)
    headers = {"X-API-Key": key.text}
    base = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient(transport=transport, base_url=base, headers=headers) as opened:
            await stock_up(opened)
            yield opened
    finally:
        serving.terminate()
        await asyncio.wait_for(serving.wait(), 40)


async def stock_up(client: httpx.AsyncClient) -> None:
    """Make some of everything, so that small ids exist."""
    robin = {"login": "robin", "name": "Robin", "password": "correct horse battery", "roles": []}
    made: list[tuple[str, Any]] = [
        ("users", robin),
        ("parties", {"kind": "supplier", "code": "SUP-1", "name": "Harbour Supply"}),
        ("parties", {"kind": "customer", "code": "CUS-1", "name": "Corner Shop"}),
        *[("movements", receipt_body(f"SKU-{number + 1}", 50)) for number in range(OPENINGS)],
        *[("documents", DRAFT) for _ in range(5)],
        ("reservations", {"sku": "SKU-1", "location": "BIN-1", "quantity": 2}),
    ]
    for number, (path, body) in enumerate(made):
        headers = {"Idempotency-Key": f"opening-{number}"}
        answer = await client.post(f"/api/v1/{path}", json=body, headers=headers)
        assert answer.status_code == 201, answer.text


@pytest.mark.slow
@pytest.mark.timeout(SECONDS * 2 + 180)
async def test_every_operation_keeps_its_promises(
    client: httpx.AsyncClient, empty_folder: Path
) -> None:
    command = [
        str(PROGRAMS / "schemathesis"),
        "--config-file",
        str(HERE / "schemathesis.toml"),
        "run",
    ]
    command += [f"{client.base_url}/api/v1/openapi.json", "--no-color"]
    command += ["-H", f"X-API-Key: {client.headers['X-API-Key']}"]
    command += ["--max-time", str(SECONDS)] if SECONDS else SHORT
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": str(HERE / "fuzz_hooks.py")}
    running = await asyncio.create_subprocess_exec(
        *command, cwd=empty_folder, env=environment, stdout=PIPE, stderr=STDOUT
    )
    try:
        output, _ = await running.communicate()
    finally:
        if running.returncode is None:
            running.kill()
    sys.stdout.write(output.decode())
    assert running.returncode == 0
    lines = (await client.get("/api/v1/movements?limit=100")).json()["items"]
    assert len(lines) > OPENINGS, "the key still works, and some of it was posted"
