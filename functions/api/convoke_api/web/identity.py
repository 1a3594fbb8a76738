"""Who is calling: the claims that API Gateway's authorizer verified, and nothing else.

Claims: OpenID Connect Core 1.0, 5.1. In the event: HTTP API payload format 2.0, `requestContext.authorizer`.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from convoke.domain import email_key
from convoke.errors import NotAuthenticatedError

from convoke_api.web.fields import parse_email, parse_locale, parse_text, parse_time_zone

_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Identity:
    """The caller as the identity provider names them. What a claim holds that we could not store is None."""

    #: Stands for `sub`, which is personal data: the hash is all that is kept of it.
    subject_hash: str
    email: str | None
    #: By this address others invite the caller; None while the provider has not verified it.
    verified_email_key: str | None
    full_name: str | None
    locale: str | None
    time_zone: str | None
    #: When the token was issued (`iat`): one from before the person's erasure is void.
    issued_at: datetime


def read_identity(event: Mapping[str, Any]) -> Identity:
    """The identity in an API Gateway event; raises NotAuthenticatedError when it holds no verified claims.

    Headers are never looked at: whoever invokes the function directly could set them.
    """
    try:
        claims = event["requestContext"]["authorizer"]["jwt"]["claims"]
        subject = claims["sub"]
    except (KeyError, TypeError) as error:
        raise NotAuthenticatedError from error
    if not isinstance(subject, str) or not subject:
        raise NotAuthenticatedError
    email = _read_claim(claims, "email", parse_email)
    # API Gateway hands every claim over as text.
    verified = str(claims.get("email_verified", "")).lower() == "true"
    return Identity(
        subject_hash=hashlib.sha256(subject.encode(errors="surrogatepass")).hexdigest(),
        email=email,
        verified_email_key=email_key(email) if email and verified else None,
        full_name=_read_claim(claims, "name", _check_name),
        locale=_read_claim(claims, "locale", parse_locale),
        time_zone=_read_claim(claims, "zoneinfo", parse_time_zone),
        issued_at=_read_issue_time(claims),
    )


def _read_claim(claims: Mapping[str, Any], name: str, check: Callable[[str], str]) -> str | None:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        return None
    try:
        return check(value)
    except ValueError:
        return None


def _read_issue_time(claims: Mapping[str, Any]) -> datetime:
    try:
        return datetime.fromtimestamp(float(claims["iat"]), UTC)
    except (KeyError, ValueError, TypeError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _check_name(value: str) -> str:
    if len(value) > _LONGEST_NAME:
        raise ValueError("is too long")
    return parse_text(value)
