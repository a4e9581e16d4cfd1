"""Distribution of Kendall's tau over draws, with the value, the target and the baseline."""

from __future__ import annotations

from eng5.contracts.analysis import Histogram, Metric
from eng5.plots.canvas import Canvas, Scale, tick_text

__all__ = ["draw"]


def draw(tau: Metric, drawn: Histogram | None) -> Canvas | None:
    """A histogram of the draws; None without them."""
    if drawn is None or not sum(drawn.counts):
        return None
    lines = [(tau.value, "guide", "observed")]
    if tau.target is not None:
        lines += [(tau.target.limit, "target", "target"), (tau.target.baseline, "guide", "baseline")]
    marks = [(value, kind, name) for value, kind, name in lines if value is not None]
    low = min(drawn.edges[0], *(value for value, _, _ in marks))
    high = min(1.0, max(drawn.edges[-1], *(value for value, _, _ in marks)))
    canvas = Canvas(
        "tau-plot",
        "How sure Kendall's tau is",
        f"Histogram of {sum(drawn.counts)} draws of the tau that endless comparisons would show; lines mark "
        + ", ".join(f"{name} {value:.2f}" for value, _, name in marks)
        + ".",
    )
    across = Scale(low - 0.02, max(high, low + 0.1) + 0.02, 30, 468)
    up = Scale(0, max(drawn.counts), 306, 76)
    for count, start, end in zip(drawn.counts, drawn.edges, drawn.edges[1:], strict=False):
        inside = _inside(tau, (start + end) / 2)
        canvas.rect(
            across(start) + 0.5,
            up(count),
            max(0.5, across(end) - across(start) - 1),
            up(0) - up(count),
            "bar" if inside else "bar faint",
            f"{start:.3f} to {end:.3f}: {count}",
        )
    for row, (value, kind, name) in enumerate(sorted(marks)):
        canvas.line(across(value), 306, across(value), 24 + 16 * row, kind)
        end = across(value) > 380
        place = across(value) + (-6 if end else 6)
        canvas.text(place, 32 + 16 * row, f"{name} {value:.2f}", "value", anchor="end" if end else "start")
    canvas.horizontal_axis(
        across, 310, [(tick, tick_text(tick)) for tick in across.ticks(6)], "Kendall's tau"
    )
    return canvas


def _inside(tau: Metric, value: float) -> bool:
    return tau.interval is None or tau.interval.low <= value <= tau.interval.high
