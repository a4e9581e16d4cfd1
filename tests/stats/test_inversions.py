"""Inversions: found by head-to-head, counted in two ways, told apart from noise."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eng5.stats.comparisons import Comparisons, FloatArray
from eng5.stats.inversions import (
    BandRegression,
    Inversions,
    Pair,
    Verdict,
    band_inversions,
    count_interval,
    expected_count,
    inversions,
    judge_pairs,
)
from eng5.stats.posterior import Draws


def decided(n: int, *wins: tuple[int, int]) -> Comparisons:
    """Comparisons from (winner, loser) pairs."""
    return Comparisons.from_decided(
        n, np.array([w for w, _ in wins], dtype=np.int64), np.array([v for _, v in wins], dtype=np.int64)
    )


def draws(theta: FloatArray, eta: float = 0.0) -> Draws:
    """Draws with the given abilities, one row each."""
    theta = np.asarray(theta, dtype=np.float64)
    return Draws(theta, np.full(len(theta), eta), True, float(len(theta)), "given", 0)


def test_one_pair_of_each_kind() -> None:
    """Grades 3 2 1: 0-1 as the grades say, 0-2 inverted by 2 : 1, 1-2 split."""
    comparisons = decided(3, (0, 1), (0, 2), (2, 0), (2, 0), (1, 2), (2, 1))
    found = inversions(comparisons, np.array([3, 2, 1]))
    assert found.direct == (Pair(higher=0, lower=2, higher_wins=1, lower_wins=2),)
    assert found.contested == (Pair(higher=1, lower=2, higher_wins=1, lower_wins=1),)
    assert (found.count, found.lower_won_once, found.pairs) == (1, 2, 3)


def test_equal_and_unknown_grades_are_no_inversions() -> None:
    """Only a pair of different known grades can be inverted."""
    comparisons = decided(4, (1, 0), (2, 0), (3, 0))
    assert inversions(comparisons, np.array([5, 5, -1, 4])).direct == (Pair(0, 3, 0, 1),)


def test_ties_decide_no_pair() -> None:
    """A pair that only tied is neither inverted nor contested."""
    tied = Comparisons(2, np.array([0]), np.array([1]), np.array([0]))
    assert inversions(tied, np.array([1, 0])) == Inversions((), (), 0, 0)


def test_widest_gap_comes_first() -> None:
    """The list begins with the inversion across most grades."""
    found = inversions(decided(3, (1, 0), (2, 0), (2, 1)), np.array([9, 5, 0]))
    assert [(pair.higher, pair.lower) for pair in found.direct] == [(0, 2), (1, 2), (0, 1)]


@pytest.mark.parametrize("grade", [[], [1], [1, 1], [-1, -1, 2]])
def test_nothing_to_invert(grade: list[int]) -> None:
    """No essays, one essay, equal grades or a single known grade: no pair, and an expected count of 0."""
    none = np.array([], dtype=np.int64)
    comparisons = Comparisons(len(grade), none, none, none)
    assert inversions(comparisons, np.array(grade, dtype=np.int64)) == Inversions((), (), 0, 0)
    given = draws(np.zeros((3, len(grade))))
    assert expected_count(comparisons, np.array(grade, dtype=np.int64), given).tolist() == [0.0] * 3


def test_verdict_by_probability() -> None:
    """The lower essay is ahead in 9, 5 and 1 of 10 draws: likely real, unclear, likely noise."""
    theta = np.zeros((10, 6))
    for pair, ahead in enumerate((9, 5, 1)):
        theta[:, 2 * pair + 1] = np.where(np.arange(10) < ahead, 1.0, -1.0)
    judged = judge_pairs((Pair(0, 1, 0, 1), Pair(2, 3, 0, 1), Pair(4, 5, 0, 1)), draws(theta))
    assert [one.probability for one in judged] == [0.9, 0.5, 0.1]
    assert [one.verdict for one in judged] == [Verdict.LIKELY_REAL, Verdict.UNCLEAR, Verdict.LIKELY_NOISE]


@given(
    st.lists(st.sampled_from([(0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1)]), min_size=1, max_size=7),
    st.lists(st.floats(-2, 2), min_size=3, max_size=3),
    st.floats(-1, 1),
)
def test_expected_count_is_the_sum_over_all_outcomes(
    shown: list[tuple[int, int]], theta: list[float], eta: float
) -> None:
    """The mean number of inversions equals the one from writing out every possible set of verdicts."""
    grade = np.array([2, 1, 0])
    first, second = np.array([a for a, _ in shown]), np.array([b for _, b in shown])
    expected = 0.0
    for outcome in product([1, -1], repeat=len(shown)):
        chance = 1.0
        for (a, b), won in zip(shown, outcome, strict=True):
            p = 1 / (1 + np.exp(-(theta[a] - theta[b] + eta)))
            chance *= p if won > 0 else 1 - p
        expected += chance * inversions(Comparisons(3, first, second, np.array(outcome)), grade).count
    comparisons = Comparisons(3, first, second, np.full(len(shown), 1))
    found = expected_count(comparisons, grade, draws(np.array([theta]), eta))
    assert found == pytest.approx([expected])


def test_interval_is_of_the_expected_count() -> None:
    """One comparison of two essays with p = σ(∓2) in turn: the interval spans those probabilities."""
    interval = count_interval(
        decided(2, (0, 1)), np.array([1, 0]), draws(np.array([[2.0, 0], [0, 2.0]] * 50))
    )
    low, high = 1 / (1 + np.exp(2)), 1 / (1 + np.exp(-2))
    assert (interval.low, interval.high) == pytest.approx((low, high))
    assert (interval.method, interval.resamples) == ("percentile interval of the given", 100)
    assert interval.level == 0.95


def test_an_inversion_counts_when_either_essay_is_in_the_band() -> None:
    """Of three inversions, one has its higher essay in the band, one its lower, one neither."""
    direct = (Pair(0, 3, 0, 1), Pair(2, 1, 0, 1), Pair(2, 3, 0, 1))
    assert band_inversions(direct, np.array([True, True, False, False])) == 2
    assert band_inversions((), np.array([True])) == 0


@pytest.mark.parametrize(("inversions", "baseline", "regression"), [(3, 1, 2), (1, 1, 0), (0, 4, 0)])
def test_only_an_excess_is_a_regression(inversions: int, baseline: int, regression: int) -> None:
    """As many as in the baseline, or fewer, is 0."""
    assert BandRegression(inversions, baseline).regression == regression
