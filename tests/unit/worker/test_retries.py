"""When a failed message comes back."""

from convoke_worker.retries import GiveUp, RetryIn, decide_retry
from hypothesis import given
from hypothesis import strategies as st


def _delays(jitter: float) -> list[int]:
    decisions = [decide_retry(count, max_receive_count=9, jitter=jitter) for count in range(1, 7)]
    return [decision.seconds for decision in decisions if isinstance(decision, RetryIn)]


def test_the_delay_grows_with_each_receive_up_to_a_quarter_of_an_hour() -> None:
    assert _delays(jitter=1) == [5, 20, 80, 320, 900, 900]


def test_jitter_cuts_the_delay_by_up_to_half() -> None:
    assert _delays(jitter=0) == [2, 10, 40, 160, 450, 450]


def test_the_last_receive_gives_up() -> None:
    assert decide_retry(4, max_receive_count=5, jitter=0) != GiveUp()
    assert decide_retry(5, max_receive_count=5, jitter=0) == GiveUp()
    assert decide_retry(6, max_receive_count=5, jitter=0) == GiveUp()


def test_a_count_that_is_none_is_taken_for_the_first() -> None:
    assert decide_retry(0, max_receive_count=5, jitter=1) == RetryIn(5)


@given(st.integers(-5, 10**9), st.integers(1, 10**9), st.floats(0, 1))
def test_whatever_is_counted_there_is_a_delay_of_at_most_a_quarter_of_an_hour(
    receive_count: int, limit: int, jitter: float
) -> None:
    decision = decide_retry(receive_count, max_receive_count=limit, jitter=jitter)
    assert decision == GiveUp() or 2 <= decision.seconds <= 900  # type: ignore[union-attr]
