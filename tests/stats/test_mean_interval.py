"""The mean with its t interval."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from eng5.stats.mean_interval import mean_interval


@given(st.lists(st.floats(1, 5, width=16), min_size=2, max_size=50), st.sampled_from([0.8, 0.95]))
def test_interval_equals_scipy(values: list[float], level: float) -> None:
    """The interval is that of scipy.stats.t."""
    ours = mean_interval(np.array(values), level)
    if len(set(values)) == 1:
        assert ours.interval is None and ours.sd == 0.0
        return
    low, high = stats.t.interval(level, len(values) - 1, np.mean(values), stats.sem(values))
    assert ours.interval is not None
    assert (ours.interval.low, ours.interval.high) == pytest.approx((low, high), abs=1e-9)


def test_two_values_by_hand() -> None:
    """3 and 5: mean 4, sd sqrt(2), half width t(1) · sqrt(2) / sqrt(2) = 12.706205."""
    ours = mean_interval(np.array([3.0, 5.0]))
    assert (ours.n, ours.mean) == (2, 4.0)
    assert ours.interval is not None
    assert ours.interval.high - 4 == pytest.approx(12.706205, abs=1e-6)


def test_missing_values_are_left_out() -> None:
    """NaN is no value: it neither counts nor moves the mean."""
    assert mean_interval(np.array([np.nan, 3.0, np.nan, 5.0])) == mean_interval(np.array([3.0, 5.0]))


def test_below_two_values_there_is_no_interval() -> None:
    """One value has a mean and no interval; none has neither."""
    one = mean_interval(np.array([4.0]))
    assert (one.mean, one.sd, one.interval) == (4.0, None, None)
    none = mean_interval(np.array([np.nan]))
    assert (none.n, none.mean, none.interval) == (0, None, None)


def test_a_level_that_is_no_probability_is_refused() -> None:
    """Levels lie between 0 and 1."""
    with pytest.raises(ValueError):
        mean_interval(np.array([1.0, 2.0]), 95)
