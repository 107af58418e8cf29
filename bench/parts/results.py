"""Figures are kept as JSON beside what they were measured on."""

import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

from truestock.kernel import clock

FOLDER = Path(__file__).parents[1] / "results"


def save(name: str, figures: dict[str, Any]) -> Path:
    """Write bench/results/<name>.json and say where."""
    FOLDER.mkdir(exist_ok=True)
    machine = {
        "processors": os.cpu_count(),
        "python": sys.version.split()[0],
        "kernel": platform.release(),
        "load_average": os.getloadavg(),
    }
    path = FOLDER / f"{name}.json"
    kept = {"measured_at": clock.now().isoformat(), "machine": machine, **figures}
    path.write_text(json.dumps(kept, indent=2) + "\n")
    print(f"saved {path.relative_to(FOLDER.parents[1])}")
    return path
