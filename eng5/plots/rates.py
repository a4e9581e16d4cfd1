"""Shares, or differences of shares, below one another, each with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eng5.contracts.own import Estimate
from eng5.plots.labels import fitted, lines, width
from eng5.plots.plot import FONT_SIZE, Palette, Plot, new_plot

WIDTH, RIGHT, EDGE = 480, 28, 4
ROW_PIXELS = 26
LINE_PIXELS = 16
LONGEST_LABEL = 30
WIDEST_LABEL = 240
LEAST_REACH = 0.1


@dataclass(frozen=True)
class Row:
    """A line of the plot; `whole` marks a summary of others, `off` one that stands out, `link` is what it opens."""

    label: str
    estimate: Estimate
    tip: str
    whole: bool = False
    off: bool = False
    link: str | None = None


def draw(
    key: str, title: str, description: str, rows: Sequence[Row], *, axis: str, signed: bool = False
) -> Plot | None:
    """Shares from 0 to 1 with a line at one half, or signed differences with a line at 0; None without a value."""
    if not any(row.estimate.value is not None for row in rows):
        return None
    labels = fitted(
        [row.label for row in rows], LONGEST_LABEL, WIDEST_LABEL, bold=any(row.whole for row in rows)
    )
    left = 16 + max(width(label, bold=row.whole) for label, row in zip(labels, rows, strict=True))
    below = lines(axis, WIDTH - 2 * EDGE)
    bottom = 36 + LINE_PIXELS * len(below)
    plot = new_plot(
        key, title, description, width=WIDTH,
        height=10 + bottom + ROW_PIXELS * len(rows), margins=(left, RIGHT, bottom, 10),
    )  # fmt: skip
    axes = plot.axes
    axes.axvline(0.0 if signed else 0.5, color=Palette.MUTED, linestyle="--", linewidth=1.25, zorder=1)
    if signed:
        axes.set_xlim(*_symmetric(rows))
        axes.xaxis.set_major_formatter(lambda value, _: _points(value))
    else:
        axes.set_xlim(-0.02, 1.02)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    for place, row in enumerate(rows):
        _mark(plot, place, row)
    plot.rows(labels)
    axes.spines["left"].set_visible(False)
    for text, row in zip(axes.get_yticklabels(), rows, strict=True):
        if row.whole:
            text.set(color=Palette.INK, fontweight="bold")
    axes.grid(axis="x", color=Palette.RULE)
    inner, reach = WIDTH - left - RIGHT, max(map(width, below), default=0.0) / 2
    axes.set_xlabel("\n".join(below), x=min(0.5, (WIDTH - EDGE - reach - left) / inner))
    return plot


def _mark(plot: Plot, place: int, row: Row) -> None:
    value, interval = row.estimate.value, row.estimate.interval
    if value is None:
        start = plot.axes.get_xlim()[0]
        plot.axes.text(start, place, " n/a", va="center", color=Palette.MUTED, fontsize=FONT_SIZE)
        return
    colour = Palette.WARN if row.off else Palette.ACCENT
    if interval is not None:
        plot.axes.hlines(place, interval.low, interval.high, color=colour, linewidth=1.75, alpha=0.65)
    (drawn,) = plot.axes.plot(
        [value], [place], "D" if row.whole else "o", color=colour, markersize=9,
        markeredgecolor=Palette.PAPER, clip_on=False, zorder=3,
    )  # fmt: skip
    plot.tip(drawn, row.tip, row.link)


def _symmetric(rows: Sequence[Row]) -> tuple[float, float]:
    """Limits with 0 in the middle that hold every value and interval."""
    ends = [LEAST_REACH]
    for row in rows:
        interval = row.estimate.interval
        ends += [abs(row.estimate.value or 0.0)]
        ends += [] if interval is None else [abs(interval.low), abs(interval.high)]
    return -1.08 * max(ends), 1.08 * max(ends)


def _points(share: float) -> str:
    """A difference in percentage points: "+2.5", "−10", "0"."""
    points = round(100 * share, 1)
    return f"{points:+g}".replace("-", "−") if points else "0"
