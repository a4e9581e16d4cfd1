"""Stated confidence against being right by expert order."""

from __future__ import annotations

import numpy as np

from eng5.contracts.judge_quality import Calibration, CalibrationBin
from eng5.contracts.own import with_fields_of
from eng5.reports.alignment.dataset import Dataset, estimated
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
    return with_fields_of(
        found,
        Calibration,
        bins=[
            with_fields_of(
                each,
                CalibrationBin,
                probability=each.stated,
                count=each.n,
                share=estimated(each.observed, each.interval),
            )
            for each in found.bins
        ],
        count=found.n,
        expected_error=found.error,
        expected_error_if_calibrated=found.error_if_calibrated,
        mean_confidence=estimated(mean.mean, mean.interval),
    )
