#!/bin/sh
# Run `sam build` into FOLDER (default .aws-sam/build), compile the artifacts and print their sizes. Further arguments go
# to `sam build`: infra/tools/build.sh .aws-sam/here --parameter-overrides Architecture=x86_64
set -eu
cd "$(dirname "$0")/../.."

folder=${1:-.aws-sam/build}
[ $# -eq 0 ] || shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT
infra/tools/sam.sh build --build-dir "$folder" "$@" >"$log" 2>&1 || {
    cat "$log" >&2
    exit 1
}
.tools/sam/bin/python infra/tools/artifacts.py "$folder"
