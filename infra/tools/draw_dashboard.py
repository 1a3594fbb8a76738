"""Draw the dashboard: widgets as JSON on stdin, a PNG in the place that the argument names.

Run by the Python of .tools/charts. The values are those of infra/sample-metrics.json, recorded on one
machine; the layout, titles, labels, axes and lines are the deployed ones. Alarms have no colour: their states
are CloudWatch's.
"""

import json
import math
import sys
import textwrap
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

SAMPLES = json.loads((Path(__file__).parents[1] / "sample-metrics.json").read_text(encoding="utf-8"))

_COLOURS = ("#2563eb", "#ea580c", "#16a34a", "#9333ea", "#0891b2", "#be123c")
_INCHES_PER_COLUMN, _INCHES_PER_ROW = 0.78, 0.5
_MARGIN = 0.55


def series_of(title: str, row: int) -> list[float]:
    """A value for each period of the recording; NaN where there was none."""
    return [math.nan if value is None else value for value in SAMPLES["series"][title][row]]


def draw_series(axes: Axes, properties: dict[str, Any]) -> None:
    """A widget of time series, with its second axis and its lines."""
    right: Axes | None = None
    drawn = []
    for number, row in enumerate(properties["metrics"]):
        options = row[-1] if isinstance(row[-1], dict) else {}
        if options.get("visible") is False:
            continue
        name = row[1] if len(row) > 1 else ""
        label = options.get("label", name)
        target = axes
        if options.get("yAxis") == "right":
            right = right or axes.twinx()
            target = right
        colour = _COLOURS[len(drawn) % len(_COLOURS)]
        values = series_of(properties["title"], number)
        if all(map(math.isnan, values)):
            label += " (none here)"
        # A lone value between two gaps is seen by its marker alone.
        drawn += target.plot(values, color=colour, linewidth=1.3, marker=".", markersize=4, label=label)
    for line in properties.get("annotations", {}).get("horizontal", []):
        axes.axhline(line["value"], color="#dc2626", linewidth=1, linestyle="--")
        axes.annotate(
            f"{line['label']} {line['value']:,}", (1, line["value"]), color="#dc2626", fontsize=7, va="bottom"
        )
    axes.set_ylim(bottom=0, top=max(1.0, axes.get_ylim()[1]))
    shown = range(0, SAMPLES["seconds"] + 1, 30)
    places = [at / SAMPLES["period_seconds"] for at in shown]
    axes.set_xticks(places, [f"{at // 60}:{at % 60:02}" for at in shown])
    axes.set_xlim(0, places[-1])
    for number, (at, _) in enumerate(SAMPLES["faults"], start=1):
        place = at / SAMPLES["period_seconds"]
        axes.axvline(place, color="#9ca3af", linewidth=0.6, linestyle=":")
        axes.annotate(
            str(number),
            (place, 1),
            xycoords=("data", "axes fraction"),
            fontsize=6.5,
            color="#6b7280",
            va="bottom",
        )
    for each in (axes, *([right] if right else [])):
        each.tick_params(labelsize=7, length=2, colors="#6b7280")
        for spine in each.spines.values():
            spine.set_visible(False)
    if right:
        right.set_ylim(bottom=0)
    axes.grid(axis="y", color="#e5e7eb", linewidth=0.6)
    axes.legend(handles=drawn, fontsize=7, frameon=False, loc="upper left", ncols=2, bbox_to_anchor=(0, -0.1))


