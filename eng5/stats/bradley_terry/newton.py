"""Newton's method for the likelihood of paired comparisons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eng5.stats.bradley_terry.design import PairDesign, pair_design
from eng5.stats.bradley_terry.information import Information, sparse_diagonal
from eng5.stats.bradley_terry.likelihood import PairCounts, Terms, decided_terms, tie_terms
from eng5.stats.comparisons import FloatArray, IntArray

MAX_ITERATIONS = 100
STEP_TOLERANCE = 1e-5
"""Longest step, logits, that may be the last: Newton's method squares the error, which is then below 1e-9."""
DIRECT_LIMIT = 128
"""Essays up to which a step is solved for directly; above, iteration is faster."""
CG_TOLERANCE = 0.1
"""Of the longest step so far, to which a step is solved for where that is done by iteration."""
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
class Iterate:
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


def maximise(
    counts: PairCounts,
    n: int,
    groups: IntArray,
    *,
    position: bool,
    ties: bool,
    nuisance_precision: float = 0.0,
) -> Iterate | None:
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
    design = pair_design(counts, n, position=position)
    if position and not nuisance_precision and not _identified(counts, n, groups):
        return None
    level = _level_penalty(groups)
    x = np.zeros(n + position + ties)
    penalty = np.zeros(len(x))
    penalty[n:] = nuisance_precision

    def evaluate(x: FloatArray) -> tuple[Terms, float, FloatArray]:
        d = design.logits(x[: n + position])
        if not ties:
            terms = decided_terms(counts, d)
            score = design.gradient(terms.score)
        else:
            terms = tie_terms(counts, d, float(x[-1]))
            score = np.append(design.gradient(terms.score), terms.tie_score)
        return terms, terms.value - float(penalty @ x**2) / 2, score - penalty * x

    terms, value, score = evaluate(x)
    longest = 1.0
    for iteration in range(1, MAX_ITERATIONS + 1):
        information = Information(design, terms, ties)
        try:
            if n <= DIRECT_LIMIT:
                hessian = information.dense()
                hessian[:n, :n] += level
                hessian[np.diag_indices(len(x))] += penalty
                step = np.asarray(np.linalg.solve(hessian, score), dtype=np.float64)
            else:
                step = information.solve(score, sparse_diagonal(penalty), CG_TOLERANCE * min(1.0, longest))
        except np.linalg.LinAlgError:
            return None
        for _ in range(30):
            terms, new_value, new_score = evaluate(x + step)
            if new_value >= value - 1e-12 * (1.0 + abs(value)):
                break
            step = step / 2
        flat = new_value - value < FLAT
        x, value, score = x + step, new_value, new_score
        if flat and not nuisance_precision and _diverges(x, n, design, position=position, ties=ties):
            return None
        longest = float(np.abs(step).max(initial=0.0))
        if longest < STEP_TOLERANCE:
            eta = float(x[n]) if position else 0.0
            nu = float(np.exp(x[-1])) if ties else 0.0
            mean = np.bincount(groups, x[:n], n) / np.maximum(np.bincount(groups, minlength=n), 1)
            return Iterate(x[:n] - mean[groups], eta, nu, iteration, float(np.abs(score).max(initial=0.0)))
    raise ConvergenceError("Bradley-Terry", MAX_ITERATIONS, float(np.abs(score).max()))


def _level_penalty(groups: IntArray) -> FloatArray:
    """Shape (n, n) or (): what makes the information of contrasts within groups regular."""
    if not groups.any():
        return np.ones(())
    return np.asarray(groups[:, None] == groups[None, :], dtype=np.float64)


def _diverges(x: FloatArray, n: int, design: PairDesign, *, position: bool, ties: bool) -> bool:
    if not position and not ties:
        return False
    far = np.abs(design.logits(x[: n + position])).max(initial=0.0) > LOGIT_DIVERGENCE
    return bool(far or (position and abs(x[n]) > DIVERGENCE) or (ties and x[-1] > DIVERGENCE))


def _identified(counts: PairCounts, n: int, groups: IntArray) -> bool:
    """Whether no θ has θ_i - θ_j = 1 for all pairs (i first, j second); such a θ would mimic η."""
    design, ones = pair_design(counts, n, position=False), np.ones(len(counts.i))
    score = design.gradient(ones)
    if n <= DIRECT_LIMIT:
        regular = design.information(ones) + _level_penalty(groups)
        theta = np.asarray(np.linalg.solve(regular, score), dtype=np.float64)
    else:
        terms = Terms(0.0, ones, ones, 0.0, np.zeros(0), 0.0)
        theta = Information(design, terms, ties=False).solve(score, sparse_diagonal(np.zeros(n)), 1e-9)
    return bool(np.abs(ones - design.logits(theta)).max(initial=0.0) > 1e-6)
