#!/bin/sh
# Run `sam` of .tools/sam in the project's folder, without telemetry, with a state folder of its own.
set -eu
cd "$(dirname "$0")/../.."

# `sam build` uses the first python3.13 on PATH and its pip. A pyenv shim there fails; this one does not.
PATH="$PWD/.tools/sam/bin:$PATH"
SAM_CLI_TELEMETRY=0
__SAM_CLI_APP_DIR="$PWD/.tools/sam/app"
export PATH SAM_CLI_TELEMETRY __SAM_CLI_APP_DIR
case ${1:-} in
    validate | build)
        # They need a region although they call no service. A deployment uses the caller's settings.
        AWS_DEFAULT_REGION=${AWS_DEFAULT_REGION:-${AWS_REGION:-us-east-1}}
        export AWS_DEFAULT_REGION
        ;;
esac
mkdir -p "$__SAM_CLI_APP_DIR"
exec sam "$@"
