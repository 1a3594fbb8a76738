#!/bin/sh
# Print the uv to use: the one on PATH when it can read our lock, else one of our own in .tools/uv, which is
# installed when it is missing. $1 is a Python 3.13, or empty. Exit status 1 with one line when there is no way.
set -eu
cd "$(dirname "$0")/.."

UV_VERSION=0.13.9
own=.tools/uv/bin/uv

if command -v uv >/dev/null 2>&1 && uv export --frozen --quiet --only-group layer >/dev/null 2>&1; then
    echo uv
    exit
fi
if ! [ -x $own ] || [ "$($own --version | cut -d' ' -f2)" != $UV_VERSION ]; then
    if [ -z "${1:-}" ]; then
        echo "Convoke needs Python 3.13 (or uv, which can fetch it): install either and run this again." >&2
        exit 1
    fi
    echo "Installing uv into .tools/uv" >&2
    "$1" -m venv --clear .tools/uv
    .tools/uv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION"
fi
echo $own
