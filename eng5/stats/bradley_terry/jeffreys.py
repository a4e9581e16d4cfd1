"""Finite distances between groups of essays that maximum likelihood puts infinitely far apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eng5.stats.bradley_terry.likelihood import PairCounts, decided_terms, logistic_parts
from eng5.stats.bradley_terry.newton import ConvergenceError
from eng5.stats.comparisons import FloatArray, IntArray

MAX_ITERATIONS = 1000
STEP_TOLERANCE = 1e-8
"""Longest step, logits, that may be the last."""
ROUGH_TOLERANCE, PATIENCE = 1e-4, 100
"""Longest step that may be the last once that many iterations found no shorter one: rounding hides what is left."""
MEMORY = 6
"""Steps that an extrapolation looks back on."""
LONGEST = 3.0
"""Bound on what one iteration adds to a level, logits; beyond it information vanishes in rounding."""


@dataclass(frozen=True, eq=False)
class Placement:
    """Level of each group, with what it took to find it."""

    level: FloatArray
    iterations: int
    gradient_norm: float


@dataclass(frozen=True, eq=False)
class _Groups:
    """The comparisons between K groups: see ``place_groups``."""

    counts: PairCounts
    d: FloatArray
    i: IntArray
    j: IntArray
    same_component: FloatArray


@dataclass(frozen=True, eq=False)
class _Point:
    """Levels, the penalised log-likelihood there, its largest absolute score and a step that raises it."""

    level: FloatArray
    value: float
    gradient_norm: float
    step: FloatArray

    @property
    def longest(self) -> float:
        return float(np.abs(self.step).max())


def place_groups(
    counts: PairCounts, d: FloatArray, group_i: IntArray, group_j: IntArray, component: IntArray
) -> Placement:
    """Maximise likelihood times Jeffreys' prior over the levels of groups.

    The modified score of a pair is w - N p + h (1/2 - p), h its leverage (Firth 1993, Biometrika
    80:27-38): as if each pair had h/2 more wins on both sides. A Newton step that takes h for fixed
    raises the objective but slows down where groups are chained, so it is extrapolated from the last
    steps (Anderson 1965, J. ACM 12:547-560) wherever that raises the objective too.

    Args:
        counts: decided comparisons between groups, P pairs.
        d: shape (P,), the part of θ_i - θ_j + η that is fixed.
        group_i: shape (P,), group 0 … K-1 of essay i.
        group_j: shape (P,), group of essay j.
        component: shape (K,), connected component of each group; levels sum to 0 in each.

    Raises:
        ConvergenceError: after MAX_ITERATIONS.
    """
    same_component = (component[:, None] == component[None, :]).astype(np.float64)
    groups = _Groups(counts, d, group_i, group_j, same_component)
    at = _evaluate(groups, np.zeros(len(component)))
    past: list[_Point] = []
    best, found_at = at, 1
    for iteration in range(1, MAX_ITERATIONS + 1):
        if at.longest < best.longest:
            best, found_at = at, iteration
        stalled = iteration - found_at > PATIENCE and best.longest < ROUGH_TOLERANCE
        if best.longest < STEP_TOLERANCE or stalled:
            return Placement(best.level + best.step, iteration, best.gradient_norm)
        past = [*past, at][-MEMORY:]
        following = _evaluate(groups, _extrapolated(past)) if len(past) > 1 else None
        if following is None or not following.value > at.value:
            scale = 1.0
            following = _evaluate(groups, at.level + at.step)
            while following.value < at.value - 1e-10 * abs(at.value) and scale > 1e-6:
                scale /= 2
                following = _evaluate(groups, at.level + scale * at.step)
        at = following
    raise ConvergenceError("placing separated groups", MAX_ITERATIONS, at.gradient_norm)


def _evaluate(groups: _Groups, level: FloatArray) -> _Point:
    k, i, j = len(level), groups.i, groups.j
    at = groups.d + level[i] - level[j]
    terms = decided_terms(groups.counts, at)
    p, variance, _ = logistic_parts(at)
    information = _laplacian(groups, terms.information)
    log_det = float(np.linalg.slogdet(information)[1])
    inverse = np.linalg.inv(information)
    spread = np.diagonal(inverse)
    leverage = terms.information * (spread[i] + spread[j] - 2.0 * inverse[i, j])
    pull = terms.score + leverage * (0.5 - p)
    score = np.bincount(i, pull, minlength=k) - np.bincount(j, pull, minlength=k)
    step = np.linalg.solve(_laplacian(groups, terms.information + leverage * variance), score)
    step *= LONGEST / max(LONGEST, float(np.abs(step).max()))
    return _Point(level, terms.value + log_det / 2.0, float(np.abs(score).max()), step)


def _extrapolated(past: list[_Point]) -> FloatArray:
    """The level at which the last points' steps, taken as linear in the level, would vanish."""
    steps = np.array([point.step for point in past])
    levels = np.array([point.level for point in past])
    mixing = np.linalg.lstsq(np.diff(steps, axis=0).T, steps[-1], rcond=1e-10)[0]
    change = steps[-1] - np.diff(levels + steps, axis=0).T @ mixing
    return np.asarray(levels[-1] + change * LONGEST / max(LONGEST, float(np.abs(change).max())))


def _laplacian(groups: _Groups, weight: FloatArray) -> FloatArray:
    """Information in the levels, shape (K, K), made regular by fixing the mean of each component."""
    k = len(groups.same_component)
    one_way = np.bincount(groups.i * k + groups.j, weight, minlength=k * k).reshape(k, k)
    both = one_way + one_way.T
    return np.asarray(np.diag(both.sum(axis=1)) - both + groups.same_component, dtype=np.float64)
