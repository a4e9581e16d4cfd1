"""Grades at a boundary as other essays of the same grades would show them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import comb

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from eng5.stats.comparisons import FloatArray, IntArray
from eng5.stats.dyadic import ROBUST, dyadic_variance
from eng5.stats.interval import IntervalResult

DRAWS, SEED = 20_000, 0


@dataclass(frozen=True, slots=True)
class EssaysRateResult:
    """Win rate of the higher grade over essays of the two grades, each pair weighing the same.

    Attributes:
        higher: essays of the higher grade.
        lower: essays of the lower one.
        rate: mean of the pairs' win rates.
        interval: for essays drawn anew; None with a single essay on one side.
        p_value: two-sided, that the grades are alike; None likewise.
        least_p: the smallest p-value that these essays could give, were every pair judged right.
        wanted: essays on either side, all pairs judged, from which a verdict at this level is possible; None
            where it is possible with these.
    """

    higher: int
    lower: int
    rate: float
    interval: IntervalResult | None
    p_value: float | None
    least_p: float
    wanted: int | None


def over_essays(
    rate: FloatArray, higher: IntArray, lower: IntArray, level: float = 0.95
) -> EssaysRateResult | None:
    """Win rate, interval and test for other essays of the same grades; None without a pair.

    A judge has an opinion about every essay and every pair, so the pairs and not their repeats are the
    sample, and pairs that share an essay depend on each other: Student's t of the dyadic-robust variance, with
    one degree of freedom less than there are essays on the smaller side. Few pairs that are all judged alike
    have hardly any variance whatever the judge, so half of the variance that a deterministic judge of alike
    essays would show is added, divided by the essays on the smaller side; and the p-value is never less than
    twice the probability that essays of one quality come out all right by their order alone. With grades alike
    in the population, told apart or reversed in at most 6 % whatever the opinions, mostly far less
    (`benchmarks/coverage_boundary.py`).

    Args:
        rate: shape (p,), win rate of the higher grade in each pair, 0 … 1.
        higher: shape (p,), index of the pair's essay of higher grade.
        lower: shape (p,), index of the other.
        level: level of the interval.

    Source: P. M. Aronow, C. Samii and V. A. Assenova (2015), Political Analysis 23, 564-577.
    """
    if not len(rate):
        return None
    sides = len(np.unique(higher)), len(np.unique(lower))
    mean, fewest = float(rate.mean()), min(sides)
    by_order, variance_of_order = _by_order(tuple(higher.tolist()), tuple(lower.tolist()))
    least_p = min(1.0, 2 * by_order)
    wanted = None if least_p <= 1 - level else _wanted(level)
    variance = dyadic_variance(rate, higher, lower)
    if fewest < 2 or np.isnan(variance):
        return EssaysRateResult(*sides, mean, None, None, least_p, wanted)
    error = float(np.sqrt(variance + variance_of_order / (2 * fewest)))
    p_value = max(least_p, float(2 * stdtr(fewest - 1, -abs(mean - 0.5) / error)))
    interval = IntervalResult.student(mean, error, fewest - 1, level, ROBUST, (0.0, 1.0))
    return EssaysRateResult(*sides, mean, interval, p_value, least_p, wanted)


@lru_cache(maxsize=64)
def _by_order(higher: tuple[int, ...], lower: tuple[int, ...]) -> tuple[float, float]:
    """Of essays in random order: how often all pairs come out right, and the variance of the share that do."""
    essays, places = np.unique([higher, lower], return_inverse=True)
    one, other = places.reshape(2, -1)
    order: NDArray[np.float64] = np.random.default_rng(SEED).random((DRAWS, len(essays)))
    right = order[:, one] > order[:, other]
    return float(right.all(axis=1).mean()), float(right.mean(axis=1).var())


def _wanted(level: float) -> int:
    """Essays a side of a complete design that can tell: 2 / C(2k, k) at most 1 - level."""
    return next(k for k in range(2, 100) if 2 / comb(2 * k, k) <= 1 - level)
