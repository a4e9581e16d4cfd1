"""Distances between separated groups of essays, for many sets of verdicts at once; see `jeffreys.place_groups`."""

from __future__ import annotations

import numpy as np

from eng5.stats.bradley_terry.design import PairDesign
from eng5.stats.bradley_terry.jeffreys import LONGEST, STEP_TOLERANCE
from eng5.stats.comparisons import BoolArray, FloatArray, IntArray

MOST_STEPS = 200
"""Steps after which a set is left to the slower method that extrapolates."""


def place_many(
    design: PairDesign, won: FloatArray, lost: FloatArray, theta: FloatArray, same_group: BoolArray
) -> tuple[FloatArray, BoolArray]:
    """Level of each essay's group, and whether it was found.

    Args:
        design: P pairs of n essays, without a position effect.
        won: shape (b, P), wins of the first of each pair over an essay of another group.
        lost: shape (b, P), the same of the second.
        theta: shape (b, n), abilities within groups.
        same_group: shape (b, n, n); the groups of a set are connected by comparisons.

    Returns:
        Levels, shape (b, n), defined up to a constant for each set, and shape (b,).
    """
    group = _numbered(same_group)
    count = group.max(axis=1) + 1
    member = np.asarray(group[:, :, None] == np.arange(count.max()), dtype=np.float64)
    regular = np.ones((count.max(), count.max())) + np.zeros((len(won), 1, 1))
    empty = np.arange(count.max()) >= count[:, None]
    regular[np.nonzero(empty)[0], np.nonzero(empty)[1], np.nonzero(empty)[1]] += 1.0
    fixed = design.logits(theta)
    level, best = np.zeros((len(won), count.max())), np.full(len(won), -np.inf)
    step, scale = np.zeros_like(level), np.ones(len(won))
    done, active = np.zeros(len(won), dtype=np.bool_), np.arange(len(won))
    for _ in range(MOST_STEPS):
        tried = level[active] + scale[active, None] * step[active]
        value, onward = _evaluate(
            design, won[active], lost[active], fixed[active], member[active], regular[active], tried
        )
        better = value >= best[active] - 1e-10 * np.abs(value)
        rows = active[better]
        level[rows], best[rows], step[rows], scale[rows] = tried[better], value[better], onward[better], 1.0
        scale[active[~better]] /= 2
        done[rows] = np.abs(onward[better]).max(axis=1) < STEP_TOLERANCE
        active = np.flatnonzero(~done)
        if not len(active):
            break
    return np.take_along_axis(level + step, group, axis=1), done


def _numbered(same_group: BoolArray) -> IntArray:
    """Shape (b, n), the group of each essay, 0 … K-1 by lowest member."""
    lowest = same_group.argmax(axis=2)
    number = np.cumsum(lowest == np.arange(lowest.shape[1]), axis=1) - 1
    return np.asarray(np.take_along_axis(number, lowest, axis=1), dtype=np.int64)


def _evaluate(
    design: PairDesign,
    won: FloatArray,
    lost: FloatArray,
    fixed: FloatArray,
    member: FloatArray,
    regular: FloatArray,
    level: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Penalised log-likelihood at the levels of K groups, shape (b, K), and the step from there."""
    i, j, turned = design.i, design.j, member.swapaxes(1, 2)
    d = fixed + design.logits((member @ level[..., None])[..., 0])
    soft = np.log1p(np.exp(-np.abs(d)))
    p = np.exp(np.minimum(d, 0.0) - soft)
    games, variance = won + lost, p * np.exp(np.minimum(-d, 0.0) - soft)
    weight = games * variance
    information = turned @ design.information(weight) @ member + regular
    spread = member @ np.linalg.inv(information) @ turned
    leverage = weight * (spread[:, i, i] + spread[:, j, j] - 2.0 * spread[:, i, j])
    score = (turned @ design.gradient(won - games * p + leverage * (0.5 - p))[..., None])[..., 0]
    curved = turned @ design.information(weight + leverage * variance) @ member + regular
    step = np.linalg.solve(curved, score[..., None])[..., 0]
    step *= LONGEST / np.maximum(LONGEST, np.abs(step).max(axis=1, keepdims=True))
    value = (won * d).sum(axis=1) - (games * (np.maximum(d, 0.0) + soft)).sum(axis=1)
    return np.asarray(value + np.linalg.slogdet(information)[1] / 2.0), np.asarray(step)
