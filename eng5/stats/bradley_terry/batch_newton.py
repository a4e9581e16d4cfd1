"""Penalised Bradley-Terry fits of many data sets, or under many priors, at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eng5.stats.bradley_terry.likelihood import PairCounts
from eng5.stats.bradley_terry.newton import ConvergenceError
from eng5.stats.comparisons import FloatArray, IntArray, sum_by_essay

MAX_ITERATIONS = 100
LONGEST = 2.0
"""Bound on a step, logits: where every logistic is flat, Newton's method overshoots and would not return."""
DENSE_LIMIT = 32


@dataclass(frozen=True, eq=False)
class PairDesign:
    """Which parameters enter the logit of which pair: x_i - x_j, plus x_position where there is one.

    Attributes:
        i: shape (P,), parameter of the first of each pair.
        j: shape (P,), parameter of the second.
        position: index of the position effect among the parameters, or None.
        size: number of parameters q; those in no pair are left to the penalty.
    """

    i: IntArray
    j: IntArray
    position: int | None
    size: int

    @cached_property
    def matrix(self) -> FloatArray:
        """Shape (P, q)."""
        rows = np.arange(len(self.i))
        matrix = np.zeros((len(rows), self.size))
        matrix[rows, self.i] = 1.0
        matrix[rows, self.j] = -1.0
        if self.position is not None:
            matrix[:, self.position] = 1.0
        return matrix

    @cached_property
    def _outer(self) -> FloatArray:
        return (self.matrix[:, :, None] * self.matrix[:, None, :]).reshape(len(self.i), self.size**2)

    def logits(self, x: FloatArray) -> FloatArray:
        """Shape (b, P), of parameters of shape (b, q)."""
        if self.size <= DENSE_LIMIT:
            return x @ self.matrix.T
        d = x[:, self.i] - x[:, self.j]
        return d if self.position is None else d + x[:, self.position, None]

    def gradient(self, score: FloatArray) -> FloatArray:
        """Shape (b, q): D' score for each row of score, shape (b, P)."""
        if self.size <= DENSE_LIMIT:
            return score @ self.matrix
        total = sum_by_essay(score, self.i, self.size) - sum_by_essay(score, self.j, self.size)
        if self.position is not None:
            total[:, self.position] = score.sum(axis=1)
        return total

    def information(self, weight: FloatArray) -> FloatArray:
        """Shape (b, q, q): D' diag(weight) D for each row of weight, shape (b, P)."""
        if self.size <= DENSE_LIMIT:
            return (weight @ self._outer).reshape(len(weight), self.size, self.size)
        b, q = len(weight), self.size
        cell = self.i * q + self.j + q * q * np.arange(b)[:, None]
        one_way = np.asarray(np.bincount(cell.ravel(), weight.ravel(), b * q * q), dtype=np.float64)
        one_way = one_way.reshape(b, q, q)
        full = -one_way - one_way.transpose(0, 2, 1)
        diagonal = np.arange(q)
        full[:, diagonal, diagonal] = -full.sum(axis=2)
        if self.position is not None:
            net = sum_by_essay(weight, self.i, q) - sum_by_essay(weight, self.j, q)
            full[:, self.position] += net
            full[:, :, self.position] += net
            full[:, self.position, self.position] = weight.sum(axis=1)
        return full

    def log_likelihood(self, x: FloatArray, won: FloatArray, lost: FloatArray) -> FloatArray:
        """Shape (b,): log-likelihood of won and lost, each of shape (P,), at parameters of shape (b, q)."""
        d = self.logits(x)
        # log(1 + e^d), by parts that cannot overflow and in place, for this is where the time goes.
        soft = np.abs(d)
        np.negative(soft, out=soft)
        np.log1p(np.exp(soft, out=soft), out=soft)
        soft += np.maximum(d, 0.0)
        return np.asarray(d @ won - soft @ (won + lost))


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


def pair_design(counts: PairCounts, n: int, *, position: bool, further: int = 0) -> PairDesign:
    """Design for the parameters (θ_0 … θ_{n-1}[, η][, further ones that no pair depends on])."""
    return PairDesign(counts.i, counts.j, n if position else None, n + position + further)


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
