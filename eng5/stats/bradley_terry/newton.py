"""Newton's method for the likelihood of paired comparisons, dense when small and sparse when large."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from eng5.stats.bradley_terry.connectivity import DENSE_LIMIT
from eng5.stats.bradley_terry.likelihood import PairCounts, Terms, decided_terms, tie_terms
from eng5.stats.comparisons import FloatArray, IntArray

MAX_ITERATIONS = 100
STEP_TOLERANCE = 1e-8
CG_TOLERANCE = 1e-3
CG_FLOOR = 1e-24
"""Below this squared norm the residual is rounding, along the levels that the information cannot see."""
DIVERGENCE = 8.0
"""|η| or log ν beyond this many logits is taken to have its maximum at infinity: 1 : 3000 and worse."""
LOGIT_DIVERGENCE = 25.0
"""The same for a logit that η or ν drags along."""
FLAT = 0.01
"""A step that gains more log-likelihood than this may still overshoot a finite maximum."""


class ConvergenceError(ArithmeticError):
    """An iteration reached its limit.

    Attributes:
        what: what was fitted.
        iterations: how many iterations were made.
        gradient_norm: largest absolute score where it stopped.
    """

    def __init__(self, what: str, iterations: int, gradient_norm: float) -> None:
        super().__init__(what, iterations, gradient_norm)
        self.what = what
        self.iterations = iterations
        self.gradient_norm = gradient_norm

    def __str__(self) -> str:
        return (
            f"{self.what} did not converge in {self.iterations} iterations (largest score "
            f"{self.gradient_norm:.3g}); look for pairs whose counts differ by many orders of magnitude"
        )


@dataclass(frozen=True, eq=False)
class Point:
    """Where the iteration ended.

    Attributes:
        theta: shape (n,).
        eta: 0 without a position effect.
        nu: Davidson's ν, 0 without ties.
        iterations: Newton steps.
        gradient_norm: largest absolute score.
    """

    theta: FloatArray
    eta: float
    nu: float
    iterations: int
    gradient_norm: float


def _design(counts: PairCounts, n: int, *, position: bool) -> Any:
    """D of shape (P, n) or, with a position effect as last column, (P, n + 1)."""
    pairs, columns = len(counts.i), n + position
    if n <= DENSE_LIMIT:
        dense = np.zeros((pairs, columns))
        rows = np.arange(pairs)
        dense[rows, counts.i] = 1.0
        dense[rows, counts.j] = -1.0
        if position:
            dense[:, n] = 1.0
        return dense
    from scipy.sparse import csr_array

    width = 2 + position
    index = np.empty((pairs, width), dtype=np.int32)
    index[:, 0], index[:, 1] = counts.i, counts.j
    value = np.ones((pairs, width))
    value[:, 1] = -1.0
    if position:
        index[:, 2] = n
    return csr_array((value.ravel(), index.ravel(), np.arange(pairs + 1) * width), shape=(pairs, columns))


def maximise(
    counts: PairCounts,
    n: int,
    groups: IntArray,
    *,
    position: bool,
    ties: bool,
    nuisance_precision: float = 0.0,
) -> Point | None:
    """Maximise the log-likelihood minus nuisance_precision/2 · (η² + log²ν).

    Args:
        counts: comparisons within groups only.
        n: number of essays.
        groups: shape (n,), label of the group within which contrasts are sought; θ sums to 0 in each.
        position: whether η is a parameter.
        ties: whether log ν is a parameter.
        nuisance_precision: precision of the Gaussian penalty on η and log ν, 0 for none.

    Returns:
        The maximum, or None when η or log ν diverges or, unpenalised, η is confounded with θ.

    Raises:
        ConvergenceError: after MAX_ITERATIONS.
    """
    matrix = _design(counts, n, position=position)
    if position and not nuisance_precision and not _identified(matrix, n):
        return None
    if n <= DENSE_LIMIT:
        solve = _dense_solver(counts, n, groups, position=position, ties=ties)
    else:
        solve = _sparse_solver(matrix)
    x = np.zeros(n + position + ties)
    penalty = np.zeros(len(x))
    penalty[n:] = nuisance_precision

    def evaluate(x: FloatArray) -> tuple[Terms, float, FloatArray]:
        d = matrix @ x[: n + position]
        terms = tie_terms(counts, d, float(x[-1])) if ties else decided_terms(counts, d)
        score = np.zeros(len(x))
        score[: n + position] = matrix.T @ terms.score
        if ties:
            score[-1] = terms.tie_score
        return terms, terms.value - float(penalty @ x**2) / 2, score - penalty * x

    terms, value, score = evaluate(x)
    for iteration in range(1, MAX_ITERATIONS + 1):
        try:
            step = solve(terms, score, penalty)
        except np.linalg.LinAlgError:
            return None
        for _ in range(30):
            terms, new_value, new_score = evaluate(x + step)
            if new_value >= value - 1e-12 * (1.0 + abs(value)):
                break
            step = step / 2
        flat = new_value - value < FLAT
        x, value, score = x + step, new_value, new_score
        if flat and not nuisance_precision and _diverges(x, n, matrix, position=position, ties=ties):
            return None
        if np.abs(step).max(initial=0.0) < STEP_TOLERANCE:
            eta = float(x[n]) if position else 0.0
            nu = float(np.exp(x[-1])) if ties else 0.0
            level = np.bincount(groups, x[:n], n) / np.maximum(np.bincount(groups, minlength=n), 1)
            return Point(x[:n] - level[groups], eta, nu, iteration, float(np.abs(score).max(initial=0.0)))
    raise ConvergenceError("Bradley-Terry", MAX_ITERATIONS, float(np.abs(score).max()))


def _diverges(x: FloatArray, n: int, matrix: Any, *, position: bool, ties: bool) -> bool:
    if not position and not ties:
        return False
    far = np.abs(matrix @ x[: n + position]).max(initial=0.0) > LOGIT_DIVERGENCE
    return bool(far or (position and abs(x[n]) > DIVERGENCE) or (ties and x[-1] > DIVERGENCE))


def information(counts: PairCounts, n: int, terms: Terms, *, position: bool, ties: bool) -> FloatArray:
    """Expected information in (θ[, η][, log ν]), dense, shape (q, q)."""
    size = n + position + ties
    full = np.zeros((size, size))
    # The ordered pairs are distinct, so no cell is written twice in one statement.
    full[counts.i, counts.j] -= terms.information
    full[counts.j, counts.i] -= terms.information
    own = np.arange(n)
    full[own, own] = -full.sum(axis=1)[:n]
    if position:
        full[:n, n] = full[n, :n] = _net(counts, n, terms.information)
        full[n, n] = terms.information.sum()
    if ties:
        full[:n, -1] = full[-1, :n] = _net(counts, n, terms.cross_information)
        full[-1, -1] = terms.tie_information
        if position:
            full[n, -1] = full[-1, n] = terms.cross_information.sum()
    return full


def inverse_diagonal(matrix: FloatArray) -> FloatArray:
    """Diagonal of the inverse of a positive definite matrix, shape (q, q)."""
    if len(matrix) <= DENSE_LIMIT:
        return np.diagonal(np.linalg.inv(matrix))
    from scipy.linalg.lapack import dpotrf, dtrtri

    # With A = U'U, the inverse is U⁻¹ U⁻ᵀ, and its diagonal the squared rows of U⁻¹.
    root, failed = dpotrf(matrix.T)
    if failed:
        return np.diagonal(np.linalg.inv(matrix))
    inverse_root = dtrtri(root, overwrite_c=True)[0]
    return np.asarray(np.einsum("ij,ij->i", inverse_root, inverse_root), dtype=np.float64)


def _net(counts: PairCounts, n: int, value: FloatArray) -> FloatArray:
    gained, given = np.bincount(counts.i, value, minlength=n), np.bincount(counts.j, value, minlength=n)
    return np.asarray(gained - given, dtype=np.float64)


def _identified(matrix: Any, n: int) -> bool:
    """Whether no θ has θ_i - θ_j = 1 for all pairs (i first, j second); such a θ would mimic η."""
    ones = np.ones(matrix.shape[0])
    if n <= DENSE_LIMIT:
        residual = ones - matrix[:, :n] @ np.linalg.lstsq(matrix[:, :n], ones, rcond=None)[0]
    else:
        from scipy.sparse.linalg import lsqr

        abilities = matrix[:, :n]
        residual = ones - abilities @ lsqr(abilities, ones, atol=1e-10, btol=1e-10)[0]
    return bool(np.abs(residual).max(initial=0.0) > 1e-6)


Solver = Callable[[Terms, FloatArray, FloatArray], FloatArray]


def _dense_solver(counts: PairCounts, n: int, groups: IntArray, *, position: bool, ties: bool) -> Solver:
    same_group = (groups[:, None] == groups[None, :]).astype(np.float64)

    def solve(terms: Terms, score: FloatArray, penalty: FloatArray) -> FloatArray:
        hessian = information(counts, n, terms, position=position, ties=ties)
        hessian[:n, :n] += same_group
        hessian[np.arange(n, len(score)), np.arange(n, len(score))] += penalty[n:]
        return np.asarray(np.linalg.solve(hessian, score), dtype=np.float64)

    return solve


def _sparse_solver(matrix: Any) -> Solver:
    """Conjugate gradients with a diagonal preconditioner.

    The information is singular along each group's level, the score has no part there, and neither
    has any iterate.
    """
    transposed = matrix.T.tocsr()
    squared = abs(transposed)
    columns = matrix.shape[1]

    def solve(terms: Terms, score: FloatArray, penalty: FloatArray) -> FloatArray:
        ties = len(score) > columns
        diagonal = penalty.copy()
        diagonal[:columns] += squared @ terms.information
        if ties:
            diagonal[-1] += terms.tie_information
        diagonal[diagonal == 0.0] = 1.0

        def apply(x: FloatArray) -> FloatArray:
            out = penalty * x
            pull = terms.information * (matrix @ x[:columns])
            if ties:
                out[-1] += terms.cross_information @ (matrix @ x[:columns]) + terms.tie_information * x[-1]
                pull += terms.cross_information * x[-1]
            out[:columns] += transposed @ pull
            return out

        x = np.zeros_like(score)
        residual = score.copy()
        z = residual / diagonal
        direction = z
        rho = float(residual @ z)
        target = max(CG_TOLERANCE**2 * rho, CG_FLOOR)
        for _ in range(20 * len(score)):
            if rho <= target or rho == 0.0:
                break
            applied = apply(direction)
            length = rho / float(direction @ applied)
            x += length * direction
            residual -= length * applied
            z = residual / diagonal
            rho, previous = float(residual @ z), rho
            direction = z + (rho / previous) * direction
        return x

    return solve
