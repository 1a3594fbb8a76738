"""Draws plots: JSON on stdin, by name; SVGs into the folder of the argument.

Run by the Python of .tools/charts. No background, and greys and hues that are distinct from white and from
black; the hues are those of Okabe and Ito, which colour-blind readers can distinguish, and each line and bar
has its own label.
"""

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullFormatter

_OURS = "#1f83e0"
_OTHERS = ("#d55e00", "#e69f00", "#009e73", "#cc79a7", "#b08d57", "#56b4e9")
_GREY, _FAINT = "#7a8490", "#7a849055"
_LABEL_POINTS = 9

plt.rcParams.update(
    {
        "svg.fonttype": "none",
        # The same figures give the same file.
        "svg.hashsalt": "convoke",
        "font.family": "sans-serif",
        "font.size": 9,
        "text.color": _GREY,
        "axes.labelcolor": _GREY,
        "axes.edgecolor": _FAINT,
        "xtick.color": _GREY,
        "ytick.color": _GREY,
    }
)


def show(value: float) -> str:
    """Return a value with three digits."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value < 1 else 1
    return f"{value:,.{digits}f}"


def draw_lines(axes: Axes, plot: dict[str, Any]) -> None:
    """Draw lines on logarithmic axes, with labels at the right ends, moved apart where they would overlap."""
    axes.set_xscale("log")
    axes.set_yscale("log")
    others = iter(_OTHERS)
    ends = []
    for item in plot["items"]:
        xs, ys = zip(*item["points"], strict=True)
        if item["limit"]:
            colour, style, width = _GREY, ":", 1.2
        else:
            colour, style, width = (_OURS, "-", 3.2) if item["ours"] else (next(others), "-", 1.4)
        axes.plot(
            xs,
            ys,
            style,
            color=colour,
            linewidth=width,
            marker="o",
            markersize=width + 2,
            zorder=3 if item["ours"] else 2,
        )
        label = f"{item['label']} {show(ys[-1])}"
        ends.append((ys[-1], xs[-1], label, colour, item["ours"]))
    axes.grid(color=_FAINT, linewidth=0.5)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
        axis.set_minor_formatter(NullFormatter())
    axes.minorticks_off()
    axes.set_xlabel(plot["across"])
    _label_ends(axes, ends)


def _label_ends(axes: Axes, ends: list[tuple[float, float, str, str, bool]]) -> None:
    axes.figure.canvas.draw()
    points_per_pixel = 72 / axes.figure.dpi
    lowest = float("-inf")
    for y, x, label, colour, ours in sorted(ends):
        at = axes.transData.transform((x, y))[1] * points_per_pixel
        place = max(at, lowest)
        lowest = place + _LABEL_POINTS + 2
        axes.annotate(
            label,
            (x, y),
            xytext=(8, place - at),
            textcoords="offset points",
            va="center",
            color=colour,
            fontsize=_LABEL_POINTS,
            weight="bold" if ours else "normal",
            annotation_clip=False,
        )


def draw_bars(axes: Axes, plot: dict[str, Any]) -> None:
    """Draw bars from the left, the first at the top, with their values behind them."""
    items = plot["items"]
    values = [item["value"] for item in items]
    colours = [_OURS if item["ours"] else _GREY for item in items]
    places = range(len(items))
    axes.barh(places, values, color=colours, height=0.62)
    axes.set_yticks(places, [item["label"] for item in items])
    for label, item in zip(axes.get_yticklabels(), items, strict=True):
        if item["ours"]:
            label.set_color(_OURS)
            label.set_weight("bold")
    axes.invert_yaxis()
    for place, value in zip(places, values, strict=True):
        axes.text(value + max(values) * 0.012, place, show(value), va="center", color=_GREY)
    axes.set_xlim(0, max(values) * 1.14)
    axes.set_xticks([])


def draw(plot: dict[str, Any], path: Path) -> None:
    """Draw one plot into one file."""
    is_lines = plot["kind"] == "lines"
    height = 4.6 if is_lines else 0.9 + 0.38 * len(plot["items"])
    figure, axes = plt.subplots(figsize=(7.6, height))
    top = 1 - 0.62 / height
    if is_lines:
        figure.subplots_adjust(left=0.09, right=0.7, bottom=0.11, top=top)
    else:
        figure.subplots_adjust(left=0.26, right=0.98, bottom=0.04, top=top)
    figure.text(0.012, 1 - 0.24 / height, plot["title"], fontsize=12, weight="bold")
    figure.text(0.012, 1 - 0.45 / height, plot["unit"], fontsize=9)
    for side in ("top", "right", *(() if is_lines else ("bottom",))):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0)
    axes.set_facecolor("none")
    (draw_lines if is_lines else draw_bars)(axes, plot)
    figure.savefig(path, transparent=True, metadata={"Date": None})
    plt.close(figure)


if __name__ == "__main__":
    for name, each in json.load(sys.stdin).items():
        draw(each, Path(sys.argv[1]) / f"{name}.svg")
