"""One figure over all runs, in the order in which they were made."""

from __future__ import annotations

from collections.abc import Sequence

from eng5.contracts.analysis import Metric
from eng5.plots.plot import FONT_SIZE, Palette, Plot, Point, new_plot

MOST_TICKS = 10


def draw(
    name: str, label: str, runs: Sequence[tuple[str, Metric]], ticks: Sequence[str] | None = None
) -> Plot | None:
    """A point with its interval for each (run, metric); None when fewer than two runs have a value.

    Args:
        name: makes the plot's ids unique.
        label: of the figure.
        runs: the earliest first.
        ticks: what stands below each of `runs`; by default which end is the earlier.
    """
    shown = [(run, metric) for run, metric in runs if metric.value is not None]
    if len(shown) < 2:
        return None
    plot = new_plot(
        f"trend-{name}",
        f"{label} over {len(shown)} runs",
        "; ".join(f"{run}: {metric.value:.2f}" for run, metric in shown) + ".",
        height=220,
        margins=(52, 12, 30, 26),
    )
    axes = plot.axes
    limit = next((metric.target.limit for _, metric in reversed(shown) if metric.target is not None), None)
    if limit is not None:
        axes.axhline(limit, color=Palette.GOOD, linewidth=2, label="target")
    points = []
    for place, (run, metric) in enumerate(shown):
        missed = metric.target is not None and metric.target.status == "missed"
        colour, tip = Palette.WARN if missed else Palette.ACCENT, f"{run}: {metric.value:.2f}"
        points.append(Point(place, metric.value or 0.0, metric.interval, colour, tip, 9))
    plot.points(points)
    if shown[0][1].kind == "count":
        axes.set_ylim(-0.1, max(1.0, axes.get_ylim()[1]))
    axes.set_xlim(-0.5, len(shown) - 0.5)
    if ticks is None:
        axes.set_xticks([0, len(shown) - 1], ["earliest", "latest"])
    else:
        named = [tick for tick, (_, metric) in zip(ticks, runs, strict=True) if metric.value is not None]
        places = range(0, len(shown), -(-len(shown) // MOST_TICKS))
        axes.set_xticks(list(places), [named[place] for place in places])
    axes.locator_params(axis="y", nbins=4, integer=shown[0][1].kind == "count")
    axes.grid(axis="y", color=Palette.RULE)
    axes.set_title(label, loc="left", color=Palette.INK, fontsize=FONT_SIZE)
    return plot
