"""`user` and `key`: who may come in, from the command line of the machine itself."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from truestock.cli.output import Json, print_facts, print_rows, with_database

if TYPE_CHECKING:
    from truestock.database import Database, Transaction
    from truestock.database.sql import Listing
    from truestock.identity.model import Deed

LISTED_MAX = 1000
ACTOR = "command line"

users = typer.Typer(help="People who sign in.", no_args_is_help=True)
keys = typer.Typer(help="API keys for programs.", no_args_is_help=True)

PasswordFromInput = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(users, name="user")
    app.add_typer(keys, name="key")


def _password(*, from_input: bool) -> tuple[str, bool]:
    """Return a password and whether it was made here: read, asked for twice, or made."""
    if from_input:
        return sys.stdin.readline().rstrip("\n"), False
    if sys.stdin.isatty():
        asked: str = typer.prompt(
            "Password (empty makes one)", default="", hide_input=True, confirmation_prompt=True
        )
        if asked:
            return asked, False
    import secrets

    return secrets.token_urlsafe(15), True


async def _deed(tx: "Transaction") -> "Deed":
    from truestock.identity.model import Deed, Origin
    from truestock.identity.operations import job_actor
    from truestock.kernel.clock import now

    return Deed(await job_actor(tx, ACTOR), now(), Origin(ACTOR))


@users.command("create")
def create_user(
    login: str,
    name: Annotated[str, typer.Option(help="Shown name; the login when left out.")] = "",
    role: Annotated[list[str] | None, typer.Option(help="May be given several times.")] = None,
    email: Annotated[str | None, typer.Option()] = None,
    *,
    password_stdin: PasswordFromInput = False,
    as_json: Json = False,
) -> None:
    """Add a person. The first one becomes the administrator."""
    from truestock.identity.model import PersonDraft, Role
    from truestock.identity.operations import (
        add_person,
        create_first_administrator,
        prepared_password,
    )
    from truestock.identity.reads import administrator_exists
    from truestock.kernel.clock import now

    password, made = _password(from_input=password_stdin)

    async def create(database: "Database") -> tuple[int, list[str]]:
        async with database.asking() as tx:
            first = not await administrator_exists(tx)
        if first:
            actor = await create_first_administrator(
                database, now, login=login, name=name or login, password=password
            )
            return actor.actor_id, ["admin"]
        roles = tuple(Role(each) for each in role or ["viewer"])
        draft = PersonDraft(login.casefold(), name or login, roles, email)
        kept = await prepared_password(draft, password)
        async with database.writing() as tx:
            added = await add_person(tx, await _deed(tx), draft, kept, temporary=made)
        return added, [each.value for each in roles]

    actor_id, roles = with_database(create)
    facts = {"user_id": actor_id, "login": login.casefold(), "roles": roles}
    print_facts(facts | ({"password": password} if made else {}), as_json=as_json)


@users.command("list")
def list_users(*, as_json: Json = False) -> None:
    """Show everybody who may sign in."""
    from truestock.identity.reads import PEOPLE

    rows = with_database(lambda database: _listed(database, PEOPLE))
    print_rows(rows, ["actor_id", "login", "name", "roles", "status"], as_json=as_json)


@users.command("password")
def set_user_password(
    login: str, *, password_stdin: PasswordFromInput = False, as_json: Json = False
) -> None:
    """Give a person another password; a made one must be changed at the next sign-in."""
    from truestock.identity.model import PersonDraft
    from truestock.identity.operations import prepared_password, set_password
    from truestock.identity.reads import credentials
    from truestock.kernel.errors import NotFoundError

    password, made = _password(from_input=password_stdin)

    async def change(database: "Database") -> int:
        kept = await prepared_password(PersonDraft(login.casefold(), login, ()), password)
        async with database.writing() as tx:
            row = await credentials(tx, login.casefold())
            if row is None:
                raise NotFoundError(login=login)
            actor_id = int(row["actor_id"])
            await set_password(tx, await _deed(tx), actor_id, kept, temporary=made)
        return actor_id

    facts = {"user_id": with_database(change), "login": login.casefold()}
    print_facts(facts | ({"password": password} if made else {}), as_json=as_json)


@keys.command("create")
def create_key(
    name: str,
    scope: Annotated[
        list[str] | None, typer.Option(help="A permission; several times; default: all.")
    ] = None,
    days: Annotated[int, typer.Option(help="Valid for so many days.")] = 365,
    *,
    as_json: Json = False,
) -> None:
    """Make an API key; its text is shown this once."""
    from truestock.identity.model import PERMISSIONS, KeyDraft, KeyMade
    from truestock.identity.operations import create_api_key

    async def create(database: "Database") -> KeyMade:
        draft = KeyDraft(name, tuple(scope or sorted(PERMISSIONS)), valid_days=days)
        async with database.writing() as tx:
            return await create_api_key(tx, await _deed(tx), draft)

    made = with_database(create)
    facts = {"key_id": made.actor_id, "name": name, "api_key": made.text}
    print_facts(facts | {"expires_at": made.expires_at}, as_json=as_json)


@keys.command("list")
def list_keys(*, as_json: Json = False) -> None:
    """Show the API keys, never their text."""
    from truestock.identity.reads import API_KEYS
    from truestock.kernel.clock import now

    rows = with_database(lambda database: _listed(database, API_KEYS, now=now()))
    columns = ["actor_id", "name", "prefix", "scopes", "expires_at", "used_at", "revoked_at"]
    print_rows(rows, columns, as_json=as_json)


@keys.command("revoke")
def revoke_key(key_id: int, *, as_json: Json = False) -> None:
    """Make a key useless for ever."""
    from truestock.identity.operations import revoke_api_key

    async def revoke(database: "Database") -> None:
        async with database.writing() as tx:
            await revoke_api_key(tx, await _deed(tx), key_id)

    with_database(revoke)
    print_facts({"revoked": key_id}, as_json=as_json)


async def _listed(
    database: "Database", listing: "Listing", **filters: object
) -> "list[dict[str, object]]":
    """Return the first rows of a list, in its own order."""
    from truestock.http.paging import PageRequest, fetch_page

    async with database.asking() as tx:
        page = await fetch_page(tx, listing, PageRequest(LISTED_MAX, None, None), filters)
    return page.items
