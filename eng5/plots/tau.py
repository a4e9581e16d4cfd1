"""Kendall's tau with its two intervals, the target and the baseline."""

from __future__ import annotations

from eng5.contracts.analysis import Metric
from eng5.plots.plot import FONT_SIZE, Palette, Plot, Point, new_plot

LATE = 0.72
"""Share of the axis beyond which a line has its name on the left."""
WIDEST = 0.3
"""The axis reaches at least so far below its end."""


def draw(tau: Metric) -> Plot | None:
    """Tau from left to right, each reading a row; None without tau or any interval."""
    readings = [("these pairs", tau.interval), ("essays like these", tau.other_essays)]
    rows = [(name, interval) for name, interval in readings if interval is not None]
    if tau.value is None or not rows:
        return None
    lines: list[tuple[str, float | None]] = []
    if tau.target is not None:
        lines = [("target", tau.target.limit), ("baseline", tau.target.baseline)]
    marks = [(name, at) for name, at in lines if at is not None]
    said = [f"in this run {tau.value:.2f}"]
    said += [f"{name} {interval.low:.2f} to {interval.high:.2f}" for name, interval in rows]
    said += [f"{name} {at:.2f}" for name, at in marks]
    top = 14 + 20 * len(marks)
    plot = new_plot(
        "tau-plot",
        "How sure Kendall's tau is",
        f"Kendall's tau with the experts: {', '.join(said)}.".replace("-", "−"),
        height=60 + top + 40 * len(rows),
        margins=(132, 24, 54, top),
    )
    axes = plot.axes
    for row, (name, interval) in enumerate(rows):
        tip = f"{name}: {interval.low:.2f} to {interval.high:.2f}"
        axes.hlines(row, interval.low, interval.high, color=Palette.ACCENT, linewidth=1.75, alpha=0.65)
        plot.points([Point(tau.value, row, None, Palette.ACCENT, tip)])
    low = min([tau.value, 1.0 - WIDEST, *(at for _, at in marks), *(interval.low for _, interval in rows)])
    axes.set_xlim(low - 0.02, 1.01)
    plot.rows([name for name, _ in rows])
    axes.spines["left"].set_visible(False)
    for place, (name, at) in enumerate(marks):
        left, right = axes.get_xlim()
        before = (at - left) / (right - left) > LATE or at < marks[0][1]
        colour, style, width = (Palette.GOOD, "-", 2.0) if name == "target" else (Palette.MUTED, "--", 1.25)
        end = -0.5 - 0.5 * (len(marks) - place)
        axes.plot(
            [at, at], [len(rows) - 0.5, end], color=colour, linestyle=style, linewidth=width,
            clip_on=False, zorder=1, label=name,
        )  # fmt: skip
        axes.annotate(
            f"{name} {at:.2f}".replace("-", "−"), (at, end), (-6 if before else 6, 0),
            textcoords="offset points", annotation_clip=False,
            ha="right" if before else "left", va="top", color=Palette.INK, fontsize=FONT_SIZE,
        )  # fmt: skip
    axes.locator_params(axis="x", nbins=6)
    axes.grid(axis="x", color=Palette.RULE)
    axes.set_xlabel("Kendall's tau")
    return plot
