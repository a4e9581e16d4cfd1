"""Paired comparisons of essays, the input of every statistic of alignment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Comparisons:
    """m comparisons of n essays, each essay an index 0 … n-1.

    Attributes:
        n: number of essays, including those that never played.
        first: shape (m,), the essay shown as Essay A.
        second: shape (m,), the essay shown as Essay B.
        outcome: shape (m,), +1 when A won, -1 when B won, 0 for a tie.

    Raises:
        ValueError: shapes differ, an index lies outside 0 … n-1, an essay meets itself,
            or an outcome is none of +1, 0, -1.
    """

    n: int
    first: IntArray
    second: IntArray
    outcome: IntArray

    def __post_init__(self) -> None:
        for name in ("first", "second", "outcome"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=np.int64).reshape(-1))
        if not len(self.first) == len(self.second) == len(self.outcome):
            raise ValueError(
                f"first, second and outcome must be equally long, not "
                f"{len(self.first)}, {len(self.second)} and {len(self.outcome)}"
            )
        if self.n < 0:
            raise ValueError(f"n must be 0 or more, not {self.n}")
        if not len(self.first):
            return
        low = min(self.first.min(), self.second.min())
        high = max(self.first.max(), self.second.max())
        if low < 0 or high >= self.n:
            raise ValueError(f"essay indices must lie in 0 … {self.n - 1}, but range over {low} … {high}")
        if (self.first == self.second).any():
            raise ValueError("an essay cannot be compared with itself")
        if (np.abs(self.outcome) > 1).any():
            raise ValueError("an outcome is +1 (A won), -1 (B won) or 0 (tie)")

    @classmethod
    def from_decided(cls, n: int, winner: IntArray, loser: IntArray) -> Comparisons:
        """Decided comparisons whose positions are unknown; the winner is taken as Essay A."""
        return cls(n, winner, loser, np.ones(len(np.asarray(winner)), dtype=np.int64))

    @classmethod
    def named(
        cls, first: Sequence[str], second: Sequence[str], outcome: Sequence[int] | IntArray
    ) -> tuple[tuple[str, ...], Comparisons]:
        """Comparisons of essays by name, and the names in the order in which they were met: essay 0 first."""
        place = {name: number for number, name in enumerate(dict.fromkeys(chain(first, second)))}
        a, b = (np.fromiter(map(place.__getitem__, names), np.int64, len(names)) for names in (first, second))
        return tuple(place), cls(len(place), a, b, np.asarray(outcome, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.first)

    @cached_property
    def decided(self) -> BoolArray:
        """Shape (m,), true where one of the two essays won."""
        return np.asarray(self.outcome != 0, dtype=np.bool_)

    @cached_property
    def winner(self) -> IntArray:
        """Winners of the decided comparisons, in their order."""
        return np.where(self.outcome > 0, self.first, self.second)[self.decided]

    @cached_property
    def loser(self) -> IntArray:
        """Losers of the decided comparisons, in their order."""
        return np.where(self.outcome > 0, self.second, self.first)[self.decided]

    @cached_property
    def win_matrix(self) -> FloatArray:
        """Shape (n, n), entry (i, j) the number of times i beat j."""
        return self._count(self.winner, self.loser)

    @cached_property
    def tie_matrix(self) -> FloatArray:
        """Shape (n, n), symmetric, entry (i, j) the number of ties of i and j."""
        tied = ~self.decided
        one_way = self._count(self.first[tied], self.second[tied])
        return np.asarray(one_way + one_way.T, dtype=np.float64)

    @cached_property
    def wins(self) -> IntArray:
        """Shape (n,), comparisons won."""
        return np.bincount(self.winner, minlength=self.n)

    @cached_property
    def losses(self) -> IntArray:
        """Shape (n,), comparisons lost."""
        return np.bincount(self.loser, minlength=self.n)

    @cached_property
    def played(self) -> IntArray:
        """Shape (n,), comparisons in which the essay took part, ties included."""
        return np.bincount(self.first, minlength=self.n) + np.bincount(self.second, minlength=self.n)

    def select(self, rows: NDArray[np.int64] | BoolArray) -> Comparisons:
        """The comparisons at ``rows`` (indices or a mask), among the same essays."""
        return Comparisons(self.n, self.first[rows], self.second[rows], self.outcome[rows])

    def _count(self, row: IntArray, column: IntArray) -> FloatArray:
        cells = np.bincount(row * self.n + column, minlength=self.n * self.n)
        return cells.reshape(self.n, self.n).astype(np.float64)


def sum_by_essay(values: FloatArray, essay: IntArray, n: int) -> FloatArray:
    """Shape (…, n): sum of the entries of values, shape (…, m), that belong to each essay, shape (m,)."""
    if values.ndim == 1:
        return np.asarray(np.bincount(essay, values, n), dtype=np.float64)
    total = np.empty((len(values), n))
    for row, of_row in zip(total, values, strict=True):
        row[:] = np.bincount(essay, of_row, n)
    return total
