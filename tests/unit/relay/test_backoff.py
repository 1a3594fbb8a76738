"""How long the relay leaves a row alone."""

from convoke_relay.backoff import LONGEST_BACKOFF_SECONDS, backoff_seconds
from hypothesis import given
from hypothesis import strategies as st


def test_the_wait_doubles_from_two_minutes_up_to_an_hour() -> None:
    waits = [backoff_seconds(attempts, first_seconds=120, jitter=0) for attempts in range(7)]
    assert waits == [120, 240, 480, 960, 1920, 3600, 3600]


def test_jitter_adds_up_to_a_quarter_and_never_shortens() -> None:
    assert backoff_seconds(0, first_seconds=120, jitter=1) == 150
    assert backoff_seconds(1, first_seconds=120, jitter=0.5) == 270


@given(st.integers(-1, 10**12), st.floats(0.1, 10**6), st.floats(0, 1))
def test_no_wait_is_longer_than_the_longest(attempts: int, first_seconds: float, jitter: float) -> None:
    wait = backoff_seconds(attempts, first_seconds=first_seconds, jitter=jitter)
    assert 0 < wait <= LONGEST_BACKOFF_SECONDS
