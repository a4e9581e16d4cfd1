"""Kendall's tau where the reference is known pair by pair, as when experts overrule some of it."""

from __future__ import annotations

from math import sqrt

import numpy as np

from eng5.stats.comparisons import FloatArray, IntArray


def signs(value: FloatArray) -> IntArray:
    """Shape (n, n): +1 where the row's value is higher than the column's, -1 where it is lower, 0 where neither.

    Args:
        value: shape (n,); NaN is unknown and gives 0.
    """
    found: IntArray = np.nan_to_num(np.sign(value[:, None] - value[None, :])).astype(np.int64)
    return found


def pairwise_tau(reference: IntArray, judge: IntArray) -> float | None:
    """tau = Σ r j / sqrt(Σ r² Σ j²) over pairs; None where one of them orders no pair.

    For references that are an order with ties this is tau_b: M. G. Kendall (1945), "The treatment of ties in ranking
    problems", Biometrika 33, 239-251. It needs no order: a reference may go round in circles.

    Args:
        reference: shape (n, n), antisymmetric, entries -1, 0, 1.
        judge: likewise.
    """
    upper = np.triu_indices(len(reference), 1)
    r, j = reference[upper], judge[upper]
    ordered = int(np.abs(r).sum()), int(np.abs(j).sum())
    if 0 in ordered:
        return None
    return float(r @ j) / sqrt(ordered[0] * ordered[1])
