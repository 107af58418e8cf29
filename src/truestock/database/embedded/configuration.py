"""The server's settings: ours, from this machine's memory, rewritten at each start.

They live in `truestock.conf`, which the cluster's postgresql.conf includes, so an upgrade of
Truestock takes effect without touching a file that a person may have edited.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from truestock.database.embedded.errors import OptionReservedError
from truestock.database.embedded.placement import PORT, Placement

MEBIBYTE = 1024 * 1024
INCLUDE = "include_if_exists '../truestock.conf'"
"""Relative to the cluster, so that a data directory can be moved."""

ACCESS = """\
# Rewritten at each start. Only the socket is listened on; its directory is private as well.
local all all scram-sha-256
local replication all scram-sha-256
"""

RESERVED = frozenset(
    [
        "config_file",
        "data_directory",
        "external_pid_file",
        "hba_file",
        "log_destination",
        "log_directory",
        "log_filename",
        "logging_collector",
        "port",
        "unix_socket_directories",
    ]
)
CGROUP_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def settings_text(
    place: Placement, socket_dir: Path, *, statistics: bool, options: Mapping[str, str]
) -> str:
    """Return the text of `truestock.conf`; `options` win over everything of ours."""
    settings = {
        **_place_settings(place, socket_dir),
        **_memory_settings(memory_bytes()),
        **_DURABILITY,
        **_BEHAVIOUR,
        **_LOGGING,
        **(_STATISTICS if statistics else {}),
        **_checked(options),
    }
    lines = [f"{name} = {quoted(value)}" for name, value in settings.items()]
    return "\n".join(["# Written by Truestock at each start; do not edit.", *lines, ""])


def quoted(value: str) -> str:
    """Quote a value for a PostgreSQL configuration file."""
    if not value.isprintable():
        raise OptionReservedError(value=value, reason="not one line of plain text")
    doubled = value.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"


def memory_bytes() -> int:
    """Return the memory we may use: the machine's, or less when a container is limited."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for path in CGROUP_LIMITS:
        try:
            found.append(int(path.read_text(encoding="ascii")))
        except (OSError, ValueError):  # absent, or the word "max"
            continue
    return min(found)


def _checked(options: Mapping[str, str]) -> Mapping[str, str]:
    for name in options:
        if name.lower() in RESERVED or not re.fullmatch(r"[A-Za-z_][\w.]*", name):
            raise OptionReservedError(option=name)
    return {name.lower(): value for name, value in options.items()}


def _place_settings(place: Placement, socket_dir: Path) -> dict[str, str]:
    return {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": str(socket_dir),
        "unix_socket_permissions": "0700",
        "hba_file": str(place.home / "pg_hba.conf"),
        "log_directory": str(place.log),
    }


def _memory_settings(memory: int) -> dict[str, str]:
    """Take a modest part: the web and worker processes live on the same machine."""
    mebibytes = memory // MEBIBYTE
    return {
        "shared_buffers": f"{_between(64, mebibytes * 18 // 100, 2048)}MB",
        "effective_cache_size": f"{max(128, mebibytes // 2)}MB",
        "work_mem": f"{_between(4, mebibytes // 512, 32)}MB",
        "maintenance_work_mem": f"{_between(32, mebibytes // 32, 512)}MB",
    }


def _between(least: int, value: int, most: int) -> int:
    return max(least, min(value, most))


_DURABILITY = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_compression": "on",
    "min_wal_size": "256MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "checkpoint_completion_target": "0.9",
}

_BEHAVIOUR = {
    "max_connections": "100",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    # A client that went away, or sleeps inside an open piece of work, must not block the ledger.
    "lock_timeout": "30s",
    "idle_in_transaction_session_timeout": "5min",
    "client_connection_check_interval": "10s",
    # Balances are updated all the time: clean them before they are a fifth dead.
    "autovacuum_naptime": "30s",
    "autovacuum_vacuum_scale_factor": "0.05",
    "autovacuum_vacuum_insert_scale_factor": "0.1",
    "autovacuum_analyze_scale_factor": "0.05",
}

_LOGGING = {
    # A file a weekday, overwritten a week later: bounded without anybody rotating.
    "logging_collector": "on",
    "log_destination": "stderr",
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_line_prefix": "%m [%p] %q%u@%d %a ",
    "log_timezone": "UTC",
    "log_min_duration_statement": "1s",
    "log_parameter_max_length": "0",  # parameters hold names, addresses and password hashes
    "log_checkpoints": "on",
    "log_lock_waits": "on",
    "log_temp_files": "64MB",
    "log_autovacuum_min_duration": "10s",
    "log_startup_progress_interval": "5s",
    "track_io_timing": "on",
}

_STATISTICS = {
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.track_utility": "off",  # passwords in ALTER ROLE, noise of BEGIN
}
