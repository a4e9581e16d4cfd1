"""Stop asking about a pair as soon as its win rate is known to differ from one half."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, bdtrc, betaln, xlog1py, xlogy

from eng5.stats.interval import IntervalResult
from eng5.stats.power import Aim, NeededIterations

Counts = NDArray[np.int_]

SEARCHED = 2**17
"""Most iterations that are thought of."""
PRIOR = 0.5
"""Both parameters of the Beta mixture: Jeffreys' prior for a proportion."""


@dataclass(frozen=True, slots=True)
class SequentialDecision:
    """What is known about a pair after the iterations so far.

    Attributes:
        iterations: iterations so far, each asked once in both orders.
        complete: iterations decided in both orders; only these count.
        rate: win rate of the higher grade over them, corrected for position; None when there is none.
        interval: confidence sequence of that rate: with probability 1 - error_rate it holds the truth
            after every iteration at once, so one may look at it as often as one likes.
        p_value: always-valid p-value against one half, the smallest so far.
        stopped_at: iteration after which the bound was first crossed; None while it has not been.
        error_rate: probability that a pair without a difference is ever stopped.
    """

    iterations: int
    complete: int
    rate: float | None
    interval: IntervalResult
    p_value: float
    stopped_at: int | None
    error_rate: float

    @property
    def stop(self) -> bool:
        """Whether the pair needs no further iteration."""
        return self.stopped_at is not None


def decide(first: Sequence[int], second: Sequence[int], *, error_rate: float = 0.05) -> SequentialDecision:
    """Decide after any number of iterations whether a pair may stop.

    The evidence against a win rate m is the likelihood ratio of a Beta(1/2, 1/2) mixture to m. For the
    true m it is a non-negative supermartingale with expectation at most 1, so by Ville's inequality it
    ever reaches 1 / error_rate with at most that probability. This holds for a judge with a position bias
    as well: with win rates m + d and m - d in the two orders, an iteration multiplies the evidence by
    1 - λ²d² <= 1 on average for every member of the mixture. Therefore it is looked at only after
    whole iterations, and an iteration with a tie or a failure in either order is left out.

    Args:
        first: outcome of each iteration with the higher grade shown first: 1 it won, -1 it lost, anything
            else was not decided (values of ``boundary.Outcome``).
        second: the same with the higher grade shown second, equally long.
        error_rate: probability of a false stop, 0 < error_rate < 1.

    Source: H. Robbins (1970), Ann. Math. Stat. 41, 1397-1409; J. Ville (1939).
    """
    if len(first) != len(second):
        raise ValueError(f"both orders must have as many outcomes, got {len(first)} and {len(second)}")
    if not 0 < error_rate < 1:
        raise ValueError(f"error_rate must lie between 0 and 1, got {error_rate}")
    outcomes = np.array([first, second], dtype=np.int64).reshape(2, -1)
    complete = np.all(np.abs(outcomes) == 1, axis=0)
    wins = np.cumsum(np.where(complete, (outcomes == 1).sum(axis=0), 0))
    trials = 2 * np.cumsum(complete)
    evidence = _log_evidence(wins, trials, 0.5)
    crossed = np.flatnonzero(evidence >= -log(error_rate))
    total, won = (int(trials[-1]), int(wins[-1])) if len(trials) else (0, 0)
    return SequentialDecision(
        iterations=len(first),
        complete=total // 2,
        rate=won / total if total else None,
        interval=_confidence_sequence(won, total, error_rate),
        p_value=float(np.exp(-max(0.0, evidence.max(initial=0.0)))),
        stopped_at=int(crossed[0]) + 1 if len(crossed) else None,
        error_rate=error_rate,
    )


