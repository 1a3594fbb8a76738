#!/bin/sh
# Print a Python 3.13 that works; nothing when this machine has none. A pyenv shim on PATH fails when its
# 3.13 is not the chosen version, so each candidate is tried.
set -eu

for candidate in python3.13 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.13*/bin/python3.13 python3; do
    if "$candidate" -c 'import sys; raise SystemExit(sys.version_info[:2] != (3, 13))' >/dev/null 2>&1; then
        exec "$candidate" -c 'import os, sys; print(os.path.realpath(sys.executable))'
    fi
done
