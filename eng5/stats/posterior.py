"""Draws of the judge's abilities given the verdicts: what the width of intervals is worked out from.

Resampling the comparisons themselves does not give honest intervals here: with one comparison a pair and
a judge that is nearly always right, most resamples repeat the same one-sided record, and refitting adds
the noise of the data a second time. The draws below come from the posterior of a hierarchical
Bradley-Terry model instead:

    P(A beats B) = σ(θ_A - θ_B + η),   θ_i = β x_i + ε_i,   ε_i ~ N(0, s²),

x being the standardised mid-rank of the expert grade. What grades have to do with abilities is learned from
the judge: β ~ N(0, 2.5²) has no sign before the data. η ~ N(0, 1.5²) in logits, and s ~ gamma with shape 2,
integrated over a grid; shape 2 keeps s off zero, where few comparisons would pull it (Chung et al. 2013,
Psychometrika 78:685-709). Ties carry no information on θ.

Verdicts on one pair repeat each other as far as `pair_effects` finds that they do, and weigh accordingly:
the likelihood of r verdicts on a pair is raised to the power 1 / (1 + (r - 1) ρ).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from eng5.stats.bradley_terry.batch_newton import SEPARATE_LIMIT, modes
from eng5.stats.bradley_terry.design import pair_design
from eng5.stats.bradley_terry.information import sparse_diagonal
from eng5.stats.comparisons import Comparisons, FloatArray, IntArray
from eng5.stats.interval import IntervalResult
from eng5.stats.pair_effects import PairEffects, pair_effects
from eng5.stats.pair_table import PairTable

RESIDUAL_SD = np.geomspace(0.125, 8.0, 10)
"""Grid of s, logits."""
RESIDUAL_SCALE = 0.5
"""Scale of the gamma prior of s, whose mean is twice that, logits."""
SLOPE_SD = 2.5
POSITION_SD = 1.5
UNGRADED_SCALE = 3.0
"""By this s is larger where no grade tells abilities apart."""
UNGRADED_SD = 2.0
"""Added to s for an essay of unknown grade, whose β x is unknown."""
OVERSAMPLING = 4
TAIL = 8.0
"""Degrees of freedom of the proposal, heavier in its tails than the posterior."""
ROUNDS = 4
"""Fits of the abilities, each with the verdicts weighed by what the last one said of repeats."""
SD_DRAWS = 200
"""Draws over which the likelihood of a size of the opinions is averaged."""
SETTLED = 0.02
"""Largest change of a weight at which that ends, verdicts."""
IMPORTANCE_LIMIT = 48
"""Above this many essays importance weights degenerate, and the Gaussian approximation stands alone."""
COARSE = slice(2, 8, 2)
"""Places of the grid of s that are used above it: many essays tell s, and each place is a fit of all of them."""
DRAWN = 400_000
FEWEST_DRAWS = 200
"""Draws for many essays: as many as give so many abilities, and no fewer than these."""


@dataclass(frozen=True, eq=False)
class Draws:
    """b equally weighted draws from the posterior.

    Attributes:
        theta: shape (b, n), abilities in logits, each row with mean 0.
        eta: shape (b,), advantage of Essay A in logits; zeros when not in the model.
        position_effect: whether η was in the model.
        effective: effective number of independent draws, Kish (1965); below about 100 the ends of an
            interval are coarse.
        origin: what was drawn from, as the names of intervals say it.
        seed: seed of the generator.
        effects: how far repeats repeat each other; None for abilities that come from elsewhere.
    """

    theta: FloatArray
    eta: FloatArray
    position_effect: bool
    effective: float
    origin: str
    seed: int
    effects: PairEffects | None = None

    def interval(self, values: FloatArray, level: float = 0.95) -> IntervalResult:
        """Percentile interval of a statistic computed on each draw, shape (b,): as much outside on either side."""
        tail = (1.0 - level) / 2.0
        low, high = np.quantile(values, [tail, 1.0 - tail])
        method = f"percentile interval of the {self.origin}"
        return IntervalResult(float(low), float(high), level, method, len(values), self.seed)


def draw(
    comparisons: Comparisons,
    grade: IntArray,
    *,
    position_effect: bool = False,
    resamples: int = 2000,
    seed: int = 0,
) -> Draws:
    """Draw abilities from their posterior.

    At each s the posterior is approximated by a Gaussian at its mode; proposals with heavier tails are
    drawn from all of them, weighted by posterior over proposal density and resampled systematically
    (Rubin 1988, Bayesian Statistics 3:395-402). The result is exact as the number of proposals grows.

    Args:
        comparisons: decided comparisons inform the draws.
        grade: shape (n,), expert grade, higher is better, -1 unknown.
        position_effect: include η; positions must then be real.
        resamples: number of draws b.
        seed: seed of the generator.

    Raises:
        ConvergenceError: when a mode is not found.
    """
    grade = np.asarray(grade)
    n, rng = comparisons.n, np.random.default_rng(seed)
    exact = n <= IMPORTANCE_LIMIT
    prior = _Prior.of(grade, position_effect, RESIDUAL_SD if exact else RESIDUAL_SD[COARSE])
    resamples = int(np.clip(DRAWN // max(n, 1), FEWEST_DRAWS, resamples))
    table = PairTable.of(comparisons)
    counts = table.presentations(positions=position_effect)
    design = pair_design(counts, n, position=position_effect, further=2)
    start = np.zeros((len(prior.residual_sd), design.size))
    for _ in range(ROUNDS):
        mode = modes(design, counts.won, counts.lost, prior.precision(), start=start)
        part = np.arange(len(prior.residual_sd))
        root = [np.linalg.cholesky(mode.hessian_of(k)) for k in range(len(part))]
        log_root = np.array([np.log(np.diagonal(each)).sum() for each in root])
        height = design.log_likelihood(mode.point, counts.won, counts.lost) + prior.log_density(
            mode.point, part
        )
        share = np.exp((height - log_root) - (height - log_root).max())
        share /= share.sum()
        middle, before = share @ mode.point, counts
        eta = float(middle[n]) if position_effect else 0.0
        effects = pair_effects(table, (middle[table.i] - middle[table.j])[None, :], eta)
        counts = table.presentations(positions=position_effect, information=effects.information)
        if np.abs(counts.won + counts.lost - before.won - before.lost).max(initial=0.0) < SETTLED:
            break
        start = mode.point
    if exact:
        share = 0.9 * share + 0.1 / len(share)

    total = resamples * OVERSAMPLING if exact else resamples
    part = np.repeat(part, rng.multinomial(total, share))
    noise = rng.standard_normal((total, design.size))
    if exact:
        noise /= np.sqrt(rng.chisquare(TAIL, total) / TAIL)[:, None]
    x = np.empty_like(noise)
    for k in range(len(share)):
        rows = part == k
        x[rows] = mode.point[k] + np.linalg.solve(root[k].T, noise[rows].T).T

    effective, origin = float(total), "posterior, Gaussian approximation"
    if exact:
        distance = np.log1p((noise**2).sum(axis=1) / TAIL)
        log_proposal = (np.log(share) + log_root)[part] - (TAIL + design.size) / 2 * distance
        log_target = design.log_likelihood(x, counts.won, counts.lost) + prior.log_density(x, part)
        ratio = log_target - log_proposal
        weight = np.exp(ratio - ratio.max())
        weight /= weight.sum()
        effective, origin = float(1.0 / (weight @ weight)), "posterior"
        points = (np.arange(resamples) + rng.random()) / resamples
        chosen = np.searchsorted(np.cumsum(weight), points).clip(max=total - 1)
        x, part = x[chosen], part[chosen]
    theta = x[:, :n]
    if exact and effects.known:
        used = x[:: max(1, len(x) // SD_DRAWS)]
        reference = design.log_likelihood(used, counts.won, counts.lost)
        effects = pair_effects(table, used[:, table.i] - used[:, table.j], eta, reference)
    centre = theta.mean(axis=1) if n else np.zeros(len(x))
    return Draws(
        theta=theta - centre[:, None],
        eta=x[:, n] if position_effect else np.zeros(len(x)),
        position_effect=position_effect,
        effective=effective,
        origin=origin,
        seed=seed,
        effects=effects,
    )


def grade_score(grade: IntArray) -> FloatArray:
    """Standardised mid-rank x, shape (n,): mean 0 and variance 1 over the known grades.

    0 where a grade is unknown (-1), everywhere when all known grades are equal.
    """
    known = np.sort(grade[grade >= 0])
    rank = (np.searchsorted(known, grade, "left") + np.searchsorted(known, grade, "right")) / 2.0
    of_known = rank[grade >= 0]
    if len(known) == 0 or known[0] == known[-1]:
        return np.zeros(len(grade))
    return np.where(grade >= 0, (rank - of_known.mean()) / of_known.std(), 0.0)


@dataclass(frozen=True, eq=False)
class _Prior:
    """Prior of z = (θ[, η], β, μ) at each s of the grid, k values.

    Attributes:
        residual_sd: shape (k,), s.
        x: shape (n,), standardised mid-ranks.
        scale: shape (k, n), standard deviation of each residual θ_i - β x_i - μ.
        other_sd: shape (q,), standard deviation of η, β and μ, infinite for θ.
    """

    residual_sd: FloatArray
    x: FloatArray
    scale: FloatArray
    other_sd: FloatArray

    @classmethod
    def of(cls, grade: IntArray, position: bool, residual_sd: FloatArray) -> _Prior:
        n, x = len(grade), grade_score(grade)
        if x.any():
            scale = np.hypot(residual_sd[:, None], np.where(grade < 0, UNGRADED_SD, 0.0))
        else:
            scale = np.repeat(UNGRADED_SCALE * residual_sd[:, None], n, axis=1)
        other_sd = np.concatenate([np.full(n, np.inf), np.full(int(position), POSITION_SD), [SLOPE_SD, 1.0]])
        return cls(residual_sd, x, scale, other_sd)

    def precision(self) -> list[Any]:
        """k matrices of shape (q, q), sparse where ``modes`` wants them so."""
        n, size = len(self.x), len(self.other_sd)
        other = self.other_sd**-2.0
        if size <= SEPARATE_LIMIT:
            residual = np.zeros((n, size))
            residual[np.arange(n), np.arange(n)] = 1.0
            residual[:, -2], residual[:, -1] = -self.x, -1.0
            return [(residual.T * weight) @ residual + np.diag(other) for weight in self.scale**-2.0]
        from scipy.sparse import csr_array

        row, end = np.arange(n), np.full(n, size - 1)
        entries = np.concatenate([np.ones(n), -self.x, -np.ones(n)])
        places = np.tile(row, 3), np.concatenate([row, end - 1, end])
        sparse = csr_array((entries, places), shape=(n, size))
        return [
            (sparse.T @ sparse_diagonal(weight) @ sparse + sparse_diagonal(other)).tocsr()
            for weight in self.scale**-2.0
        ]

    def log_density(self, z: FloatArray, part: IntArray) -> FloatArray:
        """Shape (b,): log density of z, shape (b, q), and s = grid[part], up to a constant."""
        scale = self.scale[part]
        residual = z[:, : len(self.x)] - z[:, -2, None] * self.x - z[:, -1, None]
        residuals = (np.log(scale) + (residual / scale) ** 2 / 2.0).sum(axis=1)
        others = ((z / self.other_sd) ** 2).sum(axis=1) / 2.0
        s = self.residual_sd[part]
        return np.asarray(2.0 * np.log(s) - s / RESIDUAL_SCALE - residuals - others)
