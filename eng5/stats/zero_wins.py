"""Anchors that played and won nothing, and how many of them perfect judging would leave."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eng5.stats.comparisons import Comparisons, IntArray


@dataclass(frozen=True, slots=True)
class ZeroWins:
    """Essays that played at least one decided comparison and won none.

    Attributes:
        essays: their indices.
        count: how many there are.
        expected_perfect: how many there would be, on the pairs really played, had the better grade
            won every comparison and equal grades been decided by a fair coin.
        unplayed: essays in no decided comparison, counted in neither.
    """

    essays: tuple[int, ...]
    count: int
    expected_perfect: float
    unplayed: tuple[int, ...]


def zero_wins(comparisons: Comparisons, grade: IntArray) -> ZeroWins:
    """Count anchors without a win; ``grade`` has shape (n,), -1 for unknown grades, which are left out.

    A comparison with an essay of unknown grade counts as a fair coin in ``expected_perfect``.
    """
    grade = np.asarray(grade)
    known = grade >= 0
    wins, decided = comparisons.wins, comparisons.wins + comparisons.losses
    won_nothing = np.flatnonzero(known & (decided > 0) & (wins == 0))
    comparable = known[:, None] & known[None, :]
    lose = np.where(comparable, np.sign(grade[None, :] - grade[:, None]) / 2 + 0.5, 0.5)
    games = comparisons.win_matrix + comparisons.win_matrix.T
    chance = np.where(games > 0, lose**games, 1.0).prod(axis=1)
    return ZeroWins(
        essays=tuple(won_nothing.tolist()),
        count=len(won_nothing),
        expected_perfect=float(chance[known & (decided > 0)].sum()),
        unplayed=tuple(np.flatnonzero(known & (decided == 0)).tolist()),
    )
