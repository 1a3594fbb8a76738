"""Rules for the user pool, which is created if no issuer is given: its tokens are those that the API accepts.

Source: Amazon Cognito developer guide, "Pre token generation Lambda trigger" and "Feature plans".
"""

from contract.template.expansion import TOKEN_CLAIMS, Faults, Template, arn_of
from convoke_token_claims.handler import CLAIMS, SCOPE

_LOCAL_HOSTS = ("localhost", "localhost:3000", "localhost:8443", "127.0.0.1", "127.0.0.1:3000", "[::1]:3000")
_OPEN_FLOWS = {"ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"}


def access_tokens_carry_the_claims_that_the_api_reads(template: Template) -> Faults:
    for name, pool in template.of_type("AWS::Cognito::UserPool").items():
        trigger = pool.get("LambdaConfig", {}).get("PreTokenGenerationConfig", {})
        if trigger.get("LambdaArn") != arn_of(TOKEN_CLAIMS):
            yield f"{name}: no trigger adds claims to access tokens"
        # Version 1 changes only ID tokens, and Lite has no other.
        if trigger.get("LambdaVersion") not in ("V2_0", "V3_0"):
            yield f"{name}: LambdaVersion must be V2_0 for access tokens"
        if pool.get("UserPoolTier") not in ("ESSENTIALS", "PLUS"):
            yield f"{name}: UserPoolTier must be ESSENTIALS for access tokens"
        attributes = {attribute["Name"] for attribute in pool.get("Schema", [])} | {"email_verified"}
        for claim in sorted(set(CLAIMS) - attributes):
            yield f"{name}: has no attribute {claim}"


def an_address_is_verified_before_it_counts(template: Template) -> Faults:
    for name, pool in template.of_type("AWS::Cognito::UserPool").items():
        if pool.get("AutoVerifiedAttributes") != ["email"]:
            yield f"{name}: accepts unverified addresses"
        changed = pool.get("UserAttributeUpdateSettings", {}).get("AttributesRequireVerificationBeforeUpdate")
        if changed != ["email"]:
            yield f"{name}: a changed address counts before it is verified"
    for name, client in template.of_type("AWS::Cognito::UserPoolClient").items():
        # A person who may write the attribute could claim any address.
        if "email_verified" in client.get("WriteAttributes", ["email_verified"]):
            yield f"{name}: lets people mark their own address as verified"


def the_client_gets_the_api_s_scope_and_reveals_no_accounts(template: Template) -> Faults:
    scopes = {
        f"{server['Identifier']}/{scope['ScopeName']}"
        for server in template.of_type("AWS::Cognito::UserPoolResourceServer").values()
        for scope in server.get("Scopes", [])
    }
    default = template.expanded["Parameters"]["JwtScope"]["Default"]
    if not {SCOPE, default} <= scopes:
        yield f"the pool has {sorted(scopes)}, the trigger adds {SCOPE}, the gateway requires {default}"
    for name, client in template.of_type("AWS::Cognito::UserPoolClient").items():
        if SCOPE not in client.get("AllowedOAuthScopes", []):
            yield f"{name}: cannot request {SCOPE}"
        if client.get("PreventUserExistenceErrors") != "ENABLED":
            yield f"{name}: reveals which accounts exist"
        if client.get("AllowedOAuthFlows") != ["code"]:
            yield f"{name}: must use only the code flow"
        if _OPEN_FLOWS & set(client.get("ExplicitAuthFlows", [])):
            yield f"{name}: accepts passwords without SRP"


def sign_up_is_closed_unless_a_parameter_opens_it(template: Template) -> Faults:
    for name, pool in template.of_type("AWS::Cognito::UserPool").items():
        closed = pool.get("AdminCreateUserConfig", {}).get("AllowAdminCreateUserOnly", False)
        if template.value(closed) is not True:
            yield f"{name}: sign-up is open by default"


def prod_allows_no_localhost(template: Template) -> Faults:
    page, callback = {"AllowedOrigin": "https://a.example"}, {"CallbackUrl": "https://a.example/back"}
    issuer = {"JwtIssuer": "https://issuer.example", "JwtAudience": "convoke"}
    for stage in ("dev", "staging"):
        if template.refusals(Stage=stage, ReleaseId="0123456789"):
            yield f"{stage} cannot be created without a page"
    for given in ({**page, **callback}, {**page, **issuer}):
        if refused := template.refusals(Stage="prod", ReleaseId="0123456789", **given):
            yield f"prod cannot be created with {given}: {refused}"
    for given in ({}, page, callback, issuer):
        if not template.refusals(Stage="prod", ReleaseId="0123456789", **given):
            yield f"prod accepts localhost if it is given {sorted(given)}"
    for host in _LOCAL_HOSTS:
        for scheme in ("http", "https"):
            for name, path in (("AllowedOrigin", ""), ("CallbackUrl", "/")):
                given = {**page, **callback, name: f"{scheme}://{host}{path}"}
                if not template.refusals(Stage="prod", ReleaseId="0123456789", **given):
                    yield f"prod accepts {given[name]} for {name}"


RULES = (
    sign_up_is_closed_unless_a_parameter_opens_it,
    prod_allows_no_localhost,
    access_tokens_carry_the_claims_that_the_api_reads,
    an_address_is_verified_before_it_counts,
    the_client_gets_the_api_s_scope_and_reveals_no_accounts,
)
