"""Runners for races: calls and deliveries that `World.race` starts at the same moment."""

import random
from collections.abc import Callable, Mapping
from time import sleep
from typing import Any

from convoke_api.invocation import Handler
from integration.api.client import Client
from integration.changes.world import World

#: How many times two meet. Each race is decided anew: the one or the other comes first.
ROUNDS = 200
#: Neither waits longer than about this before it starts, so that they meet at different points.
JITTER_SECONDS = 0.004

type Runner = Callable[[Handler], Callable[[Any], Any]]


def jittered(runner: Runner, seed: int) -> Runner:
    """The same, each call after a short wait drawn from the seed."""

    def make(handler: Handler) -> Callable[[Any], Any]:
        chance, call = random.Random(seed), runner(handler)

        def wait_and_call(each: Any) -> Any:
            sleep(chance.uniform(0, JITTER_SECONDS))
            return call(each)

        return wait_and_call

    return make


def calls(
    method: str,
    path: str = "/v1/events/{}",
    body: Any = None,
    *,
    person: Client | None = None,
    then: Callable[[Any], Any] = lambda each: None,
) -> Runner:
    """Calls for each round: the path is filled with what the round names. Gives (status, what `then` saw).

    Without a `person`, the round names the claims of the caller. A body can be a function of the round.
    """

    def make(handler: Handler) -> Callable[[Any], Any]:
        def call(each: Any) -> tuple[int, Any]:
            caller = Client(handler, person.claims if person else each)
            sent = body(each) if callable(body) else body
            response = caller.call(method, path.format(each), sent)
            assert response.status < 500, response.text
            return response.status, then(each)

        return call

    return make


def deliveries(world: World, rows: Mapping[Any, Any]) -> Runner:
    """Delivers, for each round, the outbox rows that belong to it."""
    work = world.make_worker()

    def call(each: Any) -> list[str]:
        found = rows[each] if isinstance(each, str) else rows[each["sub"]]
        return work(found if isinstance(found, list) else [found])

    return lambda _handler: call
