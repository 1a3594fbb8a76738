#!/bin/sh
# Make .venv from uv.lock and .tools/ministack from its own lock; quick when nothing has changed.
# Prints nothing when there was nothing to do. Exit status 1 with one line when Python 3.13 is missing.
set -eu
cd "$(dirname "$0")/.."

UV_VERSION=0.13.9

runs_313() {
    "$1" -c 'import sys; raise SystemExit(sys.version_info[:2] != (3, 13))' >/dev/null 2>&1
}

# A pyenv shim on PATH fails when its 3.13 is not the chosen version, so each candidate is tried.
find_python() {
    for candidate in python3.13 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.13*/bin/python3.13 python3; do
        if runs_313 "$candidate"; then
            "$candidate" -c 'import os, sys; print(os.path.realpath(sys.executable))'
            return
        fi
    done
}

python=$(find_python)

if command -v uv >/dev/null 2>&1 && uv sync --locked --dry-run >/dev/null 2>&1; then
    uv=uv
else
    uv=.tools/uv/bin/uv
    if ! [ -x $uv ] || [ "$($uv --version | cut -d' ' -f2)" != $UV_VERSION ]; then
        if [ -z "$python" ]; then
            echo "Convoke needs Python 3.13 (or uv, which can fetch it): install either and run this again." >&2
            exit 1
        fi
        echo "Installing uv into .tools/uv" >&2
        "$python" -m venv --clear .tools/uv
        .tools/uv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION"
    fi
fi
if [ -z "$python" ]; then
    python=$($uv python find 3.13 2>/dev/null || { $uv python install --quiet 3.13 && $uv python find 3.13; }) || {
        echo "Convoke needs Python 3.13: install it and run this again." >&2
        exit 1
    }
fi

$uv sync --quiet --locked --python "$python"

# ministack pins its own botocore, so it lives beside the project's environment, not in it.
lock=local/ministack/requirements.txt
if ! cmp -s $lock .tools/ministack/requirements.txt; then
    echo "Installing the local SQS server into .tools/ministack" >&2
    $uv venv --quiet --clear --python "$python" .tools/ministack
    VIRTUAL_ENV=.tools/ministack $uv pip sync --quiet --require-hashes $lock
    cp $lock .tools/ministack/requirements.txt
fi
