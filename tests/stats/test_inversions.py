"""Inversions: found by head-to-head, counted in two ways, told apart from noise."""

import numpy as np
import pytest

from eng5.stats.comparisons import Comparisons
from eng5.stats.inversions import (
    BandRegression,
    GradedPair,
    Inversions,
    InversionTag,
    band_inversions,
    inversions,
    judge_pairs,
)
from eng5.stats.posterior import draw


def decided(n: int, *wins: tuple[int, int]) -> Comparisons:
    """Comparisons from (winner, loser) pairs."""
    return Comparisons.from_decided(
        n, np.array([w for w, _ in wins], dtype=np.int64), np.array([v for _, v in wins], dtype=np.int64)
    )


def test_one_pair_of_each_kind() -> None:
    """Grades 3 2 1: 0-1 as the grades say, 0-2 inverted by 2 : 1, 1-2 split."""
    comparisons = decided(3, (0, 1), (0, 2), (2, 0), (2, 0), (1, 2), (2, 1))
    found = inversions(comparisons, np.array([3, 2, 1]))
    assert found.direct == (GradedPair(higher=0, lower=2, higher_wins=1, lower_wins=2),)
    assert found.contested == (GradedPair(higher=1, lower=2, higher_wins=1, lower_wins=1),)
    assert (found.count, found.lower_won_once, found.pairs) == (1, 2, 3)


def test_equal_and_unknown_grades_are_no_inversions() -> None:
    """Only a pair of different known grades can be inverted."""
    comparisons = decided(4, (1, 0), (2, 0), (3, 0))
    assert inversions(comparisons, np.array([5, 5, -1, 4])).direct == (GradedPair(0, 3, 0, 1),)


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
    """No essays, one essay, equal grades or a single known grade: no pair."""
    none = np.array([], dtype=np.int64)
    comparisons = Comparisons(len(grade), none, none, none)
    assert inversions(comparisons, np.array(grade, dtype=np.int64)) == Inversions((), (), 0, 0)


def in_order(n: int, times: int, *, turned: tuple[int, int], reversed_times: int) -> Comparisons:
    """Every pair won by the better essay, ``times`` in alternating order, but one pair that some verdicts turn."""
    i, j = np.triu_indices(n, 1)
    first, second, outcome = [], [], []
    for number in range(times):
        for a, b in zip(i.tolist(), j.tolist(), strict=True):
            won = -1 if (a, b) == turned and number < reversed_times else 1
            first.append(b if number % 2 else a)
            second.append(a if number % 2 else b)
            outcome.append(-won if number % 2 else won)
    return Comparisons(n, np.array(first), np.array(second), np.array(outcome))


GRADE = np.arange(8)[::-1]


def test_one_verdict_leaves_both_readings_open() -> None:
    """Asked once, a wide inversion is noise of a judge that decides afresh, and certain of one that repeats itself."""
    comparisons = in_order(8, 1, turned=(1, 6), reversed_times=1)
    draws = draw(comparisons, GRADE, position_effect=True)
    (found,) = judge_pairs(inversions(comparisons, GRADE).direct, draws)
    assert found.again < 0.5
    assert (found.always, found.verdict) == (1.0, InversionTag.UNCLEAR)


def test_a_judge_that_repeats_itself_stands_by_its_inversions() -> None:
    """Four identical verdicts on every pair: the judge would say it again, however wide the gap in grade."""
    comparisons = in_order(8, 4, turned=(1, 6), reversed_times=4)
    (found,) = judge_pairs(
        inversions(comparisons, GRADE).direct, draw(comparisons, GRADE, position_effect=True)
    )
    assert found.again >= 0.8 and found.most >= 0.8
    assert (found.always, found.verdict) == (None, InversionTag.LIKELY_REAL)


def test_a_judge_at_temperature_0_is_known_from_two_askings() -> None:
    """Every pair asked in both orders and answered alike: it stands by its inversions, also those of close essays."""
    one, other = np.triu_indices(12, 1)
    quality = -np.arange(12.0)
    quality[[2, 3, 7, 8]] = quality[[3, 2, 8, 7]]
    quality[5] -= 2.5
    first, second = np.concatenate([one, other]), np.concatenate([other, one])
    comparisons = Comparisons(12, first, second, np.where(quality[first] > quality[second], 1, -1))
    grade = np.arange(12)[::-1]
    direct = inversions(comparisons, grade).direct
    found = judge_pairs(direct, draw(comparisons, grade, position_effect=True))
    assert len(found) == 4 and min(one.again for one in found) > 0.92


def test_a_judge_that_decides_afresh_takes_back_what_its_abilities_deny() -> None:
    """Where verdicts on a pair contradict each other everywhere, one against the order tells little."""
    rng = np.random.default_rng(4)
    i, j = (np.tile(side, 6) for side in np.triu_indices(8, 1))
    outcome = np.where(rng.random(len(i)) < 1 / (1 + np.exp(-0.5 * (j - i))), 1, -1)
    comparisons = Comparisons(8, i, j, outcome)
    draws = draw(comparisons, GRADE, position_effect=True)
    pair = GradedPair(higher=0, lower=7, higher_wins=0, lower_wins=0)
    (found,) = judge_pairs((pair,), draws)
    assert found.again < 0.2 and found.verdict is InversionTag.LIKELY_NOISE
    assert found.most < found.again, "most askings are further from even than one"


def test_no_pairs_no_judgement() -> None:
    """Nothing is asked of nothing."""
    comparisons = in_order(4, 1, turned=(0, 1), reversed_times=0)
    assert judge_pairs((), draw(comparisons, np.arange(4)[::-1])) == ()


def test_an_inversion_counts_when_either_essay_is_in_the_band() -> None:
    """Of three inversions, one has its higher essay in the band, one its lower, one neither."""
    direct = (GradedPair(0, 3, 0, 1), GradedPair(2, 1, 0, 1), GradedPair(2, 3, 0, 1))
    assert band_inversions(direct, np.array([True, True, False, False])) == 2
    assert band_inversions((), np.array([True])) == 0


@pytest.mark.parametrize(("inversions", "baseline", "regression"), [(3, 1, 2), (1, 1, 0), (0, 4, 0)])
def test_only_an_excess_is_a_regression(inversions: int, baseline: int, regression: int) -> None:
    """As many as in the baseline, or fewer, is 0."""
    assert BandRegression(inversions, baseline).regression == regression
