"""A/B regression: inversions of the top bands in excess of the baseline."""

import numpy as np
import pytest

from eng5.stats.band_regression import BandRegression, band_inversions
from eng5.stats.inversions import Pair


def test_an_inversion_counts_when_either_essay_is_in_the_band() -> None:
    """Of three inversions, one has its higher essay in the band, one its lower, one neither."""
    direct = (Pair(0, 3, 0, 1), Pair(2, 1, 0, 1), Pair(2, 3, 0, 1))
    assert band_inversions(direct, np.array([True, True, False, False])) == 2
    assert band_inversions((), np.array([True])) == 0


@pytest.mark.parametrize(("inversions", "baseline", "regression"), [(3, 1, 2), (1, 1, 0), (0, 4, 0)])
def test_only_an_excess_is_a_regression(inversions: int, baseline: int, regression: int) -> None:
    """As many as in the baseline, or fewer, is 0."""
    assert BandRegression(inversions, baseline).regression == regression
