"""Whether a prompt does worse than the baseline on the top bands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eng5.stats.comparisons import BoolArray
from eng5.stats.inversions import Pair


@dataclass(frozen=True, slots=True)
class BandRegression:
    """Direct inversions that involve an essay of the watched bands, against the baseline.

    Attributes:
        inversions: in this run, or the mean over runs.
        baseline: in the baseline run, or the mean over its runs.
        regression: how many more than in the baseline, 0 when there are no more.
    """

    inversions: float
    baseline: float

    @property
    def regression(self) -> float:
        return max(0, self.inversions - self.baseline)


def band_inversions(direct: tuple[Pair, ...], in_band: BoolArray) -> int:
    """Direct inversions with at least one essay for which ``in_band``, shape (n,), is true."""
    in_band = np.asarray(in_band)
    return sum(bool(in_band[pair.higher] or in_band[pair.lower]) for pair in direct)
