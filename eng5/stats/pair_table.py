"""Decided verdicts counted by pair of essays, in both orders."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eng5.stats.bradley_terry.likelihood import PairCounts
from eng5.stats.comparisons import Comparisons, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class PairTable:
    """P unordered pairs of n essays.

    Attributes:
        n: number of essays.
        i: shape (P,), the essay with the lower index.
        j: shape (P,), the other.
        won: shape (P, 2), verdicts for i; column 0 where i was shown first, column 1 where j was.
        games: shape (P, 2), decided verdicts.
    """

    n: int
    i: IntArray
    j: IntArray
    won: FloatArray
    games: FloatArray

    @classmethod
    def of(cls, comparisons: Comparisons) -> PairTable:
        """Count the decided verdicts; ties are left out."""
        chosen, n = comparisons.decided, comparisons.n
        first, second = comparisons.first[chosen], comparisons.second[chosen]
        in_order = first < second
        i, j = np.where(in_order, first, second), np.where(in_order, second, first)
        for_i = (comparisons.outcome[chosen] > 0) == in_order
        key, place = np.unique(i * max(n, 1) + j, return_inverse=True)
        cell, size = 2 * place + ~in_order, 2 * len(key)
        games = np.bincount(cell, minlength=size).reshape(-1, 2).astype(np.float64)
        won: FloatArray = np.bincount(cell, for_i, minlength=size).reshape(-1, 2).astype(np.float64)
        return cls(n, key // max(n, 1), key % max(n, 1), won, games)

    @cached_property
    def asked(self) -> FloatArray:
        """Shape (P,), decided verdicts on each pair, in both orders."""
        return np.asarray(self.games.sum(axis=1))

    @property
    def repeated(self) -> int:
        """Pairs with at least two decided verdicts."""
        return int((self.asked > 1).sum())

    @cached_property
    def records(self) -> tuple[FloatArray, IntArray]:
        """Shape (A, 2, 2), the different records: won and lost by i in either order; and each pair's, shape (P,)."""
        both = np.stack([self.won, self.games - self.won], axis=2).reshape(-1, 4)
        found, which = np.unique(both, axis=0, return_inverse=True)
        return found.reshape(-1, 2, 2), which.reshape(-1)

    def select(self, rows: IntArray) -> PairTable:
        """The pairs at ``rows``."""
        return PairTable(self.n, self.i[rows], self.j[rows], self.won[rows], self.games[rows])

    def presentations(self, *, positions: bool, information: FloatArray | None = None) -> PairCounts:
        """The verdicts as fits count them, those on a pair weighing ``information``, shape (P,), fresh ones."""
        share = np.ones(len(self.i)) if information is None else information / self.asked
        won, lost = self.won * share[:, None], (self.games - self.won) * share[:, None]
        if not positions:
            none = np.zeros(len(self.i))
            return PairCounts(self.i, self.j, won.sum(axis=1), lost.sum(axis=1), none)
        first, second = np.concatenate([self.i, self.j]), np.concatenate([self.j, self.i])
        shown = np.flatnonzero(self.games.T.ravel())
        shown = shown[np.lexsort((second[shown], first[shown]))]
        of_first = np.concatenate([won[:, 0], lost[:, 1]])
        of_second = np.concatenate([lost[:, 0], won[:, 1]])
        return PairCounts(
            first[shown], second[shown], of_first[shown], of_second[shown], np.zeros(len(shown))
        )
