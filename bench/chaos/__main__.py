"""Usage: python -m bench.chaos [--seed N] [--only web,worker,database,power,planted] [--cuts N].

Exit status 0 only when no acknowledged movement was lost or doubled, every rule held and every
planted fault was caught.
"""

import argparse
import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from bench.chaos import plans
from bench.chaos.disk import LoopDisk, why_no_power_cut
from bench.chaos.installation import CHECKOUT, Installation
from bench.chaos.report import Report

SECONDS_MAX = 480
DISK_MEBIBYTES = 3000
PARTS = ("web", "worker", "database", "power", "planted")
RESULT = CHECKOUT / "bench" / "results" / "chaos.json"


def main() -> int:
    given = _arguments()
    signal.signal(signal.SIGALRM, _out_of_time)
    signal.signal(signal.SIGTERM, _out_of_time)
    signal.alarm(SECONDS_MAX)
    seed = given.seed or secrets.randbits(32)
    parts = given.only.split(",") if given.only else list(PARTS)
    report = Report(seed, _commit())
    with _folder() as folder:
        reason = why_no_power_cut(folder) if {"power", "planted"} & set(parts) else None
        if reason is not None:
            report.skip("power cuts and planted faults", reason)
            parts = [part for part in parts if part not in {"power", "planted"}]
        try:
            _run(folder, parts, given.cuts, random.Random(seed), report)
        except BaseException as error:
            report.broken(error)
            _show_logs(folder)
            raise
        finally:
            signal.alarm(0)
            report.save(RESULT)
    return report.end()


def _run(folder: Path, parts: list[str], cuts: int, choose: random.Random, report: Report) -> None:
    if {"web", "worker", "database"} & set(parts):
        with _installed(folder, folder / "plain", on_loop_disk=False) as place:
            bench = plans.opened(place, folder, choose)
            for part in parts:
                for each in plans.ON_A_PLAIN_DISK.get(part, lambda _bench: [])(bench):
                    report.add(each)
            report.add(plans.planted_double(bench))
    if {"power", "planted"} & set(parts):
        with (
            _disk(folder) as disk,
            _installed(folder, disk.mount_point / "data", on_loop_disk=True) as place,
        ):
            if "power" in parts:
                report.add(plans.cut_while_beginning(place, disk, choose))
                place.stop()
            bench = plans.opened(place, folder, choose)
            if "power" in parts:
                report.add(plans.disk_full(bench, disk))
                for each in plans.power_cuts(bench, disk, cuts):
                    report.add(each)
                report.add(plans.power_cut_while_importing(bench, disk))
            if "planted" in parts:
                for each in plans.planted_power_cuts(bench, disk):
                    report.add(each)


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="truestock-chaos-"))
    folder.chmod(0o711)  # the database's account passes through
    (folder / "logs").mkdir()
    (folder / "journals").mkdir()
    print(f"Working in {folder}")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _disk(folder: Path) -> Iterator[LoopDisk]:
    disk = LoopDisk(folder, DISK_MEBIBYTES)
    try:
        disk.make()
        yield disk
    finally:
        disk.remove()


@contextmanager
def _installed(folder: Path, data_dir: Path, *, on_loop_disk: bool) -> Iterator[Installation]:
    data_dir.mkdir()
    with ExitStack() as ending:
        place = Installation(data_dir, folder / "logs", on_loop_disk=on_loop_disk)
        ending.callback(place.kill_all)
        yield place
        place.stop()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.chaos")
    parser.add_argument("--seed", type=int, default=int(os.environ.get("CHAOS_SEED", "0")))
    parser.add_argument("--only", default="", help=f"some of {','.join(PARTS)}")
    parser.add_argument("--cuts", type=int, default=5, help="power cuts")
    return parser.parse_args()


def _out_of_time(number: int, _frame: FrameType | None) -> Any:
    reason = f"not done within {SECONDS_MAX} s" if number == signal.SIGALRM else "told to stop"
    raise TimeoutError(reason)


def _commit() -> str:
    git = shutil.which("git")
    if git is None:
        return "unknown"
    done = subprocess.run(
        [git, "rev-parse", "--short", "HEAD"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or "unknown"


def _show_logs(folder: Path) -> None:
    for log in sorted((folder / "logs").glob("*.log")):
        print(f"--- {log.name}\n{log.read_text(errors='replace')[-3000:]}")


if __name__ == "__main__":
    sys.exit(main())
