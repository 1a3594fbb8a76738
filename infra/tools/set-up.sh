#!/bin/sh
# Make .tools/NAME from infra/tools/locks/NAME.txt; quick when nothing has changed:
#   sam      the SAM CLI, its translator and cfn-lint
#   checkov  checkov, whose boto3 is another than the SAM CLI's
#   charts   matplotlib, for `make dashboard`
#   release  CycloneDX, for `make release`
#   mutation cosmic-ray, for `make mutation`
# They pin their own boto3, click and pydantic, so they live beside the project's environment, not in it.
# Needs what local/set-up.sh makes: .venv and, unless uv is installed, .tools/uv.
set -eu
cd "$(dirname "$0")/../.."

name=$1
lock=infra/tools/locks/$name.txt
if cmp -s "$lock" ".tools/$name/requirements.txt"; then
    exit 0
fi
uv=.tools/uv/bin/uv
[ -x $uv ] || uv=uv

echo "Installing .tools/$name" >&2
$uv venv --quiet --clear --python .venv/bin/python ".tools/$name"
VIRTUAL_ENV=.tools/$name $uv pip sync --quiet --require-hashes --compile-bytecode "$lock"
cp "$lock" ".tools/$name/requirements.txt"
