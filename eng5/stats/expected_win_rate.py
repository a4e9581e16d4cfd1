"""Win rate of each essay, with an interval for the same comparisons asked again."""

from __future__ import annotations

from eng5.stats.asked_again import Reruns
from eng5.stats.comparisons import Comparisons
from eng5.stats.interval import IntervalResult
from eng5.stats.share_interval import share_interval


def win_rate_intervals(
    comparisons: Comparisons, again: Reruns, level: float = 0.95
) -> tuple[IntervalResult | None, ...]:
    """Interval of each essay's mean win rate over reruns of its decided comparisons; None without any.

    Wilson's interval takes every comparison for a draw at the same chance, as against opponents taken at
    random. Against fixed opponents, some much stronger and some much weaker, the win rate varies less, and
    against a judge that repeats itself not at all; this one has the variance of reruns.
    """
    one, other = again.win_rates()
    variance = ((one - other) ** 2).mean(axis=0) / 2.0
    typical = (one + other).mean(axis=0) / 2.0
    decided = comparisons.wins + comparisons.losses
    return tuple(
        share_interval(
            float(comparisons.wins[essay] / decided[essay]),
            float(variance[essay]),
            "effective Wilson, reruns of the same questions",
            typical=float(typical[essay]),
            level=level,
        )
        if decided[essay]
        else None
        for essay in range(comparisons.n)
    )
