"""The expected information of a fit: solved against, inverted, or both, dense when small, sparse when large."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from eng5.stats.bradley_terry.connectivity import DENSE_LIMIT
from eng5.stats.bradley_terry.design import PairDesign
from eng5.stats.bradley_terry.likelihood import Terms
from eng5.stats.comparisons import FloatArray, sum_by_essay

CG_FLOOR = 1e-24
"""Below this squared norm the residual is rounding, along the levels that the information cannot see."""


@dataclass(frozen=True, eq=False)
class Information:
    """Information in (θ[, η][, log ν]), q parameters: D' diag(weight) D, bordered by a row for log ν.

    Attributes:
        design: P pairs and the first parameters.
        terms: derivatives at the point in question, by pair.
        ties: whether log ν is a parameter.
    """

    design: PairDesign
    terms: Terms
    ties: bool

    @cached_property
    def of_ties(self) -> FloatArray:
        """Shape (q,), the row of log ν."""
        return np.append(self.design.gradient(self.terms.cross_information), self.terms.tie_information)

    def dense(self) -> FloatArray:
        """Shape (q, q), a fresh array."""
        full = self.design.information(self.terms.information)
        if not self.ties:
            return full
        q = len(full) + 1
        bordered = np.empty((q, q))
        bordered[:-1, :-1] = full
        bordered[-1] = bordered[:, -1] = self.of_ties
        return bordered

    def solve(self, score: FloatArray, precision: Any, tolerance: float) -> FloatArray:
        """(information + precision)⁻¹ score by conjugate gradients with a diagonal preconditioner.

        Where the precision is 0 the information is singular along the level of each group of essays; the
        score must then have no part there, and neither has any iterate. Pairs must ascend by i.

        Args:
            score: shape (q,).
            precision: shape (q, q), an array or sparse.
            tolerance: at which share of its first norm the preconditioned residual ends the iteration.
        """
        from scipy.sparse import csr_array

        design, weight, m = self.design, self.terms.information, self.design.size
        start = np.searchsorted(design.i, np.arange(m + 1))
        one_way = csr_array((weight, design.j, start), shape=(m, m))
        other_way = one_way.T
        played = sum_by_essay(weight, design.i, m) + sum_by_essay(weight, design.j, m)
        borders = []
        if design.position is not None:
            borders.append((design.position, np.append(design.gradient(weight), np.zeros(int(self.ties)))))
        if self.ties:
            borders.append((m, self.of_ties))
        diagonal = precision.diagonal().copy()
        diagonal[:m] += played
        for place, row in borders:
            diagonal[place] += row[place]
        diagonal[diagonal == 0.0] = 1.0

        def apply(x: FloatArray) -> FloatArray:
            out = np.asarray(precision @ x)
            out[:m] += played * x[:m] - one_way @ x[:m] - other_way @ x[:m]
            for place, row in borders:
                out[place] += row @ x - row[place] * x[place]
                out += row * x[place]
            return out

        x = np.zeros_like(score)
        residual = score.copy()
        z = residual / diagonal
        direction = z
        rho = float(residual @ z)
        target = max(tolerance**2 * rho, CG_FLOOR)
        for _ in range(20 * len(score)):
            if rho <= target:
                break
            applied = apply(direction)
            length = rho / float(direction @ applied)
            x += length * direction
            residual -= length * applied
            z = residual / diagonal
            rho, previous = float(residual @ z), rho
            direction = z + (rho / previous) * direction
        return x


def sparse_diagonal(value: FloatArray) -> Any:
    """A sparse matrix with ``value``, shape (q,), on its diagonal."""
    from scipy.sparse import csr_array

    return csr_array((value, np.arange(len(value)), np.arange(len(value) + 1)))


def inverse_diagonal(matrix: FloatArray) -> FloatArray:
    """Diagonal of the inverse of a positive definite matrix, shape (q, q)."""
    if len(matrix) <= DENSE_LIMIT:
        return np.diagonal(np.linalg.inv(matrix))
    from scipy.linalg.lapack import dpotrf, dtrtri

    # With A = U'U, the inverse is U⁻¹ U⁻ᵀ, and its diagonal the squared rows of U⁻¹.
    root, failed = dpotrf(matrix.T)
    if failed:
        return np.diagonal(np.linalg.inv(matrix))
    inverse_root = dtrtri(root, overwrite_c=True)[0].T
    return np.asarray(np.einsum("ji,ji->i", inverse_root, inverse_root), dtype=np.float64)
