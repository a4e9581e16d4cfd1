"""Whether the judge prefers the essay it reads first, overall, by gap in grade and pair by pair."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eng5.stats import exact_binomial
from eng5.stats.comparisons import Comparisons, IntArray
from eng5.stats.interval import IntervalResult


@dataclass(frozen=True, slots=True)
class PositionShare:
    """How often Essay A won.

    Attributes:
        first_wins: decided comparisons won by Essay A.
        decided: decided comparisons.
        share: first_wins / decided; None when nothing was decided.
        interval: Clopper-Pearson interval of the share; None when nothing was decided.
        p_value: exact two-sided binomial test against 1/2; None when nothing was decided.
    """

    first_wins: int
    decided: int
    share: float | None
    interval: IntervalResult | None
    p_value: float | None


@dataclass(frozen=True, slots=True)
class FlippedPair:
    """A pair won by position: whichever essay stood there won most comparisons in either order.

    Attributes:
        i: the essay with the lower index.
        j: the other essay.
        position: "A" or "B", where the winner stood.
        comparisons: decided comparisons of the pair.
    """

    i: int
    j: int
    position: str
    comparisons: int


@dataclass(frozen=True, slots=True)
class PositionBias:
    """Position bias of one judge.

    Attributes:
        overall: over all decided comparisons.
        by_grade_gap: by the number of grade steps between the two essays, where both are known.
        flips: pairs won by position.
        both_orders: pairs decided at least once in each order, the ones that could have flipped.
    """

    overall: PositionShare
    by_grade_gap: dict[int, PositionShare]
    flips: tuple[FlippedPair, ...]
    both_orders: int


def position_bias(comparisons: Comparisons, grade: IntArray, *, level: float = 0.95) -> PositionBias:
    """Measure position bias.

    Args:
        comparisons: with positions; ties count neither way.
        grade: shape (n,), expert grade, -1 unknown.
        level: nominal coverage of the intervals.
    """
    grade = np.asarray(grade)
    decided = comparisons.decided
    first, second = comparisons.first[decided], comparisons.second[decided]
    first_won = comparisons.outcome[decided] > 0
    gap = np.abs(grade[first] - grade[second])
    gap[(grade[first] < 0) | (grade[second] < 0)] = -1
    by_gap = {
        int(g): _share(int(first_won[gap == g].sum()), int((gap == g).sum()), level)
        for g in np.unique(gap[gap >= 0])
    }
    flips, both_orders = _flips(comparisons)
    return PositionBias(
        overall=_share(int(first_won.sum()), len(first), level),
        by_grade_gap=by_gap,
        flips=flips,
        both_orders=both_orders,
    )


def _share(first_wins: int, decided: int, level: float) -> PositionShare:
    if not decided:
        return PositionShare(0, 0, None, None, None)
    return PositionShare(
        first_wins,
        decided,
        first_wins / decided,
        exact_binomial.interval(first_wins, decided, level),
        exact_binomial.test(first_wins, decided),
    )


def _flips(comparisons: Comparisons) -> tuple[tuple[FlippedPair, ...], int]:
    n = comparisons.n
    cell = comparisons.first * n + comparisons.second
    net = np.bincount(cell, comparisons.outcome, minlength=n * n).reshape(n, n)
    games = np.bincount(cell, comparisons.decided, minlength=n * n).reshape(n, n)
    both = np.triu((games > 0) & (games.T > 0))
    flipped = both & (net * net.T > 0)
    found = tuple(
        FlippedPair(int(i), int(j), "A" if net[i, j] > 0 else "B", int(games[i, j] + games[j, i]))
        for i, j in zip(*np.nonzero(flipped), strict=True)
    )
    return found, int(both.sum())
