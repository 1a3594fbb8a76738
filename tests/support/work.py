"""A day of work of all functions: every route, deliveries, a tick of the relay with its removals."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from convoke.observability import make_logger, make_metrics
from convoke_api.invocation import Handler
from convoke_api.invocation import make_handler as make_api
from convoke_api.services import Services
from convoke_api.settings import ApiSettings
from convoke_relay.handler import make_handler as make_relay
from convoke_relay.settings import RelaySettings
from convoke_worker.handler import make_handler as make_worker
from convoke_worker.settings import WorkerSettings
from integration.api.client import Client, RecordingQueue, current_loop
from integration.relay.stage import InMemoryQueue, add_rows, execute
from integration.worker.stage import LambdaContext, failed_ids, sqs_event
from integration.worker.stage import RecordingQueue as PostponingQueue
from sqlalchemy import Engine, text


def do_all_work(api: Engine, worker: Engine, relay: Engine, *, owner: Engine) -> None:
    """Fails the test when anything of it is refused; `owner` sees to what time would bring about."""
    queue, settings = RecordingQueue(), ApiSettings(database_url="")
    services = Services(api, queue, settings, make_logger("tests"), make_metrics("tests", "local"))
    work = make_worker(WorkerSettings(database_url=""), worker, PostponingQueue())

    def deliver() -> None:
        ids = [message.outbox_id for message, _ in queue.sent]
        queue.sent.clear()
        assert ids
        assert failed_ids(work(sqs_event(*ids), LambdaContext())) == []

    with current_loop():
        handler = make_api(services)
        anna, boris, clara = (
            Client(
                handler, {"sub": name, "email": f"{name}@example.org", "email_verified": "true", "name": name}
            )
            for name in ("anna", "boris", "clara")
        )
        event_body = {
            "title": "Планёрка",
            "starts_at": _from_now(days=1),
            "ends_at": _from_now(days=1, hours=1),
            "participant_emails": ["boris@example.org"],
        }
        for _ in range(2):  # the second is a replay
            event = _call(anna, "POST", "/v1/events", event_body, **{"idempotency-key": "key"})
        path = f"/v1/events/{event['id']}"
        _call(anna, "POST", f"{path}/participants", {"participant_emails": ["clara@example.org"]})
        _call(boris, "PATCH", f"{path}/participants/me", {"response_status": "accepted"})
        _call(clara, "PUT", f"/v1/me/blocks/{boris.id}")
        _call(clara, "GET", "/v1/me/blocks")
        _call(clara, "DELETE", f"/v1/me/blocks/{boris.id}")
        _call(anna, "PUT", f"/v1/me/blocks/{clara.id}")
        _refuse_by_quota(services, boris, path)
        _call(anna, "PATCH", path, {"starts_at": _from_now(days=2), "ends_at": _from_now(days=2, hours=1)})
        deliver()
        _call(clara, "DELETE", f"{path}/participants/me")
        _call(anna, "POST", f"{path}/participants", {"participant_ids": [clara.id]})
        _call(anna, "DELETE", f"{path}/participants/{clara.id}")
        for target in ("/v1/events", path, f"{path}/participants", f"{path}/deliveries", "/v1/me"):
            _call(anna, "GET", target)
        _call(anna, "DELETE", path)
        deliver()
        (*_, first) = _call(boris, "GET", "/v1/notifications")["items"]
        _call(boris, "GET", "/v1/notifications/unread-count")
        _call(boris, "PATCH", f"/v1/notifications/{first['id']}", {"read": True})
        _call(boris, "POST", "/v1/notifications/read-all")
        _call(boris, "DELETE", f"/v1/notifications/{first['id']}")
        _call(clara, "PATCH", "/v1/me", {"locale": "en"})
        _call(clara, "PUT", "/v1/me/preferences", {"event_reminder": {"in_app": False}})
        _call(clara, "DELETE", "/v1/me")
        _verify_later(handler, anna, event_body, deliver, owner)
        _erase_merged(handler, anna, event_body)

    # An erasure with events to come, and a read mark: left to the relay.
    execute(
        owner,
        """
        UPDATE erasures SET next_step_at = now();
        UPDATE events SET status = 'confirmed', organizer_id = erasures.user_id FROM erasures;
        INSERT INTO read_marks
        SELECT user_id, now(), now(), now() FROM notifications WHERE read_at IS NULL LIMIT 1
        """,
    )
    # Something to send, and something that has served its time: the relay removes all kinds of it or nothing.
    add_rows(owner, 3)
    execute(owner, "UPDATE idempotency_records SET created_at = now() - interval '2 days'")
    report = make_relay(RelaySettings(database_url=""), relay, InMemoryQueue())({}, LambdaContext())
    assert report["sent"] == 3
    assert report["removed"]["idempotency_records"] == 1
    assert report["steps"] == {"erasures": 3, "read_marks": 1}
    assert report["handovers"] == 1
    with owner.connect() as connection:
        told = connection.execute(text("SELECT DISTINCT type FROM notifications")).scalars()
        assert {"event_cancelled", "participant_responded"} <= set(told)


def _verify_later(
    handler: Handler, inviter: Client, event_body: dict[str, Any], deliver: Callable[[], None], owner: Engine
) -> None:
    """Somebody proves an address after it was invited; the relay finds what came for it since, and ends."""
    dora = {"sub": "dora", "email": "dora@example.org"}
    unverified = Client(handler, {**dora, "iat": "100"})
    _call(unverified, "GET", "/v1/me")
    event = _call(inviter, "POST", "/v1/events", {**event_body, "participant_emails": ["dora@example.org"]})
    deliver()
    verified = Client(handler, {**dora, "email_verified": "true", "iat": "200"})
    _call(verified, "GET", f"/v1/events/{event['id']}")
    assert len(_call(verified, "GET", "/v1/notifications")["items"]) == 1
    execute(
        owner,
        "UPDATE event_participants SET user_id = former.user_id FROM former_addresses AS former"
        " WHERE invited_address = former.email_key",
    )
    execute(
        owner, "UPDATE former_addresses SET next_attempt_at = now(), taken_at = now() - interval '40 days'"
    )


def _refuse_by_quota(services: Services, participant: Client, path: str) -> None:
    """A response that would exceed a quota: the charge is taken back."""
    settings = replace(services.settings, wave_quota=1)
    limited = Client(make_api(replace(services, settings=settings)), participant.claims)
    response = limited.call("PATCH", f"{path}/participants/me", {"response_status": "tentative"})
    assert response.status == 429, response.text


def _erase_merged(handler: Handler, inviter: Client, event_body: dict[str, Any]) -> None:
    """Somebody proves an address after it was invited, and is erased with the waiting person."""
    emil = {"sub": "emil", "email": "emil@example.org"}
    _call(Client(handler, {**emil, "iat": "100"}), "GET", "/v1/me")
    _call(inviter, "POST", "/v1/events", {**event_body, "participant_emails": ["emil@example.org"]})
    verified = Client(handler, {**emil, "email_verified": "true", "iat": "200"})
    _call(verified, "DELETE", "/v1/me")


def _from_now(**length: float) -> str:
    return (datetime.now(UTC) + timedelta(**length)).isoformat()


def _call(client: Client, method: str, target: str, body: object = None, **headers: str) -> Any:
    response = client.call(method, target, body, headers=headers or None)
    assert 200 <= response.status < 300, (method, target, response.text)
    return response.json if response.text else None
