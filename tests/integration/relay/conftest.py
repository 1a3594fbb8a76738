"""One tick of the relay on a database of its own."""

from collections.abc import Callable
from functools import partial

import pytest
from convoke_relay.sweep import Limits, Queue, Sweep, sweep
from sqlalchemy import Engine

type Tick = Callable[[Queue], Sweep]

LIMITS = Limits(send_limit=50, tick_seconds=60, first_retry_seconds=120)


@pytest.fixture
def tick(engine: Engine) -> Tick:
    return partial(sweep, engine, limits=LIMITS, remaining_seconds=lambda: 50.0, jitter=lambda: 0.0)
