"""Interval of a share whose variance is known from elsewhere: Wilson's, on an effective number of trials."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri, stdtrit

from eng5.stats.interval import IntervalResult


def share_interval(
    share: float,
    variance: float,
    method: str,
    *,
    typical: float | None = None,
    freedom: int | None = None,
    level: float = 0.95,
) -> IntervalResult:
    """Wilson's interval with as many trials as give a binomial share the stated variance.

    Args:
        share: what was observed, 0 to 1.
        variance: of the share; 0 gives the share itself.
        typical: share at which ``variance`` holds, ``share`` by default. Where nothing or everything was
            observed the variance there is 0 whatever the trials, and a share near it has to stand in.
        freedom: degrees of freedom of Student's t, where the variance was estimated from few essays.
        level: nominal coverage.

    Source: E. B. Wilson (1927), J. Am. Stat. Assoc. 22, 209-212; on an effective sample size, N. Dean and
    M. Pagano (2015), J. Surv. Stat. Methodol. 3, 484-503.
    """
    at = share if typical is None else typical
    if variance <= 0 or not 0 < at < 1:
        return IntervalResult(share, share, level, method)
    trials = at * (1.0 - at) / variance
    z = float(ndtri((1 + level) / 2) if freedom is None else stdtrit(freedom, (1 + level) / 2))
    centre = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * float(np.sqrt(share * (1 - share) / trials + (z / (2 * trials)) ** 2))
    low = 0.0 if share <= 0 else max(0.0, centre - half)
    high = 1.0 if share >= 1 else min(1.0, centre + half)
    return IntervalResult(low, high, level, method)
