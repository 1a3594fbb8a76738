#!/bin/sh
# `sam` of .tools/sam, from the project's folder: quiet, with its own state, and with what it needs on PATH.
set -eu
cd "$(dirname "$0")/../.."

# `sam build` takes the first python3.13 on PATH and its pip. A pyenv shim there fails; this one is real.
PATH="$PWD/.tools/sam/bin:$PATH"
SAM_CLI_TELEMETRY=0
__SAM_CLI_APP_DIR="$PWD/.tools/sam/app"
export PATH SAM_CLI_TELEMETRY __SAM_CLI_APP_DIR
case ${1:-} in
    validate | build)
        # They want a region though they call nobody. A deployment goes where the person's settings say.
        AWS_DEFAULT_REGION=${AWS_DEFAULT_REGION:-${AWS_REGION:-us-east-1}}
        export AWS_DEFAULT_REGION
        ;;
esac
mkdir -p "$__SAM_CLI_APP_DIR"
exec sam "$@"
