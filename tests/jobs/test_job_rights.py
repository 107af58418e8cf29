"""A job has no more rights than whoever asked for it has now."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from jobs.test_jobs import registry_of, until_over, working
from support.people import added_person
from truestock.database import Database
from truestock.identity.model import Deed, KeyDraft, Origin
from truestock.identity.operations import create_api_key, job_actor
from truestock.jobs import JobRun, Registry, enqueue, retry
from truestock.kernel.actor import Actor, ActorKind
from truestock.kernel.clock import now

ALL = frozenset({"stock.post", "stock.read"})
GONE = "may not come in any more"


@dataclass
class Bench:
    """A job that notes with which rights it runs, and waits to be told to go on."""

    database: Database
    actor_id: int
    seen: list[Actor] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def handler(self, run: JobRun) -> None:
        self.seen.append(run.actor)
        await self.go_on.wait()
        await run.progress(1, 1)
        run.actor.require("stock.post")

    async def note(self, _run: JobRun, sentence: str) -> None:
        self.given_up.append(sentence)

    @property
    def registry(self) -> Registry:
        return registry_of(self.handler, given_up=self.note)

    async def ask(
        self, kind: ActorKind = ActorKind.PERSON, sites: frozenset[int] | None = None
    ) -> int:
        asker = Actor(self.actor_id, kind, "Ann", ALL, sites)
        async with self.database.writing() as tx:
            return await enqueue(tx, "test.job", actor=asker)

    async def sql(self, statement: str, *values: Any) -> None:
        async with self.database.writing() as tx:
            await tx.run(statement, self.actor_id, *values)

    @asynccontextmanager
    async def begun(self) -> AsyncIterator[int]:
        """A job that runs and waits in the middle."""
        async with working(self.database, self.registry):
            job_id = await self.ask()
            async with asyncio.timeout(10):
                while not self.seen:
                    await asyncio.sleep(0.02)
            yield job_id
            self.go_on.set()


@pytest.fixture
async def ann(database: Database) -> Bench:
    async with database.writing() as tx:
        return Bench(database, await added_person(tx, "Ann", "operator"))


DEACTIVATE = "UPDATE person SET status = 'inactive' WHERE actor_id = $1"


async def test_a_job_of_a_deactivated_person_fails_with_a_sentence_and_may_be_run_again(
    ann: Bench,
) -> None:
    job_id = await ann.ask()
    await ann.sql(DEACTIVATE)
    ann.go_on.set()
    async with working(ann.database, ann.registry):
        row = await until_over(ann.database, job_id)
        assert (row["state"], row["attempts"]) == ("failed", 1)
        assert GONE in row["error"]
        assert ann.seen == []
        assert [GONE in each for each in ann.given_up] == [True]
        await ann.sql("UPDATE person SET status = 'active' WHERE actor_id = $1")
        async with ann.database.writing() as tx:
            await retry(tx, job_id)
        assert (await until_over(ann.database, job_id))["state"] == "done"


async def test_a_lost_right_is_not_there_when_the_job_runs(ann: Bench) -> None:
    job_id = await ann.ask(sites=frozenset({1, 2}))
    await ann.sql("UPDATE person SET roles = '{viewer}', site_ids = '{2,3}' WHERE actor_id = $1")
    ann.go_on.set()
    async with working(ann.database, ann.registry):
        row = await until_over(ann.database, job_id)
    assert (row["state"], row["attempts"]) == ("failed", 1)
    assert "stock.post" in row["error"]
    assert ann.seen[0].permissions == {"stock.read"}
    assert ann.seen[0].site_ids == frozenset({2})


async def test_a_right_won_later_is_not_the_jobs(ann: Bench) -> None:
    job_id = await ann.ask(sites=frozenset({1}))
    await ann.sql("UPDATE person SET roles = '{admin}' WHERE actor_id = $1")
    ann.go_on.set()
    async with working(ann.database, ann.registry):
        assert (await until_over(ann.database, job_id))["state"] == "done"
    assert ann.seen[0].permissions == ALL
    assert ann.seen[0].site_ids == frozenset({1})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (DEACTIVATE, GONE),
        ("UPDATE person SET roles = '{viewer}' WHERE actor_id = $1", "has lost a right"),
        ("UPDATE person SET site_ids = '{1}' WHERE actor_id = $1", "has lost a right"),
    ],
)
async def test_a_running_job_stops_when_its_asker_loses_rights(
    ann: Bench, change: str, said: str
) -> None:
    async with ann.begun() as job_id:
        await ann.sql(change)
        ann.go_on.set()
        row = await until_over(ann.database, job_id)
    assert (row["state"], row["attempts"]) == ("failed", 1)
    assert said in row["error"]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE api_key SET revoked_at = now() WHERE actor_id = $1",
        "UPDATE api_key SET expires_at = now() WHERE actor_id = $1",
    ],
)
async def test_a_job_of_a_revoked_or_expired_key_fails(database: Database, change: str) -> None:
    async with database.writing() as tx:
        deed = Deed(await job_actor(tx, "tests"), now(), Origin("tests"))
        made = await create_api_key(tx, deed, KeyDraft("Scanner", tuple(ALL)))
    bench = Bench(database, made.actor_id)
    bench.go_on.set()
    good, bad = await bench.ask(ActorKind.KEY), None
    async with working(database, bench.registry):
        assert (await until_over(database, good))["state"] == "done"
        await bench.sql(change)
        bad = await bench.ask(ActorKind.KEY)
        row = await until_over(database, bad)
    assert (row["state"], len(bench.seen)) == ("failed", 1)
    assert GONE in row["error"]
