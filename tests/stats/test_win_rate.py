"""Win rates and their intervals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from eng5.stats.win_rate import corrected_win_rate, stratified_rate, wilson, win_rate

COUNTS = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(COUNTS, st.sampled_from([0.8, 0.95, 0.99]))
def test_wilson_equals_scipy_and_statsmodels(counts: tuple[int, int], level: float) -> None:
    """The interval is the one that two other implementations give."""
    from statsmodels.stats.proportion import proportion_confint

    successes, trials = counts
    ours = wilson(successes, trials, level)
    assert ours is not None
    scipy_s = binomtest(successes, trials).proportion_ci(level, method="wilson")
    assert (ours.low, ours.high) == pytest.approx((scipy_s.low, scipy_s.high), abs=1e-12)
    theirs = proportion_confint(successes, trials, alpha=1 - level, method="wilson")
    assert (ours.low, ours.high) == pytest.approx(theirs, abs=1e-12)


def test_wilson_of_all_wins_by_hand() -> None:
    """With x = n the lower bound is n / (n + z²): 20 / (20 + 1.959964²) = 0.838875; the upper is 1."""
    ours = wilson(20, 20)
    assert ours is not None
    assert ours.low == pytest.approx(20 / (20 + 1.959963984540054**2), abs=1e-12)
    assert ours.low == pytest.approx(0.838875, abs=1e-6)
    assert ours.high == 1.0
    assert (ours.level, ours.method) == (0.95, "wilson")


@given(COUNTS)
def test_wilson_mirrors_when_wins_become_losses(counts: tuple[int, int]) -> None:
    """The interval of the losses is one minus the interval of the wins."""
    successes, trials = counts
    wins, losses = wilson(successes, trials), wilson(trials - successes, trials)
    assert wins is not None and losses is not None
    assert (losses.low, losses.high) == pytest.approx((1 - wins.high, 1 - wins.low), abs=1e-12)


def test_nothing_decided_has_neither_rate_nor_interval() -> None:
    """Zero trials give None, not a number."""
    assert wilson(0, 0) is None
    nothing = win_rate(0, 0)
    assert nothing.rate is None and nothing.interval is None


@pytest.mark.parametrize(("successes", "trials", "level"), [(3, 2, 0.95), (-1, 2, 0.95), (1, 2, 1.0)])
def test_impossible_counts_and_levels_are_refused(successes: int, trials: int, level: float) -> None:
    """More successes than trials, or a level that is no probability, is an error."""
    with pytest.raises(ValueError):
        wilson(successes, trials, level)


def test_corrected_rate_takes_the_position_out() -> None:
    """9 of 10 won when first and 3 of 6 when second: (0.9 + 0.5) / 2 = 0.7, not 12 / 16 = 0.75."""
    corrected = corrected_win_rate(np.array([[9, 3]]), np.array([[10, 6]]))
    assert corrected.rate == pytest.approx(0.7)
    assert (corrected.first.rate, corrected.second.rate) == (0.9, 0.5)
    assert corrected.pairs == 1


def test_effective_trials_by_hand() -> None:
    """Two strata of 9, 8 and 4 won: smoothed rates 0.85 and 0.45.

    Variance of the mean (0.85 · 0.15 + 0.45 · 0.55) / 9 / 4 = 0.0104167; smoothed mean 0.65;
    0.65 · 0.35 / 0.0104167 = 21.84 trials, more than the 18 because the rates differ.
    """
    ours = stratified_rate(np.array([8, 4]), np.array([9, 9]))
    assert ours.effective_trials == pytest.approx(21.84)
    assert ours.rate == pytest.approx(12 / 18)


def test_equal_strata_give_the_pooled_wilson_interval() -> None:
    """Strata with one common rate are worth 1 / n more trials than they have, by the smoothing alone."""
    ours = stratified_rate(np.array([500, 500]), np.array([1000, 1000]))
    pooled = wilson(1000, 2000)
    assert ours.interval is not None and pooled is not None
    assert ours.effective_trials == pytest.approx(2000)
    assert (ours.interval.low, ours.interval.high) == pytest.approx((pooled.low, pooled.high))


@given(st.lists(COUNTS, min_size=1, max_size=6))
def test_the_interval_holds_the_rate_and_stays_a_probability(cells: list[tuple[int, int]]) -> None:
    """0 <= low <= rate <= high <= 1, with some width, whatever the strata."""
    wins, trials = (np.array(column) for column in zip(*cells, strict=True))
    ours = stratified_rate(wins, trials)
    assert ours.rate is not None and ours.interval is not None
    assert 0 <= ours.interval.low <= ours.rate + 1e-12
    assert ours.rate - 1e-12 <= ours.interval.high <= 1
    assert ours.interval.high > ours.interval.low


def test_a_pair_without_one_order_is_left_out_of_the_corrected_rate() -> None:
    """The second pair was never decided in swapped order: only the first enters the corrected rate."""
    corrected = corrected_win_rate(np.array([[4, 2], [5, 0]]), np.array([[4, 4], [5, 0]]))
    assert corrected.pairs == 1
    assert corrected.rate == pytest.approx(0.75)
    assert corrected.first.decided == 9


def test_no_pair_in_both_orders_has_no_corrected_rate() -> None:
    """Without a decision in one of the orders there is nothing to correct with."""
    corrected = corrected_win_rate(np.array([[4, 0]]), np.array([[4, 0]]))
    assert corrected.rate is None and corrected.interval is None and corrected.pairs == 0


@pytest.mark.parametrize("bias", [0.0, 0.15, 0.3])
def test_corrected_interval_covers_at_its_level_under_position_bias(bias: float) -> None:
    """Exact coverage at 20 + 20 comparisons is 93 to 97 % where the pooled interval's rises above it."""
    n, mean = 20, 0.65
    rates = mean + bias, mean - bias
    corrected = pooled = 0.0
    for first in range(n + 1):
        for second in range(n + 1):
            weight = binom.pmf(first, n, rates[0]) * binom.pmf(second, n, rates[1])
            ours = stratified_rate(np.array([first, second]), np.array([n, n])).interval
            raw = wilson(first + second, 2 * n)
            assert ours is not None and raw is not None
            corrected += weight * (mean in ours)
            pooled += weight * (mean in raw)
    assert 0.93 <= corrected <= 0.97
    assert bias < 0.3 or pooled > 0.98
