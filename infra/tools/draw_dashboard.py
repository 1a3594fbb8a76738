"""Draws the dashboard of infra/observability.yaml with computed sample values: the argument names the PNG.

Run by the Python of .tools/charts. Layout, titles, labels and lines are the template's. The values are
computed, not measured: three hours of load with the incidents of INCIDENTS.
"""

import json
import math
import re
import sys
import textwrap
from collections import defaultdict
from pathlib import Path
from random import Random
from typing import Any

TEMPLATE = Path(__file__).parents[1] / "observability.yaml"
MINUTES = 180
INCIDENTS = {
    30: "the queue is down for 3 min",
    62: "the worker is stopped for 5 min",
    95: "a release",
    108: "messages come twice",
    116: "an unreadable message",
    150: "a worker is killed",
}
_VALUES = {"DatabaseMaximumConnections": "200", "Stage": "prod", "StackName": "convoke-prod"}
_COLOURS = ("#2563eb", "#ea580c", "#16a34a", "#9333ea", "#0891b2", "#be123c")
_COLUMN, _ROW = 0.78, 0.5  # inches

type Series = list[float]


def read_widgets(text: str) -> list[dict[str, Any]]:
    """Return the widgets of a template's dashboard; ${Name} without a sample value becomes Name."""
    body = re.search(r"^      DashboardBody: !Sub \|\n((?:        .*\n)+)", text, re.MULTILINE)
    if body is None:
        raise ValueError("the template holds no DashboardBody")
    filled = re.sub(r"\$\{([A-Za-z0-9:]+)\}", lambda name: _VALUES.get(name[1], name[1]), body[1])
    widgets: list[dict[str, Any]] = json.loads(textwrap.dedent(filled))["widgets"]
    return widgets


def simulate() -> dict[str, Series]:
    """Return a value a minute for each metric, by its name and, if they differ, dimension and statistic."""
    random, series = Random(1), defaultdict(list)  # noqa: S311 - the same picture each time
    owed = visible = waited = 0
    for minute in range(MINUTES):
        queue_down, worker_down = 30 <= minute < 33, 62 <= minute < 67
        released, doubled, poison, killed = (minute == at for at in (95, 108, 116, 150))
        committed = round(60 + 25 * math.sin(minute / 25) + random.gauss(0, 8))
        resent = 0 if queue_down else owed
        owed = owed - resent + committed * queue_down
        visible += committed * (not queue_down) + resent + 30 * doubled
        deleted = 0 if worker_down or queue_down else min(visible, 400)
        visible -= deleted
        waited = waited + 1 if owed or visible else 0
        late = 60_000.0 * (waited or 2 * bool(resent)) + 30_000 * killed
        p50 = random.gauss(55, 6)
        point = {
            "NotificationsWritten": 9 * max(0, deleted - 30 * doubled), "DuplicatesSuppressed": 30 * doubled,
            "DeliveryLatencyMs p50": p50, "DeliveryLatencyMs p95": late or 2.4 * p50,
            "DeliveryLatencyMs p99": late or 4 * p50 + random.expovariate(1 / 80),
            "DeliveryLatencyMs PR(:60000)": 100.0 - 6 * (late > 60_000),
            "DeliveryFailed": 5 * killed, "PoisonRejected": 5 * poison,
            "DirectSendFailed": committed * queue_down, "AuthzDenied": float(random.random() < 0.03),
            "OutboxPending": owed + visible, "OutboxFailed": float(116 < minute < 140),
            "OutboxOldestAgeSeconds": 60 * waited, "RelayRuns": 1, "RelaySent": resent,
            "ApproximateNumberOfMessagesVisible QueueName": visible + random.randint(0, 2),
            "ApproximateNumberOfMessagesVisible DeadLetterQueueName": float(116 < minute < 140),
            "ApproximateNumberOfMessagesNotVisible": random.randint(0, 4), "NumberOfMessagesSent": committed,
            "ApproximateAgeOfOldestMessage": 60 * waited * (not queue_down),
            "NumberOfMessagesDeleted": deleted or math.nan,
            "Count": 4 * committed, "4xx": random.randint(0, 9), "5xx": 0, "Latency": random.gauss(95, 14),
            "Errors NotifyWorkerFunction": killed, "Errors": 0, "Throttles": 0, "Invocations": 4 * committed,
            "Duration p99": random.gauss(600, 150), "Duration": 40.0 * committed,
            "ConcurrentExecutions NotifyWorkerFunction": 2 + 8 * (deleted > 150), "ConcurrentExecutions": 3,
            "ConcurrentExecutions OutboxRelayFunction": 1, "DatabaseConnections": 14 + 8 * (deleted > 150),
            "ServerlessDatabaseCapacity": 1 + deleted / 150,
            "DbConnectMs": random.gauss(28, 4) if released or killed or random.random() < 0.04 else math.nan,
        }  # fmt: skip
        for name, value in point.items():
            series[name].append(float(value))
    return series


def compute(properties: dict[str, Any], samples: dict[str, Series]) -> list[tuple[dict[str, Any], Series]]:
    """Return options and values of each metric of a widget. Raises KeyError for one without samples."""
    found: list[Series | None] = []
    by_id: dict[str, Series] = {}
    for *metric, options in properties["metrics"]:
        if not metric:
            found.append(None)
            continue
        name, of, stat = metric[1], metric[3], options.get("stat", properties["stat"])
        key = next((key for key in (f"{name} {stat}", f"{name} {of}") if key in samples), name)
        values = samples[key]
        if properties["view"] == "singleValue":
            minutes = properties["period"] // 60
            shown = values[-minutes:]
            values = [sum(shown) / len(shown) * (minutes if stat == "Sum" else 1)]
        found.append(values)
        by_id[options.get("id", name)] = values
    rows = []
    for row, values in zip(properties["metrics"], found, strict=True):
        if values is None:
            points = [dict(zip(by_id, point, strict=True)) for point in zip(*by_id.values(), strict=True)]
            # The expression is arithmetic of our own template.
            values = [eval(row[-1]["expression"], {"PERIOD": lambda _: 60}, each) for each in points]  # noqa: S307
        if row[-1].get("visible") is not False:
            rows.append((row[-1], values))
    return rows


