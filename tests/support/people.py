"""People straight in the tables, for tests that do not sign in."""

from truestock.database import Transaction


async def added_person(tx: Transaction, name: str, *roles: str) -> int:
    """A person with roles, everywhere."""
    added = "INSERT INTO actor (kind, name) VALUES ('person', $1) RETURNING actor_id"
    actor_id = int(await tx.value(added, name))
    await tx.run(
        "INSERT INTO person (actor_id, login, password_hash, password_set_at, roles) "
        "VALUES ($1, $2, 'none', now(), $3)",
        actor_id,
        name.lower(),
        list(roles),
    )
    return actor_id
