"""Pairs in which the lower grade beat the higher."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eng5.stats.comparisons import BoolArray, Comparisons, IntArray


@dataclass(frozen=True, slots=True)
class Pair:
    """An unordered pair of different known grades and its head-to-head.

    Attributes:
        higher: essay with the better grade.
        lower: essay with the worse grade.
        higher_wins: comparisons won by the better grade.
        lower_wins: comparisons won by the worse grade.
    """

    higher: int
    lower: int
    higher_wins: int
    lower_wins: int


@dataclass(frozen=True, slots=True)
class Inversions:
    """Where the verdicts contradict the grades, the widest gap in grade first.

    Attributes:
        direct: pairs in which the lower grade won more than it lost.
        contested: pairs with as many wins on either side, at least one each.
        lower_won_once: pairs in which the lower grade won at least once; what older reports counted.
        pairs: pairs of different known grade that were decided at least once.
    """

    direct: tuple[Pair, ...]
    contested: tuple[Pair, ...]
    lower_won_once: int
    pairs: int

    @property
    def count(self) -> int:
        """Number of direct inversions."""
        return len(self.direct)


def inversions(comparisons: Comparisons, level: IntArray) -> Inversions:
    """Find inversions; ``level`` has shape (n,), higher is better, -1 unknown and left out."""
    level = np.asarray(level)
    won = comparisons.win_matrix
    lost = won.T
    known = level >= 0
    ordered = (level[:, None] > level[None, :]) & known[:, None] & known[None, :]
    played = ordered & (won + lost > 0)
    gap = level[:, None] - level[None, :]

    def listed(chosen: BoolArray) -> tuple[Pair, ...]:
        higher, lower = np.nonzero(played & chosen)
        order = np.lexsort((lower, higher, won[higher, lower], -gap[higher, lower]))
        return tuple(
            Pair(int(h), int(w), int(won[h, w]), int(lost[h, w]))
            for h, w in zip(higher[order], lower[order], strict=True)
        )

    return Inversions(
        direct=listed(lost > won),
        contested=listed(lost == won),
        lower_won_once=int((played & (lost > 0)).sum()),
        pairs=int(played.sum()),
    )
