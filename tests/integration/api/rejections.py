"""Checks that each refusal has to pass."""

import json
from collections.abc import Iterator
from typing import Any

from integration.api.client import Client, Response, check_problem


def check_rejected(rejected: Client, witness: Client, response: Response, sent: object = None) -> Response:
    """A refusal repeats nothing that was sent, and spoils nothing for the next caller.

    `witness` and `rejected` call the same handler, so they share its one connection.
    """
    check_problem(response, response.status)
    for value in _list_values(sent):
        assert value not in response.text
    for client in (witness, rejected):
        me = client.get("/v1/me")
        assert (me.status, me.json["email"]) == (200, client.email)
    return response


def _list_values(sent: Any) -> Iterator[str]:
    """The values in what was sent, as far as they are long enough not to occur by chance."""
    match sent:
        case dict():
            for value in sent.values():
                yield from _list_values(value)
        case list():
            for value in sent[:100]:
                yield from _list_values(value)
        case str() | int() if len(str(sent)) > 5:
            yield str(sent)
            yield json.dumps(sent).strip('"')
