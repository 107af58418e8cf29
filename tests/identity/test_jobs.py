from support.house import House, StandingClock
from support.plain_settings import plain_settings
from truestock.database import Database
from truestock.identity.jobs import forget_sessions
from truestock.jobs import JobRun
from truestock.kernel.actor import Actor


async def test_sessions_that_ended_a_month_ago_are_forgotten_and_open_ones_kept(
    house: House, database: Database, clock: StandingClock, boss: Actor
) -> None:
    await house.signed_in()
    clock.go_on(days=30)
    await house.signed_in()
    clock.go_on(hours=13)
    await house.signed_in()
    run = JobRun(1, "identity.forget_sessions", {}, boss, 1, database, plain_settings(), clock, {})
    for _ in range(2):
        await forget_sessions(run)
        async with database.reading() as tx:
            assert await tx.value("SELECT count(*) FROM session") == 2
