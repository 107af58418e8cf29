"""Which faults, in which order, on which installation."""

import random
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from bench.chaos.caller import Caller
from bench.chaos.client import SINGLE
from bench.chaos.company import found_company
from bench.chaos.compare import compared
from bench.chaos.disk import LoopDisk
from bench.chaos.imports import import_round
from bench.chaos.installation import CouldNotStartError, Installation
from bench.chaos.load import Load
from bench.chaos.rounds import Bench, Round

FIRST_START_SECONDS = 6.0
FULL_SECONDS = 4.0


def opened(place: Installation, folder: Path, choose: random.Random) -> Bench:
    """Start a fresh installation and make its company."""
    seconds = place.start_web()
    place.make_api_key()
    print(f"Database in {place.data_dir}, first start {seconds:.1f} s", flush=True)
    journals = folder / "journals" / place.data_dir.parent.name
    journals.mkdir()
    return Bench(place, journals, found_company(place), choose)


def web_kills(bench: Bench) -> Iterator[Round]:
    """kill -9 of all of `serve`, and of one web process that `serve` then replaces."""
    place = bench.place
    yield bench.round(
        "web",
        "kill -9 of serve and its web process",
        lambda _load: place.kill_web(),
        lambda: _started(place),
    )
    yield bench.round(
        "webprocess",
        "kill -9 of the web process alone",
        lambda _load: _struck(place.kill_web_process()),
        None,
    )


def worker_kills(bench: Bench) -> Iterator[Round]:
    """kill -9 of the worker, and of the database, in the middle of imports."""
    place = bench.place
    place.start_worker()

    def strike() -> None:
        place.kill_worker()
        place.start_worker()

    yield import_round(
        place, "kill -9 of the worker in the middle of imports", bench.choose, strike
    )
    yield import_round(
        place,
        "kill -9 of all of PostgreSQL in the middle of imports",
        bench.choose,
        lambda: _struck(place.kill_database()),
    )
    place.kill_worker()


def database_kills(bench: Bench) -> Iterator[Round]:
    """kill -9 of one backend, of all of PostgreSQL, and of everything at once."""
    place = bench.place
    yield bench.round(
        "backend",
        "kill -9 of one PostgreSQL backend",
        lambda _load: _struck(place.kill_one_backend()),
        None,
    )
    yield bench.round(
        "database",
        "kill -9 of all of PostgreSQL, serve left running",
        lambda _load: _struck(place.kill_database()),
        None,
    )
    yield bench.round(
        "everything",
        "kill -9 of serve and all of PostgreSQL",
        lambda _load: _all_struck(place),
        lambda: _started(place),
    )


ON_A_PLAIN_DISK: dict[str, Callable[[Bench], Iterator[Round]]] = {
    "web": web_kills,
    "worker": worker_kills,
    "database": database_kills,
}


def planted_double(bench: Bench) -> Round:
    """A client that retries under a fresh key: the comparison must see the doubled movement."""
    this = Round("double", "a retry under a new key instead of its own", "-", "planted", "doubled")
    opening = bench.history[0].movements[0]
    caller = Caller(bench.place.port, bench.place.api_key)
    answer = caller.post(SINGLE, opening | {"request_key": "not-its-own-key"})
    assert answer["movement_id"], "the planted movement was not posted"
    caller.close()
    found = compared(bench.history, bench.place.recorded(), bench.place.balances())
    this.asked, this.acknowledged = found.asked, found.acknowledged
    this.add(found, when="after a retry under a new key")
    return this


def cut_while_beginning(place: Installation, disk: LoopDisk, choose: random.Random) -> Round:
    """Cut the power while the very first start creates the database; the next one must succeed."""
    this = Round("first", "power cut during the first start", "-")
    moment = choose.uniform(0.5, FIRST_START_SECONDS)
    this.fault_after_seconds = round(moment, 2)
    place.web = place.started("serve", "--port", str(place.port))
    time.sleep(moment)
    disk.cut()
    place.kill_all()
    try:
        began = time.monotonic()
        _back_on(place, disk)
        this.recovery_seconds = round(time.monotonic() - began, 1)
    except CouldNotStartError as error:
        this.faults.append(f"the first start was cut off and the second failed: {error}")
    return this


def disk_full(bench: Bench, disk: LoopDisk) -> Round:
    """Fill the disk under load and make room again: postings must go on by themselves."""

    def strike(_load: Load) -> None:
        disk.fill()
        time.sleep(FULL_SECONDS)
        disk.make_room()

    this = bench.round("full", f"disk full for {FULL_SECONDS:.0f} s", strike, None)
    if not any("disk_full" in answer for answer in this.unknown):
        this.faults.append("no client was told of a full disk: this round tried nothing")
    return this


def power_cuts(bench: Bench, disk: LoopDisk, cuts: int) -> Iterator[Round]:
    """Cut the power of the disk below the database, so many times."""
    for _ in range(cuts):
        yield bench.round(
            "power",
            "power cut",
            partial(_cut, bench, disk),
            partial(_back_on, bench.place, disk),
        )


def power_cut_while_importing(bench: Bench, disk: LoopDisk) -> Round:
    """Cut the power in the middle of imports; their jobs must go on after the start."""
    place = bench.place
    place.start_worker()

    def strike() -> None:
        _cut(bench, disk)
        _back_on(place, disk)
        place.start_worker()

    found = import_round(place, "power cut in the middle of imports", bench.choose, strike)
    place.kill_worker()
    return found


def planted_power_cuts(bench: Bench, disk: LoopDisk) -> Iterator[Round]:
    """The same with a database that does not flush: the harness must see the losses."""
    place = bench.place
    _restarted_with(place, synchronous_commit="off")
    yield bench.round(
        "lazy",
        "power cut with synchronous_commit=off",
        partial(_cut, bench, disk),
        partial(_back_on, place, disk),
        kind="planted",
        planted={"synchronous_commit": "off"},
    )
    _restarted_with(place, fsync="off")
    yield bench.round(
        "control",
        "kill -9 of everything with fsync=off: it shows nothing",
        lambda _load: _all_struck(place),
        lambda: _started(place),
        kind="control",
        planted={"fsync": "off"},
    )
    _restarted_with(place, fsync="off")
    yield bench.round(
        "unsafe",
        "power cut with fsync=off",
        partial(_cut, bench, disk),
        partial(_back_on, place, disk),
        kind="planted",
        planted={"fsync": "off"},
    )


def _cut(bench: Bench, disk: LoopDisk, _load: Load | None = None) -> None:
    """Cut the power; after up to half a second, in which flushes fail, everything is gone."""
    disk.cut()
    time.sleep(bench.choose.uniform(0, 0.5))
    bench.place.kill_all()


def _back_on(place: Installation, disk: LoopDisk) -> None:
    disk.unmount()
    disk.mount()
    _started(place)


def _started(place: Installation) -> None:
    place.start_web()


def _restarted_with(place: Installation, **options: str) -> None:
    """Stop in good order and start the database with these settings."""
    place.stop()
    place.start_database(**options)
    place.start_web()


def _struck(killed: int) -> None:
    """Make sure that there was something to kill."""
    assert killed > 0, "the fault hit nothing"


def _all_struck(place: Installation) -> None:
    place.kill_web()
    _struck(place.kill_database())
    place.kill_all()
