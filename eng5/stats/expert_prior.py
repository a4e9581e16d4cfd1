"""Scores from few comparisons by experts, with another judge's scale as a prior whose weight is estimated.

    P(A beats B) = σ(θ_A - θ_B [+ η]),   θ_i = β x_i + τ e_i,   e_i ~ Student's t, 4 degrees of freedom,

x being the other judge's scale, as a rule an LLM's. With z the standardised x, σ_θ the spread of the experts'
abilities and ρ >= 0 the correlation of the two scales, β x = ρ σ_θ z and τ² = σ_θ² (1 - ρ²). Neither is chosen:
both are integrated out over a grid whose first place is ρ = 0, where x says nothing and the abilities are
θ_i ~ N(0, σ_θ²), as without it. An LLM that orders essays at random or upside down moves all weight there, and so
cannot harm. Where it is wrong about single essays, the tails of t let these go; and z is cut off at 1.75, for an
essay far from all others would decide the slope for them. What that is worth: `benchmarks/expert_prior.py`.

At each place of the grid the posterior is a Gaussian (Laplace) about its mean, which is the mode moved by the
skewness of the likelihood: E θ ≈ mode - 1/2 H⁻¹ D' (v (1 - 2p) diag(D H⁻¹ D')), with p the probabilities at the
mode, v = p (1 - p) times the verdicts of the pair, H the negative second derivatives and D the design of the
pairs. The prior enters H of the mass about a mode with the precision (ν + 1) / (ν τ² + r²) at distance r, of the
Gaussian that lies below Student's t and touches it there.

Source: R. R. Davidson and D. L. Solomon (1973), Biometrika 60:477-487 (priors for paired comparisons); K. L. Lange,
R. J. A. Little, J. M. G. Taylor (1989), J. Am. Stat. Assoc. 84:881-896 (Student's t); L. Tierney and J. B. Kadane
(1986), J. Am. Stat. Assoc. 81:82-86 (means by Laplace's method).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, ndtr, ndtri

from eng5.stats.bradley_terry.design import PairDesign, pair_design
from eng5.stats.bradley_terry.likelihood import PairCounts
from eng5.stats.bradley_terry.newton import ConvergenceError
from eng5.stats.comparisons import Comparisons, FloatArray
from eng5.stats.pair_table import PairTable
from eng5.stats.scale_prior import ScalePrior

MAX_ITERATIONS = 300
SORTED_OUT = 6
"""Steps after which places far below the best are given up: most steps are for the others."""
NEGLIGIBLE = 25.0
"""Log of the posterior mass below the best."""
SETTLED = 1e-4
"""Gain of log posterior that the last step promises."""


@dataclass(frozen=True, eq=False)
class ExpertScores:
    """Abilities of n essays as the experts see them.

    Attributes:
        score: shape (n,), logits, mean 0.
        standard_error: shape (n,), of the score.
        low: shape (n,), lower end of its interval.
        high: shape (n,), upper end.
        level: of the intervals.
        comparisons: decided comparisons behind them.
        related: probability that the other judge's scale says anything about the experts'; 0 without one.
        correlation: of the two scales, mean of the posterior.
        slope: β, logits of the experts' scale to a logit of the other judge's.
        scatter: τ, logits: how far the experts' scores lie about the other judge's.
        weight: of all that is known of an essay, the share that comes from the other judge; mean over the essays.
    """

    score: FloatArray
    standard_error: FloatArray
    low: FloatArray
    high: FloatArray
    level: float
    comparisons: int
    related: float
    correlation: float
    slope: float
    scatter: float
    weight: float

    def worth(self, alone: ExpertScores) -> float:
        """How many further comparisons would have made ``alone`` as exact as this, at the rate of those so far."""
        ratio = float((alone.standard_error**2).mean() / (self.standard_error**2).mean())
        return max(0.0, self.comparisons * (ratio - 1.0))


def expert_scores(
    comparisons: Comparisons,
    judge: FloatArray | None = None,
    *,
    position_effect: bool = False,
    level: float = 0.95,
) -> ExpertScores:
    """Fit the experts' abilities.

    Args:
        comparisons: of the experts, n > 0 essays.
        judge: shape (n,), the other judge's scale, NaN where it has none for an essay; None for the experts alone.
        position_effect: include η; positions must then be real.
        level: of the intervals.

    Raises:
        ConvergenceError: when a mode is not found.
    """
    n = comparisons.n
    counts = PairTable.of(comparisons).presentations(positions=position_effect)
    design = pair_design(counts, n, position=position_effect)
    grid = ScalePrior.of(n, judge)
    grid, point, height = _modes(design, counts, grid)
    precision = grid.curvature(point)
    covariance = _inverse(_information(design, counts, point, precision))
    mean = point + _skewness(design, counts, point, covariance)
    covariance = _inverse(_information(design, counts, mean, precision))
    share = np.exp(height - height.max())
    share /= share.sum()
    mean = mean[:, :n] - mean[:, :n].mean(axis=1, keepdims=True)
    variance = _centred_variance(covariance[:, :n, :n])
    score = share @ mean
    low, high = _quantiles(share, mean, np.sqrt(variance), level)
    informed = share * (grid.correlation > 0)
    own = covariance[:, np.arange(n), np.arange(n)]
    return ExpertScores(
        score=score,
        standard_error=np.sqrt(share @ (variance + (mean - score) ** 2)),
        low=low,
        high=high,
        level=level,
        comparisons=int(comparisons.decided.sum()),
        related=float(informed.sum()),
        correlation=float(share @ grid.correlation),
        slope=float(share @ grid.slope),
        scatter=float(share @ grid.scatter),
        weight=float(informed @ np.clip(precision[:, :n] * own, 0.0, 1.0).mean(axis=1)),
    )


def _modes(
    design: PairDesign, counts: PairCounts, grid: ScalePrior
) -> tuple[ScalePrior, FloatArray, FloatArray]:
    """Modes, shape (K, q), and the log of the posterior mass about each, shape (K,), up to a constant.

    Of the places of the grid that have any mass worth the name; these, too.
    """
    further = design.size - grid.middle.shape[1]
    point = np.hstack([grid.middle, np.zeros((len(grid.middle), further))])
    games, size = counts.won + counts.lost, np.ones((len(point), 1))
    step, height = np.zeros(point.shape), np.full(len(point), -np.inf)
    for iteration in range(MAX_ITERATIONS):
        tried = point + size * step
        reached = design.log_likelihood(tried, counts.won, counts.lost) + grid.log_density(tried)
        better = reached >= height
        size = np.where(better[:, None], np.minimum(1.0, 2.0 * size), size / 4.0)
        point, height = np.where(better[:, None], tried, point), np.maximum(reached, height)
        expected = games * expit(design.logits(point))
        score = design.gradient(counts.won - expected) - grid.precision(point) * grid.distance(point)
        hessian = _information(design, counts, point, grid.curvature(point))
        step = np.asarray(np.linalg.solve(hessian, score[..., None])[..., 0])
        gain = (score * step).sum(axis=1)
        if gain.max(initial=0.0) < SETTLED:
            return grid, point, _mass(design, counts, grid, point, height)
        if iteration == SORTED_OUT:
            mass = _mass(design, counts, grid, point, height)
            kept = mass + gain > mass.max() - NEGLIGIBLE
            grid = grid.select(kept)
            point, height, step, size = point[kept], height[kept], step[kept], size[kept]
    raise ConvergenceError("scores with a prior", MAX_ITERATIONS, float(np.abs(score).max()))


def _mass(
    design: PairDesign, counts: PairCounts, grid: ScalePrior, point: FloatArray, height: FloatArray
) -> FloatArray:
    """Shape (K,), log of the posterior mass about modes of these heights, by Laplace's method."""
    around = _information(design, counts, point, grid.precision(point))
    return np.asarray(height - np.linalg.slogdet(around)[1] / 2.0)


