"""Tokens of the local stack: who they name, and what is refused."""

import base64
import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
from convoke_local.api_gateway.tokens import InvalidTokenError, load_key, make_token, verify_token

KEY = "k" * 64


def sign(key: str = KEY, algorithm: str = "HS256", **changes: object) -> str:
    claims = verify_token(KEY, make_token(KEY, "ann@example.org")) | changes
    return jwt.encode({name: value for name, value in claims.items() if value is not None}, key, algorithm)


def test_a_token_names_the_person_with_the_standard_claims() -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    token = make_token(
        KEY, "Ann@example.org", name="Анна", locale="ru", zone="Europe/Berlin", ttl_seconds=60, now=now
    )
    claims = verify_token(KEY, token)
    assert claims["email"] == "Ann@example.org"
    assert claims["email_verified"] is True
    assert (claims["name"], claims["locale"], claims["zoneinfo"]) == ("Анна", "ru", "Europe/Berlin")
    assert claims["iat"] == int(now.timestamp())
    assert claims["exp"] == claims["iat"] + 60
    assert claims["aud"] == "convoke"
    assert claims["scope"]


def test_what_is_not_known_of_a_person_is_not_claimed() -> None:
    claims = verify_token(KEY, make_token(KEY, "ann@example.org", verified=False))
    assert claims["email_verified"] is False
    assert {"name", "locale", "zoneinfo"}.isdisjoint(claims)


def test_the_subject_follows_the_address_and_not_its_case() -> None:
    subjects = [
        verify_token(KEY, make_token(KEY, email))["sub"]
        for email in ("ann@example.org", "ANN@Example.ORG", "bob@example.org")
    ]
    assert subjects[0] == subjects[1] != subjects[2]
    assert "ann" not in subjects[0]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"email": "nobody"}, "e-mail"),
        ({"email": "a b@example.org"}, "e-mail"),
        ({"email": "ann@example.org", "zone": "Mars/Olympus"}, "zone"),
        ({"email": "ann@example.org", "zone": "../etc/passwd"}, "zone"),
        ({"email": "ann@example.org", "locale": "по-русски"}, "locale"),
    ],
)
def test_a_person_that_cannot_be_is_refused(arguments: dict[str, str], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        make_token(KEY, **arguments)


def test_a_negative_lifetime_makes_an_expired_token() -> None:
    with pytest.raises(InvalidTokenError, match="expired"):
        verify_token(KEY, make_token(KEY, "ann@example.org", ttl_seconds=-1))


def test_a_token_is_valid_at_once() -> None:
    now = datetime.now(UTC).replace(microsecond=999_900) - timedelta(seconds=1)

    assert verify_token(KEY, make_token(KEY, "ann@example.org", now=now))["iat"] <= now.timestamp()


def test_a_token_from_the_future_is_refused() -> None:
    token = make_token(KEY, "ann@example.org", now=datetime.now(UTC) + timedelta(hours=1))
    with pytest.raises(InvalidTokenError, match="not valid yet"):
        verify_token(KEY, token)


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (sign(key="another" * 8), "another key"),
        (sign(algorithm="HS512"), "HS256"),
        (sign(algorithm="none", key=""), "HS256"),
        (sign(sub=None), "lacks"),
        (sign(exp=None), "lacks"),
        (sign(iat=None), "lacks"),
        (sign(aud=None), "lacks"),
        (sign(iss=None), "lacks"),
        (sign(sub=""), "empty sub"),
        (sign(aud="another"), "audience"),
        (sign(iss="https://elsewhere.example"), "issuer"),
        (sign(exp="tomorrow"), "cannot be read"),
        ("", "cannot be read"),
        ("garbage", "cannot be read"),
        ("a.b.c", "cannot be read"),
        ("ж.ж.ж", "compact form"),
        ("\ud800.x.y", "compact form"),
    ],
)
def test_what_this_stack_did_not_sign_is_refused_with_a_reason(token: str, reason: str) -> None:
    with pytest.raises(InvalidTokenError, match=reason) as caught:
        verify_token(KEY, token)
    assert not token or token not in str(caught.value)


def test_claims_changed_after_signing_are_refused() -> None:
    header, payload, signature = make_token(KEY, "ann@example.org").split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    forged = base64.urlsafe_b64encode(json.dumps(claims | {"sub": "bob"}).encode()).rstrip(b"=").decode()
    with pytest.raises(InvalidTokenError, match="another key"):
        verify_token(KEY, f"{header}.{forged}.{signature}")


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    key = load_key(folder)
    assert load_key(folder) == key
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load_key(tmp_path / "other") != key


def test_processes_that_make_the_key_at_once_agree_on_it(tmp_path: Path) -> None:
    for attempt in range(20):
        with ThreadPoolExecutor(8) as pool:
            keys = set(pool.map(load_key, [tmp_path / str(attempt)] * 8))
        assert len(keys) == 1


def test_a_file_that_holds_no_key_is_reported_and_not_used(tmp_path: Path) -> None:
    (tmp_path / "token.key").write_text("")
    with pytest.raises(ValueError, match=r"token\.key holds no signing key: delete it"):
        load_key(tmp_path)
