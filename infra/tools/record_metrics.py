"""Record what the dashboard would show: `python infra/tools/record_metrics.py infra/sample-metrics.json`.

Runs the local system for three minutes under a load, with faults, on a free port and in a folder of its own.
The metrics of Convoke are the EMF lines that the functions print. Those that AWS publishes by itself are
measured where they arise here: invocations at the pools, requests at the gateway, messages at the SQS server,
connections at PostgreSQL. Aurora's capacity does not exist here and stays empty.
"""

import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from convoke_local.logs import log_to
from dashboard_widgets import TEMPLATE, read_widgets
from recording.load import Load
from recording.samples import Measurements, draw_up, read_emf, read_tables
from recording.system import SETTINGS, System

_SECONDS = 180
_PERIOD_SECONDS = 3

#: Seconds into the recording.
_QUEUE_STOPS, _QUEUE_RUNS = 30, 36
_WORKER_STOPS, _WORKER_RUNS = 62, 74
_RELEASE, _DOUBLES, _POISON, _KILL = 95, 108, 116, 150

FAULTS = [
    [_QUEUE_STOPS, "the queue is down"],
    [_WORKER_STOPS, "the worker stops for 12 s"],
    [_RELEASE, "all environments are new"],
    [_DOUBLES, "messages come twice"],
    [_POISON, "an unreadable message"],
    [_KILL, "a worker is killed"],
]


def record(folder: Path) -> dict[str, Any]:
    """Run it all; returns the document of infra/sample-metrics.json."""
    measurements = Measurements()
    with ExitStack() as resources:
        resources.enter_context(log_to(folder / "stack.log"))
        system = resources.enter_context(System(folder, measurements))
        load = Load(system.url, system.token_of)
        resources.callback(load.stop)
        load.start()
        time.sleep(2 * _PERIOD_SECONDS)
        began = time.time()
        system.begin(began)
        resources.enter_context(polling(system.poll, every_seconds=1))
        for at, act in (
            (_QUEUE_STOPS, system.stop_queue),
            (_QUEUE_RUNS, system.start_queue),
            (_WORKER_STOPS, system.stop_worker),
            (_WORKER_RUNS, system.start_worker),
            (_RELEASE, system.replace_environments),
            (_DOUBLES, system.repeat_messages),
            (_POISON, system.send_poison),
            (_KILL, system.kill_worker),
            (_SECONDS, load.stop),
        ):
            time.sleep(max(0.0, began + at - time.time()))
            act()
        print(f"{load.done} requests, {load.failed} without an answer", file=sys.stderr)
    for log in system.logs.values():
        with log.open(encoding="utf-8", errors="replace") as lines:
            for metric, second, value in read_emf(lines, began):
                measurements.add(metric, second, value)
    return make_document(measurements, read_tables(system.logs, system.starts))


def make_document(measurements: Measurements, tables: dict[str, list[list[str]]]) -> dict[str, Any]:
    """What is kept: for each widget with metrics its rows, in the order of the template."""
    periods = [float(at) for at in range(0, _SECONDS + 1, _PERIOD_SECONDS)]
    series, values = {}, {}
    for widget in read_widgets(TEMPLATE.read_text(encoding="utf-8")):
        properties: Any = widget["properties"]
        if widget["type"] != "metric":
            continue
        if properties["view"] == "timeSeries":
            rows = draw_up(measurements, properties, periods)
            series[properties["title"]] = [
                [None if it is None else round(it, 2) for it in row] for row in rows
            ]
        else:
            # A period of a minute is the last one shown; an hour and a day are all there is.
            bounds = periods[-2:] if properties["period"] == 60 else [0.0, float(_SECONDS)]
            rows = draw_up(measurements, properties, bounds)
            values[properties["title"]] = [None if row[0] is None else round(row[0], 2) for row in rows]
    return {
        "note": "The local system under a load, with faults, on one machine (infra/tools/record_metrics.py).",
        "recorded": datetime.now(UTC).date().isoformat(),
        "seconds": _SECONDS,
        "period_seconds": _PERIOD_SECONDS,
        "settings": SETTINGS,
        "faults": FAULTS,
        "series": series,
        "values": values,
        "tables": tables,
    }


@contextmanager
def polling(poll: Callable[[], None], *, every_seconds: float) -> Iterator[None]:
    """Call `poll` again and again, in a thread, for the length of the block."""
    over = threading.Event()

    def run() -> None:
        while not over.wait(every_seconds):
            poll()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def write(document: dict[str, Any], path: Path) -> None:
    """As JSON with a line for each series: small, and differences can be read."""
    parts = []
    for name, value in document.items():
        if name in ("series", "tables"):
            widgets = []
            for title, rows in value.items():
                lines = ",\n".join(f"      {json.dumps(row, separators=(',', ':'))}" for row in rows)
                widgets.append(f"    {json.dumps(title)}: [\n{lines}\n    ]")
            parts.append(f"  {json.dumps(name)}: {{\n" + ",\n".join(widgets) + "\n  }")
        else:
            parts.append(f"  {json.dumps(name)}: {json.dumps(value)}")
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="convoke-recording-") as name:
        # PostgreSQL runs as another user when root starts it.
        Path(name).chmod(0o755)
        write(record(Path(name)), Path(sys.argv[1]))
