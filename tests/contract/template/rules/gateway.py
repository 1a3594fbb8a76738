"""Rules for the HTTP API: authorization, CORS, throttling and the access log."""

import json

from contract.template.expansion import TOKEN_CLAIMS, Faults, Template, arn_of, reference

#: A preflight carries no token (Fetch standard), and $default would respond 401.
OPEN_ROUTES = {("/health", "get"), ("/health", "head"), ("/{proxy+}", "options")}

_CORS_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
_REQUEST_HEADERS = {
    "authorization",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "x-correlation-id",
}
_RESPONSE_HEADERS = {"etag", "location", "idempotency-replayed", "retry-after", "x-correlation-id"}
_LOGGED = {
    "$context.requestId",
    "$context.routeKey",
    "$context.status",
    "$context.responseLatency",
    "$context.integrationErrorMessage",
    "$context.authorizer.error",
    "$context.authorizer.claims.sub",
}
_NEVER_LOGGED = ("email", "claims.name", "authorization", "sourceIp", "rawQueryString")


def every_route_but_health_and_preflight_needs_a_token_with_a_scope(template: Template) -> Faults:
    for name, api in template.of_type("AWS::ApiGatewayV2::Api").items():
        routes = {
            (path, method): operation
            for path, operations in api.get("Body", {}).get("paths", {}).items()
            for method, operation in operations.items()
        }
        for route, operation in routes.items():
            schemes = [scheme for entry in operation.get("security", []) for scheme in entry.items()]
            is_open = not schemes or any(scheme == "NONE" for scheme, _ in schemes)
            if is_open and route not in OPEN_ROUTES:
                yield f"{name}: {route} is open"
            if not is_open and not all(scopes for _, scopes in schemes):
                yield f"{name}: {route} takes a token without a scope"
            if not is_open and route in OPEN_ROUTES:
                yield f"{name}: {route} must be open"
        for route in OPEN_ROUTES - routes.keys():
            yield f"{name}: {route} is missing"
        if not any(operation.get("isDefaultRoute") for operation in routes.values()):
            yield f"{name}: unknown paths do not reach the application: there is no $default route"


def tokens_are_checked_by_issuer_and_audience(template: Template) -> Faults:
    for name, api in template.of_type("AWS::ApiGatewayV2::Api").items():
        schemes = api.get("Body", {}).get("components", {}).get("securitySchemes", {})
        if not schemes:
            yield f"{name}: has no authorizer"
        for scheme, definition in schemes.items():
            authorizer = definition.get("x-amazon-apigateway-authorizer", {})
            configuration = authorizer.get("jwtConfiguration", {})
            if authorizer.get("type") != "jwt":
                yield f"{name}: {scheme} is not a JWT authorizer"
            if not configuration.get("issuer") or not configuration.get("audience"):
                yield f"{name}: {scheme} does not check issuer and audience"


def nothing_but_the_gateway_scheduler_and_queue_invokes_a_function(template: Template) -> Faults:
    for name in template.of_type("AWS::Lambda::Url"):
        yield f"{name}: a function URL bypasses the authorizer"
    for name, permission in template.of_type("AWS::Lambda::Permission").items():
        if permission.get("Principal") == "cognito-idp.amazonaws.com":
            wanted = (arn_of(TOKEN_CLAIMS), reference("AWS::AccountId"))
            if (permission.get("FunctionName"), permission.get("SourceAccount")) != wanted:
                yield f"{name}: lets Cognito invoke more than the claims function"
        elif permission.get("Principal") != "apigateway.amazonaws.com" or "SourceArn" not in permission:
            yield f"{name}: lets callers other than our gateway invoke a function"


def cors_lists_what_browsers_may_send_and_read(template: Template) -> Faults:
    for name, api in template.of_type("AWS::ApiGatewayV2::Api").items():
        cors = api.get("Body", {}).get("x-amazon-apigateway-cors")
        if not cors:
            yield f"{name}: the CORS block is missing or was dropped by the translator"
            continue
        origins = cors.get("allowOrigins")
        if not isinstance(origins, list) or not origins or "*" in origins:
            yield f"{name}: CORS must list the origins"
        if cors.get("allowCredentials"):
            yield f"{name}: CORS allows credentials, and no call uses cookies"
        for key, expected in (
            ("allowMethods", _CORS_METHODS),
            ("allowHeaders", _REQUEST_HEADERS),
            ("exposeHeaders", _RESPONSE_HEADERS),
        ):
            if set(cors.get(key, [])) != expected:
                yield f"{name}: CORS {key} must be {sorted(expected)}"


def the_stage_is_throttled_and_pays_for_no_unused_metrics(template: Template) -> Faults:
    stages = template.of_type("AWS::ApiGatewayV2::Stage")
    if not stages:
        yield "there is no stage"
    for name, stage in stages.items():
        settings = stage.get("DefaultRouteSettings", {})
        for key in ("ThrottlingRateLimit", "ThrottlingBurstLimit"):
            # Zero would refuse every call.
            if not isinstance(limit := template.value(settings.get(key)), int) or limit < 1:
                yield f"{name}: {key} is not set"
        # Four routes, six metrics each, and the dashboard shows those of the whole API.
        if settings.get("DetailedMetricsEnabled"):
            yield f"{name}: metrics per route cost money, and no widget shows them"


def each_call_is_logged_without_personal_data(template: Template) -> Faults:
    for name, stage in template.of_type("AWS::ApiGatewayV2::Stage").items():
        log = stage.get("AccessLogSettings", {})
        if "DestinationArn" not in log:
            yield f"{name}: calls are not logged"
            continue
        try:
            logged = set(json.loads(log["Format"]).values())
        except ValueError:
            yield f"{name}: the access log's format is not one JSON object"
            continue
        for variable in sorted(_LOGGED - logged):
            yield f"{name}: the access log lacks {variable}"
        for word in _NEVER_LOGGED:
            if any(word.lower() in variable.lower() for variable in logged):
                yield f"{name}: the access log holds {word}"


RULES = (
    every_route_but_health_and_preflight_needs_a_token_with_a_scope,
    tokens_are_checked_by_issuer_and_audience,
    nothing_but_the_gateway_scheduler_and_queue_invokes_a_function,
    cors_lists_what_browsers_may_send_and_read,
    the_stage_is_throttled_and_pays_for_no_unused_metrics,
    each_call_is_logged_without_personal_data,
)
