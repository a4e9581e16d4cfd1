"""Distribution of Kendall's tau over draws, with the value, the target and the baseline."""

from __future__ import annotations

from eng5.contracts.analysis import Histogram, Metric
from eng5.plots.plot import FONT_SIZE, Palette, Plot, new_plot

__all__ = ["draw"]

ROUNDING = 1e-6
LATE = 0.72
"""Share of the axis beyond which a line has its name on the left, where there is room for it."""


def draw(tau: Metric, drawn: Histogram | None) -> Plot | None:
    """A histogram of the draws; None without them."""
    if drawn is None or not sum(drawn.counts):
        return None
    lines: list[tuple[float | None, str]] = [(tau.value, "observed")]
    if tau.target is not None:
        lines += [(tau.target.limit, "target"), (tau.target.baseline, "baseline")]
    marks = sorted((value, name) for value, name in lines if value is not None)
    plot = new_plot(
        "tau-plot",
        "How sure Kendall's tau is",
        f"Histogram of {sum(drawn.counts)} draws of the tau that endless comparisons would show; lines mark "
        + ", ".join(f"{name} {value:.2f}" for value, name in marks).replace("-", "−")
        + ".",
        margins=(24, 16, 54, 76),
    )
    axes, high = plot.axes, max(drawn.counts)
    for count, start, end in zip(drawn.counts, drawn.edges, drawn.edges[1:], strict=False):
        middle = (start + end) / 2
        inside = tau.interval is None or tau.interval.low - ROUNDING <= middle <= tau.interval.high + ROUNDING
        (bar,) = axes.bar(
            [start], [count], end - start, align="edge", color=Palette.ACCENT, alpha=0.8 if inside else 0.35,
            edgecolor=Palette.PAPER, linewidth=0.5,
        )  # fmt: skip
        plot.tip(bar, f"{start:.3f} to {end:.3f}: {count}")
    low = min(drawn.edges[0], *(value for value, _ in marks))
    axes.set(xlim=(low - 0.02, max(1.0, drawn.edges[-1]) + 0.01), ylim=(0, high), yticks=[])
    left, right = axes.get_xlim()
    late = left + LATE * (right - left)
    rows = [mark for mark in marks if mark[0] <= late] + [mark for mark in reversed(marks) if mark[0] > late]
    for row, (value, name) in enumerate(rows):
        top, before = high * (1.2 - 0.075 * row), value > late
        colour, style, width = (Palette.GOOD, "-", 2.0) if name == "target" else (Palette.MUTED, "--", 1.25)
        axes.plot(
            [value, value],
            [0, top],
            color=colour,
            linestyle=style,
            linewidth=width,
            clip_on=False,
            label=name,
        )
        axes.annotate(
            f"{name} {value:.2f}".replace("-", "−"), (value, top), (-6 if before else 6, 0),
            textcoords="offset points", annotation_clip=False,
            ha="right" if before else "left", va="top", color=Palette.INK, fontsize=FONT_SIZE,
        )  # fmt: skip
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("Kendall's tau")
    return plot
