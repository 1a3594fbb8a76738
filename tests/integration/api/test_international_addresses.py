"""An internationalized domain and its punycode are one address."""

from collections.abc import Callable
from typing import Any

import pytest
from integration.api.client import Client, check_problem, pointers

FORMS = [
    "bücher.example",
    "BÜCHER.example",
    "bu\u0308cher.example",
    "xn--bcher-kva.example",
    "XN--BCHER-KVA.example",
]


@pytest.mark.parametrize("invited", FORMS)
@pytest.mark.parametrize("claimed", FORMS)
def test_an_invitation_in_one_form_reaches_the_person_of_another(
    anna: Client,
    person: Callable[..., Client],
    event_body: dict[str, Any],
    domain: str,
    invited: str,
    claimed: str,
) -> None:
    local = f"{domain}-{FORMS.index(invited)}-{FORMS.index(claimed)}"
    event = anna.post("/v1/events", {**event_body, "participant_emails": [f"{local}@{invited}"]}).json
    assert event["participants"][0]["email"] == f"{local}@bücher.example"

    boris = person("boris", email=f"{local}@{claimed}")

    assert boris.get(f"/v1/events/{event['id']}").status == 200
    assert boris.get("/v1/me").json["email"] == f"{local}@{claimed}"


def test_both_forms_in_one_request_are_a_duplicate(anna: Client, event_body: dict[str, Any]) -> None:
    response = anna.post(
        "/v1/events", {**event_body, "participant_emails": [f"a@{FORMS[0]}", f"a@{FORMS[3]}"]}
    )

    assert pointers(response) == ["/participant_emails/1"]


@pytest.mark.parametrize("domain_", ["xn--a.example", "ab--cdé.example", "a.xn--zzzzzzzzzz99999"])
def test_a_domain_that_is_none_is_refused(anna: Client, event_body: dict[str, Any], domain_: str) -> None:
    response = anna.post("/v1/events", {**event_body, "participant_emails": [f"a@{domain_}"]})

    (error,) = check_problem(response, 422)["errors"]
    assert error["pointer"] == "/participant_emails/0"
    assert "IDNA" in error["detail"]


@pytest.mark.parametrize(
    "domain_", ["हिन्दी.भारत", "xn--j2bd4cyac6f.xn--h2brj9c", "ไทย.example", "例え.テスト", "دبي.example"]
)
def test_domains_of_all_scripts_are_taken(anna: Client, event_body: dict[str, Any], domain_: str) -> None:
    response = anna.post("/v1/events", {**event_body, "participant_emails": [f"a@{domain_}"]})

    assert response.status == 201


def test_a_token_with_such_a_domain_has_no_address(person: Callable[..., Client]) -> None:
    assert person("boris", email="a@xn--a.example").get("/v1/me").json["email"] is None


def test_more_different_domains_than_can_be_converted_in_time_are_refused(
    anna: Client, event_body: dict[str, Any]
) -> None:
    emails = [f"a@é{number}.example" for number in range(1_001)]

    response = anna.post("/v1/events", {**event_body, "participant_emails": emails})
    within = anna.post("/v1/events", {**event_body, "participant_emails": emails[:1_000]})

    assert pointers(response) == ["/participant_emails"]
    assert within.status == 201
