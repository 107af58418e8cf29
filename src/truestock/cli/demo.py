"""`demo`: a sample company that runs: embedded database, web and worker, until Ctrl-C."""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from subprocess import Popen, TimeoutExpired
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from truestock.cli.output import settings_now

if TYPE_CHECKING:
    from truestock.database import Database
    from truestock.kernel.settings import Settings

CREDENTIALS = "demo-credentials.json"
LOGIN = "demo"
READY_SECONDS = 60
STOP_SECONDS = 40

Children = dict[str, "Popen[bytes]"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


def demo(port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None) -> None:
    """Run the sample company and print where it is and how to come in."""
    from truestock.database.open import database_address
    from truestock.kernel.logs import configure_logs
    from truestock.web.serve import require_free_port

    settings = settings_now(port=port)
    configure_logs("WARNING")
    require_free_port(settings.host, settings.port)
    with ExitStack() as running:
        _say("Starting the database ...")
        dsn = running.enter_context(database_address(settings))
        credentials = _prepared(settings, dsn)
        running.enter_context(_terminated_as_interrupt())
        try:
            children = {
                "serve": running.enter_context(
                    _child(settings, "serve", "--port", str(settings.port))
                ),
                "worker": running.enter_context(_child(settings, "worker")),
            }
            _wait_until_ready(credentials["url"], children)
            _show(settings, credentials)
            _watch(children)
        except KeyboardInterrupt:
            _say("Stopping; the data are kept.")


def _prepared(settings: "Settings", dsn: str) -> dict[str, str]:
    """Migrate, create the sample company if it is absent, and make sure one can come in."""
    import asyncio

    from truestock.database import connect
    from truestock.database.migrate import migrate

    migrate(dsn)

    async def prepare() -> dict[str, str]:
        database = await connect(dsn, size_max=settings.database_pool_size)
        try:
            credentials = await _credentials(database, settings)
            await _sample_company(database, settings)
        finally:
            await database.close()
        return credentials

    return asyncio.run(prepare())


async def _sample_company(database: "Database", settings: "Settings") -> None:
    """Create the sample company through the real operations; does nothing when it is there."""
    from importlib import import_module
    from importlib.util import find_spec

    if find_spec("truestock.cli.sample") is None:
        return
    await import_module("truestock.cli.sample").create_sample_company(database, settings)


async def _credentials(database: "Database", settings: "Settings") -> dict[str, str]:
    """Return the credentials of the last run if they still hold, else make new ones."""
    import json
    import secrets

    from truestock.identity.model import PERMISSIONS, Deed, KeyDraft, Origin
    from truestock.identity.operations import ActorFinder, create_api_key, job_actor
    from truestock.kernel.clock import now

    file = settings.data_dir / CREDENTIALS
    url = f"http://{settings.host}:{settings.port}"
    if file.is_file():
        kept: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
        if await ActorFinder(database, settings, now).by_api_key(kept["api_key"]):
            return _written(file, kept | {"url": url})
    password = secrets.token_urlsafe(12)
    await _demo_person(database, password)
    async with database.writing() as tx:
        deed = Deed(await job_actor(tx, "demo"), now(), Origin("demo"))
        draft = KeyDraft("demo", tuple(sorted(PERMISSIONS)))
        made = await create_api_key(tx, deed, draft)
    return _written(file, {"url": url, "user": LOGIN, "password": password, "api_key": made.text})


async def _demo_person(database: "Database", password: str) -> None:
    """Make the administrator of the demo, or give the one there is this password."""
    from truestock.identity.model import Deed, Origin, PersonDraft, Role
    from truestock.identity.operations import (
        add_person,
        create_first_administrator,
        job_actor,
        prepared_password,
        set_password,
    )
    from truestock.identity.reads import administrator_exists, credentials
    from truestock.kernel.clock import now

    async with database.asking() as tx:
        first = not await administrator_exists(tx)
    if first:
        await create_first_administrator(database, now, login=LOGIN, name="Demo", password=password)
        return
    draft = PersonDraft(LOGIN, "Demo", (Role.ADMIN,))
    kept = await prepared_password(draft, password)
    async with database.writing() as tx:
        deed = Deed(await job_actor(tx, "demo"), now(), Origin("demo"))
        row = await credentials(tx, LOGIN)
        if row is None:
            await add_person(tx, deed, draft, kept, temporary=False)
        else:
            await set_password(tx, deed, row["actor_id"], kept, temporary=False)


def _written(file: Path, credentials: dict[str, str]) -> dict[str, str]:
    """Keep the credentials where only this user can read them."""
    import json
    import os

    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as open_file:
        json.dump(credentials, open_file, indent=2)
    fresh.replace(file)
    return credentials


@contextmanager
def _child(settings: "Settings", *command: str) -> Iterator["Popen[bytes]"]:
    """Run one of our commands beside us, its output in a log; end it in good order."""
    import os

    from truestock.kernel.processes import end_with_parent

    folder = settings.data_dir / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {"TRUESTOCK_DATA_DIR": str(settings.data_dir.resolve())}
    with (
        (folder / f"{command[0]}.log").open("ab") as log,
        _started(
            [sys.executable, "-m", "truestock.cli", *command], environment, log, end_with_parent
        ) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except TimeoutExpired:
                process.kill()


def _started(
    arguments: list[str], environment: dict[str, str], log: IO[bytes], prepare: Any
) -> "Popen[bytes]":
    return Popen(  # noqa: S603 - our own command
        arguments,
        env=environment,
        stdout=log,
        stderr=log,
        start_new_session=True,  # Ctrl-C is for us alone; we end the children in order
        preexec_fn=prepare,  # noqa: PLW1509 - one system call, no thread is running yet
    )


@contextmanager
def _terminated_as_interrupt() -> Iterator[None]:
    """Make SIGTERM end us as Ctrl-C does."""

    def interrupt(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _wait_until_ready(url: str, children: Children) -> None:
    """Return once the web process takes requests; exit when it does not or a child ended."""
    from urllib.error import URLError
    from urllib.request import urlopen

    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        _require_alive(children)
        try:
            with urlopen(f"{url}/health/ready", timeout=5):  # noqa: S310 - our own address
                return
        except (URLError, OSError):
            time.sleep(0.1)
    typer.echo(f"truestock: the web process was not ready within {READY_SECONDS} s.", err=True)
    raise typer.Exit(1)


def _require_alive(children: Children) -> None:
    for command, child in children.items():
        status = child.poll()
        if status is not None:
            typer.echo(f"truestock: {command} ended with status {status}; see its log.", err=True)
            raise typer.Exit(1)


def _watch(children: Children) -> None:
    while True:
        _require_alive(children)
        time.sleep(0.5)


def _show(settings: "Settings", credentials: dict[str, str]) -> None:
    folder = settings.data_dir
    _say(
        f"\nTruestock runs at  {credentials['url']}\n"
        f"  sign in as       {credentials['user']}\n"
        f"  password         {credentials['password']}\n"
        f"  API key          {credentials['api_key']}\n"
        f"  the same in      {folder / CREDENTIALS}\n"
        f"  logs in          {folder / 'logs'}\n"
        "\nCtrl-C stops it; the data are kept.\n"
    )


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
