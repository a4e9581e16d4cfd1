"""Stated confidence against the share of verdicts that agree with the expert order."""

from __future__ import annotations

from eng5.contracts.judge_quality import Calibration
from eng5.plots.plot import Palette, Plot, Point, new_plot


def draw(calibration: Calibration | None) -> Plot | None:
    """A point for each stated confidence, sized by count; None without stated confidences."""
    if calibration is None or not calibration.bins:
        return None
    plot = new_plot(
        "calibration-plot",
        "Stated confidence against being right",
        "On the dashed line a judge is as often right as it says. "
        + "; ".join(f"{b.probability:.2f} stated: {b.right} of {b.count} right" for b in calibration.bins)
        + ".",
        margins=(78, 12, 54, 16),
    )
    axes = plot.axes
    axes.plot(
        [0.5, 1], [0.5, 1], color=Palette.MUTED, linestyle="--", linewidth=1.25, zorder=1, label="earned"
    )
    stated = [each.probability for each in calibration.bins]
    earned = [each.share.value or 0.0 for each in calibration.bins]
    axes.plot(stated, earned, color=Palette.ACCENT, linewidth=2)
    points = []
    for each, share in zip(calibration.bins, earned, strict=True):
        tip = f"confidence {each.confidence}: {each.right} of {each.count} right"
        size, link = 8 + 12 * (each.count / calibration.count) ** 0.5, f"#confidence-{each.confidence}"
        points.append(Point(each.probability, share, each.share.interval, Palette.ACCENT, tip, size, link))
    plot.points(points)
    lowest = min(0.5, *(b.share.interval.low if b.share.interval else 0.5 for b in calibration.bins))
    axes.set(xlim=(0.48, 1.02), ylim=(max(0.0, lowest - 0.02), 1.02))
    axes.set_xticks([0.5, 0.625, 0.75, 0.875, 1], ["50 %", "62.5 %", "75 %", "87.5 %", "100 %"])
    axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")
    axes.grid(axis="y", color=Palette.RULE)
    axes.set_xlabel("probability that the stated confidence claims")
    axes.set_ylabel("right by expert order")
    return plot
