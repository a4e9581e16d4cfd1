"""Win rate of each essay as the judge's abilities imply it, with an interval for the comparisons made."""

from __future__ import annotations

import numpy as np

from eng5.stats.comparisons import Comparisons, FloatArray
from eng5.stats.interval import Interval
from eng5.stats.posterior import Draws


def win_rate_intervals(
    comparisons: Comparisons, draws: Draws, level: float = 0.95
) -> tuple[Interval | None, ...]:
    """Interval of each essay's mean win rate over repeats of its decided comparisons; None without any.

    Wilson's interval takes every comparison for a draw at the same chance, as against opponents taken at
    random. Against fixed opponents, some much stronger and some much weaker, the win rate varies less,
    and Wilson's interval is too wide; this one knows the opponents.
    """
    rates = expected_win_rates(comparisons, draws)
    played = comparisons.wins + comparisons.losses > 0
    return tuple(draws.interval(rates[:, i], level) if played[i] else None for i in range(comparisons.n))


def expected_win_rates(comparisons: Comparisons, draws: Draws) -> FloatArray:
    """Shape (b, n): mean probability of winning over the decided comparisons of each essay, 0 without any."""
    chosen = comparisons.decided
    first, second = comparisons.first[chosen], comparisons.second[chosen]
    p = draws.first_wins(first, second)
    essays = np.arange(comparisons.n)
    as_first, as_second = first[:, None] == essays, second[:, None] == essays
    won = p @ as_first + (1.0 - p) @ as_second
    return np.asarray(won / np.maximum(as_first.sum(axis=0) + as_second.sum(axis=0), 1))
