"""What is done leaves a trace that nobody can change, and no secret is in it."""

import logging
from collections.abc import Iterator
from datetime import timedelta

import asyncpg
import pytest
import structlog

from support.house import PASSWORD, House, StandingClock
from truestock.database import Database

AUDIT = "/api/v1/audit-events"


async def test_sign_ins_people_and_keys_leave_who_what_before_after_and_from_where(
    house: House,
) -> None:
    boss = await house.signed_in()
    person = await house.add_person(boss)
    where = f"/api/v1/users/{person['actor_id']}"
    headers = {"If-Match": '"1"', **house.once()}
    await boss.patch(where, json={"roles": ["buyer"]}, headers=headers)
    await house.caller().post(
        "/api/v1/session", json={"login": "robin", "password": "wrong password"}
    )
    events = (await boss.get(AUDIT)).json()["items"]
    assert [event["action"] for event in events] == [
        "session.refused",
        "person.changed",
        "person.created",
        "session.started",
        "administrator.created",
    ]
    refused, change = events[0], events[1]
    assert refused["actor_id"] is None
    assert (refused["subject_kind"], refused["subject_id"]) == ("person", person["actor_id"])
    assert (change["before"], change["after"]) == ({"roles": ["viewer"]}, {"roles": ["buyer"]})
    assert (change["actor_name"], change["address"]) == ("The Boss", "203.0.113.9")
    assert len(change["request_id"]) == 24


async def test_the_trail_is_filtered_by_who_what_and_when(
    house: House, clock: StandingClock
) -> None:
    boss = await house.signed_in()
    before = clock()
    clock.go_on(minutes=1)
    person = await house.add_person(boss)

    async def actions(**query: object) -> list[str]:
        answer = await boss.get(AUDIT, params=query)  # type: ignore[arg-type]  # texts and numbers
        assert answer.status_code == 200, answer.text
        return [event["action"] for event in answer.json()["items"]]

    assert await actions(subject_id=person["actor_id"]) == ["person.created"]
    assert await actions(action="session.started") == ["session.started"]
    since = (before + timedelta(seconds=1)).isoformat()
    assert await actions(since=since) == ["person.created"]
    assert await actions(until=since, subject_kind="session") == ["session.started"]
    assert (await boss.get(AUDIT, params={"since": "2026-03-02"})).status_code == 422


async def test_the_trail_is_read_only_by_those_who_may(house: House) -> None:
    boss = await house.signed_in()
    await house.add_person(boss)
    robin = await house.signed_in("robin")
    assert (await robin.get(AUDIT)).status_code == 403


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_event SET action = 'x.y'", "DELETE FROM audit_event", "TRUNCATE audit_event"],
)
async def test_the_trail_cannot_be_changed_even_by_sql(
    house: House, database: Database, statement: str
) -> None:
    await house.signed_in()
    with pytest.raises(asyncpg.RestrictViolationError):
        async with database.writing() as tx:
            await tx.run(statement)


@pytest.fixture
def everything_logged() -> Iterator[list[str]]:
    lines: list[str] = []

    def keep(_logger: object, _name: str, event: structlog.typing.EventDict) -> str:
        lines.append(repr(event))
        raise structlog.DropEvent

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    handler = Keeper()
    logging.getLogger().addHandler(handler)
    before = structlog.get_config()
    structlog.configure(processors=[structlog.processors.format_exc_info, keep])
    yield lines
    structlog.configure(**before)
    logging.getLogger().removeHandler(handler)


async def test_no_planted_secret_is_kept_in_the_database_or_the_logs(
    house: House, database: Database, everything_logged: list[str]
) -> None:
    boss = await house.signed_in()
    planted = [f"planted-secret-{n}-x" for n in range(3)]
    await house.add_person(boss, password=planted[0])
    robin = await house.signed_in("robin", planted[0])
    change = {"present": planted[0], "new": planted[1]}
    await robin.post("/api/v1/session/password", json=change)
    await house.caller().post("/api/v1/session", json={"login": planted[2], "password": planted[2]})
    key = await boss.post(
        "/api/v1/api-keys", json={"name": "K", "scopes": ["stock.read"]}, headers=house.once()
    )
    secrets = [*planted, PASSWORD, key.json()["api_key"], *boss.cookies.values()]
    secrets += [*robin.cookies.values(), boss.headers["X-CSRF-Token"]]
    async with database.reading() as tx:
        tables = await tx.rows(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        )
        kept = []
        for (table,) in tables:
            kept += [r[0] for r in await tx.rows(f'SELECT t::text FROM "{table}" t')]  # noqa: S608 - names of our own tables
    everything = "\n".join([*kept, *everything_logged])
    assert "boss" in everything
    assert [secret for secret in secrets if secret in everything] == []
