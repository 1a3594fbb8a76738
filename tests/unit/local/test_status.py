"""Read metrics from a log for `convoke status`, and format its output."""

import json
from pathlib import Path

from convoke_local.operations.status import (
    OutboxStatus,
    QueueStatus,
    Status,
    encode_status,
    format_status,
    sum_metric,
)


def metric_line(**values: object) -> str:
    return json.dumps({"_aws": {"Timestamp": 1}, "service": "notify-worker", **values}) + "\n"


def test_a_metric_is_summed_over_all_lines(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_text(
        metric_line(DuplicatesSuppressed=[1.0, 2.0], NotificationsWritten=[50.0])
        + '{"level": "INFO", "message": "no metric", "DuplicatesSuppressed": 99}\n'
        + metric_line(NotificationsWritten=[7.0])
        + "a traceback\n"
        + metric_line(DuplicatesSuppressed=4)
    )

    assert sum_metric(log, "DuplicatesSuppressed") == 7


def test_a_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_text(metric_line(DuplicatesSuppressed=[1.0]) + metric_line(DuplicatesSuppressed=[1.0])[:-5])

    assert sum_metric(log, "DuplicatesSuppressed") == 1


def test_without_a_log_nothing_happened(tmp_path: Path) -> None:
    assert sum_metric(tmp_path / "worker.log", "DuplicatesSuppressed") == 0


STATUS = Status(QueueStatus(3, 2, 1), OutboxStatus(5, 4, 61.5), delivered=90, duplicates_suppressed=7)


def test_the_json_has_the_documented_names() -> None:
    assert json.loads(encode_status(STATUS)) == {
        "queue": {"visible": 3, "in_flight": 2, "dlq": 1},
        "outbox": {"pending": 5, "failed": 4, "oldest_age_seconds": 61.5},
        "delivered": 90,
        "duplicates_suppressed": 7,
    }


def test_people_read_the_same_numbers() -> None:
    assert format_status(STATUS).splitlines() == [
        "queue    3 visible, 2 in flight, 1 dead letters",
        "outbox   5 pending (the oldest for 62 s), 4 failed",
        "done     90 notifications delivered, 7 duplicate messages suppressed",
    ]
