#!/bin/sh
# Print the Python to build the environment with: $1 if given, else the first optimised CPython
# 3.11 to 3.14 among the usual names (builds without profile-guided optimisation are about a third
# slower), else plain python3.
set -eu
[ -n "${1:-}" ] && { echo "$1"; exit 0; }
probe='
import sys, sysconfig, ensurepip, venv
good = (3, 11) <= sys.version_info[:2] < (3, 15)
fast = "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or "")
sys.exit(0 if good and fast else 1)'
for name in python3 python3.11 /usr/bin/python3 python3.13 python3.12 python3.14; do
    if command -v "$name" >/dev/null 2>&1 && "$name" -c "$probe" >/dev/null 2>&1; then
        command -v "$name"
        exit 0
    fi
done
echo python3
