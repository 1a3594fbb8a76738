#!/bin/sh
# Make .tools/bench from uv.lock: the project's environment with the peers of the benchmarks in it (Celery, Redis,
# procrastinate). Quick when nothing has changed. Needs what local/set-up.sh makes.
# Exit status 1, and the last line says so, when they cannot be had; .venv can measure all but those peers.
set -eu
cd "$(dirname "$0")/.."

made=.tools/bench/made-from
if cat pyproject.toml uv.lock | cmp -s - $made; then
    exit 0
fi
uv=$(./local/find-uv.sh .venv/bin/python)

echo "Installing .tools/bench" >&2
UV_PROJECT_ENVIRONMENT=.tools/bench $uv sync --quiet --locked --compile-bytecode --group bench --python .venv/bin/python || {
    echo "Celery, Redis and procrastinate could not be installed into .tools/bench: that needs the package index." >&2
    exit 1
}
cat pyproject.toml uv.lock > $made
