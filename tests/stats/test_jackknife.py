"""Figures without each essay."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau

from eng5.stats.jackknife import jackknife_variance, tau_b_leave_one_out


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(-1, 4), st.integers(0, 5)), min_size=4, max_size=12))
def test_tau_without_each_essay_is_scipys(essays: list[tuple[int, int]]) -> None:
    """Each value is scipy's tau-b of the others, essays of unknown grade left out, NaN where that is undefined."""
    level, score = (np.array(column) for column in zip(*essays, strict=True))
    known = np.flatnonzero(level >= 0)
    without = [np.delete(known, place) for place in range(len(known))]
    expected = [
        kendalltau(level[rest], score[rest]).statistic if len(rest) > 1 else np.nan for rest in without
    ]
    assert tau_b_leave_one_out(level, score) == pytest.approx(np.array(expected), nan_ok=True)


def test_the_variance_of_a_mean_is_the_usual_one() -> None:
    """For a mean the jackknife gives s² / n exactly (Tukey 1958)."""
    value = np.random.default_rng(0).normal(0, 1, 15)
    without = np.array([np.delete(value, place).mean() for place in range(15)])
    assert jackknife_variance(without) == pytest.approx(value.var(ddof=1) / 15)


def test_undefined_values_are_left_out() -> None:
    """An essay without which the figure is undefined says nothing; two that remain are too few."""
    assert jackknife_variance(np.array([0.1, 0.2, 0.3, np.nan])) == jackknife_variance(
        np.array([0.1, 0.2, 0.3])
    )
    assert np.isnan(jackknife_variance(np.array([0.1, 0.2, np.nan])))
