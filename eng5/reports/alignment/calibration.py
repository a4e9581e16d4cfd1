"""Stated confidence against being right by expert order."""

from __future__ import annotations

import numpy as np

from eng5.contracts.judge_quality import Calibration, CalibrationBin
from eng5.contracts.own import Estimate
from eng5.reports.alignment.dataset import Dataset, interval
from eng5.stats.calibration import HIGHEST, LOWEST, calibration
from eng5.stats.mean_interval import mean_interval


def build(data: Dataset) -> Calibration | None:
    """None when no verdict on a pair of different grades states a confidence."""
    decided = data.comparisons.decided
    stated = np.array(
        [np.nan if verdict.confidence is None else verdict.confidence for verdict in data.answered],
        dtype=np.float64,
    )
    stated[(stated < LOWEST) | (stated > HIGHEST)] = np.nan
    first, second = data.level[data.comparisons.first], data.level[data.comparisons.second]
    graded = decided & (first >= 0) & (second >= 0) & (first != second)
    right = np.sign(first - second) == data.comparisons.outcome
    found = calibration(stated[graded], right[graded])
    if not found.n:
        return None
    mean = mean_interval(stated[decided])
    return Calibration(
        bins=[
            CalibrationBin(
                confidence=each.confidence,
                probability=each.stated,
                count=each.n,
                right=each.right,
                share=Estimate(value=each.observed, interval=interval(each.interval)),
            )
            for each in found.bins
        ],
        count=found.n,
        missing=found.missing,
        expected_error=found.error,
        expected_error_if_calibrated=found.error_if_calibrated,
        overconfidence=found.overconfidence,
        mean_confidence=Estimate(value=mean.mean, interval=interval(mean.interval)),
    )
