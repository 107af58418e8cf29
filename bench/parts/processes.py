"""Processes of a benchmark: programs of these parts that print their figures, free ports."""

import json
import socket
import subprocess
import sys
from typing import Any


def figures_of(module: str, *arguments: object) -> dict[str, Any]:
    """Run a module in a process of its own; returns the JSON line it prints last."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
