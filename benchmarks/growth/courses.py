"""The runs that the model is compared with: as large as one small machine can bear."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RealRun:
    """A run. With `events_per_hour` 0, the API environments create events as fast as they can."""

    name: str
    events_per_hour: int
    participants: int
    seconds: float
    api_environments: int = 1


RUNS = (
    RealRun("10,000 events/h, 10 participants", 10_000, 10, 20),
    RealRun("10,000 events/h, 1,000 participants", 10_000, 1_000, 8),
    RealRun("100,000 events/h, 10 participants", 100_000, 10, 8),
    RealRun("flat out, 10 participants", 0, 10, 6, api_environments=4),
)
