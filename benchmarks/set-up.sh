#!/bin/sh
# Install the project with the peers of the benchmarks (Celery, Redis, procrastinate), as locked in uv.lock, into
# .tools/bench. Quick when nothing has changed. Needs what local/set-up.sh makes.
# Exit status 1, with a last line that says so, when they cannot be installed; .venv measures all but those peers.
set -eu
cd "$(dirname "$0")/.."

[ -e .tools/bench ] || echo "Installing .tools/bench" >&2
UV_PROJECT_ENVIRONMENT=.tools/bench $(./local/find-uv.sh .venv/bin/python) sync \
    --quiet --locked --compile-bytecode --group bench --python .venv/bin/python || {
    echo "Celery, Redis and procrastinate could not be installed into .tools/bench: that needs the package index." >&2
    exit 1
}
