"""How probable it is that the judge's true order of two grades, or two essays, is the experts'."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eng5.stats.comparisons import FloatArray, IntArray
from eng5.stats.interval import Interval
from eng5.stats.posterior import Draws


@dataclass(frozen=True, eq=False)
class PairOrder:
    """Probabilities of right order.

    Attributes:
        grades: the known grades that occur, ascending, g of them.
        grade_probability: shape (g, g); entry (a, b) with a < b, and its mirror, is the probability that
            the mean ability of the essays of grades[b] exceeds that of grades[a]; NaN on the diagonal.
        essay_probability: shape (n, n), symmetric: probability that the better grade has the higher
            ability; NaN where grades are equal or unknown.
        truly_inverted: mean number of pairs of essays whose true order contradicts their grades.
        interval: interval of that number.
    """

    grades: tuple[int, ...]
    grade_probability: FloatArray
    essay_probability: FloatArray
    truly_inverted: float
    interval: Interval


def pair_order(grade: IntArray, draws: Draws, level: float = 0.95) -> PairOrder:
    """Compare orders draw by draw; ``grade`` has shape (n,), -1 unknown and left out."""
    grade, theta = np.asarray(grade), draws.theta
    grades = np.unique(grade[grade >= 0])
    means = (
        np.stack([theta[:, grade == g].mean(axis=1) for g in grades], axis=1) if len(grades) else theta[:, :0]
    )
    by_grade = _right_order(grades, means)
    by_essay = _right_order(grade, theta)
    unknown = grade < 0
    by_essay[unknown] = by_essay[:, unknown] = np.nan
    lower, higher = np.nonzero((grade[:, None] < grade[None, :]) & ~unknown[:, None])
    inverted = (theta[:, lower] > theta[:, higher]).sum(axis=1).astype(np.float64)
    return PairOrder(
        grades=tuple(grades.tolist()),
        grade_probability=by_grade,
        essay_probability=by_essay,
        truly_inverted=float(inverted.mean()),
        interval=draws.interval(inverted, level),
    )


def _right_order(grade: IntArray, value: FloatArray) -> FloatArray:
    """Shape (k, k): share of draws, value of shape (b, k), in which value orders as grade does."""
    n = len(grade)
    probability = np.full((n, n), np.nan)
    i, j = np.nonzero(grade[:, None] < grade[None, :])
    probability[i, j] = probability[j, i] = (value[:, j] > value[:, i]).mean(axis=0)
    return probability
