"""How much more must be judged."""

from __future__ import annotations

from math import ceil

import pytest
from scipy.stats import binom, norm

from eng5.stats import exact_binomial
from eng5.stats.power import Aim, iterations_needed, trials_to_exclude, trials_to_show
from eng5.stats.win_rate import wilson


def power_to_show(rate: float, n: int) -> float:
    """Probability that the exact two-sided test finds a rate above one half, by enumeration."""
    return sum(
        binom.pmf(x, n, rate) for x in range(n + 1) if 2 * x > n and (exact_binomial.test(x, n) or 0) <= 0.05
    )


def power_to_exclude(rate: float, smallest: float, n: int) -> float:
    """Probability that the Wilson interval lies below the smallest rate of interest."""
    intervals = [wilson(x, n) for x in range(n + 1)]
    return sum(binom.pmf(x, n, rate) for x, each in enumerate(intervals) if each and each.high < smallest)


@pytest.mark.parametrize("rate", [0.7, 0.8, 0.95])
def test_trials_to_show_are_the_fewest_that_keep_the_power(rate: float) -> None:
    """From the answer on the power is 80 %, and one trial fewer it is not."""
    n = trials_to_show(rate)
    assert n is not None
    assert all(power_to_show(rate, each) >= 0.8 for each in range(n, n + 20))
    assert power_to_show(rate, n - 1) < 0.8


@pytest.mark.parametrize("rate", [0.2, 0.4, 0.45])
def test_trials_to_exclude_are_the_fewest_that_keep_the_power(rate: float) -> None:
    """From the answer on the interval stays below the smallest rate of interest with 80 % power."""
    n = trials_to_exclude(rate, 0.6)
    assert n is not None
    assert all(power_to_exclude(rate, 0.6, each) >= 0.8 for each in range(n, n + 10))
    assert power_to_exclude(rate, 0.6, n - 1) < 0.8


def test_small_effects_use_the_normal_formula() -> None:
    """Rate 0.51: ((1.959964 · 0.5 + 0.841621 · sqrt(0.51 · 0.49)) / 0.01)² = 19 619.8, rounded up."""
    z = norm.ppf(0.975) * 0.5 + norm.ppf(0.8) * (0.51 * 0.49) ** 0.5
    assert trials_to_show(0.51) == ceil((z / 0.01) ** 2) == 19_620


def test_what_is_not_so_cannot_be_shown() -> None:
    """A rate of one half shows nothing, a rate at the smallest of interest cannot be excluded."""
    assert trials_to_show(0.5) is None
    assert trials_to_exclude(0.6, 0.6) is None


def test_iterations_count_ties_and_failures() -> None:
    """Rate 0.8 needs 23 decided; 15 came of 10 iterations, so 8 more take 8 · 10 / 15 = 5.3, six."""
    assert trials_to_show(0.8) == 23
    ours = iterations_needed(0.8, 15, 10)
    assert (ours.aim, ours.more, ours.decided) == (Aim.SHOW, 6, 23)


def test_a_rate_near_one_half_aims_at_exclusion() -> None:
    """At 0.5 there is nothing to show, but to exclude 0.6 takes 193 decided comparisons."""
    ours = iterations_needed(0.5, 20, 10)
    assert (ours.aim, ours.decided) == (Aim.EXCLUDE, 193)


def test_without_a_rate_there_is_no_figure() -> None:
    """Nothing decided: no rate to reckon with."""
    assert iterations_needed(None, 0, 10).more is None
    assert iterations_needed(0.5, 20, 10, smallest_rate=0.5).more is None
