#!/bin/sh
# `sam build` into FOLDER (.aws-sam/build when not given), compiled, with the sizes. More arguments go to `sam build`:
#   infra/tools/build.sh .aws-sam/here --parameter-overrides Architecture=x86_64
set -eu
cd "$(dirname "$0")/../.."

folder=${1:-.aws-sam/build}
[ $# -eq 0 ] || shift
# `sam build` takes the first python3.13 on PATH and its pip. A pyenv shim there fails; this one is real.
PATH="$PWD/.tools/sam/bin:$PATH"
export PATH SAM_CLI_TELEMETRY=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
sam build --build-dir "$folder" "$@" >"$log" 2>&1 || {
    cat "$log" >&2
    exit 1
}
python3.13 infra/tools/artifacts.py "$folder"