def stopping_bounds(iterations: int, *, error_rate: float = 0.05) -> tuple[int | None, ...]:
    """The rule of :func:`decide` as a table, for somebody who has no statistics at hand.

    Entry n-1 is the least number of wins, of the 2n comparisons of n complete iterations, with which either
    side stops the pair; None where not even 2n wins do.
    """
    bounds: list[int | None] = []
    for n in range(1, iterations + 1):
        wins = np.arange(n, 2 * n + 1)
        enough = wins[_log_evidence(wins, np.full(n + 1, 2 * n), 0.5) >= -log(error_rate)]
        bounds.append(int(enough[0]) if len(enough) else None)
    return tuple(bounds)


def iterations_needed(
    rate: float,
    complete: float,
    iterations: int,
    *,
    smallest_rate: float = 0.6,
    error_rate: float = 0.05,
    power: float = 0.8,
) -> NeededIterations:
    """Iterations of a pair still needed until its confidence sequence leaves one half, or ``smallest_rate``.

    Args:
        rate: win rate observed so far.
        complete: iterations so far that were decided in both orders.
        iterations: iterations so far; ties and failures are expected to go on at the same pace.
        smallest_rate: discrimination is excluded when the confidence sequence lies below this rate.
        error_rate: as in :func:`decide`.
        power: probability of an answer by then, if the true rate is ``rate``.
    """
    aims = {Aim.SHOW: 0.5} if rate > 0.5 else {}
    if rate < smallest_rate:
        aims[Aim.EXCLUDE] = smallest_rate
    sizes = {aim: _iterations(rate, against, error_rate, power) for aim, against in aims.items()}
    known = {aim: size for aim, size in sizes.items() if size is not None}
    if not known or not complete:
        return NeededIterations(None, None, None, power)
    aim = min(known, key=lambda each: known[each])
    more = max(1, ceil((known[aim] - complete) * iterations / complete))
    return NeededIterations(aim, more, 2 * known[aim], power)


def _iterations(rate: float, against: float, error_rate: float, power: float) -> int | None:
    """Complete iterations after which a true ``rate`` is told from ``against`` with the given power."""

    def reached(n: int) -> bool:
        wins = np.arange(2 * n + 1)
        crossed = _log_evidence(wins, np.full(2 * n + 1, 2 * n), against) >= -log(error_rate)
        beyond = wins > 2 * n * against if rate > against else wins < 2 * n * against
        enough = wins[crossed & beyond]
        if not len(enough):
            return False
        if rate > against:
            return bool(bdtrc(int(enough[0]) - 1, 2 * n, rate) >= power)
        return bool(bdtr(int(enough[-1]), 2 * n, rate) >= power)

    most = 1
    while not reached(most):
        most *= 2
        if most > SEARCHED:
            return None
    least = most // 2
    while most - least > 1:
        middle = (least + most) // 2
        least, most = (least, middle) if reached(middle) else (middle, most)
    return most


def _log_evidence(wins: Counts, trials: Counts, rate: float) -> NDArray[np.float64]:
    """Log likelihood ratio of the mixture to ``rate`` after each iteration, shape (t,)."""
    mixture = betaln(PRIOR + wins, PRIOR + trials - wins) - betaln(PRIOR, PRIOR)
    return np.asarray(mixture - xlogy(wins, rate) - xlog1py(trials - wins, -rate), dtype=np.float64)


def _confidence_sequence(wins: int, trials: int, error_rate: float) -> IntervalResult:
    """All rates against which the evidence, convex in the rate and least at wins / trials, is below the bound."""
    from scipy.optimize import brentq

    level, method = 1 - error_rate, "beta-mixture confidence sequence"
    if trials == 0:
        return IntervalResult(0.0, 1.0, level, method)
    counts = np.array([wins]), np.array([trials])
    rate = wins / trials

    def excess(m: float) -> float:
        return float(_log_evidence(*counts, m)[0]) + log(error_rate)

    low = 0.0 if wins == 0 else brentq(excess, np.finfo(float).tiny, rate)
    high = 1.0 if wins == trials else brentq(excess, rate, 1 - np.finfo(float).epsneg)
    return IntervalResult(float(low), float(high), level, method)
