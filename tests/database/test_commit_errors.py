"""COMMIT can fail too: a disk that breaks, a server that goes down while the log is flushed."""

import asyncpg
import pytest

from truestock.database import Database
from truestock.database.errors import DatabaseUnavailableError, DiskFullError
from truestock.kernel.errors import BusyError

FAILS_AT_COMMIT = """
CREATE TABLE doomed (number integer);
CREATE FUNCTION fail_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'at commit' USING ERRCODE = '%s';
END
$$;
CREATE CONSTRAINT TRIGGER doomed_at_commit AFTER INSERT ON doomed
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail_at_commit()
"""


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("57P01", DatabaseUnavailableError),
        ("57P02", DatabaseUnavailableError),
        ("58030", DatabaseUnavailableError),
        ("53100", DiskFullError),
        ("40001", BusyError),
    ],
    ids=["shutdown", "crash", "input or output error", "disk full", "conflict"],
)
async def test_what_fails_at_commit_means_the_same_as_in_a_statement(
    database: Database, code: str, meaning: type[Exception]
) -> None:
    async with database.writing() as tx:
        await tx.run(FAILS_AT_COMMIT % code)
    with pytest.raises(meaning):
        async with database.writing() as tx:
            await tx.run("INSERT INTO doomed VALUES (1)")


async def test_an_unknown_failure_at_commit_stays_what_it_is(database: Database) -> None:
    async with database.writing() as tx:
        await tx.run(FAILS_AT_COMMIT % "XX001")
    with pytest.raises(asyncpg.PostgresError) as caught:
        async with database.writing() as tx:
            await tx.run("INSERT INTO doomed VALUES (1)")
    assert caught.value.sqlstate == "XX001"
    assert caught.value.__cause__ is None
