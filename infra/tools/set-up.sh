#!/bin/sh
# Make .tools/sam (the SAM CLI, its translator and cfn-lint) from its own lock; quick when nothing has changed.
# They pin their own boto3, click and pydantic, so they live beside the project's environment, not in it.
# Needs what local/set-up.sh makes: .venv.
set -eu
cd "$(dirname "$0")/../.."

lock=infra/tools/requirements.txt
if cmp -s $lock .tools/sam/requirements.txt; then
    exit 0
fi
uv=$(./local/find-uv.sh .venv/bin/python)

echo "Installing the SAM CLI and cfn-lint into .tools/sam" >&2
$uv venv --quiet --clear --python .venv/bin/python .tools/sam
VIRTUAL_ENV=.tools/sam $uv pip sync --quiet --require-hashes --compile-bytecode $lock
cp $lock .tools/sam/requirements.txt
