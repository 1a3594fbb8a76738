"""People who invite each other at the same moment: users are made in one order, so nobody waits for a circle.

A deadlock would be seen as 503: the server ends one of the two.
"""

from collections.abc import Callable, Iterator
from threading import Barrier
from typing import Any

import pytest
from convoke_api.invocation import Handler
from integration.api.client import Client, Query, Response


@pytest.fixture
def slow_inserts(query: Query, domain: str) -> Iterator[None]:
    """Each user of this test takes 20 ms to be inserted, so that two statements are sure to overlap."""
    query(
        f"""
        CREATE FUNCTION insert_slowly() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_sleep(0.02); RETURN NEW; END $$;
        CREATE TRIGGER insert_slowly BEFORE INSERT ON users FOR EACH ROW
        WHEN (NEW.email LIKE '%@{domain}') EXECUTE FUNCTION insert_slowly()
        """
    )
    yield
    query("DROP FUNCTION insert_slowly CASCADE")


def test_the_same_strangers_can_be_invited_in_any_order(
    make_person: Callable[..., Client],
    together: Callable[..., list[Any]],
    event_body: dict[str, Any],
    domain: str,
    slow_inserts: None,
) -> None:
    strangers = [f"{name}@{domain}" for name in "abcd"]

    def invite(me: str, others: list[str]) -> Callable[[Handler], Response]:
        body = {**event_body, "participant_emails": others}
        return lambda handler: make_person(handler, me).post("/v1/events", body)

    responses = together([invite("me", strangers), invite("you", strangers[::-1])])

    assert [response.status for response in responses] == [201, 201]
    mine, yours = ({it["user_id"] for it in response.json["participants"]} for response in responses)
    assert mine == yours


def test_people_who_invite_each_other_at_once_do_not_wait_for_each_other(
    make_person: Callable[..., Client],
    together: Callable[..., list[Any]],
    event_body: dict[str, Any],
    domain: str,
) -> None:
    rounds = 200
    barrier = Barrier(2)

    def invite(me: str, them: str, *, backwards: bool) -> Callable[[Handler], list[tuple[Client, Response]]]:
        def call(handler: Handler) -> list[tuple[Client, Response]]:
            responses = []
            for n in range(rounds):
                others = [f"{other}-{n}@{domain}" for other in (them, "x", "y", "z")]
                body = {**event_body, "participant_emails": others[::-1] if backwards else others}
                client = make_person(handler, f"{me}-{n}")
                barrier.wait(timeout=30)
                responses.append((client, client.post("/v1/events", body)))
            return responses

        return call

    ours, theirs = together(
        [invite("a", "b", backwards=False), invite("b", "a", backwards=True)],
    )

    # A deadlock would be seen as 503: the server ends one of the two.
    assert {response.status for _, response in ours + theirs} == {201}
    for (_, mine), (_, yours) in zip(ours, theirs, strict=True):
        invited_by_me = {it["email"]: it["user_id"] for it in mine.json["participants"]}
        invited_by_you = {it["email"]: it["user_id"] for it in yours.json["participants"]}
        assert yours.json["organizer"]["id"] in invited_by_me.values()
        assert mine.json["organizer"]["id"] in invited_by_you.values()
        shared = invited_by_me.keys() & invited_by_you.keys()
        assert len(shared) == 3
        assert {invited_by_me[it] for it in shared} == {invited_by_you[it] for it in shared}
