"""Mean of a sample with Student's t interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from eng5.stats.interval import IntervalResult


@dataclass(frozen=True, slots=True)
class MeanEstimate:
    """Mean of a sample.

    Attributes:
        n: values that are not NaN.
        mean: their mean; None when there is none.
        sd: sample standard deviation (n - 1); None below two values.
        interval: t interval; None below two values, and where all values are equal (t is 0/0 there).
    """

    n: int
    mean: float | None
    sd: float | None
    interval: IntervalResult | None


def mean_interval(values: NDArray[np.float64], level: float = 0.95) -> MeanEstimate:
    """Mean and t interval of ``values``, shape (m,); NaN marks a missing value and is left out."""
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, got {level}")
    known = values[~np.isnan(values)]
    n = len(known)
    if n == 0:
        return MeanEstimate(0, None, None, None)
    mean = float(known.mean())
    if n == 1:
        return MeanEstimate(1, mean, None, None)
    if np.all(known == known[0]):
        return MeanEstimate(n, mean, 0.0, None)
    sd = float(known.std(ddof=1))
    half = float(stdtrit(n - 1, (1 + level) / 2)) * sd / float(np.sqrt(n))
    return MeanEstimate(n, mean, sd, IntervalResult(mean - half, mean + half, level, "student-t"))
