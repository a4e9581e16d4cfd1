"""How probable it is that the judge's true order of two grades is the experts'."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eng5.stats.comparisons import FloatArray, IntArray
from eng5.stats.posterior import Draws


@dataclass(frozen=True, eq=False)
class PairOrder:
    """Probabilities of right order.

    Attributes:
        grades: the known grades that occur, ascending, g of them.
        probability: shape (g, g); entry (a, b) with a < b, and its mirror, is the probability that the mean
            ability of the essays of grades[b] exceeds that of grades[a]; NaN on the diagonal.
    """

    grades: tuple[int, ...]
    probability: FloatArray


def pair_order(grade: IntArray, draws: Draws) -> PairOrder:
    """Compare orders draw by draw; ``grade`` has shape (n,), -1 unknown and left out."""
    grade, theta = np.asarray(grade), draws.theta
    grades = np.unique(grade[grade >= 0])
    means = (
        np.stack([theta[:, grade == g].mean(axis=1) for g in grades], axis=1) if len(grades) else theta[:, :0]
    )
    return PairOrder(tuple(grades.tolist()), _right_order(grades, means))


def _right_order(grade: IntArray, value: FloatArray) -> FloatArray:
    """Shape (k, k): share of draws, value of shape (b, k), in which value orders as grade does."""
    n = len(grade)
    probability = np.full((n, n), np.nan)
    i, j = np.nonzero(grade[:, None] < grade[None, :])
    probability[i, j] = probability[j, i] = (value[:, j] > value[:, i]).mean(axis=0)
    return probability
