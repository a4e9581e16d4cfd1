"""Penalised Bradley-Terry fits of many data sets, or under many priors, at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from eng5.stats.bradley_terry.design import PairDesign
from eng5.stats.bradley_terry.information import Information, sparse_diagonal
from eng5.stats.bradley_terry.likelihood import Terms
from eng5.stats.bradley_terry.newton import ConvergenceError
from eng5.stats.comparisons import FloatArray

MAX_ITERATIONS = 100
LONGEST = 2.0
"""Bound on a step, logits: where every logistic is flat, Newton's method overshoots and would not return."""


SEPARATE_LIMIT = 128
"""Parameters above which each data set is fitted by itself, and sparsely."""
CG_TOLERANCE = 0.1
"""Of the longest step so far, to which a step is solved for where that is done by iteration."""


@dataclass(frozen=True, eq=False)
class Modes:
    """Maxima of b penalised likelihoods in q parameters.

    Attributes:
        point: shape (b, q).
        iterations: Newton steps until the slowest had converged.
        weight: shape (b, P), information of each pair next to the maximum.
    """

    point: FloatArray
    iterations: int
    weight: FloatArray
    _design: PairDesign
    _precision: Any

    @property
    def hessian(self) -> FloatArray:
        """Shape (b, q, q), negative second derivatives next to the maxima."""
        return np.asarray(self._design.information(self.weight) + self._precision)

    def hessian_of(self, k: int) -> FloatArray:
        """Shape (q, q), the same of the k-th alone."""
        return np.asarray(self._design.information(self.weight[k]) + dense(_of(self._precision, k)))


def modes(
    design: PairDesign,
    won: FloatArray,
    lost: FloatArray,
    precision: Any,
    *,
    start: FloatArray,
    tolerance: float = 1e-6,
) -> Modes:
    """Maximise log-likelihood - x'Qx/2 for each data set by Newton's method.

    Args:
        design: P pairs that ascend by i, q parameters.
        won: shape (P,) or (b, P), wins of the first of each pair.
        lost: same shape, wins of the second.
        precision: positive definite Q, one for all of shape (q, q) or one each, shape (b, q, q); above
            ``SEPARATE_LIMIT`` parameters better a sparse matrix, or a list of them.
        start: shape (b, q).
        tolerance: largest step at which a fit counts as converged, logits.

    Raises:
        ConvergenceError: after MAX_ITERATIONS.
    """
    if design.size <= SEPARATE_LIMIT:
        together = np.stack(precision) if isinstance(precision, list) else precision
        return _together(design, won, lost, together, start, tolerance)
    rows = (np.broadcast_to(each, (len(start), len(design.i))) for each in (won, lost))
    found = [
        _one(design, of_won, of_lost, _of(precision, k), start[k], tolerance)
        for k, (of_won, of_lost) in enumerate(zip(*rows, strict=True))
    ]
    point, iterations, weight = zip(*found, strict=True)
    return Modes(np.array(point), max(iterations), np.array(weight), design, precision)


def ridge(size: int, value: float) -> Any:
    """Precision ``value`` of each of ``size`` parameters, stored as ``modes`` likes it best."""
    return value * np.eye(size) if size <= SEPARATE_LIMIT else sparse_diagonal(np.full(size, value))


def dense(matrix: Any) -> FloatArray:
    """An array, of an array or a sparse matrix."""
    return np.asarray(matrix if isinstance(matrix, np.ndarray) else matrix.toarray())


def _of(precision: Any, k: int) -> Any:
    """The k-th precision, where there is one for each."""
    return precision[k] if isinstance(precision, list) or precision.ndim == 3 else precision


def _expected(games: FloatArray, d: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Expected wins of the first of each pair, and their variance."""
    p = 1.0 / (1.0 + np.exp(-np.clip(d, -500.0, 500.0)))
    expected = games * p
    return expected, expected * (1.0 - p)


def _together(
    design: PairDesign,
    won: FloatArray,
    lost: FloatArray,
    precision: FloatArray,
    start: FloatArray,
    tolerance: float,
) -> Modes:
    games, point = won + lost, start
    for iteration in range(1, MAX_ITERATIONS + 1):
        expected, weight = _expected(games, design.logits(point))
        score = design.gradient(won - expected) - (precision @ point[..., None])[..., 0]
        hessian = design.information(weight) + precision
        step = np.asarray(np.linalg.solve(hessian, score[..., None])[..., 0], dtype=np.float64)
        longest = np.abs(step).max(axis=1, keepdims=True, initial=0.0)
        point = point + step * (LONGEST / np.maximum(longest, LONGEST))
        if longest.max(initial=0.0) < tolerance:
            return Modes(point, iteration, weight, design, precision)
    raise ConvergenceError("a batch of penalised fits", MAX_ITERATIONS, float(np.abs(score).max()))


def _one(
    design: PairDesign, won: FloatArray, lost: FloatArray, precision: Any, x: FloatArray, tolerance: float
) -> tuple[FloatArray, int, FloatArray]:
    """Mode, Newton steps and weights of one data set."""
    games, longest = won + lost, 1.0
    for iteration in range(1, MAX_ITERATIONS + 1):
        expected, weight = _expected(games, design.logits(x))
        score = design.gradient(won - expected) - precision @ x
        information = Information(design, Terms(0.0, score, weight, 0.0, np.zeros(0), 0.0), ties=False)
        step = information.solve(score, precision, CG_TOLERANCE * min(1.0, longest))
        longest = float(np.abs(step).max())
        x = x + step * (LONGEST / max(longest, LONGEST))
        if longest < tolerance:
            return x, iteration, weight
    raise ConvergenceError("a penalised fit", MAX_ITERATIONS, float(np.abs(score).max()))
