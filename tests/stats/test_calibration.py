"""Calibration of stated confidence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from eng5.stats.calibration import calibration, probability
from eng5.stats.win_rate import wilson

VERDICTS = st.lists(st.tuples(st.floats(1, 5), st.booleans()), min_size=1, max_size=60)


def test_confidence_claims_a_linear_probability() -> None:
    """1 claims a coin toss, 3 three quarters, 5 certainty."""
    assert probability(np.array([1.0, 2.0, 3.0, 4.0, 5.0])).tolist() == [0.5, 0.625, 0.75, 0.875, 1.0]


def test_expected_calibration_error_by_hand() -> None:
    """Confidence 3: 2 of 4 right, claimed 0.75; confidence 5: 1 of 1, claimed 1. (4 · 0.25 + 0) / 5 = 0.2."""
    ours = calibration(np.array([3.0, 3, 3, 3, 5]), np.array([True, True, False, False, True]))
    assert ours.error == pytest.approx(0.2)
    assert ours.overconfidence == pytest.approx(0.2)
    assert [(b.confidence, b.n, b.right, b.observed) for b in ours.bins] == [(3, 4, 2, 0.5), (5, 1, 1, 1.0)]
    assert ours.bins[0].interval == wilson(2, 4)


def test_chance_alone_is_reckoned_as_enumerated() -> None:
    """A perfectly calibrated judge is off by E|X/n - p| in a bin: 7 verdicts at 0.625, 4 at 0.875."""
    ours = calibration(np.array([2.0] * 7 + [4.0] * 4), np.ones(11, dtype=np.bool_))
    expected = sum(
        sum(binom.pmf(x, n, p) * abs(x - n * p) for x in range(n + 1)) for n, p in ((7, 0.625), (4, 0.875))
    )
    assert ours.error_if_calibrated == pytest.approx(expected / 11)


@given(VERDICTS)
def test_bins_partition_the_verdicts(verdicts: list[tuple[float, bool]]) -> None:
    """Counts add up, the error is a probability and at least the gap of the means."""
    confidence, right = np.array([c for c, _ in verdicts]), np.array([r for _, r in verdicts])
    ours = calibration(confidence, right)
    assert sum(b.n for b in ours.bins) == ours.n == len(verdicts)
    assert sum(b.right for b in ours.bins) == right.sum()
    assert ours.error is not None and ours.overconfidence is not None
    assert abs(ours.overconfidence) - 1e-12 <= ours.error <= 1


def test_missing_confidence_is_counted_and_left_out() -> None:
    """Verdicts without a confidence are no evidence about it."""
    ours = calibration(np.array([np.nan, 5.0]), np.array([False, True]))
    assert (ours.n, ours.missing, ours.error) == (1, 1, 0.0)
    nothing = calibration(np.array([np.nan]), np.array([True]))
    assert (nothing.error, nothing.error_if_calibrated, nothing.bins) == (None, None, ())


def test_confidence_outside_the_scale_is_refused() -> None:
    """A confidence of 0.9 is on another scale."""
    with pytest.raises(ValueError):
        calibration(np.array([0.9]), np.array([True]))
