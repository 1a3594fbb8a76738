"""Make and verify the bearer tokens of the local stack, in place of an OpenID Connect issuer.

The development key (HS256, RFC 7518, 3.2) is in the data folder.
"""

import math
import os
import re
import secrets
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

import jwt
from convoke.domain import email_key

from convoke_local.processes.folders import ensure_own_folder

ISSUER = "https://issuer.convoke.localhost"
AUDIENCE = "convoke"
SCOPE = "convoke/api"

_ALGORITHM = "HS256"
_KEY_FILE = "token.key"
#: RFC 7518, 3.2: an HS256 key has at least the 256 bits of the hash; these are more.
_KEY_BYTES = 48
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_LOCALE = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*")


class InvalidTokenError(ValueError):
    """The token was not issued by this stack, or is no longer valid; the message is the reason."""


def load_key(data_folder: Path) -> str:
    """Return the signing key of this data folder, created at first use and readable by its owner alone.

    Two processes that create it at once get the same key. Raises OSError when the folder cannot be read or
    written, LocalStackError when another user owns files there, ValueError when the file exists and holds no
    key.
    """
    path = data_folder / _KEY_FILE
    data_folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    ensure_own_folder(data_folder)
    if not path.exists():
        _publish_key(path, secrets.token_urlsafe(_KEY_BYTES))
    key = path.read_text("ascii", errors="replace").strip()
    if len(key) < _KEY_BYTES:
        raise ValueError(f"{path} holds no signing key: delete it, and a new one is created")
    return key


def make_token(
    key: str,
    email: str,
    *,
    name: str | None = None,
    locale: str | None = None,
    zone: str | None = None,
    verified: bool = True,
    ttl_seconds: int = 86400,
    now: datetime | None = None,
) -> str:
    """Make a token with the OpenID Connect standard claims of a person; a negative `ttl_seconds` is expired.

    Raises ValueError for an invalid address, locale or IANA zone.
    """
    if not _EMAIL.fullmatch(email):
        raise ValueError("the e-mail address must look like person@example.org")
    if locale is not None and not _LOCALE.fullmatch(locale):
        raise ValueError("the locale must be a language tag such as ru or en-GB")
    if zone is not None:
        _ensure_zone(zone)
    # Not in whole seconds: a token that is issued right after an erasure must differ from one before it.
    # Rounded down: a token from the future is not valid yet.
    issued_at = math.floor((now or datetime.now(UTC)).timestamp() * 1000) / 1000
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": _subject_of(email),
        "email": email,
        "email_verified": verified,
        "name": name,
        "locale": locale,
        "zoneinfo": zone,
        "iat": issued_at,
        "exp": issued_at + ttl_seconds,
        "scope": SCOPE,
    }
    return jwt.encode({claim: value for claim, value in claims.items() if value is not None}, key, _ALGORITHM)


def verify_token(key: str, token: str) -> dict[str, Any]:
    """Return the claims of a token that `key` signed and that is valid now.

    Raises InvalidTokenError otherwise: signature, algorithm, issuer, audience and times are checked, and
    `sub`, `iat` and `exp` are required. The message is fit for a log: it quotes nothing of the token.
    """
    if not token.isascii():
        raise InvalidTokenError("the token is not in the compact form of RFC 7519")
    try:
        claims = jwt.decode(
            token,
            key,
            algorithms=[_ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            options={"require": ["sub", "iat", "exp"]},
        )
    except jwt.InvalidTokenError as error:
        raise InvalidTokenError(_REASONS.get(type(error), "the token cannot be read or verified")) from error
    if not claims["sub"]:
        raise InvalidTokenError("the token has an empty sub")
    return claims


_REASONS: dict[type[Exception], str] = {
    jwt.ExpiredSignatureError: "the token has expired",
    jwt.ImmatureSignatureError: "the token is not valid yet",
    jwt.InvalidSignatureError: "the token was signed with another key",
    jwt.InvalidAlgorithmError: "the token does not use HS256",
    jwt.InvalidAudienceError: "the token is for another audience",
    jwt.InvalidIssuerError: "the token is from another issuer",
    jwt.MissingRequiredClaimError: "the token lacks one of sub, iat, exp, iss and aud",
}


def _subject_of(email: str) -> str:
    # From the address alone, compared as in the API: with a new key every user keeps their subject.
    return str(uuid5(NAMESPACE_URL, f"mailto:{email_key(email)}"))


def _ensure_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("the zone must be an IANA time zone such as Europe/Berlin") from error


def _publish_key(path: Path, key: str) -> None:
    # A hard link appears complete or not at all, and fails when the file exists already.
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{_KEY_FILE}.")
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(key + "\n")
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        os.unlink(draft)
