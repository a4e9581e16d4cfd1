"""Tests of `eng5.plots.confidence`."""

from __future__ import annotations

from typing import Any

from eng5.contracts.judge_quality import Calibration, CalibrationBin
from eng5.contracts.own import Estimate
from eng5.plots import confidence


def bins(*rows: tuple[int, float, int, int], interval: Any) -> Calibration:
    return Calibration(
        bins=[
            CalibrationBin(
                confidence=confidence, probability=stated, count=count, right=right,
                share=Estimate(value=right / count, interval=interval(right / count - 0.1, 1.0)),
            )
            for confidence, stated, count, right in rows
        ],
        count=sum(row[2] for row in rows),
        missing=0,
        expected_error=0.1,
        expected_error_if_calibrated=0.05,
        overconfidence=0.1,
        mean_confidence=Estimate(value=3.0),
    )  # fmt: skip


def test_overconfidence_lies_below_the_diagonal(make_interval: Any, read: Any) -> None:
    """A judge that claims 100 % and is right in 60 % of cases lies below; more verdicts, a larger point."""
    drawn = read(confidence.draw(bins((1, 0.5, 5, 4), (5, 1.0, 50, 30), interval=make_interval)))
    (earned,) = (line for line in drawn.lines() if line.label == "earned")
    assert earned.x == earned.y == [0.5, 1]
    under, over = drawn.points()
    assert under.y[0] > under.x[0], "right more often than claimed"
    assert over.y[0] < over.x[0], "right less often than claimed"
    assert over.size > under.size


def test_no_stated_confidence_is_no_drawing(make_interval: Any) -> None:
    """Without bins there is no curve."""
    assert confidence.draw(None) is None
    assert confidence.draw(bins(interval=make_interval)) is None
