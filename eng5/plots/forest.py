"""Differences between variants with both of their intervals, and the band of noise."""

from __future__ import annotations

from collections.abc import Sequence

from eng5.contracts.compare import Difference
from eng5.plots.labels import fitted, width
from eng5.plots.plot import FONT_SIZE, Palette, Plot, new_plot

COLOUR = {"better": Palette.GOOD, "worse": Palette.WARN, "cannot tell": Palette.ACCENT}
ROW = 30
LONGEST_NAME = 28
WIDEST_NAME = 230


def draw(baseline: str, differences: Sequence[Difference]) -> Plot | None:
    """A line for each difference, all of one metric, the first on top; None without any.

    The thick line is the interval on these pairs, the thin one that for other essays, the band behind them chance.
    """
    shown = [one for one in differences if one.value is not None]
    if not shown:
        return None
    about = shown[0]
    unit = 100 if about.kind == "share" else 1
    names = [
        one.variant if one.reference == baseline else f"{one.variant} : {one.reference}" for one in shown
    ]
    labels = fitted(names, LONGEST_NAME, WIDEST_NAME)
    plot = new_plot(
        f"forest-{about.metric.replace('_', '-')}-plot",
        f"{about.label}: difference from {baseline}",
        "; ".join(f"{name} {_said(one, unit)}: {one.verdict}" for name, one in zip(names, shown, strict=True))
        + ".",
        height=86 + ROW * len(shown),
        margins=(24 + max(map(width, labels)), 16, 54, 28),
    )
    axes = plot.axes
    axes.axvline(0, color=Palette.MUTED, linestyle="--", linewidth=1.25, zorder=1)
    for place, (name, one) in enumerate(zip(names, shown, strict=True)):
        colour = COLOUR[one.verdict]
        if one.band:
            half = unit * one.band
            (area,) = axes.barh(place, 2 * half, 0.9, -half, color=Palette.ACCENT_WASH, zorder=0)
            plot.tip(area, f"{name}: by chance alone the two may lie {half:.3g} apart")
        for reading, thickness in ((one.pairs, 5.0), (one.essays, 1.5)):
            if reading.interval is not None:
                ends = unit * reading.interval.low, unit * reading.interval.high
                axes.hlines(place, *ends, color=colour, linewidth=thickness)
        (point,) = axes.plot(
            [unit * (one.value or 0.0)], [place], "o",
            color=colour, markersize=10, markeredgecolor=Palette.PAPER, clip_on=False, zorder=3,
        )  # fmt: skip
        plot.tip(point, f"{name}: {_said(one, unit)}, {one.verdict}")
    plot.rows(labels)
    axes.margins(x=0.08)
    low, high = axes.get_xlim()
    least = {"share": 5.0, "ratio": 0.05, "count": 1.5}[about.kind]
    axes.set_xlim(min(low, -least), max(high, least))
    axes.locator_params(axis="x", nbins=6, integer=about.kind == "count")
    axes.grid(axis="x", color=Palette.RULE)
    axes.set_xlabel("difference, percentage points" if about.kind == "share" else "difference")
    ends_of_axis = ("worse", "better") if about.higher_is_better else ("better", "worse")
    for x, words, side in zip((0, 1), ends_of_axis, ("left", "right"), strict=True):
        axes.text(
            x, 1.0, f"{words}\n", ha=side, va="center",
            transform=axes.transAxes, color=Palette.MUTED, fontsize=FONT_SIZE,
        )  # fmt: skip
    return plot


def _said(one: Difference, unit: int) -> str:
    """The difference in figures: "+9 (these pairs +3 to +14, other essays −2 to +20)"."""
    parts = [
        f"{words} {unit * reading.interval.low:+.3g} to {unit * reading.interval.high:+.3g}"
        for words, reading in (("these pairs", one.pairs), ("other essays", one.essays))
        if reading.interval is not None
    ]
    text = f"{unit * (one.value or 0.0):+.3g}"
    return (f"{text} ({', '.join(parts)})" if parts else text).replace("-", "−")
