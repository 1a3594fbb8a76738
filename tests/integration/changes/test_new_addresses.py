"""Two organizers invite the same new addresses at one moment: each becomes one person, invited by both."""

from collections.abc import Callable
from typing import Any

from convoke_api.invocation import Handler
from integration.api.client import Client, Response
from integration.changes.world import EVENT_BODY, World, kinds

#: Each new person takes so long to be inserted that two statements are sure to overlap.
_SLOW_INSERTS = """
CREATE FUNCTION insert_slowly() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_sleep(0.02); RETURN NEW; END $$;
CREATE TRIGGER insert_slowly BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION insert_slowly()
"""


def test_the_same_new_people_can_be_added_to_two_events_at_once(own_world: World) -> None:
    anna, boris = own_world.person("anna"), own_world.person("boris")
    planned = [(anna, own_world.plan(anna)), (boris, own_world.plan(boris))]
    own_world.query(_SLOW_INSERTS)

    def add(
        organizer: Client, event: dict[str, Any], names: str
    ) -> Callable[[Handler], Callable[[Any], Response]]:
        def make(handler: Handler) -> Callable[[Any], Response]:
            caller = Client(handler, organizer.claims)
            path = f"/v1/events/{event['id']}/participants"
            return lambda n: caller.post(
                path, {"participant_emails": [f"{name}-{n}@{own_world.domain}" for name in names]}
            )

        return make

    # Each makes somebody whom the other does not, before and after those whom both want.
    results = own_world.race(range(5), add(*planned[0], "abcd"), add(*planned[1], "edcb"))

    assert [(response.status, response.json) for both in results for response in both] == [
        (200, {"added": 4})
    ] * 10
    own_world.query("DROP FUNCTION insert_slowly CASCADE")
    for (organizer, event), names in zip(planned, ("abcd", "bcde"), strict=True):
        listed = organizer.get(f"/v1/events/{event['id']}/participants?limit=100").json["items"]
        expected = {f"{name}-{n}@{own_world.domain}" for name in names for n in range(5)}
        assert {it["email"] for it in listed} == expected
        # One wave for each request, also for the one that had to wait.
        assert len(own_world.outbox(event, "event_invited")) == 5
    own_world.deliver(*(event for _, event in planned))
    assert kinds(own_world.person("b-0")) == ["event_invited"] * 2
    assert kinds(own_world.person("a-0")) == kinds(own_world.person("e-0")) == ["event_invited"]


def test_a_person_of_a_new_address_signs_in_while_being_invited(own_world: World) -> None:
    anna = own_world.person("anna")
    own_world.query(_SLOW_INSERTS)

    def invite(handler: Handler) -> Callable[[Any], Response]:
        caller = Client(handler, anna.claims)
        return lambda name: caller.post(
            "/v1/events", {**EVENT_BODY, "participant_emails": [f"{name}@{own_world.domain}"]}
        )

    def sign_in(handler: Handler) -> Callable[[Any], Response]:
        def call(name: str) -> Response:
            address = f"{name}@{own_world.domain}"
            return Client(handler, {"sub": address, "email": address, "email_verified": "true"}).get("/v1/me")

        return call

    for event, me in own_world.race([f"guest-{n}" for n in range(5)], invite, sign_in):
        assert (event.status, me.status) == (201, 200), (event.text, me.text)
        assert [it["user_id"] for it in event.json["participants"]] == [me.json["id"]]
