"""Sequential stopping of a pair."""

from __future__ import annotations

from functools import cache
from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import binom

from eng5.stats.power import Aim
from eng5.stats.sequential import decide, iterations_needed, stopping_bounds

OUTCOMES = st.lists(st.tuples(st.sampled_from([-1, 0, 1, 2]), st.sampled_from([-1, 0, 1, 2])), max_size=30)


@cache
def stopping_wins(iterations: int) -> np.ndarray:
    """Shape (iterations + 1, 2 · iterations + 1): whether t iterations with w wins are stopped at t."""
    stops = np.zeros((iterations + 1, 2 * iterations + 1), dtype=np.bool_)
    for t in range(1, iterations + 1):
        for wins in range(2 * t + 1):
            outcomes = [1] * wins + [-1] * (2 * t - wins)
            stops[t, wins] = 0.5 not in decide(outcomes[:t], outcomes[t:]).interval
    return stops


def chance_to_stop(stops: np.ndarray, rates: tuple[float, float]) -> tuple[float, float]:
    """Exact probability of a stop, and mean iterations used, by walking through all numbers of wins."""
    iterations = len(stops) - 1
    step = np.convolve([1 - rates[0], rates[0]], [1 - rates[1], rates[1]])
    alive, stopped, used = np.array([1.0]), 0.0, 0.0
    for t in range(1, iterations + 1):
        used += alive.sum()
        alive = np.convolve(alive, step)
        stopped += alive[stops[t, : 2 * t + 1]].sum()
        alive = np.where(stops[t, : 2 * t + 1], 0.0, alive)
    return stopped, used


@pytest.mark.parametrize("bias", [0.0, 0.2, 0.45])
def test_the_error_rate_holds_at_any_position_bias(bias: float) -> None:
    """A pair that wins half is stopped within 40 iterations with at most 5 %, exactly computed."""
    stopped, _ = chance_to_stop(stopping_wins(40), (0.5 + bias, 0.5 - bias))
    assert stopped <= 0.05
    assert bias > 0 or stopped > 0.005


def test_clear_pairs_cost_less() -> None:
    """At a win rate of 0.95 a pair is stopped after fewer than 6 of 10 iterations on average."""
    stopped, used = chance_to_stop(stopping_wins(40)[:11], (0.95, 0.95))
    assert stopped > 0.95
    assert used < 6


def test_four_whole_iterations_won_are_enough() -> None:
    """8 wins of 8: evidence 2^8 · C(16, 8) / 4^8 = 50.27 >= 20; 6 of 6: 2^6 · C(12, 6) / 4^6 = 14.4 < 20."""
    assert decide([1] * 3, [1] * 3).stopped_at is None
    four = decide([1] * 4, [1] * 4)
    assert four.stop and four.stopped_at == 4
    assert four.p_value == pytest.approx(4**8 / (2**8 * 12870))
    assert four.interval.low > 0.5


@given(OUTCOMES)
def test_the_interval_ends_where_the_integrated_evidence_meets_the_bound(
    outcomes: list[tuple[int, int]],
) -> None:
    """At each end inside 0 ... 1 the Beta mixture of likelihood ratios, integrated, is 20."""
    ours = decide([a for a, _ in outcomes], [b for _, b in outcomes])
    whole = [pair for pair in outcomes if all(abs(each) == 1 for each in pair)]
    trials, wins = 2 * len(whole), sum((a == 1) + (b == 1) for a, b in whole)
    assert (ours.complete, ours.iterations) == (len(whole), len(outcomes))
    for end in (ours.interval.low, ours.interval.high):
        if 0 < end < 1:
            # With q = sin² u the Jeffreys prior is uniform in u, and the integrand smooth.
            def ratio(u: float, end: float = end) -> float:
                q = np.sin(u) ** 2
                return float(np.exp(wins * np.log(q / end) + (trials - wins) * np.log((1 - q) / (1 - end))))

            mixture = quad(ratio, 1e-12, np.pi / 2 - 1e-12)[0] * 2 / np.pi
            assert log(mixture) == pytest.approx(log(20), abs=1e-5)


@given(OUTCOMES)
def test_ties_and_failures_leave_the_decision_as_it_was(outcomes: list[tuple[int, int]]) -> None:
    """An iteration without two winners counts as asked and changes nothing else."""
    ours = decide([a for a, _ in outcomes], [b for _, b in outcomes])
    more = decide([a for a, _ in outcomes] + [1], [b for _, b in outcomes] + [0])
    assert more.iterations == ours.iterations + 1
    assert (more.rate, more.interval, more.p_value, more.stopped_at) == (
        ours.rate,
        ours.interval,
        ours.p_value,
        ours.stopped_at,
    )


