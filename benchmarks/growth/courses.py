"""The runs that the model is held against: as large as fits one small machine."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RealRun:
    """`events_per_hour` of 0: as fast as the API environments can."""

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
