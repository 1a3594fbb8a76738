"""Selects the values of the plots. draw_plots.py draws them, in the environment that has matplotlib."""

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.goals import QUEUE_MS
from benchmarks.report.paths import CHARTS_PYTHON, PLOTS
from benchmarks.results import Row
from benchmarks.results_file import Results

_PROGRAM = Path(__file__).with_name("draw_plots.py")

#: The systems in the plots by number of participants, each with its label. The handler without a server and
#: the application under uvicorn lie so close together that one line stands for them.
_LINES = {
    "convoke: uvicorn": "Convoke",
    "synchronous": "synchronous",
    "BackgroundTasks": "BackgroundTasks",
    "BackgroundTasks: Mangum": "BackgroundTasks, Lambda",
    "Celery": "Celery",
    "Celery: chunks": "Celery, chunks",
    "procrastinate": "procrastinate",
    "floor": "floor",
}

_BARS = {"hello": "hello FastAPI + Mangum", "ORM commit per row": "ORM, commit per row"}
_FLOOR = "floor"
_PEERS = tuple(system for system in _LINES if system != _FLOOR and not system.startswith("convoke"))

type Plot = dict[str, Any]


def draw_plots(results: Results) -> list[str]:
    """Draw the plots that have rows into docs/benchmarks/; return their names.

    Without matplotlib's environment nothing is drawn, and the plots of an earlier run are removed: they would
    show other figures than the tables.
    """
    plots = make_plots(results)
    PLOTS.mkdir(exist_ok=True)
    for old in PLOTS.glob("*.svg"):
        old.unlink()
    if not CHARTS_PYTHON.exists():
        print("no plots: `infra/tools/set-up.sh charts` installs matplotlib", file=sys.stderr)
        return []
    subprocess.run(  # noqa: S603 - our own program
        [CHARTS_PYTHON, "-P", _PROGRAM, PLOTS], input=json.dumps(plots), text=True, check=True, timeout=300
    )
    return list(plots)


def make_plots(results: Results) -> dict[str, Plot]:
    """Return the plots by name, without empty ones."""
    rows = results.rows
    plots = {
        "response": _lines(
            rows,
            "response",
            "Response time by number of participants",
            f"milliseconds, median; one client, queue at {QUEUE_MS} ms",
        ),
        "durable": _lines(
            rows,
            "durable",
            "Time until all notifications are durable",
            f"milliseconds from the request, median; one client, queue at {QUEUE_MS} ms",
        ),
        "worker": _bars(
            [row for row in rows if row.measure == "worker" and _is_shown(row)],
            "Notifications written per second",
            "rows/s, 1,000 to a message, 200,000 people",
        ),
        "cold-start": _bars(
            [row for row in rows if row.measure == "cold start" and row.parameters.get("clock") == "CPU"],
            "Cold start",
            "milliseconds of processor time up to the first response",
        ),
    }
    return {name: plot for name, plot in plots.items() if plot["items"]}


def _lines(rows: Iterable[Row], measure: str, title: str, unit: str) -> Plot:
    points: dict[str, list[tuple[int, float]]] = {}
    for row in rows:
        if row.measure == measure and row.parameters.get("queue_ms") == QUEUE_MS and row.system in _LINES:
            points.setdefault(row.system, []).append((int(row.parameters["participants"]), row.value))
    # As far as the peers go: sizes of Convoke alone are in the table.
    largest = max((most for system in points if system in _PEERS for most, _ in points[system]), default=None)
    if _FLOOR in points and largest is not None:
        # The floor writes one row for any number.
        _, last = max(points[_FLOOR])
        points[_FLOOR].append((largest, last))
    items = [
        {
            "label": label,
            "ours": system.startswith("convoke"),
            "limit": system == _FLOOR,
            "points": sorted({point for point in points[system] if largest is None or point[0] <= largest}),
        }
        for system, label in _LINES.items()
        if system in points
    ]
    return {"kind": "lines", "title": title, "unit": unit, "across": "participants", "items": items}


def _bars(rows: Sequence[Row], title: str, unit: str) -> Plot:
    items = [
        {
            "label": _BARS.get(row.system, row.system.replace("convoke: ", "Convoke: ")),
            "ours": row.system.startswith("convoke"),
            "value": row.value,
        }
        for row in rows
    ]
    return {"kind": "bars", "title": title, "unit": unit, "items": items}


def _is_shown(row: Row) -> bool:
    return row.parameters.get("people") == 200_000 and row.parameters.get("participants") == 1_000
