#!/bin/sh
# Set the password of SMOKE_USER in a stack's user pool, or print an access token of that person:
# infra/tools/pool-user.sh STACK password|token. SMOKE_PASSWORD is read from the environment and goes to the AWS
# CLI on its standard input: in an argument, a list of processes would show it.
set -eu
cd "$(dirname "$0")/../.."

stack=${1:?which stack, like convoke-dev}
output() {
    aws cloudformation describe-stacks --stack-name "$stack" --output text \
        --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue"
}
POOL=$(output UserPoolId)
CLIENT=$(output UserPoolClientId)
export POOL CLIENT

case ${2:-} in
    password)
        .venv/bin/python -c '
import json
from os import environ as given
print(json.dumps({
    "UserPoolId": given["POOL"], "Username": given["SMOKE_USER"],
    "Password": given["SMOKE_PASSWORD"], "Permanent": True,
}))' | aws cognito-idp admin-set-user-password --cli-input-json file:///dev/stdin
        ;;
    token)
        .venv/bin/python -c '
import json
from os import environ as given
print(json.dumps({
    "UserPoolId": given["POOL"], "ClientId": given["CLIENT"], "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
    "AuthParameters": {"USERNAME": given["SMOKE_USER"], "PASSWORD": given["SMOKE_PASSWORD"]},
}))' | aws cognito-idp admin-initiate-auth --cli-input-json file:///dev/stdin \
            --query AuthenticationResult.AccessToken --output text
        ;;
    *)
        echo "pool-user: password or token?" >&2
        exit 1
        ;;
esac
