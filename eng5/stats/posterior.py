"""Draws of the judge's true abilities given the verdicts, from which the intervals of alignment are made.

Resampling the comparisons themselves does not give honest intervals here: with one comparison a pair and
a judge that is nearly always right, most resamples repeat the same one-sided record, and refitting adds
the noise of the data a second time, so tau is biased downwards (`benchmarks/coverage_alignment.py` shows
both). The draws below come from the posterior of a hierarchical Bradley-Terry model instead:

    P(A beats B) = σ(θ_A - θ_B + η),   θ_i = β x_i + ε_i,   ε_i ~ N(0, s²),

x being the standardised mid-rank of the expert grade. The priors are weak: β ~ N(0, 2.5²) and η ~ N(0, 1.5²)
in logits, and s ~ gamma with shape 2, integrated over a grid; shape 2 keeps s off zero, where few
comparisons would pull it (Chung et al. 2013, Psychometrika 78:685-709). Flat priors cover worse, since they
put most of their mass on judges that never err. Ties carry no information on θ.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from eng5.stats.bradley_terry.batch_newton import modes
from eng5.stats.bradley_terry.design import pair_design
from eng5.stats.bradley_terry.likelihood import aggregate
from eng5.stats.comparisons import Comparisons, FloatArray, IntArray
from eng5.stats.interval import Interval

RESIDUAL_SD = np.geomspace(0.125, 8.0, 10)
"""Grid of s, logits."""
RESIDUAL_SCALE = 0.5
"""Scale of the gamma prior of s, whose mean is twice that, logits."""
SLOPE_SD = 2.5
POSITION_SD = 1.5
UNGRADED_SD = 2.0
"""Added to s for an essay of unknown grade, whose β x is unknown."""
OVERSAMPLING = 4
BLOCK = 4_000_000
TAIL = 8.0
"""Degrees of freedom of the proposal, heavier in its tails than the posterior."""
IMPORTANCE_LIMIT = 48
"""Above this many essays importance weights degenerate, and the Gaussian approximation stands alone."""
TAILS = 51
"""Places of the lower end among which the shortest interval is sought."""
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """What the abilities were drawn with, row by row, and from.

    Attributes:
        slope: shape (b,), β.
        intercept: shape (b,), mean ability at x = 0, in the units of ``Draws.theta``.
        residual_sd: shape (b,), s.
        comparisons: the data.
    """

    slope: FloatArray
    intercept: FloatArray
    residual_sd: FloatArray
    comparisons: Comparisons


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
        hierarchy: the rest of the model; None for abilities that come from elsewhere.
    """

    theta: FloatArray
    eta: FloatArray
    position_effect: bool
    effective: float
    origin: str
    seed: int
    hierarchy: Hierarchy | None = None

    def interval(self, values: FloatArray, level: float = 0.95) -> Interval:
        """Percentile interval of a statistic computed on each draw, shape (b,): as much outside on either side."""
        tail = (1.0 - level) / 2.0
        low, high = _quantiles(values, np.array([tail, 1.0 - tail]))
        return self._named("percentile", low, high, level, len(values))

    def shortest_interval(self, values: FloatArray, level: float = 0.95) -> Interval:
        """Shortest interval of a statistic computed on each draw, shape (b,).

        For a statistic that piles up at the end of its range, as the tau of a good judge does at its
        largest value: there a percentile interval leaves nothing out on one side, and covers too much.
        Of several shortest ones it is the middle one.
        """
        tail = np.linspace(0.0, 1.0 - level, TAILS)
        low, high = _quantiles(values, tail), _quantiles(values, tail + level)
        width = high - low
        shortest = np.flatnonzero(width <= width.min() + ROUNDING)
        chosen = shortest[len(shortest) // 2]
        return self._named("shortest", low[chosen], high[chosen], level, len(values))

    def _named(self, kind: str, low: float, high: float, level: float, count: int) -> Interval:
        method = f"{kind} interval of the {self.origin}"
        return Interval(float(low), float(high), level, method, count, self.seed)

    def blocks(self, width: int) -> Iterator[Draws]:
        """The draws in blocks small enough for an array with ``width`` entries a draw."""
        rows = max(1, BLOCK // max(1, width))
        for start in range(0, len(self.theta), rows):
            chosen = slice(start, start + rows)
            yield replace(self, theta=self.theta[chosen], eta=self.eta[chosen])

    def first_wins(self, first: IntArray, second: IntArray) -> FloatArray:
        """Shape (b, P): probability that Essay A wins, for P presentations."""
        d = self.theta[:, first] - self.theta[:, second] + self.eta[:, None]
        return np.asarray(1.0 / (1.0 + np.exp(-d)))


def _quantiles(values: FloatArray, share: FloatArray) -> FloatArray:
    """Quantiles of the mid-distribution (Parzen 2004, Statist. Sci. 19:652-662), shape of ``share``.

    The usual ones for a continuous statistic, and for one with few values, such as tau, ones that do not
    swallow a whole step on either side.
    """
    value, count = np.unique(values, return_counts=True)
    middle = (np.cumsum(count) - count / 2.0) / len(values)
    return np.interp(share, middle, value)


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
    counts = aggregate(comparisons, positions=position_effect, ties=False)
    n, rng = comparisons.n, np.random.default_rng(seed)
    prior = _Prior.of(grade, position_effect)
    design = pair_design(counts, n, position=position_effect, further=2)
    exact = n <= IMPORTANCE_LIMIT
    start = np.zeros((len(RESIDUAL_SD), design.size))
    mode = modes(design, counts.won, counts.lost, prior.precision(), start=start)

    part = np.arange(len(RESIDUAL_SD))
    root = np.linalg.cholesky(mode.hessian)
    log_root = np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
    height = design.log_likelihood(mode.point, counts.won, counts.lost) + prior.log_density(mode.point, part)
    share = np.exp((height - log_root) - (height - log_root).max())
    share /= share.sum()
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
    centre = theta.mean(axis=1) if n else np.zeros(len(x))
    return Draws(
        theta=theta - centre[:, None],
        eta=x[:, n] if position_effect else np.zeros(len(x)),
        position_effect=position_effect,
        effective=effective,
        origin=origin,
        seed=seed,
        hierarchy=Hierarchy(x[:, -2], x[:, -1] - centre, RESIDUAL_SD[part], comparisons),
    )


def grade_score(grade: IntArray, of: IntArray | None = None) -> FloatArray:
    """Standardised mid-rank x: mean 0 and variance 1 over the known grades.

    Args:
        grade: shape (n,), the grades to rank among, -1 unknown.
        of: shape (g,), the grades to score, those of ``grade`` by default; one that does not occur is
            scored as if it stood between its neighbours.

    Returns:
        Shape (g,); 0 where a grade is unknown, everywhere when all known grades are equal.
    """
    wanted = grade if of is None else of
    known = np.sort(grade[grade >= 0])

    def rank(g: IntArray) -> FloatArray:
        return (np.searchsorted(known, g, "left") + np.searchsorted(known, g, "right")) / 2.0

    ranks = rank(known)
    if len(known) == 0 or known[0] == known[-1]:
        return np.zeros(len(wanted))
    return np.where(wanted >= 0, (rank(wanted) - ranks.mean()) / ranks.std(), 0.0)


@dataclass(frozen=True, eq=False)
class _Prior:
    """Prior of z = (θ[, η], β, μ) at each s of the grid, k values.

    Attributes:
        residual: shape (n, q), maps z to θ_i - β x_i - μ.
        scale: shape (k, n), standard deviation of each residual.
        other_sd: shape (q,), standard deviation of η, β and μ, infinite for θ.
    """

    residual: FloatArray
    scale: FloatArray
    other_sd: FloatArray

    @classmethod
    def of(cls, grade: IntArray, position: bool) -> _Prior:
        n, x = len(grade), grade_score(grade)
        residual = np.hstack([np.eye(n), np.zeros((n, int(position))), -x[:, None], -np.ones((n, 1))])
        ungraded = np.where((grade < 0) | (not x.any()), UNGRADED_SD, 0.0)
        scale = np.hypot(RESIDUAL_SD[:, None], ungraded)
        other_sd = np.concatenate([np.full(n, np.inf), np.full(int(position), POSITION_SD), [SLOPE_SD, 1.0]])
        return cls(residual, scale, other_sd)

    def precision(self) -> FloatArray:
        """Shape (k, q, q)."""
        scaled = self.residual.T / (self.scale**2)[:, None, :]
        return np.asarray(scaled @ self.residual + np.diag(self.other_sd**-2.0))

    def log_density(self, z: FloatArray, part: IntArray) -> FloatArray:
        """Shape (b,): log density of z, shape (b, q), and s = grid[part], up to a constant."""
        scale = self.scale[part]
        residuals = (np.log(scale) + ((z @ self.residual.T) / scale) ** 2 / 2.0).sum(axis=1)
        others = ((z / self.other_sd) ** 2).sum(axis=1) / 2.0
        s = RESIDUAL_SD[part]
        return np.asarray(2.0 * np.log(s) - s / RESIDUAL_SCALE - residuals - others)
