"""Prior of experts' abilities from another judge's scale, over a grid of how much that scale says.

See `eng5.stats.expert_prior` for the model.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from scipy.special import gammaln

from eng5.stats.comparisons import BoolArray, FloatArray

FEWEST_ESSAYS = 3
"""Essays on the other judge's scale below which it says nothing."""
CORRELATION = np.array([0.0, 0.4, 0.6, 0.8, 0.9, 0.95, 0.98, 0.99])
"""Grid of ρ."""
UNRELATED = 0.5
"""Prior probability of ρ = 0; the rest is shared evenly by the other places of the grid."""
SPREAD = np.geomspace(0.3, 6.0, 8)
"""Grid of σ_θ, logits."""
SPREAD_SCALE = 0.75
"""Scale of the gamma prior of σ_θ, of shape 2, whose mean is twice that, logits."""
TAIL = 4.0
"""Degrees of freedom of the distances from the other judge's scale."""
FARTHEST = 1.75
"""Standard deviations from the mean beyond which an essay on the other judge's scale counts as no farther."""
POSITION_SD = 1.5
"""Of the prior of η, logits."""
STUDENT = float(gammaln((TAIL + 1) / 2) - gammaln(TAIL / 2) - np.log(TAIL / 2) / 2)
"""Log density of Student's t at 0 less that of the standard Gaussian."""
MANY_ESSAYS = 150
"""Above this many every second place of a grid is left out: they tell ρ and σ_θ, and each place is a fit of all."""


@dataclass(frozen=True, eq=False)
class ScalePrior:
    """K places of (ρ, σ_θ), of n abilities and, with a position effect, η.

    Attributes:
        correlation: shape (K,), ρ.
        slope: shape (K,), β.
        scatter: shape (K,), τ.
        middle: shape (K, n), prior mean of the abilities.
        sd: shape (K, n), their prior scale: τ, and σ_θ for essays that the other judge does not know.
        log_prior: shape (K,).
    """

    correlation: FloatArray
    slope: FloatArray
    scatter: FloatArray
    middle: FloatArray
    sd: FloatArray
    log_prior: FloatArray

    @classmethod
    def of(cls, n: int, judge: FloatArray | None) -> ScalePrior:
        scale = np.full(n, np.nan) if judge is None else np.asarray(judge, dtype=np.float64)
        known = np.isfinite(scale)
        deviation = float(scale[known].std()) if known.sum() >= FEWEST_ESSAYS else 0.0
        log_prior, rho, z = np.zeros(1), CORRELATION[:1], np.zeros(n)
        if deviation > 0:
            rho = CORRELATION if n <= MANY_ESSAYS else CORRELATION[::2]
            z[known] = np.clip((scale[known] - scale[known].mean()) / deviation, -FARTHEST, FARTHEST)
            log_prior = np.log([UNRELATED, *[(1.0 - UNRELATED) / (len(rho) - 1)] * (len(rho) - 1)])
        spreads = SPREAD if n <= MANY_ESSAYS else SPREAD[1::2]
        correlation, spread = np.repeat(rho, len(spreads)), np.tile(spreads, len(rho))
        scatter = spread * np.sqrt(1.0 - correlation**2)
        return cls(
            correlation=correlation,
            slope=correlation * spread / (deviation or 1.0),
            scatter=scatter,
            middle=(correlation * spread)[:, None] * z,
            sd=np.where(known, scatter[:, None], spread[:, None]),
            log_prior=np.repeat(log_prior, len(spreads)) + 2.0 * np.log(spread) - spread / SPREAD_SCALE,
        )

    def select(self, rows: BoolArray) -> ScalePrior:
        """The places at ``rows``."""
        return ScalePrior(*(getattr(self, one.name)[rows] for one in fields(self)))

    @property
    def heavy(self) -> BoolArray:
        """Shape (K, 1), where the distances are Student's and not Gaussian."""
        return self.correlation[:, None] > 0

    def distance(self, point: FloatArray) -> FloatArray:
        """Shape (K, q), of parameters of that shape, from their prior means."""
        distance = point.copy()
        distance[:, : self.middle.shape[1]] -= self.middle
        return distance

    def precision(self, point: FloatArray) -> FloatArray:
        """Shape (K, q), of the Gaussians that lie below the prior and touch it at the point."""
        r = self.distance(point)[:, : self.sd.shape[1]]
        own = np.where(self.heavy, (TAIL + 1.0) / (TAIL * self.sd**2 + r**2), self.sd**-2.0)
        return self._with_position(own, point.shape[1])

    def curvature(self, point: FloatArray) -> FloatArray:
        """Shape (K, q), negative second derivatives of the log prior, a tenth of ``precision`` where they are less."""
        r = self.distance(point)[:, : self.sd.shape[1]]
        around = TAIL * self.sd**2
        bent = np.where(self.heavy, (TAIL + 1.0) * (around - r**2) / (around + r**2) ** 2, self.sd**-2.0)
        return np.maximum(self._with_position(bent, point.shape[1]), self.precision(point) / 10.0)

    def log_density(self, point: FloatArray) -> FloatArray:
        """Shape (K,), log prior of the place and the point, up to a constant."""
        distance, n = self.distance(point), self.sd.shape[1]
        r = distance[:, :n] / self.sd
        student = STUDENT - (TAIL + 1.0) / 2.0 * np.log1p(r**2 / TAIL)
        own = (np.where(self.heavy, student, -(r**2) / 2.0) - np.log(self.sd)).sum(axis=1)
        return np.asarray(self.log_prior + own - ((distance[:, n:] / POSITION_SD) ** 2).sum(axis=1) / 2.0)

    def _with_position(self, precision: FloatArray, size: int) -> FloatArray:
        further = size - precision.shape[1]
        return np.hstack([precision, np.full((len(precision), further), POSITION_SD**-2.0)])
