"""Which processes really are a cluster's, asked of the kernel (/proc) and of nobody else.

A number in postmaster.pid proves nothing: after a crash it may be anybody's by now. A process is
ours when its program is `postgres` and it works in the cluster's directory, compared by identity.
"""

import os
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
STAT_USER_TICKS, STAT_SYSTEM_TICKS = 11, 12
"""Places of utime and stime in /proc/<pid>/stat, counted after the program's name."""


@dataclass(frozen=True)
class PostmasterFile:
    """What postmaster.pid says: the process, the socket's directory, how far the start is."""

    pid: int
    socket_dir: Path | None
    status: str

    @property
    def ready(self) -> bool:
        """Tell whether the server takes connections."""
        return self.status in {"ready", "standby"}


def read_postmaster_file(cluster: Path) -> PostmasterFile | None:
    """Return the content of postmaster.pid, or None when absent, empty or torn.

    Its lines: pid, data directory, start time, port, socket directory, listen address, shared
    memory, status. A server without postmaster (single-user) writes a negative pid, which is
    never one of a living process.
    """
    try:
        lines = (cluster / "postmaster.pid").read_text(errors="replace").splitlines()
        pid = int(lines[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None
    lines += [""] * 8
    return PostmasterFile(pid, Path(lines[4]) if lines[4] else None, lines[7].strip())


def is_postgres_of(cluster: Path, pid: int) -> bool:
    """Tell whether this very process is a PostgreSQL working in this cluster."""
    try:
        program = (PROC / str(pid) / "exe").readlink().name
        directory = (PROC / str(pid) / "cwd").stat()
        # "postgres (deleted)" after the wheel was upgraded below a running server
        return program.startswith("postgres") and os.path.samestat(directory, cluster.stat())
    except OSError:  # gone, a zombie, or another user's
        return False


def processes_of(cluster: Path) -> list[int]:
    """Return the process ids of all PostgreSQL processes working in this cluster."""
    numbers = [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]
    return sorted(pid for pid in numbers if is_postgres_of(cluster, pid))


def work_done(pids: list[int]) -> int:
    """Return a number that grows as long as these processes compute, read or write."""
    return sum(_ticks(pid) + _bytes_moved(pid) for pid in pids)


def _ticks(pid: int) -> int:
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[STAT_USER_TICKS]) + int(fields[STAT_SYSTEM_TICKS])


def _bytes_moved(pid: int) -> int:
    try:
        lines = (PROC / str(pid) / "io").read_text().splitlines()
    except OSError:  # some containers forbid it
        return 0
    counted = ("rchar", "wchar", "read_bytes", "write_bytes")
    return sum(int(line.split()[1]) for line in lines if line.startswith(counted))
