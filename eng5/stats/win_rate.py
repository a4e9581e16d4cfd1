"""Win rates of a pair: raw, and corrected for the position in which an essay was shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from eng5.stats.interval import IntervalResult

Counts = NDArray[np.int_]


@dataclass(frozen=True, slots=True)
class WinRate:
    """Share of decided comparisons that were won.

    Attributes:
        wins: comparisons won.
        decided: comparisons won or lost; ties and failures are in neither.
        rate: wins / decided; None when nothing was decided.
        interval: Wilson score interval; None when nothing was decided.
    """

    wins: int
    decided: int
    rate: float | None
    interval: IntervalResult | None


@dataclass(frozen=True, slots=True)
class StratifiedRate:
    """Mean of the rates of several strata, each stratum weighing the same.

    Attributes:
        rate: mean of the strata's rates; None when there is no stratum or one has no trial.
        interval: Wilson score interval on ``effective_trials``; None when the rate is None.
        effective_trials: trials of a single binomial sample with the same standard error.
    """

    rate: float | None
    interval: IntervalResult | None
    effective_trials: float | None


@dataclass(frozen=True, slots=True)
class CorrectedWinRate:
    """Win rate with the effect of position taken out: the mean of the rates in the two orders.

    Attributes:
        first: win rate where the essay was shown first, pairs pooled.
        second: win rate where it was shown second, pairs pooled.
        pairs: pairs decided at least once in both orders; only these enter ``rate``.
        rate: mean over those pairs and both orders; None when there is no such pair.
        interval: Wilson score interval on the effective sample size; None when the rate is None.
    """

    first: WinRate
    second: WinRate
    pairs: int
    rate: float | None
    interval: IntervalResult | None


def wilson(successes: int, trials: int, level: float = 0.95) -> IntervalResult | None:
    """Wilson score interval of a binomial proportion; None for no trials.

    Its mean coverage is the nominal one; at a given proportion it moves around it, as the interval of
    any discrete quantity does. Raises ValueError unless 0 <= successes <= trials and 0 < level < 1.

    Source: E. B. Wilson (1927), J. Am. Stat. Assoc. 22, 209-212.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"successes must lie in 0..{trials}, got {successes}")
    if trials == 0:
        return None
    return _score_interval(successes / trials, trials, level, "wilson")


def win_rate(wins: int, decided: int, level: float = 0.95) -> WinRate:
    """Share of decided comparisons won, with its Wilson interval."""
    return WinRate(wins, decided, wins / decided if decided else None, wilson(wins, decided, level))


def stratified_rate(wins: Counts, trials: Counts, level: float = 0.95) -> StratifiedRate:
    """Mean of the rates of ``s`` independent strata, with equal weights.

    The interval is Wilson's, on the number of trials at which one binomial sample would have the
    variance of this mean. A pooled Wilson interval would be too wide here: rates that differ between
    strata (a judge that prefers a position, pairs of unequal difficulty) vary less in the mean than one
    binomial sample does. Each stratum's variance is estimated with half a success and half a failure
    added, so that a stratum of successes only does not claim to be exact.

    Args:
        wins: shape (s,), successes of each stratum.
        trials: shape (s,), trials of each stratum.
        level: nominal coverage.

    Source: the effective sample size of E. L. Korn and B. I. Graubard (1998), Survey Methodology 24,
    193-201, with the Wilson interval as in N. Dean and M. Pagano (2015), J. Surv. Stat. Methodol. 3,
    484-503.
    """
    strata = len(trials)
    if strata == 0 or np.any(trials == 0):
        return StratifiedRate(None, None, None)
    rate = float(np.mean(wins / trials))
    smoothed = (wins + 0.5) / (trials + 1.0)
    variance = float(np.sum(smoothed * (1 - smoothed) / trials)) / strata**2
    centre = float(np.mean(smoothed))
    effective = centre * (1 - centre) / variance
    interval = _score_interval(rate, effective, level, "wilson-effective-sample-size")
    return StratifiedRate(rate, interval, effective)


def corrected_win_rate(wins: Counts, decided: Counts, level: float = 0.95) -> CorrectedWinRate:
    """Win rate of one side of ``p`` pairs, with both orders weighing the same.

    Args:
        wins: shape (p, 2), comparisons won; column 0 where the essay was shown first, column 1 second.
        decided: shape (p, 2), comparisons decided, same columns.
        level: nominal coverage.
    """
    complete = np.all(decided > 0, axis=1)
    cells = stratified_rate(wins[complete].ravel(), decided[complete].ravel(), level)
    first, second = (win_rate(int(wins[:, k].sum()), int(decided[:, k].sum()), level) for k in (0, 1))
    return CorrectedWinRate(first, second, int(complete.sum()), cells.rate, cells.interval)


def _score_interval(rate: float, trials: float, level: float, method: str) -> IntervalResult:
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, got {level}")
    z = float(ndtri((1 + level) / 2))
    shrink = 1 / (1 + z * z / trials)
    centre = shrink * (rate + z * z / (2 * trials))
    half = shrink * z * float(np.sqrt(rate * (1 - rate) / trials + z * z / (4 * trials * trials)))
    low = 0.0 if rate == 0 else max(0.0, centre - half)
    high = 1.0 if rate == 1 else min(1.0, centre + half)
    return IntervalResult(low, high, level, method)
