"""Tests of `eng5.plots.trend`."""

from __future__ import annotations

from typing import Any

from eng5.contracts.analysis import Metric, TargetCheck
from eng5.plots import trend
from eng5.plots.plot import Palette


def metric(value: float | None, status: str = "met") -> Metric:
    return Metric.model_validate(
        {
            "name": "kendall_tau", "label": "tau", "kind": "ratio", "value": value,
            "target": TargetCheck(
                bound="min", limit=0.9, baseline=None, on="point", point="met", interval_bound="met", status="met"
            ).model_copy(update={"status": status}),
        }
    )  # fmt: skip


def test_runs_stand_in_order_and_missed_targets_stand_out(read: Any) -> None:
    """Points from the earliest to the latest, the target as a line, misses marked."""
    drawing = read(
        trend.draw("tau", "tau", [("a", metric(0.8, "missed")), ("b", metric(0.95)), ("c", metric(None))])
    )
    missed, met = drawing.points()
    assert (missed.x, met.x) == ([0], [1]) and (missed.y, met.y) == ([0.8], [0.95])
    assert (missed.colour, met.colour) == (Palette.WARN, Palette.ACCENT)
    assert [line.y[0] for line in drawing.lines()] == [0.9]


def test_one_run_is_no_trend() -> None:
    """Two runs with a value are needed."""
    assert trend.draw("tau", "tau", [("a", metric(0.8)), ("b", metric(None))]) is None
