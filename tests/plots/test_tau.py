"""Tests of `eng5.plots.tau`."""

from __future__ import annotations

from typing import Any

import pytest

from eng5.contracts.analysis import Metric, TargetCheck
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


def measured(**changes: Any) -> Metric:
    return Metric.model_validate({"name": "kendall_tau", "label": "tau", "kind": "ratio", **changes})


def test_each_reading_is_a_row_and_target_and_baseline_are_lines(make_interval: Any, read: Any) -> None:
    """The dot is the same in both rows; the lines have their names and values beside them."""
    metric = measured(
        value=0.85, target=TARGET, interval=make_interval(0.7, 0.97), other_essays=make_interval(0.6, 0.98)
    )
    drawn = read(tau.draw(metric))
    rows = [segment for bars in drawn.axes.collections for segment in bars.get_segments()]
    assert [(low, high) for (low, _), (high, _) in rows] == [(0.7, 0.97), (0.6, 0.98)]
    assert drawn.within_its_edges()
    assert [(point.x, point.y) for point in drawn.points()] == [([0.85], [0.0]), ([0.85], [1.0])]
    assert {line.label: line.x[0] for line in drawn.lines()} == {"target": 0.9, "baseline": 0.82}
    assert {text.get_text() for text in drawn.axes.texts} == {"target 0.90", "baseline 0.82"}


@pytest.mark.parametrize("value", [-1.0, -0.5, 1.0])
def test_every_end_lies_on_the_axis(make_interval: Any, read: Any, value: float) -> None:
    """However low tau is, with or without a target."""
    metric = measured(value=value, interval=make_interval(-1.0, value))
    low, high = read(tau.draw(metric)).axes.get_xlim()
    assert low < -1.0 and high > 1.0


def test_without_tau_or_interval_there_is_no_drawing(make_interval: Any) -> None:
    """A value alone, and an undefined tau, say nothing of how sure it is."""
    assert tau.draw(measured(value=0.5)) is None
    assert tau.draw(measured(value=None, interval=make_interval(0.0, 1.0))) is None