@given(OUTCOMES)
def test_losing_mirrors_winning(outcomes: list[tuple[int, int]]) -> None:
    """With winners exchanged the interval is mirrored and the decision the same."""
    swapped = [(-a if abs(a) == 1 else a, -b if abs(b) == 1 else b) for a, b in outcomes]
    ours = decide([a for a, _ in outcomes], [b for _, b in outcomes])
    theirs = decide([a for a, _ in swapped], [b for _, b in swapped])
    assert theirs.stopped_at == ours.stopped_at
    assert (theirs.interval.low, theirs.interval.high) == pytest.approx(
        (1 - ours.interval.high, 1 - ours.interval.low), abs=1e-9
    )


def test_a_stop_stays_a_stop() -> None:
    """Losses after the bound was crossed do not take the stop back."""
    later = decide([1] * 4 + [-1] * 4, [1] * 4 + [-1] * 4)
    assert later.stopped_at == 4 and later.rate == 0.5


@pytest.mark.parametrize("outcomes", [[], [0, 0], [2, 2]])
def test_nothing_decided_goes_on(outcomes: list[int]) -> None:
    """Nothing asked, all ties, all failures: no rate, the whole interval, no stop."""
    ours = decide(outcomes, outcomes)
    assert (ours.rate, ours.stop, ours.p_value) == (None, False, 1.0)
    assert (ours.interval.low, ours.interval.high) == (0.0, 1.0)


def test_bad_input_is_refused() -> None:
    """Half an iteration, and an error rate that is no probability, are errors."""
    with pytest.raises(ValueError):
        decide([1], [])
    with pytest.raises(ValueError):
        decide([1], [1], error_rate=0.0)


@given(st.lists(st.tuples(st.sampled_from([-1, 1]), st.sampled_from([-1, 1])), min_size=1, max_size=40))
def test_the_table_of_bounds_stops_where_the_decision_does(outcomes: list[tuple[int, int]]) -> None:
    """Wins of either side against the table's entry, iteration by iteration, find the same end."""
    bounds = stopping_bounds(40)
    ends = []
    for n in range(1, len(outcomes) + 1):
        wins = sum(one == 1 for pair in outcomes[:n] for one in pair)
        bound = bounds[n - 1]
        if bound is not None and max(wins, 2 * n - wins) >= bound:
            ends.append(n)
    decision = decide([a for a, _ in outcomes], [b for _, b in outcomes])
    assert decision.stopped_at == (ends[0] if ends else None)


def test_the_first_bound_is_reached_by_eight_wins_of_eight() -> None:
    """n wins of n give evidence B(n + 1/2, 1/2) / B(1/2, 1/2) · 2^n = C(2n, n) / 2^n: 14.4 for 6, 50.3 for 8."""
    assert stopping_bounds(5) == (None, None, None, 8, 10)
    assert stopping_bounds(4, error_rate=0.019) == (None, None, None, None)


@pytest.mark.parametrize(
    ("rate", "iterations", "error_rate"), [(0.7, 10, 0.05), (0.9, 2, 0.05), (0.75, 8, 0.01)]
)
def test_iterations_needed_show_a_difference_with_the_power(
    rate: float, iterations: int, error_rate: float
) -> None:
    """At the size named, and not one iteration before, the last look alone has the power; earlier looks add to it."""
    needed = iterations_needed(rate, iterations, iterations, error_rate=error_rate)
    assert needed.aim is Aim.SHOW and needed.more is not None and needed.decided is not None
    size = iterations + needed.more
    assert needed.decided == 2 * size
    bounds = stopping_bounds(size, error_rate=error_rate)
    power = [
        0.0 if bound is None else float(binom.sf(bound - 1, 2 * n, rate)) for n, bound in enumerate(bounds, 1)
    ]
    assert power[size - 1] >= needed.power
    assert power[size - 2] < power[size - 1] or power[size - 2] < needed.power


def test_iterations_needed_exclude_a_rate_worth_having() -> None:
    """At one half, the confidence sequence lies below 60 % in four of five runs of the size named."""
    needed = iterations_needed(0.5, 10, 10)
    assert needed.aim is Aim.EXCLUDE and needed.more is not None
    size, rng = 10 + needed.more, np.random.default_rng(0)
    below = [
        decide(*(np.where(rng.random((2, size)) < 0.5, 1, -1).tolist())).interval.high < 0.6
        for _ in range(300)
    ]
    assert np.mean(below) == pytest.approx(0.8, abs=0.07)


def test_iterations_needed_without_an_answer() -> None:
    """Nothing complete so far, or a rate that no number of iterations tells from the bounds in sight."""
    assert iterations_needed(0.7, 0, 5).more is None
    assert iterations_needed(0.5, 10, 10, smallest_rate=0.5).more is None
    assert iterations_needed(0.7, 5, 10).more == 2 * (iterations_needed(0.7, 5, 5).more or 0)
