"""Accepts an Idempotency-Key and ignores it."""

import convoke_api.events.create as scheduling
from chaos.mutation import replace

RULE = "a repeated request with its key is one request"
CAUGHT_BY = "harness"


def apply() -> None:
    describe = scheduling._describe_request
    replace(
        scheduling,
        "_describe_request",
        lambda *arguments: {**describe(*arguments), "key": None},
    )
