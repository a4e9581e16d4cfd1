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
    drawn = read(tau.draw(metric, DRAWN))
    assert [bar.get_height() for bar in drawn.axes.patches] == DRAWN.counts
    assert [bar.get_alpha() for bar in drawn.axes.patches] == [0.35, 0.8, 0.8, 0.8]
    assert {line.label: line.x[0] for line in drawn.lines()} == {
        "observed": 0.85,
        "target": 0.9,
        "baseline": 0.82,
    }
    assert {text.get_text() for text in drawn.axes.texts} == {"observed 0.85", "target 0.90", "baseline 0.82"}


def test_a_bar_on_the_end_of_the_interval_is_dark(make_interval: Any, read: Any) -> None:
    """A bin stands for the value in its middle; when the interval ends on that value, it is inside for all rounding."""
    metric = Metric(
        name="kendall_tau",
        label="tau",
        kind="ratio",
        value=-0.5,
        interval=make_interval(-0.65 + 1e-9, -0.55 - 1e-9),
    )
    drawn = read(tau.draw(metric, Histogram(edges=[-0.7, -0.6, -0.5, -0.4], counts=[3, 2, 1])))
    assert [bar.get_alpha() for bar in drawn.axes.patches] == [0.8, 0.8, 0.35]
    assert [text.get_text() for text in drawn.axes.texts] == ["observed −0.50"]


def test_without_draws_there_is_no_drawing() -> None:
    """An undefined tau has no distribution; a run without targets draws the value alone."""
    metric = Metric(name="kendall_tau", label="tau", kind="ratio", value=0.5)
    assert tau.draw(metric, None) is None
    assert tau.draw(metric, Histogram(edges=[0.0, 1.0], counts=[0])) is None
    assert tau.draw(metric, DRAWN) is not None
