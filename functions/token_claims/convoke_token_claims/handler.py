"""The token-claims function: adds claims and the API's scope to an access token before Cognito issues it.

Lambda event and response: "Pre token generation Lambda trigger", version 2, in the Amazon Cognito developer
guide.
Standard library alone: it runs at every sign-in and refresh, and Cognito waits for five seconds at most.
"""

from typing import Any

#: The claims that the API reads (convoke_api.web.identity). Cognito
#: leaves them out of access tokens by default.
CLAIMS = ("email", "email_verified", "name", "locale", "zoneinfo")
#: Tokens from the sign-in page have it when the client requests it; those from InitiateAuth never would.
SCOPE = "convoke/api"


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Return the Lambda event with its response: the person's attributes as claims, and the API's scope."""
    attributes = event["request"].get("userAttributes", {})
    granted = event["request"].get("scopes") or []
    event["response"]["claimsAndScopeOverrideDetails"] = {
        "accessTokenGeneration": {
            "claimsToAddOrOverride": {name: attributes[name] for name in CLAIMS if attributes.get(name)},
            "scopesToAdd": [] if SCOPE in granted else [SCOPE],
        }
    }
    return event
