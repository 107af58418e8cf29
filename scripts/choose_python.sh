#!/bin/sh
# Print the Python to build the environment with: $1 if given, else the first optimised CPython
# 3.11 to 3.14 among the usual names (builds without profile-guided optimisation are about a third
# slower), else plain python3. Debian and Ubuntu optimise by calling `make profile-opt` themselves
# and leave no trace in the configure arguments but their own directory of wheels.
set -eu
[ -n "${1:-}" ] && { echo "$1"; exit 0; }
probe='
import sys, sysconfig
good = (3, 11) <= sys.version_info[:2] < (3, 15) and sys.implementation.name == "cpython"
arguments = sysconfig.get_config_var("CONFIG_ARGS") or ""
debian = "--with-wheel-pkg-dir=/usr/share/python-wheels" in arguments
sys.exit(0 if good and (debian or "--enable-optimizations" in arguments) else 1)'
try=$(mktemp -d)
trap 'rm -rf "$try"' EXIT
for name in python3 python3.11 /usr/bin/python3 python3.13 python3.12 python3.14; do
    if command -v "$name" >/dev/null 2>&1 && "$name" -c "$probe" >/dev/null 2>&1 &&
        "$name" -m venv "$try/venv" >/dev/null 2>&1; then # Debian keeps venv in a package apart
        command -v "$name"
        exit 0
    fi
    rm -rf "$try/venv"
done
echo python3
