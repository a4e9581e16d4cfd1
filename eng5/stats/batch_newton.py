"""Penalised Bradley-Terry fits of many data sets, or under many priors, at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eng5.stats.comparisons import FloatArray
from eng5.stats.newton import ConvergenceError
from eng5.stats.pair_likelihood import PairCounts

MAX_ITERATIONS = 50


@dataclass(frozen=True, eq=False)
class Modes:
    """Maxima of b penalised likelihoods in q parameters.

    Attributes:
        point: shape (b, q).
        hessian: shape (b, q, q), negative second derivative at the maximum.
        value: shape (b,), penalised log-likelihood at the maximum.
        iterations: Newton steps until the slowest had converged.
    """

    point: FloatArray
    hessian: FloatArray
    value: FloatArray
    iterations: int


def pair_design(counts: PairCounts, n: int, *, position: bool) -> FloatArray:
    """Shape (P, n [+ 1]): +1 at i, -1 at j and, with a position effect, 1 in the last column."""
    rows = np.arange(len(counts.i))
    matrix = np.zeros((len(rows), n + position))
    matrix[rows, counts.i] = 1.0
    matrix[rows, counts.j] = -1.0
    matrix[:, n:] = 1.0
    return matrix


def log_likelihood(d: FloatArray, won: FloatArray, lost: FloatArray) -> FloatArray:
    """Shape (b,): log-likelihood of won and lost, (P,) or (b, P), at logits d of shape (b, P)."""
    soft = np.log1p(np.exp(-np.abs(d)))
    return np.asarray(
        (won * np.minimum(d, 0.0) - lost * np.maximum(d, 0.0) - (won + lost) * soft).sum(axis=-1)
    )


def modes(
    matrix: FloatArray,
    won: FloatArray,
    lost: FloatArray,
    precision: FloatArray,
    *,
    start: FloatArray,
    tolerance: float = 1e-6,
) -> Modes:
    """Maximise log-likelihood - x'Qx/2 for each data set by Newton's method.

    Args:
        matrix: shape (P, q), maps parameters to logits.
        won: shape (P,) or (b, P), wins of the first of each pair.
        lost: same shape, wins of the second.
        precision: shape (q, q) or (b, q, q), positive definite Q.
        start: shape (b, q).
        tolerance: largest step at which a fit counts as converged, logits.

    Raises:
        ConvergenceError: after MAX_ITERATIONS.
    """
    pairs, q = matrix.shape
    outer = (matrix[:, :, None] * matrix[:, None, :]).reshape(pairs, q * q)
    games, point = won + lost, start
    for iteration in range(1, MAX_ITERATIONS + 1):
        p = 1.0 / (1.0 + np.exp(-np.clip(point @ matrix.T, -500.0, 500.0)))
        expected = games * p
        score = (won - expected) @ matrix - (precision @ point[..., None])[..., 0]
        hessian = ((expected * (1.0 - p)) @ outer).reshape(-1, q, q) + precision
        step = np.asarray(np.linalg.solve(hessian, score[..., None])[..., 0], dtype=np.float64)
        point = point + step
        if np.abs(step).max(initial=0.0) < tolerance:
            value = log_likelihood(point @ matrix.T, won, lost)
            penalty = (point * (precision @ point[..., None])[..., 0]).sum(axis=-1) / 2
            return Modes(point, hessian, value - penalty, iteration)
    raise ConvergenceError("a batch of penalised fits", MAX_ITERATIONS, float(np.abs(score).max()))
