"""Comparisons of a higher with a lower grade, the same pairs asked many times in both orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class PairOutcome(IntEnum):
    """What one comparison of a higher with a lower grade ended in."""

    LOWER = -1
    TIE = 0
    HIGHER = 1
    FAILED = 2


@dataclass(frozen=True, eq=False)
class Repeats:
    """m comparisons across grade boundaries, in the order in which they were asked.

    Attributes:
        pair: shape (m,), index of the pair, 0 ... p-1.
        higher_first: shape (m,), True where the higher grade was shown as Essay A.
        outcome: shape (m,), values of :class:`PairOutcome`.
        confidence: shape (m,), confidence stated by the judge, 1 ... 5; NaN where it gave none.
    """

    pair: NDArray[np.int_]
    higher_first: NDArray[np.bool_]
    outcome: NDArray[np.int_]
    confidence: NDArray[np.float64]

    def __post_init__(self) -> None:
        lengths = {len(self.pair), len(self.higher_first), len(self.outcome), len(self.confidence)}
        if len(lengths) > 1:
            raise ValueError(f"the arrays must have one length, got {sorted(lengths)}")
        unknown = set(np.unique(self.outcome).tolist()) - set(PairOutcome)
        if unknown:
            raise ValueError(f"unknown outcomes {sorted(unknown)}; they must be among {sorted(PairOutcome)}")

    def of_pairs(self, pairs: Sequence[int]) -> Repeats:
        """The comparisons of the given pairs."""
        chosen = np.isin(self.pair, np.asarray(pairs, dtype=np.int64))
        return Repeats(
            self.pair[chosen], self.higher_first[chosen], self.outcome[chosen], self.confidence[chosen]
        )
