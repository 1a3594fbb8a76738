"""Reads the caller's identity from the claims that API Gateway's authorizer verified, and from nothing else.

Claims: OpenID Connect Core 1.0, 5.1. Their place in the Lambda event: `requestContext.authorizer` (HTTP API
payload format 2.0).
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from convoke.domain import email_key
from convoke.errors import NotAuthenticatedError

from convoke_api.web.fields import parse_email, parse_locale, parse_text, parse_time_zone

_MAX_NAME_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Identity:
    """The caller as the identity provider describes them; None for a claim that could not be stored."""

    #: SHA-256 of `sub`, which is personal data and is stored only as this hash.
    subject_hash: str
    email: str | None
    #: The address by which others invite the caller; None while the provider has not verified it.
    verified_email_key: str | None
    full_name: str | None
    locale: str | None
    time_zone: str | None
    #: When the token was issued (`iat`); a token issued before the person's erasure is void.
    issued_at: datetime


def read_identity(event: Mapping[str, Any]) -> Identity:
    """Return the identity in an API Gateway event; raise NotAuthenticatedError without verified claims.

    Headers are never read: a direct invocation of the function could set them.
    """
    try:
        claims = event["requestContext"]["authorizer"]["jwt"]["claims"]
        subject = claims["sub"]
    except (KeyError, TypeError) as error:
        raise NotAuthenticatedError from error
    if not isinstance(subject, str) or not subject:
        raise NotAuthenticatedError
    email = _read_claim(claims, "email", parse_email)
    # API Gateway passes every claim as text.
    verified = str(claims.get("email_verified", "")).lower() == "true"
    return Identity(
        subject_hash=hashlib.sha256(subject.encode(errors="surrogatepass")).hexdigest(),
        email=email,
        verified_email_key=email_key(email) if email and verified else None,
        full_name=_read_claim(claims, "name", _parse_name),
        locale=_read_claim(claims, "locale", parse_locale),
        time_zone=_read_claim(claims, "zoneinfo", parse_time_zone),
        issued_at=_read_issue_time(claims),
    )


def _read_claim(claims: Mapping[str, Any], name: str, parse: Callable[[str], str]) -> str | None:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        return None
    try:
        return parse(value)
    except ValueError:
        return None


def _read_issue_time(claims: Mapping[str, Any]) -> datetime:
    try:
        return datetime.fromtimestamp(float(claims["iat"]), UTC)
    except (KeyError, ValueError, TypeError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _parse_name(value: str) -> str:
    if len(value) > _MAX_NAME_LENGTH:
        raise ValueError("is too long")
    return parse_text(value)
