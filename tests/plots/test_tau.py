"""Tests of `eng5.plots.tau`."""

from __future__ import annotations

from typing import Any

from eng5.contracts.analysis import Histogram, Metric, TargetCheck
from eng5.plots import tau

TARGET = TargetCheck(
    bound="min",
    limit=0.9,
    baseline=0.82,
    on="point",
    point="missed",
    interval_bound="missed",
    status="missed",
)
DRAWN = Histogram(edges=[0.6, 0.7, 0.8, 0.9, 1.0], counts=[1, 10, 30, 9])


def test_bars_stand_for_counts_and_lines_for_value_target_and_baseline(make_interval: Any, read: Any) -> None:
    """Bar heights are proportional to counts; bars outside the interval are faint."""
    metric = Metric(
        name="kendall_tau",
        label="tau",
        kind="ratio",
        value=0.85,
        target=TARGET,
        interval=make_interval(0.7, 0.97),
    )
    drawing = read(tau.draw(metric, DRAWN))
    heights = [bar["height"] for bar in drawing.shapes("rect", "bar")]
    assert [round(height / heights[2] * 30) for height in heights] == DRAWN.counts
    assert len(drawing.shapes("rect", "bar faint")) == 1
    words = drawing.texts()
    assert {"observed 0.85", "target 0.90", "baseline 0.82"} <= set(words)
    (target,) = drawing.shapes("line", "target")
    assert all(line["x1"] < target["x1"] for line in drawing.shapes("line", "guide"))
    assert drawing.outside() == []


def test_without_draws_there_is_no_drawing() -> None:
    """An undefined tau has no distribution; a run without targets draws the value alone."""
    metric = Metric(name="kendall_tau", label="tau", kind="ratio", value=0.5)
    assert tau.draw(metric, None) is None
    assert tau.draw(metric, Histogram(edges=[0.0, 1.0], counts=[0])) is None
    assert tau.draw(metric, DRAWN) is not None
