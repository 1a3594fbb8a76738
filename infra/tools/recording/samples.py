"""From single measurements to what CloudWatch would show of them: a value for each period and statistic."""

import json
import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: Namespace, name, and the value of the first dimension, as the dashboard's widgets name a metric.
type Metric = tuple[str, str, str]


@dataclass
class Measurements:
    """What was measured, with its time in seconds since the recording began; any thread may add."""

    of: dict[Metric, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, metric: Metric, at: float, value: float) -> None:
        """One measurement."""
        self.of[metric].append((at, value))


def read_emf(lines: Iterable[str], began: float) -> Iterator[tuple[Metric, float, float]]:
    """Metric, time and value of each measurement in a function's log.

    `began` is in seconds since the epoch. After "Specification: Embedded metric format" (Amazon CloudWatch
    User Guide). A line that was cut off when its process was killed holds none.
    """
    for line in lines:
        if '"_aws"' not in line:
            continue
        try:
            document = json.loads(line)
        except ValueError:
            continue
        at = document["_aws"]["Timestamp"] / 1000 - began
        for directive in document["_aws"]["CloudWatchMetrics"]:
            for metric in directive["Metrics"]:
                value = document[metric["Name"]]
                for each in value if isinstance(value, list) else [value]:
                    yield (directive["Namespace"], metric["Name"], document["service"]), at, float(each)


def compute(statistic: str, values: list[float]) -> float | None:
    """A CloudWatch statistic; None when there is nothing to compute it from. Raises ValueError for others."""
    if not values:
        return None
    if statistic.startswith("PR(:"):
        bound = float(statistic[4:-1])
        return 100 * sum(value <= bound for value in values) / len(values)
    if statistic[0] == "p" and statistic[1:].isdecimal():
        return sorted(values)[math.ceil(int(statistic[1:]) / 100 * len(values)) - 1]
    known: dict[str, Callable[[list[float]], float]] = {
        "Sum": math.fsum,
        "Maximum": max,
        "Average": statistics.fmean,
    }
    if statistic not in known:
        raise ValueError(f"{statistic} is no statistic that is known here")
    return known[statistic](values)


def draw_up(
    measurements: Measurements, properties: Mapping[str, Any], bounds: list[float]
) -> list[list[float | None]]:
    """For each row of a widget's metrics its value in each period; expressions are computed from the others.

    `bounds` are where the periods begin, and where the last one ends.
    """
    rows: list[list[float | None]] = []
    named: dict[str, list[float | None]] = {}
    expressions: list[tuple[int, str]] = []
    for row in properties["metrics"]:
        options = row[-1] if isinstance(row[-1], dict) else {}
        if "expression" in options:
            expressions.append((len(rows), options["expression"]))
            rows.append([])
            continue
        metric = (row[0], row[1], row[3])
        values = _by_period(measurements.of.get(metric, []), bounds)
        statistic = options.get("stat", properties["stat"])
        rows.append([compute(statistic, each) for each in values])
        named[options.get("id", "")] = rows[-1]
    for place, expression in expressions:
        for number in range(len(bounds) - 1):
            here = {name: values[number] for name, values in named.items()}
            rows[place].append(_evaluate(expression, here, bounds[1] - bounds[0]))
    return rows


def _by_period(measured: Iterable[tuple[float, float]], bounds: list[float]) -> list[list[float]]:
    values: list[list[float]] = [[] for _ in bounds[1:]]
    period = bounds[1] - bounds[0]
    for at, value in measured:
        number = math.floor((at - bounds[0]) / period)
        if 0 <= number < len(values):
            values[number].append(value)
    return values


def _evaluate(expression: str, values: Mapping[str, float | None], period: float) -> float | None:
    names: dict[str, Any] = {"__builtins__": {}, "PERIOD": lambda _: period, **values}
    try:
        # CloudWatch's arithmetic is Python's, and the expression is the template's own.
        result: float = eval(expression, names)  # noqa: S307
    except (TypeError, ZeroDivisionError):
        # A missing value, and nothing to divide by: CloudWatch shows nothing either.
        return None
    return result


def read_tables(logs: Mapping[str, Path], starts: Mapping[str, list[float]]) -> dict[str, list[list[str]]]:
    """What the dashboard's queries would find.

    `logs`: of each function; `starts`: how many milliseconds each of its environments took.
    """
    errors: Counter[tuple[str, str]] = Counter()
    given_up: Counter[str] = Counter()
    for path in logs.values():
        for line in path.read_text("utf-8", "replace").splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if not isinstance(entry, dict):
                continue
            if entry.get("level") in ("ERROR", "WARNING"):
                errors[entry.get("service", ""), str(entry.get("message", ""))] += 1
            if entry.get("message") == "delivery given up":
                given_up[str(entry.get("failure"))] += 1
    return {
        "Top errors": [
            ["service", "message", "lines"],
            *([service, message, str(lines)] for (service, message), lines in errors.most_common(8)),
        ],
        "Why messages are given up": [
            ["failure", "messages"],
            *([failure, str(messages)] for failure, messages in given_up.most_common(8)),
        ],
        "Cold starts, ms": [
            ["log", "inits", "p50", "p99"],
            *(
                [name, str(len(took)), f"{compute('p50', took):.0f}", f"{compute('p99', took):.0f}"]
                for name, took in starts.items()
            ),
        ],
    }
