"""One figure over all runs, in the order in which they were made."""

from __future__ import annotations

from collections.abc import Sequence

from eng5.contracts.analysis import Metric
from eng5.plots.canvas import Canvas, Scale, tick_text

__all__ = ["draw"]


def draw(name: str, label: str, runs: Sequence[tuple[str, Metric]]) -> Canvas | None:
    """A point with its interval for each (run, metric); None when fewer than two runs have a value."""
    shown = [(run, metric) for run, metric in runs if metric.value is not None]
    if len(shown) < 2:
        return None
    canvas = Canvas(
        f"trend-{name}",
        f"{label} over {len(shown)} runs",
        "; ".join(f"{run}: {metric.value:.2f}" for run, metric in shown) + ".",
        height=220,
    )
    spans = [_span(metric) for _, metric in shown]
    limits = [metric.target.limit for _, metric in shown if metric.target is not None]
    low = min(*(low for low, _ in spans), *limits[-1:])
    high = max(*(high for _, high in spans), *limits[-1:])
    up = Scale(low, max(high, low + 0.1), 184, 26)
    across = Scale(-0.5, len(shown) - 0.5, 56, 468)
    for tick in up.ticks(4):
        canvas.line(across.start, up(tick), across.end, up(tick), "grid")
        canvas.text(across.start - 8, up(tick) + 4.5, tick_text(tick), anchor="end")
    if limits:
        canvas.line(across.start, up(limits[-1]), across.end, up(limits[-1]), "target")
    for place, ((run, metric), (least, most)) in enumerate(zip(shown, spans, strict=True)):
        off = " off" if metric.target is not None and metric.target.status == "missed" else ""
        canvas.line(across(place), up(least), across(place), up(most), f"error{off}")
        canvas.circle(
            across(place), up(metric.value or 0.0), 4.5, f"point{off}", f"{run}: {metric.value:.2f}"
        )
    canvas.text(across.start, 14, label, "axis-name", anchor="start")
    canvas.text(across.start, 206, "earliest", anchor="start")
    canvas.text(across.end, 206, "latest", anchor="end")
    return canvas


def _span(metric: Metric) -> tuple[float, float]:
    value = metric.value or 0.0
    if metric.interval is None:
        return value, value
    return min(value, metric.interval.low), max(value, metric.interval.high)
