"""The expected information of a fit: solved against, inverted, or both, dense when small, sparse when large."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eng5.stats.bradley_terry.connectivity import DENSE_LIMIT
from eng5.stats.bradley_terry.design import PairDesign
from eng5.stats.bradley_terry.likelihood import Terms
from eng5.stats.comparisons import FloatArray

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

    def solve(self, score: FloatArray, penalty: FloatArray, tolerance: float) -> FloatArray:
        """(information + diag(penalty))⁻¹ score by conjugate gradients with a diagonal preconditioner.

        The information is singular along the level of each group of essays; the score must have no part
        there, and neither has any iterate.

        Args:
            score: shape (q,).
            penalty: shape (q,).
            tolerance: at which share of its first norm the preconditioned residual ends the iteration.
        """
        from scipy.sparse import csr_array

        design, weight = self.design, self.terms.information
        n = design.size if design.position is None else design.position
        start = np.searchsorted(design.i, np.arange(n + 1))
        one_way = csr_array((weight, design.j, start), shape=(n, n))
        other_way = one_way.T
        played = np.bincount(design.i, weight, n) + np.bincount(design.j, weight, n)
        rows = []
        if design.position is not None:
            rows.append(design.gradient(weight))
            if self.ties:
                rows[0] = np.append(rows[0], self.of_ties[n])
        if self.ties:
            rows.append(self.of_ties)
        border = np.array(rows).reshape(len(rows), len(score))
        own = np.append(played, [row[n + place] for place, row in enumerate(border)])
        diagonal = own + penalty
        diagonal[diagonal == 0.0] = 1.0

        def apply(x: FloatArray) -> FloatArray:
            out = penalty * x
            out[:n] += played * x[:n] - one_way @ x[:n] - other_way @ x[:n]
            if len(border):
                out[:n] += x[n:] @ border[:, :n]
                out[n:] += border @ x
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
