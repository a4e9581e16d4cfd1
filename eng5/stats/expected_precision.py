"""How many comparisons by experts make their scores as exact as one wants, before they are made.

How far another judge's scale can be used is learned from the very comparisons, which no formula has. So panels are
simulated and fitted, at numbers of comparisons that are interpolated.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from eng5.stats.comparisons import Comparisons, FloatArray
from eng5.stats.expert_prior import expert_scores

MOST = 1_000_000
SCORES = 120
"""Scores that are simulated at each number of comparisons, in as many panels as that takes."""
AN_ESSAY = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""Comparisons an essay at which panels are simulated, until the intervals are narrow enough."""
REFINED = 2
"""Further numbers between the two that the wanted width lies between."""
MOST_ESSAYS = 30
"""Of more essays so many are simulated, evenly over their order: each needs about as many comparisons as of few."""

Tried = tuple[float, float]
"""Comparisons an essay, and the mean width of the intervals."""


def comparisons_needed(
    ability: FloatArray, width: float, scatter: float | None = None, *, seed: int = 0
) -> int | None:
    """The fewest comparisons with 95 % intervals of at most that width on average; None above a million.

    Every pair is compared as often as any other.

    Args:
        ability: shape (n,), about what the experts think, logits; n > 1, or > 2 with a scale.
        width: wanted, logits.
        scatter: of another judge's scale that is the prior: standard deviation of its distances from the experts'
            scale, logits; None for the experts alone.
        seed: of the simulation.
    """
    n = len(ability)
    some = np.sort(ability)[np.linspace(0, n - 1, min(n, MOST_ESSAYS)).round().astype(int)]

    def tried(each: float) -> Tried:
        rng = np.random.default_rng(seed)
        count = max(1, round(each * len(some)))
        panels = -(-SCORES // len(some))
        return each, float(np.mean([_simulated(some, count, scatter, rng) for _ in range(panels)]))

    before, last = None, tried(AN_ESSAY[0])
    for each in AN_ESSAY[1:]:
        if last[1] <= width:
            break
        before, last = last, tried(each)
    if last[1] > width:  # from here on the width falls with the square root of the number
        needed = last[0] * (last[1] / width) ** 2
    elif before is None:
        needed = last[0]
    else:
        for _ in range(REFINED):
            middle = tried(_between(before, last, width))
            before, last = (middle, last) if middle[1] > width else (before, middle)
        needed = _between(before, last, width)
    return None if needed * n > MOST else max(1, round(needed * n))


def _between(wider: Tried, narrower: Tried, width: float) -> float:
    """Comparisons an essay with that width, on a line through two points of the logarithms."""
    share = np.log(wider[1] / width) / np.log(wider[1] / narrower[1])
    return float(wider[0] * (narrower[0] / wider[0]) ** share)


def _simulated(ability: FloatArray, count: int, scatter: float | None, rng: np.random.Generator) -> float:
    """Mean width of the intervals of one panel."""
    pairs = np.stack(np.triu_indices(len(ability), 1), axis=1)
    rounds = [rng.permutation(pairs) for _ in range(-(-count // len(pairs)))]
    first, second = np.concatenate(rounds)[:count].T
    won = rng.random(count) < expit(ability[first] - ability[second])
    said = Comparisons(len(ability), first, second, np.where(won, 1, -1))
    scale = None if scatter is None else ability + rng.normal(0, scatter, len(ability))
    found = expert_scores(said, scale)
    return float((found.high - found.low).mean())