def _draw_series(axes: Any, properties: dict[str, Any], samples: dict[str, Series]) -> None:
    right, drawn = None, []
    for (options, values), colour in zip(compute(properties, samples), _COLOURS, strict=False):
        if options.get("yAxis") == "right":
            right = right or axes.twinx()
        target = right if options.get("yAxis") == "right" else axes
        drawn += target.plot(
            values, color=colour, linewidth=1.3, marker=".", markersize=3, label=options["label"]
        )
    for line in properties.get("annotations", {}).get("horizontal", []):
        axes.axhline(line["value"], color="#dc2626", linewidth=1, linestyle="--")
        axes.text(
            1, line["value"], f"{line['label']} {line['value']:,}", color="#dc2626", fontsize=7, va="bottom"
        )
    for number, minute in enumerate(INCIDENTS, start=1):
        axes.axvline(minute, color="#9ca3af", linewidth=0.6, linestyle=":")
        axes.text(minute, 1, str(number), transform=axes.get_xaxis_transform(), fontsize=6.5, va="bottom")
    axes.set_xticks(
        range(0, MINUTES + 1, 30), [f"{at // 60}:{at % 60:02}" for at in range(0, MINUTES + 1, 30)]
    )
    axes.set_xlim(0, MINUTES)
    for each in filter(None, (axes, right)):
        each.set_ylim(bottom=0, top=max(1.0, each.get_ylim()[1]))
        each.tick_params(labelsize=7, length=2, colors="#6b7280")
        each.spines[:].set_visible(False)
    axes.grid(axis="y", color="#e5e7eb", linewidth=0.6)
    axes.legend(handles=drawn, fontsize=7, frameon=False, loc="upper left", ncols=2, bbox_to_anchor=(0, -0.1))


def _draw_text(axes: Any, widget: dict[str, Any], samples: dict[str, Series]) -> None:
    axes.axis("off")
    properties = widget["properties"]
    if widget["type"] == "alarm":
        for at, arn in enumerate(properties["alarms"]):
            axes.text(at % 6 / 6, 0.8 - at // 6 * 0.34, "○ " + arn.partition("convoke-prod-")[2], fontsize=8)
    elif widget["type"] == "text":
        head, _, rest = re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", properties["markdown"][3:]).partition("\n")
        axes.text(0, 0.95, head, fontsize=13, weight="bold", va="top")
        axes.text(0, 0.7, "\n".join(textwrap.wrap(rest, 74)), fontsize=7.5, va="top", color="#374151")
    elif widget["type"] == "log":
        query = properties["query"].rpartition("SOURCE")[2].partition("| ")[2]
        axes.text(0, 0.9, "\n".join(textwrap.wrap(query, 70)), fontsize=7.5, va="top", family="monospace")
    else:
        for at, (options, values) in enumerate(compute(properties, samples)):
            axes.text(at * 0.45, 0.3, f"{values[0]:,.3g}", fontsize=24, weight="bold", color="#111827")
            axes.text(at * 0.45, 0.08, options["label"], fontsize=7.5, color="#6b7280")


def draw(widgets: list[dict[str, Any]], path: str) -> None:
    """Write the PNG: the dashboard on its grid of 24 columns."""
    from matplotlib import pyplot

    samples = simulate()
    width, height = 24 * _COLUMN, max(each["y"] + each["height"] for each in widgets) * _ROW + 0.4
    figure = pyplot.figure(figsize=(width, height), facecolor="#f3f4f6")
    note = "Sample values, computed by infra/tools/draw_dashboard.py; laid out by infra/observability.yaml. "
    note += "; ".join(f"{number} {what}" for number, what in enumerate(INCIDENTS.values(), start=1))
    figure.text(0.995, 0.004, note, ha="right", fontsize=8, color="#6b7280")
    for widget in widgets:
        left, top = widget["x"] * _COLUMN, widget["y"] * _ROW
        wide, high = widget["width"] * _COLUMN, widget["height"] * _ROW

        def place(
            side: float, above: float, below: float, box: tuple[float, ...] = (left, top, wide, high)
        ) -> Any:
            x, y, w, h = box
            rectangle = (x + side) / width, 1 - (y + h - below) / height, (w - 2 * side) / width
            return figure.add_axes((*rectangle, (h - below - above) / height))

        card = place(0.06, 0.06, 0.06)
        card.set(xticks=[], yticks=[], facecolor="white")
        card.spines[:].set_color("#d1d5db")
        title = widget["properties"].get("title", "")
        card.text(
            0.16 / wide,
            1 - 0.13 / high,
            title,
            transform=card.transAxes,
            fontsize=9.5,
            weight="bold",
            va="top",
        )
        is_series = widget["properties"].get("view") == "timeSeries"
        axes = place(0.55, 0.6, 0.82) if is_series else place(0.22, 0.42 if title else 0.12, 0.12)
        axes.set_facecolor("none")
        if is_series:
            _draw_series(axes, widget["properties"], samples)
        else:
            _draw_text(axes, widget, samples)
    figure.savefig(path, dpi=90)


if __name__ == "__main__":
    draw(read_widgets(TEMPLATE.read_text(encoding="utf-8")), sys.argv[1])
