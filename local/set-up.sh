#!/bin/sh
# Make .venv and .tools/ministack from uv.lock; quick when nothing has changed.
# Prints nothing when there was nothing to do. Exit status 1 with one line when Python 3.13 is missing.
set -eu
cd "$(dirname "$0")/.."

python=$(./local/find-python.sh)
uv=$(./local/find-uv.sh "$python")
if [ -z "$python" ]; then
    python=$($uv python find 3.13 2>/dev/null || { $uv python install --quiet 3.13 && $uv python find 3.13; }) || {
        # Nothing newer will do: the functions run on Lambda's python3.13, and the lock is made for it.
        echo "Convoke needs Python 3.13 (no other: Lambda runs it) and could not fetch it. Debian 13: sudo apt" \
            "install python3.13; Ubuntu: sudo add-apt-repository ppa:deadsnakes/ppa && sudo apt install" \
            "python3.13; macOS: brew install python@3.13; anywhere: pyenv install 3.13; then run this again." >&2
        exit 1
    }
fi

$uv sync --quiet --locked --python "$python"

# ministack pins its own botocore, so it has an environment of its own.
[ -e .tools/ministack ] || echo "Installing the local SQS server into .tools/ministack" >&2
UV_PROJECT_ENVIRONMENT=.tools/ministack $uv sync --quiet --locked --only-group ministack --python "$python"
