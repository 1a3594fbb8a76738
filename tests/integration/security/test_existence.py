"""Security, line 4: inviting an address tells nothing of whether somebody has it, and of whom."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from integration.api.client import Client, Response
from integration.changes.world import EVENT_BODY, World
from support.statements import recorded_statements

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
#: As JSON and as iCalendar write it.
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z|\d{8}T\d{6}Z")
#: They depend on the instant: the length of its fraction of a second counts in length and hash of the tag.
_NEW_EACH_TIME = ("x-correlation-id", "content-length", "etag")

type Invite = Callable[[Client, str], list[Response]]


def create(inviter: Client, address: str) -> list[Response]:
    created = inviter.post("/v1/events", {**EVENT_BODY, "participant_emails": [address]})
    return [created, *read(inviter, created.json["id"])]


def add(inviter: Client, address: str) -> list[Response]:
    event_id = inviter.post("/v1/events", EVENT_BODY).json["id"]
    added = inviter.post(f"/v1/events/{event_id}/participants", {"participant_emails": [address]})
    return [added, *read(inviter, event_id)]


def read(inviter: Client, event_id: str) -> Iterator[Response]:
    for path in ("", "/participants", "/participants?response_status=needs_action", "/deliveries"):
        yield inviter.get(f"/v1/events/{event_id}{path}")
    calendar = inviter.get(f"/v1/events/{event_id}/calendar.ics")
    yield Response(calendar.status, calendar.headers, re.sub(r"\r\n ", "", calendar.text))


def sign_in(world: World, address: str) -> None:
    """Its owner calls, and spells it in their own way."""
    local, _, domain = address.partition("@")
    claims = {"sub": address, "email": f"{local.upper()}@{domain}", "email_verified": "true"}
    owner = Client(world.handler, {**claims, "name": "Anna Petrova", "locale": "en"})
    assert owner.patch("/v1/me", {"full_name": "Anna P."}).status == 200


def invite_before(world: World, address: str) -> None:
    """Somebody else has invited it, in another spelling."""
    other = world.person(f"other-{address.partition('@')[0]}")
    local, _, domain = address.partition("@")
    assert create(other, f"{local.title()}@{domain}")[0].status == 201


def erase(world: World, address: str) -> None:
    """Its owner was here, and has been erased."""
    owner = world.person(address.partition("@")[0])
    assert owner.email == address
    assert owner.delete("/v1/me").status == 204


def do_nothing(world: World, address: str) -> None:
    """Nobody has ever heard of it."""


PASTS = (sign_in, invite_before, erase, do_nothing)


def observe(world: World, invite: Invite, past: Callable[[World, str], None], number: int) -> list[Any]:
    """The response to an invitation of such an address, without the values that are new each time."""
    address = f"somebody-{number}@{world.domain}"
    past(world, address)
    inviter = world.person(f"inviter-{number}", name="Inviter")
    # In a spelling of the inviter's own.
    responses = invite(inviter, address.replace("some", "SOME"))
    return [
        (
            response.status,
            {name: value for name, value in response.headers.items() if name not in _NEW_EACH_TIME},
            _INSTANT.sub("instant", response.text),
        )
        for response in responses
    ]


@pytest.mark.parametrize("invite", [create, add])
def test_an_address_is_answered_alike_whatever_its_past(world: World, invite: Invite) -> None:
    seen = []
    for number, past in enumerate(PASTS):
        shown = repr(observe(world, invite, past, number))
        ids = dict.fromkeys(_ID.findall(shown))
        for place, found in enumerate(ids):
            shown = shown.replace(found, f"id-{place}")
        seen.append(shown.replace(f"-{number}@", "-n@"))

    assert seen[0].count("body-n@") >= 3
    assert [past.__name__ for past, each in zip(PASTS, seen, strict=True) if each != seen[0]] == []


@pytest.mark.parametrize("invite", [create, add])
@pytest.mark.parametrize("number", [1, 50])
def test_an_address_takes_as_many_statements_whatever_its_past(
    world: World, invite: Invite, number: int
) -> None:
    """The rest of the time is one row more or less in a transaction that writes many."""
    inviter = world.person("inviter")
    event_id = inviter.post("/v1/events", EVENT_BODY).json["id"]
    counted = {}
    for past in PASTS:
        addresses = [f"{past.__name__}-{n}-{number}@{world.domain}" for n in range(number)]
        for address in addresses[:2]:
            past(world, address)
        with recorded_statements(world.services.engine) as statements:
            if invite is create:
                response = inviter.post("/v1/events", {**EVENT_BODY, "participant_emails": addresses})
            else:
                path = f"/v1/events/{event_id}/participants"
                response = inviter.post(path, {"participant_emails": addresses})
        assert response.status in (200, 201), response.text
        counted[past.__name__] = [each.text for each in statements]

    assert len({tuple(texts) for texts in counted.values()}) == 1
