"""Which parameters enter the logit of which pair, and the sums over pairs that every fit is made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eng5.stats.bradley_terry.likelihood import PairCounts
from eng5.stats.comparisons import FloatArray, IntArray, sum_by_essay

DENSE_LIMIT = 32
"""Parameters up to which products with the design matrix are faster than sums by index."""


@dataclass(frozen=True, eq=False)
class PairDesign:
    """The logit of each of P pairs: x_i - x_j, plus x_position where there is one.

    Methods take one vector or one a row of b data sets, which the shapes write as (…).

    Attributes:
        i: shape (P,), parameter of the first of each pair.
        j: shape (P,), parameter of the second; no two pairs have both the same.
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
        """Shape (…, P), of parameters of shape (…, q)."""
        if self.size <= DENSE_LIMIT:
            return x @ self.matrix.T
        d = np.take(x, self.i, axis=-1)
        d -= np.take(x, self.j, axis=-1)
        if self.position is not None:
            d += x[..., self.position, None]
        return d

    def gradient(self, score: FloatArray) -> FloatArray:
        """Shape (…, q): D' score, score of shape (…, P)."""
        if self.size <= DENSE_LIMIT:
            return score @ self.matrix
        total = self.net(score, self.size)
        if self.position is not None:
            total[..., self.position] = score.sum(axis=-1)
        return total

    def net(self, value: FloatArray, n: int) -> FloatArray:
        """Shape (…, n): of each of the first n parameters, the values of the pairs it leads minus the others."""
        return sum_by_essay(value, self.i, n) - sum_by_essay(value, self.j, n)

    def information(self, weight: FloatArray) -> FloatArray:
        """Shape (…, q, q): D' diag(weight) D, weight of shape (…, P)."""
        q = self.size
        if weight.ndim == 2:
            if q > DENSE_LIMIT:
                return np.stack([self.information(row) for row in weight])
            return (weight @ self._outer).reshape(len(weight), q, q)
        if q <= DENSE_LIMIT:
            return (self.matrix.T * weight) @ self.matrix
        full = np.zeros((q, q))
        full[self.i, self.j] -= weight
        full[self.j, self.i] -= weight
        own = np.arange(q)
        full[own, own] = sum_by_essay(weight, self.i, q) + sum_by_essay(weight, self.j, q)
        if self.position is not None:
            net = self.net(weight, q)
            net[self.position] = weight.sum()
            full[self.position] = full[:, self.position] = net
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


def pair_design(counts: PairCounts, n: int, *, position: bool, further: int = 0) -> PairDesign:
    """Design for the parameters (θ_0 … θ_{n-1}[, η][, further ones that no pair depends on])."""
    return PairDesign(counts.i, counts.j, n if position else None, n + position + further)
