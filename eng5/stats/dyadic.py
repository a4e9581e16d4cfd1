"""Variance of a mean over pairs of essays, when pairs that share an essay depend on each other."""

from __future__ import annotations

import numpy as np

from eng5.stats.comparisons import FloatArray, IntArray

ROBUST = "t of the dyadic-robust variance"
"""Name of the interval of Student's t with this variance."""


def dyadic_variance(
    value: FloatArray, one: IntArray, other: IntArray, weight: FloatArray | None = None
) -> float:
    """Dyadic-robust variance of a weighted mean of values that each belong to two essays.

    Two values are taken to depend on each other when their pairs share an essay, in whatever way, and to be
    independent otherwise. With r = w (value - mean) / Σw the variance is the sum of r r' over all such
    couples: Σ over essays of (Σ r of its pairs)², less what is counted twice, Σ over pairs of (Σ r)². Few
    essays, and those in many of the pairs, pull the mean towards themselves: the square of an essay with the
    share h of all pairs is divided by 1 - h (as CR2 does; n / (n - 2) where every two of n essays met).
    It is no less than the variance of independent pairs, which a sum of such couples may fall below.

    Args:
        value: shape (m,), for example 1 where the higher grade won, or the difference of two variants.
        one: shape (m,), index of one essay of the pair.
        other: shape (m,), index of the other.
        weight: shape (m,), 1 by default.

    Returns:
        Variance of the mean for essays drawn anew; NaN below three essays or without a value.

    Source: P. M. Aronow, C. Samii, V. A. Assenova (2015), Political Analysis 23, 564-577.
    """
    value, one, other = np.asarray(value, dtype=np.float64), np.asarray(one), np.asarray(other)
    w = np.ones(len(value)) if weight is None else np.asarray(weight, dtype=np.float64)
    essays = len(np.union1d(one, other))
    if essays < 3 or w.sum() <= 0:
        return float("nan")
    n = int(max(one.max(), other.max())) + 1
    residual = w * (value - (w @ value) / w.sum()) / w.sum()
    of_essay = np.bincount(one, residual, n) + np.bincount(other, residual, n)
    pair = np.unique(np.minimum(one, other) * n + np.maximum(one, other), return_inverse=True)[1]
    of_pair = np.bincount(pair, residual)
    independent = float(of_pair @ of_pair)
    leverage = (np.bincount(one, w, n) + np.bincount(other, w, n)) / w.sum()
    few = np.where(leverage < 1.0, 1.0 / np.maximum(1.0 - leverage, 1e-9), 1.0)
    shared = float(few @ of_essay**2) - independent * essays / (essays - 2)
    return max(shared, independent)
