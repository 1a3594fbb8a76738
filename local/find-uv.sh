#!/bin/sh
# Print the uv to use: the one on PATH when it can read our lock, else one of our own in .tools/uv, which any
# Python from 3.9 on installs when it is missing. $1 is a Python to try first, or empty.
# Exit status 1 with one line when there is no way.
set -eu
cd "$(dirname "$0")/.."

lock=local/uv/requirements.txt
own=.tools/uv/bin/uv

if command -v uv >/dev/null 2>&1 && uv export --frozen --quiet --only-group layer >/dev/null 2>&1; then
    echo uv
    exit
fi
if [ -x $own ] && cmp -s $lock .tools/uv/requirements.txt; then
    echo $own
    exit
fi

imports() {
    "$1" -c "import sys; assert sys.version_info >= (3, 9); import $2" >/dev/null 2>&1
}

install_with() {
    python=$1
    shift
    "$python" -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes \
        -r $lock "$@" >&2 && cp $lock .tools/uv/requirements.txt
}

# Debian's python3 has `venv` without `ensurepip`, and `pip` only where python3-pip is installed.
for candidate in "${1:-}" python3 python3.14 python3.13 python3.12 python3.11 python3.10 python3.9 python \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.*/bin/python3; do
    if imports "$candidate" "venv, ensurepip"; then
        echo "Installing uv into .tools/uv" >&2
        "$candidate" -m venv --clear .tools/uv && install_with .tools/uv/bin/python && echo $own && exit
    elif imports "$candidate" pip; then
        echo "Installing uv into .tools/uv" >&2
        rm -rf .tools/uv && install_with "$candidate" --target .tools/uv && echo $own && exit
    else
        continue
    fi
    echo "Convoke needs uv, and pip could not install it: see above, or install uv yourself" \
        "(https://docs.astral.sh/uv/getting-started/installation/), then run this again." >&2
    exit 1
done
echo "Convoke needs uv, and there is no Python (3.9 or newer, with venv or pip) that could install it. Debian," \
    "Ubuntu: sudo apt install python3-venv; macOS: brew install uv; then run this again." >&2
exit 1
