"""Penalised Bradley-Terry fits of many data sets, or under many priors, at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eng5.stats.bradley_terry.design import PairDesign
from eng5.stats.bradley_terry.newton import ConvergenceError
from eng5.stats.comparisons import FloatArray

__all__ = ["Modes", "modes"]

MAX_ITERATIONS = 100
LONGEST = 2.0
"""Bound on a step, logits: where every logistic is flat, Newton's method overshoots and would not return."""


@dataclass(frozen=True, eq=False)
class Modes:
    """Maxima of b penalised likelihoods in q parameters.

    Attributes:
        point: shape (b, q).
        hessian: shape (b, q, q), negative second derivative next to the maximum.
        iterations: Newton steps until the slowest had converged.
    """

    point: FloatArray
    hessian: FloatArray
    iterations: int


def modes(
    design: PairDesign,
    won: FloatArray,
    lost: FloatArray,
    precision: FloatArray,
    *,
    start: FloatArray,
    tolerance: float = 1e-6,
) -> Modes:
    """Maximise log-likelihood - x'Qx/2 for each data set by Newton's method.

    Args:
        design: P pairs, q parameters.
        won: shape (P,) or (b, P), wins of the first of each pair.
        lost: same shape, wins of the second.
        precision: shape (q, q) or (b, q, q), positive definite Q.
        start: shape (b, q).
        tolerance: largest step at which a fit counts as converged, logits.

    Raises:
        ConvergenceError: after MAX_ITERATIONS.
    """
    games, point = won + lost, start
    for iteration in range(1, MAX_ITERATIONS + 1):
        p = 1.0 / (1.0 + np.exp(-np.clip(design.logits(point), -500.0, 500.0)))
        expected = games * p
        score = design.gradient(won - expected) - (precision @ point[..., None])[..., 0]
        hessian = design.information(expected * (1.0 - p)) + precision
        step = np.asarray(np.linalg.solve(hessian, score[..., None])[..., 0], dtype=np.float64)
        longest = np.abs(step).max(axis=1, keepdims=True, initial=0.0)
        point = point + step * (LONGEST / np.maximum(longest, LONGEST))
        if longest.max(initial=0.0) < tolerance:
            return Modes(point, hessian, iteration)
    raise ConvergenceError("a batch of penalised fits", MAX_ITERATIONS, float(np.abs(score).max()))
