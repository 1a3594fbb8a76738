"""The identity in an API Gateway event."""

from typing import Any

import pytest
from convoke.errors import NotAuthenticatedError
from convoke_api.web.identity import Identity, read_identity
from hypothesis import given, settings
from hypothesis import strategies as st

draws = settings(derandomize=True, database=None, deadline=None, max_examples=100)
odd_text = st.text(st.characters(exclude_categories=[]))
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | odd_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
NAMES = ["email", "email_verified", "name", "locale", "zoneinfo", "iat"]


def make_event(claims: object) -> dict[str, Any]:
    return {"requestContext": {"authorizer": {"jwt": {"claims": claims, "scopes": None}}}}


def read(**claims: object) -> Identity:
    return read_identity(make_event({"sub": "anna", **claims}))


@draws
@given(sub=odd_text.filter(bool), claims=st.dictionaries(st.sampled_from(NAMES), anything))
def test_any_claims_besides_a_subject_make_an_identity(sub: str, claims: dict[str, Any]) -> None:
    identity = read_identity(make_event({"sub": sub, **claims}))

    assert len(identity.subject_hash) == 64
    for value in (identity.email, identity.full_name, identity.locale, identity.time_zone):
        assert value is None or value in claims.values()
    assert identity.verified_email_key is None or identity.email is not None


@draws
@given(
    claims=anything.filter(lambda it: not isinstance(it, dict) or not it.get("sub"))
    | st.builds(lambda sub: {"sub": sub}, anything.filter(lambda it: not isinstance(it, str) or not it))
)
def test_without_a_subject_nobody_is_calling(claims: object) -> None:
    with pytest.raises(NotAuthenticatedError):
        read_identity(make_event(claims))


@draws
@given(st.dictionaries(st.sampled_from(["requestContext", "headers", "claims", "sub"]), anything))
def test_any_other_event_is_nobodys(event: dict[str, Any]) -> None:
    with pytest.raises(NotAuthenticatedError):
        read_identity(event)


def test_one_subject_has_one_hash_and_others_have_others() -> None:
    subjects = ["anna", "Anna", "anna ", "a\x00nna", "\ud800", "\ud801"]

    assert len({read(sub=sub).subject_hash for sub in subjects}) == len(subjects)
    assert read().subject_hash == read(email="anna@example.org").subject_hash


@pytest.mark.parametrize("verified", ["true", "TRUE", True])
def test_a_verified_address_is_the_key_to_invitations(verified: object) -> None:
    identity = read(email="Anna@Example.org", email_verified=verified)

    assert (identity.email, identity.verified_email_key) == ("Anna@Example.org", "anna@example.org")


@pytest.mark.parametrize("verified", ["false", "", "1", "yes", " true", None, 1, False, ["true"]])
def test_any_other_address_is_shown_and_found_by_nobody(verified: object) -> None:
    identity = read(email="anna@example.org", email_verified=verified)

    assert (identity.email, identity.verified_email_key) == ("anna@example.org", None)
