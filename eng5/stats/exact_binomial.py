"""Exact binomial interval and test: the error rate is never above the nominal one, at any proportion."""

from __future__ import annotations

import numpy as np
from scipy.special import bdtrc, betaincinv, gammaln, xlog1py, xlogy

from eng5.stats.interval import IntervalResult


def interval(successes: int, trials: int, level: float = 0.95) -> IntervalResult | None:
    """Clopper-Pearson interval of a binomial proportion; None for no trials.

    It covers the truth at least with probability ``level`` whatever the proportion, and therefore more
    often than that on average; ``win_rate.wilson`` holds the nominal level on average.

    Source: C. J. Clopper and E. S. Pearson (1934), Biometrika 26, 404-413.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"successes must lie in 0..{trials}, got {successes}")
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, got {level}")
    if trials == 0:
        return None
    tail = (1 - level) / 2
    failures = trials - successes
    low = 0.0 if successes == 0 else float(betaincinv(successes, failures + 1, tail))
    high = 1.0 if failures == 0 else float(betaincinv(successes + 1, failures, 1 - tail))
    return IntervalResult(low, high, level, "clopper-pearson")


def test(successes: int, trials: int, p: float = 0.5) -> float | None:  # noqa: PT028 - no test function
    """Two-sided exact p-value of ``successes`` under proportion ``p``; None for no trials.

    The sum of the probabilities of all outcomes that are no more probable than the observed one, as in
    ``scipy.stats.binomtest``; outcomes whose probabilities agree to 1e-7 count as equally probable.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"successes must lie in 0..{trials}, got {successes}")
    if not 0 <= p <= 1:
        raise ValueError(f"p must lie in 0..1, got {p}")
    if trials == 0:
        return None
    k = np.arange(trials + 1)
    log_choose = gammaln(trials + 1) - gammaln(k + 1) - gammaln(trials - k + 1)
    probability = np.exp(log_choose + xlogy(k, p) + xlog1py(trials - k, -p))
    as_extreme = probability <= probability[successes] * (1 + 1e-7)
    return 1.0 if as_extreme.all() else float(probability[as_extreme].sum())


def test_mean(successes: tuple[int, int], trials: tuple[int, int]) -> float | None:
    """Two-sided exact p-value that the mean of two proportions is 1/2; None where one has no trials.

    The probability, when both proportions are 1/2, that the mean of the two observed rates is at least as
    far from 1/2. With equal numbers of trials it is :func:`test` on the sums, and then it errs only to
    the safe side where the proportions differ but have the mean 1/2, as those of a judge with a position
    bias do (W. Hoeffding (1956), Ann. Math. Stat. 27, 713-721).
    """
    (x1, x2), (n1, n2) = successes, trials
    if not (0 <= x1 <= n1 and 0 <= x2 <= n2):
        raise ValueError(f"successes {successes} must lie within 0 and the trials {trials}")
    if n1 == 0 or n2 == 0:
        return None
    observed = x1 * n2 + x2 * n1
    further = max(observed, 2 * n1 * n2 - observed)
    if 2 * further == 2 * n1 * n2:
        return 1.0
    first = np.arange(n1 + 1)
    second = -((first * n2 - further) // n1)
    tail = np.where(second <= n2, bdtrc(np.clip(second, 0, n2) - 1.0, n2, 0.5), 0.0)
    probability = np.exp(gammaln(n1 + 1) - gammaln(first + 1) - gammaln(n1 - first + 1) - n1 * np.log(2))
    return min(1.0, 2 * float(probability @ tail))
