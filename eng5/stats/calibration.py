"""Does the judge know when it is right? Stated confidence against the order of the expert grades."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln as log_gamma
from scipy.special import xlog1py, xlogy

from eng5.stats.interval import IntervalResult
from eng5.stats.win_rate import wilson

LOWEST, HIGHEST = 1.0, 5.0
"""Ends of the scale on which a judge states its confidence."""


@dataclass(frozen=True, slots=True)
class CalibrationBinResult:
    """Verdicts with one stated confidence.

    Attributes:
        confidence: the stated confidence, rounded to a whole number 1 ... 5.
        n: verdicts.
        right: verdicts in which the higher grade won.
        stated: mean probability that these confidences claim.
        observed: right / n.
        interval: Wilson interval of ``observed``.
    """

    confidence: int
    n: int
    right: int
    stated: float
    observed: float
    interval: IntervalResult


@dataclass(frozen=True, slots=True)
class CalibrationResult:
    """Reliability curve of stated confidence.

    Attributes:
        bins: one entry for each confidence that was stated, ascending.
        n: verdicts with a stated confidence.
        missing: verdicts without one.
        error: expected calibration error: mean over verdicts of |observed - stated| of their bin; None
            when no confidence was stated.
        error_if_calibrated: what ``error`` would be on average, by chance alone, for a judge whose
            confidences are exactly right, on the same numbers of verdicts.
        overconfidence: mean of stated - observed over verdicts; positive when the judge claims too much.
    """

    bins: tuple[CalibrationBinResult, ...]
    n: int
    missing: int
    error: float | None
    error_if_calibrated: float | None
    overconfidence: float | None


def probability(confidence: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability of being right that a confidence claims: linear, 1 is a coin toss, 5 is certainty.

    1, 2, 3, 4, 5 claim 0.5, 0.625, 0.75, 0.875, 1. The judge states no probability; this reading gives
    the lowest confidence the least that a forced choice between two can be worth.
    """
    return 0.5 + 0.5 * (confidence - LOWEST) / (HIGHEST - LOWEST)


def calibration(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], level: float = 0.95
) -> CalibrationResult:
    """Reliability curve and expected calibration error.

    Args:
        confidence: shape (m,), stated confidence 1 ... 5 of decided verdicts; NaN where none was stated.
        right: shape (m,), whether the essay with the higher expert grade won. Pairs of equal or unknown
            grade have no right answer and must be left out.
        level: level of the bins' intervals.

    Raises ValueError for a confidence outside the scale.

    Source: M. P. Naeini, G. F. Cooper, M. Hauskrecht (2015), AAAI-15, 2901-2907, with one bin for each
    point of the scale.
    """
    known = ~np.isnan(confidence)
    stated, correct = confidence[known], right[known]
    if np.any((stated < LOWEST) | (stated > HIGHEST)):
        raise ValueError(f"confidences must lie in {LOWEST:g} ... {HIGHEST:g}")
    points = np.floor(stated + 0.5).astype(np.int64)
    bins = tuple(
        _bin(int(point), stated[points == point], correct[points == point], level)
        for point in np.unique(points)
    )
    n, missing = len(stated), int(np.sum(~known))
    if n == 0:
        return CalibrationResult(bins, n, missing, None, None, None)
    return CalibrationResult(
        bins=bins,
        n=n,
        missing=missing,
        error=sum(each.n * abs(each.observed - each.stated) for each in bins) / n,
        error_if_calibrated=sum(_mean_absolute_deviation(each.n, each.stated) for each in bins) / n,
        overconfidence=float(np.mean(probability(stated)) - np.mean(correct)),
    )


def _bin(
    point: int, stated: NDArray[np.float64], correct: NDArray[np.bool_], level: float
) -> CalibrationBinResult:
    n, right = len(correct), int(correct.sum())
    interval = wilson(right, n, level)
    assert interval is not None  # noqa: S101 - a bin has a verdict
    return CalibrationBinResult(point, n, right, float(probability(stated).mean()), right / n, interval)


def _mean_absolute_deviation(n: int, p: float) -> float:
    """E|X - np| of a binomial X, by de Moivre: 2 v C(n, v) p^v (1-p)^(n-v+1) with v = floor(np) + 1."""
    if p >= 1:
        return 0.0
    v = int(np.floor(n * p)) + 1
    log_choose = log_gamma(n + 1) - log_gamma(v + 1) - log_gamma(n - v + 1)
    return float(2 * v * np.exp(log_choose + xlogy(v, p) + xlog1py(n - v + 1, -p)))
