"""Users are made by their first call or by an invitation; a first call takes over the invited user."""

from collections.abc import Callable
from threading import Barrier
from typing import Any

import pytest
from convoke_api.invocation import Handler
from integration.api.client import Client, Query


def test_an_invited_person_finds_the_invitation_at_the_first_call(
    anna: Client, person: Callable[..., Client], event_body: dict[str, Any]
) -> None:
    boris = person("boris", locale="en")
    event = anna.post("/v1/events", {**event_body, "participant_emails": [boris.email]}).json
    (invited,) = event["participants"]

    me = boris.get("/v1/me").json

    assert me["id"] == invited["user_id"]
    assert (me["full_name"], me["locale"]) == ("Boris", "en")
    assert [it["id"] for it in boris.get("/v1/events").json["items"]] == [event["id"]]


@pytest.mark.parametrize(
    ("invited", "claimed"),
    [
        ("Boris.B@{domain}", "boris.b@{domain}"),
        ("boris.b@{domain}", "BORIS.B@{domain}"),
        ("борис@{domain}", "БОРИС@{domain}"),
        ("ren\u00e9@{domain}", "Rene\u0301@{domain}"),
    ],
)
def test_addresses_compare_without_regard_to_case_or_composition(
    anna: Client,
    person: Callable[..., Client],
    event_body: dict[str, Any],
    domain: str,
    invited: str,
    claimed: str,
) -> None:
    addresses = [invited.format(domain=domain)]
    event = anna.post("/v1/events", {**event_body, "participant_emails": addresses}).json

    boris = person("boris", email=claimed.format(domain=domain))

    assert boris.id == event["participants"][0]["user_id"]
    assert boris.get("/v1/me").json["email"] == claimed.format(domain=domain)


@pytest.mark.parametrize("verified", ["false", "", "1", "yes", None, False, 0, [], "true "], ids=repr)
def test_an_unverified_address_neither_takes_over_nor_is_found(
    anna: Client, person: Callable[..., Client], event_body: dict[str, Any], verified: object
) -> None:
    mallory = person("mallory", email_verified=verified)
    body = {**event_body, "participant_emails": [mallory.email]}

    before = anna.post("/v1/events", body).json
    mallory_id = mallory.id
    after = anna.post("/v1/events", body).json

    assert before["participants"] == after["participants"]
    assert before["participants"][0]["user_id"] != mallory_id
    assert mallory.get(f"/v1/events/{before['id']}").status == 404
    assert mallory.get(f"/v1/events/{after['id']}").status == 404
    owner = person("owner", email=mallory.email)
    assert owner.id == before["participants"][0]["user_id"]


def test_an_address_without_a_word_of_its_verification_is_unverified(
    anna: Client, person: Callable[..., Client], event_body: dict[str, Any]
) -> None:
    mallory = person("mallory")
    assert mallory.claims
    del mallory.claims["email_verified"]

    event = anna.post("/v1/events", {**event_body, "participant_emails": [mallory.email]}).json

    assert mallory.get(f"/v1/events/{event['id']}").status == 404


@pytest.mark.parametrize("verified", ["true", "True", True])
def test_verified_is_what_the_provider_calls_true(
    anna: Client, person: Callable[..., Client], event_body: dict[str, Any], verified: object
) -> None:
    boris = person("boris", email_verified=verified)

    event = anna.post("/v1/events", {**event_body, "participant_emails": [boris.email]}).json

    assert boris.get(f"/v1/events/{event['id']}").status == 200


def test_an_address_stays_with_the_first_who_showed_that_it_is_theirs(
    anna: Client, person: Callable[..., Client], event_body: dict[str, Any]
) -> None:
    boris = person("boris")
    boris_id = boris.id
    other = person("other", email=boris.email.upper())

    assert other.id != boris_id
    event = anna.post("/v1/events", {**event_body, "participant_emails": [boris.email]}).json
    assert event["participants"][0]["user_id"] == boris_id
    assert other.get(f"/v1/events/{event['id']}").status == 404
    assert boris.get("/v1/me").json["full_name"] == "Boris"


def test_a_first_call_can_invite_the_callers_own_address(anna: Client, event_body: dict[str, Any]) -> None:
    event = anna.post("/v1/events", {**event_body, "participant_emails": [anna.email.upper()]}).json

    assert event["my_response_status"] == "needs_action"
    assert event["organizer"]["id"] == event["participants"][0]["user_id"] == anna.id


def test_a_first_call_that_is_refused_still_makes_the_caller(
    anna: Client, event_body: dict[str, Any]
) -> None:
    unknown = {"participant_ids": ["00000000-0000-0000-0000-000000000001"]}

    assert anna.post("/v1/events", {**event_body, **unknown}).status == 422
    assert anna.post("/v1/events", event_body).status == 201


@pytest.mark.parametrize("invited", [False, True])
def test_first_calls_at_once_make_one_user(
    anna: Client,
    event_body: dict[str, Any],
    domain: str,
    make_person: Callable[..., Client],
    together: Callable[..., list[Any]],
    query: Query,
    invited: bool,
) -> None:
    addresses = [f"boris-{n}@{domain}" for n in range(10)]
    if invited:
        anna.post("/v1/events", {**event_body, "participant_emails": addresses})
    barrier = Barrier(4)

    def call(handler: Handler) -> list[str]:
        ids = []
        for n in range(len(addresses)):
            barrier.wait(timeout=10)
            ids.append(make_person(handler, f"boris-{n}").id)
        return ids

    responses = together([call] * 4)

    assert all(ids == responses[0] for ids in responses)
    found = query("SELECT 1 FROM users WHERE email LIKE :pattern", pattern=f"boris-%@{domain}")
    assert len(found) == len(addresses)


def test_two_who_show_the_same_address_at_once_are_two_people(
    make_person: Callable[..., Client], together: Callable[..., list[Any]], query: Query, domain: str
) -> None:
    barrier = Barrier(2)

    def sign_in(side: str) -> Callable[[Handler], list[str]]:
        def call(handler: Handler) -> list[str]:
            ids = []
            for n in range(20):
                barrier.wait(timeout=10)
                ids.append(make_person(handler, f"{side}-{n}", email=f"shared-{n}@{domain}").id)
            return ids

        return call

    left, right = together([sign_in("left"), sign_in("right")])

    assert len({*left, *right}) == 40
    owners = query("SELECT id FROM users WHERE email_key LIKE :pattern", pattern=f"shared-%@{domain}")
    assert len(owners) == 20
