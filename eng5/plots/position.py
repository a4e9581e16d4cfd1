"""Share of comparisons won by the essay shown first, by gap in grade."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eng5.contracts.judge_quality import GapRow
from eng5.plots.plot import FONT_SIZE, Palette, Plot, Point, new_plot


def draw(rows: Sequence[GapRow]) -> Plot | None:
    """A point with its interval for each gap; None when no gap has a decided comparison."""
    shown = [row for row in rows if row.gap is not None and row.share.value is not None]
    if not shown:
        return None
    plot = new_plot(
        "position-plot",
        "Wins of the essay shown first, by gap in grade",
        "A judge without position bias wins half of them: the dashed line. "
        + "; ".join(f"gap {row.gap}: {row.first_wins} of {row.decided}" for row in shown)
        + ".",
        margins=(78, 12, 54, 30),
    )
    axes = plot.axes
    words: dict[str, Any] = {"color": Palette.MUTED, "va": "bottom", "fontsize": FONT_SIZE}
    axes.axhline(0.5, color=Palette.MUTED, linestyle="--", linewidth=1.25, zorder=1)
    gaps = [row.gap or 0 for row in shown]
    points = []
    for gap, row in zip(gaps, shown, strict=True):
        interval = row.share.interval
        even = interval is None or interval.low <= 0.5 <= interval.high
        tip = f"gap {gap}: position A won {row.first_wins} of {row.decided}"
        colour = Palette.ACCENT if even else Palette.WARN
        points.append(Point(gap, row.share.value or 0.0, interval, colour, tip, link=f"#gap-{gap}"))
        axes.text(gap, 1.03, str(row.decided), ha="center", **words)
    plot.points(points)
    axes.set(xlim=(min(gaps) - 0.6, max(gaps) + 0.6), ylim=(0, 1), xticks=gaps)
    axes.text(axes.get_xlim()[0], 1.03, "n  ", ha="right", **words)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    axes.grid(axis="y", color=Palette.RULE)
    axes.set_xlabel("gap in grade, levels")
    axes.set_ylabel("won by position A")
    return plot
