"""Finite distances between groups of essays that maximum likelihood puts infinitely far apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eng5.stats.comparisons import FloatArray, IntArray
from eng5.stats.newton import MAX_ITERATIONS, STEP_TOLERANCE, ConvergenceError
from eng5.stats.pair_likelihood import PairCounts, decided_terms, logistic_parts


@dataclass(frozen=True, eq=False)
class Placement:
    """Level of each group, with what it took to find it."""

    level: FloatArray
    iterations: int
    gradient_norm: float


def place_groups(
    counts: PairCounts, d: FloatArray, group_i: IntArray, group_j: IntArray, component: IntArray
) -> Placement:
    """Maximise likelihood times Jeffreys' prior over the levels of groups.

    The modified score of a pair is w - N p + h (1/2 - p), h its leverage (Firth 1993, Biometrika
    80:27-38): as if each pair had h/2 more wins on both sides.

    Args:
        counts: decided comparisons between groups, P pairs.
        d: shape (P,), the part of θ_i - θ_j + η that is fixed.
        group_i: shape (P,), group 0 … K-1 of essay i.
        group_j: shape (P,), group of essay j.
        component: shape (K,), connected component of each group; levels sum to 0 in each.

    Raises:
        ConvergenceError: after MAX_ITERATIONS.
    """
    k = len(component)
    level = np.zeros(k)
    centre = (component[:, None] == component[None, :]).astype(np.float64)
    cell = group_i * k + group_j
    largest = 0.0
    for iteration in range(1, MAX_ITERATIONS + 1):
        at = d + level[group_i] - level[group_j]
        terms = decided_terms(counts, at)
        inverse = np.linalg.inv(_laplacian(cell, terms.information, k) + centre)
        spread = np.diagonal(inverse)
        leverage = terms.information * (spread[group_i] + spread[group_j] - 2.0 * inverse[group_i, group_j])
        p, variance, _ = logistic_parts(at)
        pull = terms.score + leverage * (0.5 - p)
        score = np.bincount(group_i, pull, minlength=k) - np.bincount(group_j, pull, minlength=k)
        augmented = _laplacian(cell, terms.information + leverage * variance, k)
        step = np.linalg.solve(augmented + centre, score)
        level = level + step
        largest = float(np.abs(score).max())
        if np.abs(step).max() < STEP_TOLERANCE:
            return Placement(level, iteration, largest)
    raise ConvergenceError("placing separated groups", MAX_ITERATIONS, largest)


def _laplacian(cell: IntArray, weight: FloatArray, k: int) -> FloatArray:
    one_way = np.bincount(cell, weight, minlength=k * k).reshape(k, k)
    both = one_way + one_way.T
    return np.asarray(np.diag(both.sum(axis=1)) - both, dtype=np.float64)
