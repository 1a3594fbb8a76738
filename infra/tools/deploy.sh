#!/bin/sh
# Build, deploy, migrate, smoke-test: infra/tools/deploy.sh STAGE, a stage of samconfig.toml, or `make deploy STAGE=dev`.
# Credentials as for the AWS CLI. TOKEN (a bearer token of the stage) lets the smoke test run at the end;
# without one, and with the user pool that the stack made, SMOKE_USER and SMOKE_PASSWORD fetch one.
set -eu
cd "$(dirname "$0")/../.."

stage=${1:?which stage: dev, staging or prod}
stack=convoke-$stage
parameters=parameters.$stage.yaml
command -v aws >/dev/null || { echo "deploy: needs the AWS CLI on PATH" >&2; exit 1; }
grep -q "^\[$stage\." samconfig.toml || { echo "deploy: samconfig.toml has no stage $stage" >&2; exit 1; }
[ -f "$parameters" ] || : >"$parameters"

# The AWS CLI reads AWS_REGION first, the SAM CLI AWS_DEFAULT_REGION alone: both get the same region here.
region=${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region || :)}}
[ -n "$region" ] || { echo "deploy: to which region? Set AWS_REGION, or a region in your profile" >&2; exit 1; }
AWS_REGION=$region
AWS_DEFAULT_REGION=$region
export AWS_REGION AWS_DEFAULT_REGION

# Lambda keeps 100 executions unreserved, and a new account has 10 in all: checked now, because a stack would roll back
# only after a quarter of an hour.
reserved=$(sed -n 's/^ApiConcurrency: *\([0-9]*\).*/\1/p' "$parameters")
needed=$((100 + ${reserved:-50} + 1))
if ! grep -Eq '^ReserveConcurrency: *"?off' "$parameters" &&
    ! aws cloudformation describe-stacks --stack-name "$stack" >/dev/null 2>&1; then
    free=$(aws lambda get-account-settings --query AccountLimit.UnreservedConcurrentExecutions --output text)
    if [ "$free" -lt "$needed" ]; then
        echo "deploy: the account has $free concurrent executions to reserve from, and $needed are needed: raise the" \
            "quota, or write ReserveConcurrency: \"off\" into $parameters (docs/deploy.md)" >&2
        exit 1
    fi
fi

infra/tools/build.sh .aws-sam/build --parameter-overrides \
    "file://infra/stages/$stage.yaml" ReleaseId=0000000000 "file://$parameters"
release=$(.tools/sam/bin/python infra/tools/release_id.py .aws-sam/build "infra/stages/$stage.yaml" "$parameters")

# The stage's parameters, this release's, and those of the person's own file, which take precedence.
infra/tools/sam.sh deploy --config-env "$stage" --parameter-overrides \
    "file://infra/stages/$stage.yaml" "ReleaseId=$release" "file://$parameters"

output() {
    aws cloudformation describe-stacks --stack-name "$stack" --output text \
        --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue"
}

# The functions already run: the schema only grows, and they find its new parts at their next attempt.
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT
failed=$(aws lambda invoke --function-name "$(output MigratorFunctionName)" --payload '{"command": "upgrade"}' \
    --cli-binary-format raw-in-base64-out --cli-read-timeout 900 --query FunctionError --output text "$answer")
if [ "$failed" != None ]; then
    echo "deploy: the migration failed: $(cat "$answer")" >&2
    exit 1
fi
echo "Schema: $(cat "$answer")"

if [ -z "${TOKEN:-}" ] && [ -n "${SMOKE_USER:-}" ]; then
    TOKEN=$(infra/tools/pool-user.sh "$stack" token)
fi
if [ -z "${TOKEN:-}" ]; then
    echo "Smoke test skipped: it needs TOKEN, or SMOKE_USER and SMOKE_PASSWORD." >&2
    exit 0
fi
export TOKEN
.venv/bin/python infra/tools/smoke.py "$(output ApiUrl)"
