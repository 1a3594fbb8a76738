"""The payloads in events/ have the content that the functions read."""

import hashlib
import json
from typing import Any

from contract.template.expansion import ROOT
from convoke.messages import decode_message
from convoke_api.web.identity import read_identity

EVENTS = ROOT / "events"


def read_event(name: str) -> Any:
    return json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))


def test_the_api_s_event_names_a_caller() -> None:
    identity = read_identity(read_event("api"))

    assert identity.email == "anna@example.org"
    assert identity.verified_email_key is not None
    assert identity.time_zone == "Europe/Moscow"


def test_the_api_s_event_holds_a_json_body_of_the_length_that_it_says() -> None:
    event = read_event("api")

    assert json.loads(event["body"])["title"]
    assert int(event["headers"]["content-length"]) == len(event["body"].encode())


def test_the_worker_s_event_holds_a_delivery_message() -> None:
    (record,) = read_event("notify_worker")["Records"]

    assert decode_message(record["body"]).type == "event_invited"
    assert record["md5OfBody"] == hashlib.md5(record["body"].encode()).hexdigest()


def test_the_migrator_s_event_upgrades() -> None:
    assert read_event("migrator") == {"command": "upgrade"}
