"""Security, line 8: what people send is bound to a statement, and never a part of it."""

import re
from contextlib import closing
from urllib.parse import quote

from integration.api.client import Client
from integration.changes.world import EVENT_BODY, World
from integration.security.deployment import EmptyQueue, run_relay, run_worker
from integration.worker.stage import sqs_event
from support.statements import Statement, recorded_statements

#: Begins each value that is sent. A statement never holds it.
MARK = "zq7f3a"


def mark(name: str) -> str:
    return f"{MARK}{name}' OR $1 --"


def use_everything(world: World) -> list[Statement]:
    """All that the three functions send to the database while somebody sends marks wherever they can."""
    claims = {"sub": mark(world.domain), "name": mark("claim"), "email": f"{MARK}claim@{world.domain}"}
    anna = Client(world.handler, {**claims, "email_verified": "true"})
    body = {
        **EVENT_BODY,
        "title": mark("title"),
        "description": mark("description"),
        "location": mark("location"),
        "uid": mark("uid"),
        "participant_emails": [f"{MARK}guest@{world.domain}"],
        "reminder_minutes": [15],
    }
    headers = {"idempotency-key": f"{MARK}key", "x-correlation-id": f"{MARK}correlation"}
    more = {"participant_emails": [f"{MARK}added@{world.domain}"]}
    engine = world.make_engine()
    with recorded_statements(world.services.engine, engine) as statements:
        event = anna.post("/v1/events", body, headers=headers).json
        path = f"/v1/events/{event['id']}"
        for response in (
            anna.patch("/v1/me", {"full_name": mark("full-name")}),
            anna.get("/v1/events?uid=" + quote(mark("query"))),
            anna.patch(path, {"title": mark("new"), "description": mark("new"), "location": mark("new")}),
            anna.post(f"{path}/participants", more, headers={"idempotency-key": f"{MARK}more"}),
            anna.post("/v1/notifications/read-all", {}, headers={"idempotency-key": f"{MARK}all"}),
            anna.patch(path, {"title": "x"}, headers={"if-match": f'"{MARK}.1"'}),
            anna.delete(path),
        ):
            assert response.status in (200, 204, 412), response.text
        assert run_worker(world, engine, sqs_event(*world.owed(event))) == []
        run_relay(world, engine, EmptyQueue())
    return statements


def test_no_statement_holds_what_was_sent(world: World) -> None:
    statements = use_everything(world)

    assert len(statements) > 30
    assert [each.text for each in statements if MARK in each.text] == []
    # And yet all of it came as far as the database, but what is there only in the hash of the subject.
    bound = set(re.findall(MARK + "[a-z-]+", " ".join(each.values for each in statements)))
    sent = "claim title description location uid guest key correlation full-name query new added more all"
    assert bound == {MARK + name for name in sent.split()}


def test_the_texts_of_statements_do_not_depend_on_what_is_sent(world: World) -> None:
    """Each statement is one of a fixed few: another sender makes no other."""
    first = {each.text for each in use_everything(world)}
    with closing(World(world.database_url, f"another-{world.domain}", world.settings)) as another:
        second = {each.text for each in use_everything(another)}

    assert first == second
