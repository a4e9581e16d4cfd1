"""Stated confidence against the share of verdicts that agree with the expert order."""

from __future__ import annotations

from eng5.contracts.analysis import Calibration
from eng5.plots.canvas import Canvas, Scale

__all__ = ["draw"]


def draw(calibration: Calibration | None) -> Canvas | None:
    """A point for each stated confidence, sized by count; None without stated confidences."""
    if calibration is None or not calibration.bins:
        return None
    canvas = Canvas(
        "calibration-plot",
        "Stated confidence against being right",
        "On the dashed line a judge is as often right as it says. "
        + "; ".join(f"{b.probability:.2f} stated: {b.right} of {b.count} right" for b in calibration.bins)
        + ".",
    )
    lowest = min(0.5, *(b.share.interval.low if b.share.interval else 0.5 for b in calibration.bins))
    across, up = Scale(0.48, 1.02, 62, 468), Scale(max(0.0, lowest - 0.02), 1.02, 306, 20)
    for tick in up.ticks():
        canvas.line(across.start, up(tick), across.end, up(tick), "grid")
    canvas.line(across(0.5), up(0.5), across(1), up(1), "guide")
    points = [(across(b.probability), up(b.share.value or 0.0)) for b in calibration.bins]
    canvas.polyline(points, "curve")
    for each, (x, y) in zip(calibration.bins, points, strict=True):
        if each.share.interval is not None:
            canvas.line(x, up(each.share.interval.low), x, up(each.share.interval.high), "error")
        radius = 4 + 6 * (each.count / calibration.count) ** 0.5
        canvas.circle(
            x, y, radius, "point", f"confidence {each.confidence:g}: {each.right} of {each.count} right"
        )
    marks = [(tick, f"{100 * tick:.0f} %") for tick in up.ticks()]
    canvas.vertical_axis(up, across.start, marks, "right by expert order")
    stated = [(0.5, "50 %"), (0.625, "62.5 %"), (0.75, "75 %"), (0.875, "87.5 %"), (1.0, "100 %")]
    canvas.horizontal_axis(across, 310, stated, "probability that the stated confidence claims")
    return canvas
