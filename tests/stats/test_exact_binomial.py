"""The exact binomial interval and tests."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from eng5.stats import exact_binomial

COUNTS = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(COUNTS, st.sampled_from([0.9, 0.95, 0.99]))
def test_interval_equals_scipy(counts: tuple[int, int], level: float) -> None:
    """The Clopper-Pearson interval is scipy's."""
    ours = exact_binomial.interval(*counts, level)
    theirs = binomtest(*counts).proportion_ci(level, method="exact")
    assert ours is not None
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_interval_of_all_successes_by_hand() -> None:
    """With x = n = 10 the lower bound solves p^10 = 0.025: 0.025^(1/10) = 0.691503."""
    ours = exact_binomial.interval(10, 10)
    assert ours is not None
    assert ours.low == pytest.approx(0.025**0.1, abs=1e-12)
    assert ours.high == 1.0


@given(COUNTS, st.sampled_from([0.0, 1e-6, 0.1, 0.37, 0.5, 0.9, 1.0]))
def test_two_sided_test_equals_scipy(counts: tuple[int, int], p: float) -> None:
    """The p-value is that of scipy.stats.binomtest."""
    assert exact_binomial.test(*counts, p) == pytest.approx(binomtest(*counts, p).pvalue, abs=1e-9)


def test_p_value_by_hand() -> None:
    """9 heads of 10: (1 + 10 + 10 + 1) / 1024 = 0.021484."""
    assert exact_binomial.test(9, 10) == pytest.approx(22 / 1024)
    assert exact_binomial.test(5, 10) == 1.0


def test_no_trials_have_no_interval_and_no_p_value() -> None:
    """Zero trials give None everywhere."""
    assert exact_binomial.interval(0, 0) is None
    assert exact_binomial.test(0, 0) is None
    assert exact_binomial.test_mean((0, 3), (0, 4)) is None


def test_the_interval_covers_at_least_at_its_level() -> None:
    """Exact coverage at 20 trials is never below 95 %, and above 97 % at some proportions."""
    intervals = [exact_binomial.interval(x, 20) for x in range(21)]
    coverage = [
        sum(binom.pmf(x, 20, p) for x, each in enumerate(intervals) if each is not None and p in each)
        for p in np.linspace(0.01, 0.99, 99)
    ]
    assert min(coverage) >= 0.95
    assert max(coverage) > 0.97


@given(st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.integers(0, n), st.just(n))))
def test_mean_of_equal_samples_is_the_binomial_test_of_their_sum(counts: tuple[int, int, int]) -> None:
    """With equal trials the test of the mean of two rates is the plain test on the pooled counts."""
    first, second, n = counts
    ours = exact_binomial.test_mean((first, second), (n, n))
    assert ours == pytest.approx(exact_binomial.test(first + second, 2 * n), abs=1e-12)


@pytest.mark.parametrize("trials", [(7, 4), (5, 1), (3, 10)])
def test_mean_of_unequal_samples_equals_enumeration(trials: tuple[int, int]) -> None:
    """The p-value is the probability of all pairs of counts at least as far from one half."""
    n1, n2 = trials
    weight = {
        (i, j): binom.pmf(i, n1, 0.5) * binom.pmf(j, n2, 0.5) for i in range(n1 + 1) for j in range(n2 + 1)
    }
    apart = {(i, j): abs(i * n2 + j * n1 - n1 * n2) for i, j in weight}
    for counts in weight:
        expected = sum(w for each, w in weight.items() if apart[each] >= apart[counts])
        assert exact_binomial.test_mean(counts, trials) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("trials", [(10, 10), (10, 6)])
@pytest.mark.parametrize("rate", [0.5, 0.7, 0.9])
def test_position_bias_does_not_raise_the_error_rate(trials: tuple[int, int], rate: float) -> None:
    """Judges whose rates in the two orders are r and 1 - r are found out in at most 5 % of runs."""
    n1, n2 = trials
    false_alarm = 0.0
    for i in range(n1 + 1):
        for j in range(n2 + 1):
            p = exact_binomial.test_mean((i, j), trials)
            assert p is not None
            false_alarm += (p <= 0.05) * binom.pmf(i, n1, rate) * binom.pmf(j, n2, 1 - rate)
    assert false_alarm <= 0.05


def test_impossible_counts_are_refused() -> None:
    """Successes beyond the trials, and proportions and levels beyond 0 ... 1, are errors."""
    for call in (
        lambda: exact_binomial.interval(2, 1),
        lambda: exact_binomial.interval(1, 2, 0.0),
        lambda: exact_binomial.test(2, 1),
        lambda: exact_binomial.test(1, 2, 1.5),
        lambda: exact_binomial.test_mean((3, 1), (2, 2)),
    ):
        with pytest.raises(ValueError):
            call()
