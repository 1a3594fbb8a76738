"""A short run of the harness: it works, and no notification is lost in it."""

from pathlib import Path

import pytest
from chaos.harness import Goals, run


# A connection that is cut leaves pg8000's socket to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_under_faults_nothing_is_lost_doubled_or_invented(tmp_path: Path) -> None:
    report = run(tmp_path, 1, Goals(seconds=4, most_seconds=12, events=10, faults=20))

    assert report.findings == {}
    assert report.events >= 10
    assert report.total_faults >= 20
    assert report.notifications >= 4 * report.events
