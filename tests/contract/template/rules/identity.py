"""What must hold of the user pool that is made when there is no issuer: its tokens are what the API takes.

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
            yield f"{name}: nobody puts claims into access tokens"
        # Version 1 changes ID tokens alone, and Lite has no other.
        if trigger.get("LambdaVersion") not in ("V2_0", "V3_0"):
            yield f"{name}: LambdaVersion must be V2_0 for access tokens"
        if pool.get("UserPoolTier") not in ("ESSENTIALS", "PLUS"):
            yield f"{name}: UserPoolTier must be ESSENTIALS for access tokens"
        attributes = {attribute["Name"] for attribute in pool.get("Schema", [])} | {"email_verified"}
        for claim in sorted(set(CLAIMS) - attributes):
            yield f"{name}: has no attribute {claim}"


def an_address_is_proved_before_it_counts(template: Template) -> Faults:
    for name, pool in template.of_type("AWS::Cognito::UserPool").items():
        if pool.get("AutoVerifiedAttributes") != ["email"]:
            yield f"{name}: takes addresses without a proof"
        changed = pool.get("UserAttributeUpdateSettings", {}).get("AttributesRequireVerificationBeforeUpdate")
        if changed != ["email"]:
            yield f"{name}: a changed address counts before it is proved"
    for name, client in template.of_type("AWS::Cognito::UserPoolClient").items():
        # Who may write it would be whoever they say they are.
        if "email_verified" in client.get("WriteAttributes", ["email_verified"]):
            yield f"{name}: lets people call their own address proved"


def the_client_gets_the_api_s_scope_and_tells_nobody_who_exists(template: Template) -> Faults:
    scopes = {
        f"{server['Identifier']}/{scope['ScopeName']}"
        for server in template.of_type("AWS::Cognito::UserPoolResourceServer").values()
        for scope in server.get("Scopes", [])
    }
    default = template.expanded["Parameters"]["JwtScope"]["Default"]
    if not {SCOPE, default} <= scopes:
        yield f"the pool knows {sorted(scopes)}, the trigger adds {SCOPE}, the gateway wants {default}"
    for name, client in template.of_type("AWS::Cognito::UserPoolClient").items():
        if SCOPE not in client.get("AllowedOAuthScopes", []):
            yield f"{name}: cannot ask for {SCOPE}"
        if client.get("PreventUserExistenceErrors") != "ENABLED":
            yield f"{name}: says who exists"
        if client.get("AllowedOAuthFlows") != ["code"]:
            yield f"{name}: must use the code flow alone"
        if _OPEN_FLOWS & set(client.get("ExplicitAuthFlows", [])):
            yield f"{name}: takes passwords without the protocol that hides them"


def nobody_signs_up_unless_a_parameter_says_so(template: Template) -> Faults:
    for name, pool in template.of_type("AWS::Cognito::UserPool").items():
        closed = pool.get("AdminCreateUserConfig", {}).get("AllowAdminCreateUserOnly", False)
        if template.value(closed) is not True:
            yield f"{name}: anybody may sign up by default"


def production_serves_no_page_of_a_localhost(template: Template) -> Faults:
    page, callback = {"AllowedOrigin": "https://a.example"}, {"CallbackUrl": "https://a.example/back"}
    issuer = {"JwtIssuer": "https://issuer.example", "JwtAudience": "convoke"}
    for stage in ("dev", "staging"):
        if template.refusals(Stage=stage, ReleaseId="0123456789"):
            yield f"{stage} cannot be made without a page"
    for given in ({**page, **callback}, {**page, **issuer}):
        if refused := template.refusals(Stage="prod", ReleaseId="0123456789", **given):
            yield f"prod cannot be made with {given}: {refused}"
    for given in ({}, page, callback, issuer):
        if not template.refusals(Stage="prod", ReleaseId="0123456789", **given):
            yield f"prod takes localhost for a page when it is given {sorted(given)}"
    for host in _LOCAL_HOSTS:
        for scheme in ("http", "https"):
            for name, path in (("AllowedOrigin", ""), ("CallbackUrl", "/")):
                given = {**page, **callback, name: f"{scheme}://{host}{path}"}
                if not template.refusals(Stage="prod", ReleaseId="0123456789", **given):
                    yield f"prod takes {given[name]} for {name}"


RULES = (
    nobody_signs_up_unless_a_parameter_says_so,
    production_serves_no_page_of_a_localhost,
    access_tokens_carry_the_claims_that_the_api_reads,
    an_address_is_proved_before_it_counts,
    the_client_gets_the_api_s_scope_and_tells_nobody_who_exists,
)
