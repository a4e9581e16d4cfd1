"""How many comparisons by experts make their scores as exact as one wants, before they are made."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, ndtri

from eng5.stats.comparisons import Comparisons, FloatArray
from eng5.stats.expert_prior import expert_scores

MOST = 1_000_000
DRAWS = 3
"""Simulated panels at each number of comparisons."""
AN_ESSAY = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""Comparisons an essay at which panels are simulated, until the intervals are narrow enough."""
MOST_ESSAYS = 30
"""Of more essays so many are simulated, evenly over their order: each needs about as many comparisons as of few."""


def expected_width(ability: FloatArray, comparisons: float, *, level: float = 0.95) -> float:
    """Mean width of the intervals of scores, logits, when every pair is compared as often as any other.

    The posterior covariance of the abilities is the inverse of information and prior precision: of a comparison
    p (1 - p) d d', d the difference of its two essays, and 1 / σ² of each ability, σ² their variance.

    Args:
        ability: shape (n,), about what the experts think, logits; n > 1.
        comparisons: how many.
        level: of the intervals.
    """
    i, j = np.triu_indices(len(ability), 1)
    p = expit(ability[i] - ability[j])
    weight = comparisons / len(i) * p * (1.0 - p)
    information = np.diag(np.bincount(i, weight, len(ability)) + np.bincount(j, weight, len(ability)))
    information[i, j] = information[j, i] = -weight
    precision = 1.0 / max(float(ability.var()), 1e-6)
    covariance = np.linalg.inv(information + precision * np.eye(len(ability)))
    centred = np.diagonal(covariance) - 2.0 * covariance.mean(axis=1) + covariance.mean()
    return float(2.0 * ndtri((1.0 + level) / 2.0) * np.sqrt(centred).mean())


def comparisons_needed(ability: FloatArray, width: float) -> int | None:
    """The fewest comparisons with intervals of at most that width on average; None above a million.

    Arguments as for :func:`expected_width`.
    """
    low, high = 0, 1
    while expected_width(ability, high) > width:
        low, high = high, 2 * high
        if high > MOST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if expected_width(ability, middle) <= width else (middle, high)
    return high


def comparisons_with_scale(ability: FloatArray, width: float, scatter: float, *, seed: int = 0) -> int | None:
    """The same with another judge's scale as prior, whose use has to be learned from the very comparisons.

    No formula has that, so experts are simulated, and the number is interpolated between those that were tried;
    None when even the largest is not enough.

    Args:
        ability: shape (n,), about what the experts think, logits; n > 2.
        width: wanted, logits.
        scatter: standard deviation of the distances of the other judge's scale from theirs, logits.
        seed: of the simulation.
    """
    n = len(ability)
    some = np.sort(ability)[np.linspace(0, n - 1, min(n, MOST_ESSAYS)).round().astype(int)]
    before: tuple[float, float] | None = None
    for each in AN_ESSAY:
        rng = np.random.default_rng(seed)
        count = max(1, round(each * len(some)))
        reached = float(np.mean([_simulated(some, count, scatter, rng) for _ in range(DRAWS)]))
        if reached <= width:
            if before is not None:
                share = (np.log(before[1]) - np.log(width)) / (np.log(before[1]) - np.log(reached))
                each = float(np.exp(np.log(before[0]) + share * (np.log(each) - np.log(before[0]))))
            return max(1, round(each * n))
        before = each, reached
    return None


def _simulated(ability: FloatArray, count: int, scatter: float, rng: np.random.Generator) -> float:
    """Mean width of the intervals of one panel."""
    pairs = np.stack(np.triu_indices(len(ability), 1), axis=1)
    rounds = [rng.permutation(pairs) for _ in range(-(-count // len(pairs)))]
    first, second = np.concatenate(rounds)[:count].T
    won = rng.random(count) < expit(ability[first] - ability[second])
    said = Comparisons(len(ability), first, second, np.where(won, 1, -1))
    found = expert_scores(said, ability + rng.normal(0, scatter, len(ability)))
    return float((found.high - found.low).mean())
