"""The interval that every statistic of this package reports."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.special import stdtrit


@dataclass(frozen=True, slots=True)
class IntervalResult:
    """A two-sided interval that says how it was made.

    Attributes:
        low: lower bound, in the unit of the statistic.
        high: upper bound, in the unit of the statistic.
        level: nominal coverage, 0 < level < 1.
        method: name of the method, e.g. "wilson" or "posterior-percentile".
        resamples: number of resamples behind it; None when it is analytic.
        seed: seed of the random generator; None when it is analytic.
    """

    low: float
    high: float
    level: float
    method: str
    resamples: int | None = None
    seed: int | None = None

    def __contains__(self, value: float) -> bool:
        """Whether ``value`` lies within the closed interval."""
        return self.low <= value <= self.high

    @classmethod
    def student(
        cls, value: float, error: float, freedom: int, level: float, method: str, within: tuple[float, float]
    ) -> IntervalResult:
        """Student's t: value ± t · standard error, as far as the statistic can reach."""
        half = float(stdtrit(freedom, (1 + level) / 2)) * error
        return cls(max(within[0], value - half), min(within[1], value + half), level, method)
