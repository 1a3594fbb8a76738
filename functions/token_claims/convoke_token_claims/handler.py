"""What a Cognito user pool asks before it issues tokens: which claims the access token shall carry.

Event and answer: "Pre token generation Lambda trigger", version 2, in the Amazon Cognito developer guide.
Standard library alone: it runs at every sign-in and refresh, and Cognito waits for five seconds at most.
"""

from typing import Any

#: What the API reads (convoke_api.web.identity) and Cognito keeps out of access tokens unless it is told.
CLAIMS = ("email", "email_verified", "name", "locale", "zoneinfo")
#: Tokens from the sign-in page have it when the client asks; those from InitiateAuth never would.
SCOPE = "convoke/api"


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """The event with the answer filled in: the person's attributes as claims, and the API's scope."""
    attributes = event["request"].get("userAttributes", {})
    granted = event["request"].get("scopes") or []
    event["response"]["claimsAndScopeOverrideDetails"] = {
        "accessTokenGeneration": {
            "claimsToAddOrOverride": {name: attributes[name] for name in CLAIMS if attributes.get(name)},
            "scopesToAdd": [] if SCOPE in granted else [SCOPE],
        }
    }
    return event
