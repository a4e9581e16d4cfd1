"""Win rate of each essay as the judge's abilities imply it, with an interval for the comparisons made."""

from __future__ import annotations

import numpy as np

from eng5.stats.comparisons import Comparisons, FloatArray, sum_by_essay
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
    chosen, n = comparisons.decided, comparisons.n
    first, second = comparisons.first[chosen], comparisons.second[chosen]
    decided = comparisons.wins + comparisons.losses
    parts = []
    for block in draws.blocks(len(first)):
        p = block.first_wins(first, second)
        parts.append(sum_by_essay(p, first, n) + sum_by_essay(1.0 - p, second, n))
    return np.asarray(np.concatenate(parts) / np.maximum(decided, 1))
