#!/bin/sh
# Install the group NAME of pyproject.toml, as locked in uv.lock, into .tools/NAME. Quick if nothing has changed.
#   sam       the SAM CLI, its translator and cfn-lint
#   checkov   checkov
#   charts    matplotlib, for `make dashboard` and `make bench`
#   release   CycloneDX, for `make release`
#   mutation  cosmic-ray, for `make mutation`
# Needs the results of local/set-up.sh: .venv and, unless uv is installed, .tools/uv.
set -eu
cd "$(dirname "$0")/../.."

name=$1
[ -e ".tools/$name" ] || echo "Installing .tools/$name" >&2
UV_PROJECT_ENVIRONMENT=.tools/$name $(./local/find-uv.sh .venv/bin/python) sync \
    --quiet --locked --compile-bytecode --only-group "$name" --python .venv/bin/python