def _information(
    design: PairDesign, counts: PairCounts, point: FloatArray, precision: FloatArray
) -> FloatArray:
    """Shape (K, q, q), of the verdicts at the points and of the prior."""
    p = expit(design.logits(point))
    information = design.information((counts.won + counts.lost) * p * (1.0 - p))
    own = np.arange(design.size)
    information[:, own, own] += precision
    return information


def _inverse(matrices: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.inv(matrices), dtype=np.float64)


def _skewness(
    design: PairDesign, counts: PairCounts, point: FloatArray, covariance: FloatArray
) -> FloatArray:
    """Shape (K, q), distance of the mean from the mode, to first order."""
    p = expit(design.logits(point))
    third = (counts.won + counts.lost) * p * (1.0 - p) * (1.0 - 2.0 * p)
    own = covariance[:, np.arange(design.size), np.arange(design.size)]
    variance = own[:, design.i] + own[:, design.j] - 2.0 * covariance[:, design.i, design.j]
    if design.position is not None:
        of = covariance[:, design.position]
        variance += own[:, design.position, None] + 2.0 * (of[:, design.i] - of[:, design.j])
    return np.asarray(-0.5 * (covariance @ design.gradient(third * variance)[..., None])[..., 0])


def _centred_variance(covariance: FloatArray) -> FloatArray:
    """Shape (K, n), variances of distances from the mean of all, from covariances of shape (K, n, n)."""
    n = covariance.shape[-1]
    own = covariance[:, np.arange(n), np.arange(n)]
    return np.asarray(own - 2.0 * covariance.mean(axis=2) + covariance.mean(axis=(1, 2))[:, None])


def _quantiles(
    share: FloatArray, mean: FloatArray, sd: FloatArray, level: float
) -> tuple[FloatArray, FloatArray]:
    """Ends, shape (n,) each, with as much of the mixture of Gaussians outside on either side."""
    ends = []
    for tail in ((1.0 - level) / 2.0, (1.0 + level) / 2.0):
        z = float(ndtri(tail))
        low, high = (mean + z * sd).min(axis=0), (mean + z * sd).max(axis=0)
        for _ in range(50):
            middle = (low + high) / 2.0
            below = share @ ndtr((middle - mean) / sd) < tail
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        ends.append((low + high) / 2.0)
    return ends[0], ends[1]