def draw_text(axes: Axes, widget: dict[str, Any]) -> None:
    """Values, alarms, tables and notes."""
    axes.axis("off")
    properties = widget["properties"]
    title = properties.get("title", "")
    if widget["type"] == "alarm":
        names = [arn.partition("alarm:convoke-prod-")[2] for arn in properties["alarms"]]
        for number, name in enumerate(names):
            place = ((number % 6) / 6, 0.8 - number // 6 * 0.34)
            axes.text(*place, f"○ {name}", fontsize=8, color="#374151")
    elif widget["type"] == "text":
        text = properties["markdown"].replace("## ", "")
        head, _, rest = text.partition("\n")
        links = [part.partition("]")[0] for part in rest.split("[")[1:]]
        body = rest.partition("Runbooks")[0].strip() + "\nRunbooks: " + ", ".join(links)
        axes.text(0, 0.95, head, fontsize=13, weight="bold", va="top")
        axes.text(0, 0.7, "\n".join(textwrap.wrap(body, 74)), fontsize=7.5, va="top", color="#374151")
    elif title in SAMPLES["values"]:
        shown = [
            (row[-1].get("label", ""), value)
            for row, value in zip(properties["metrics"], SAMPLES["values"][title], strict=True)
            if row[-1].get("visible") is not False
        ]
        for number, (label, value) in enumerate(shown):
            axes.text(number * 0.45, 0.3, _write(value), fontsize=24, weight="bold", color="#111827")
            why = " (no data here)" if value is None else ""
            axes.text(number * 0.45, 0.08, label + why, fontsize=7.5, color="#6b7280")
    else:
        rows = SAMPLES["tables"][title]
        # The second column of the errors is a sentence.
        places = (
            (0, 0.22, 0.9) if title == "Top errors" else [each / len(rows[0]) for each in range(len(rows[0]))]
        )
        for number, row in enumerate(rows):
            for place, cell in zip(places, row, strict=True):
                weight = "bold" if number == 0 else "normal"
                text = textwrap.shorten(cell, 52, placeholder=" …")
                axes.text(place, 0.88 - number * 0.14, text, fontsize=8, weight=weight)
        if len(rows) == 1:
            axes.text(0, 0.74, "nothing", fontsize=8, color="#6b7280")


def _write(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 100 else f"{value:.3g}"


def draw(widgets: list[dict[str, Any]]) -> Figure:
    """The whole dashboard on its grid of 24 columns."""
    rows = max(widget["y"] + widget["height"] for widget in widgets)
    width, height = 24 * _INCHES_PER_COLUMN, rows * _INCHES_PER_ROW + 0.4
    figure = plt.figure(figsize=(width, height), facecolor="#f3f4f6")
    figure.text(
        0.995,
        0.004,
        f"Recorded on one machine on {SAMPLES['recorded']}, a point for every {SAMPLES['period_seconds']} s "
        "(infra/sample-metrics.json); laid out by infra/observability.yaml. "
        + "; ".join(f"{number} {what}" for number, (_, what) in enumerate(SAMPLES["faults"], start=1)),
        ha="right",
        fontsize=8,
        color="#6b7280",
    )
    for widget in widgets:
        left, top = widget["x"] * _INCHES_PER_COLUMN, widget["y"] * _INCHES_PER_ROW
        w, h = widget["width"] * _INCHES_PER_COLUMN, widget["height"] * _INCHES_PER_ROW
        card = figure.add_axes(
            ((left + 0.06) / width, 1 - (top + h - 0.06) / height, (w - 0.12) / width, (h - 0.12) / height)
        )
        card.set_facecolor("white")
        card.set_xticks([])
        card.set_yticks([])
        for spine in card.spines.values():
            spine.set_color("#d1d5db")
        title = widget["properties"].get("title", "")
        card.text(
            0.16 / (w - 0.12),
            1 - 0.13 / (h - 0.12),
            title,
            transform=card.transAxes,
            fontsize=9.5,
            weight="bold",
            va="top",
        )
        is_series = widget["type"] == "metric" and widget["properties"]["view"] == "timeSeries"
        bottom, above = (0.82 if is_series else 0.12), (0.42 if title else 0.12)
        side = _MARGIN if is_series else 0.22
        axes = figure.add_axes(
            (
                (left + side) / width,
                1 - (top + h - bottom) / height,
                (w - 2 * side) / width,
                (h - bottom - above) / height,
            )
        )
        axes.set_facecolor("none")
        if is_series:
            draw_series(axes, widget["properties"])
        else:
            draw_text(axes, widget)
    return figure


if __name__ == "__main__":
    draw(json.load(sys.stdin)).savefig(sys.argv[1], dpi=90)
    print(sys.argv[1])
