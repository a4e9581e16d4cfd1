"""Figures in two readings."""

import numpy as np
import pytest
from scipy.stats import kendalltau

from eng5.stats.asked_again import reruns
from eng5.stats.bradley_terry.fit import fit
from eng5.stats.comparisons import Comparisons
from eng5.stats.posterior import draw
from eng5.stats.two_readings import TwoReadings, of_count, of_tau

GRADE = np.array([0, 0, 1, 2, 3, 4, 5, 6, 7, 7, 8, 8])
ONE, OTHER = np.triu_indices(12, 1)


def judged(repeats: int, seed: int, *, same: bool = False) -> Comparisons:
    """All pairs of twelve anchors, by a judge that scatters about the grades."""
    rng = np.random.default_rng(seed)
    theta = 2.5 * (GRADE - GRADE.mean()) / GRADE.std() + rng.normal(0, 0.75, 12)
    chance = 1 / (1 + np.exp(-(theta[ONE] - theta[OTHER])))
    rounds = [np.where(rng.random(66) < chance, 1, -1) for _ in range(1 if same else repeats)]
    outcome = np.concatenate(rounds * (repeats if same else 1))
    return Comparisons(12, np.tile(ONE, repeats), np.tile(OTHER, repeats), outcome)


def tau_of(comparisons: Comparisons) -> tuple[float, TwoReadings]:
    score = fit(comparisons).theta
    found = of_tau(GRADE, score, reruns(draw(comparisons, GRADE, position_effect=True)))
    assert found is not None
    return float(kendalltau(GRADE, score).statistic), found


@pytest.mark.parametrize("repeats", [1, 4])
def test_both_intervals_of_tau_hold_its_value(repeats: int) -> None:
    """The value is the estimate of what both are for; other essays leave more open than the same pairs."""
    value, found = tau_of(judged(repeats, 1))
    assert found.like_these is not None and found.error_essays is not None
    assert value in found.these_pairs and value in found.like_these
    assert found.error_again < found.error_essays
    assert found.these_pairs.high <= np.sqrt(63 / 66) + 1e-9, "no order of these grades has a higher tau-b"


@pytest.mark.parametrize("levels", [1, 2, 4])
def test_many_equal_grades_and_equal_scores(levels: int) -> None:
    """Ties of grades meet ties of scores: tau-b is then above that of any untied order, and its intervals hold it."""
    grade = np.minimum(np.arange(20) // 2, levels)
    i, j = np.triu_indices(20, 1)
    for seed in range(6):
        chance = 1 / (1 + np.exp(-2.0 * (grade[i] - grade[j])))
        outcome = np.where(np.random.default_rng(seed).random(len(i)) < chance, 1, -1)
        comparisons = Comparisons(20, i, j, outcome)
        score = fit(comparisons).theta
        found = of_tau(grade, score, reruns(draw(comparisons, grade, position_effect=True)))
        assert found is not None and found.like_these is not None
        value = float(kendalltau(grade, score.round(9)).statistic)
        for span in (found.these_pairs, found.like_these):
            assert span.low - 1e-9 <= value <= span.high + 1e-9
            assert span.low >= -1 and span.high <= 1
        assert found.these_pairs.high - found.these_pairs.low > 0.005


def test_repeats_of_a_judge_that_repeats_itself_narrow_one_reading_only() -> None:
    """Ten identical rounds fix what it would say of these pairs, and say as little about other essays as one."""
    _, once = tau_of(judged(1, 2))
    _, often = tau_of(judged(10, 2, same=True))
    assert often.these_pairs.high - often.these_pairs.low < 0.06
    assert once.like_these is not None and often.like_these is not None
    width = once.like_these.high - once.like_these.low
    assert often.like_these.high - often.like_these.low == pytest.approx(width, rel=0.15)


def test_a_perfect_order_that_is_asked_for_often_is_nearly_certain() -> None:
    """Sixteen verdicts a pair, hardly one of them reversed: what no rerun shows is not left open."""
    rng = np.random.default_rng(0)
    chance = 1 / (1 + np.exp(-2.0 * (ONE - OTHER)))
    outcome = np.concatenate([np.where(rng.random(66) < chance, 1, -1) for _ in range(16)])
    value, found = tau_of(Comparisons(12, np.tile(ONE, 16), np.tile(OTHER, 16), outcome))
    assert value == pytest.approx(np.sqrt(63 / 66))
    assert value - 0.06 < found.these_pairs.low <= value <= found.these_pairs.high


@pytest.mark.parametrize("repeats", [1, 2, 8])
def test_other_essays_leave_open_what_the_same_pairs_do(repeats: int) -> None:
    """The second interval holds the first, for tau and for counts."""
    for seed in range(4):
        comparisons = judged(repeats, seed)
        again = reruns(draw(comparisons, GRADE, position_effect=True))
        sign = np.sign(GRADE[again.table.i] - GRADE[again.table.j])
        turned = ((2 * again.table.won.sum(axis=1) - again.table.asked) * sign < 0).astype(float)
        for found in (
            of_tau(GRADE, fit(comparisons).theta, again),
            of_count(GRADE, again, again.direct_inversions(GRADE), turned, sign != 0),
        ):
            assert found is not None and found.like_these is not None
            assert found.like_these.low <= found.these_pairs.low
            assert found.these_pairs.high <= found.like_these.high


def test_counts_hold_their_value_and_stay_within_the_pairs() -> None:
    """Of 63 pairs some are inverted: both intervals hold the number, and neither leaves 0 to 63."""
    comparisons = judged(1, 3)
    again = reruns(draw(comparisons, GRADE, position_effect=True))
    sign = np.sign(GRADE[again.table.i] - GRADE[again.table.j])
    reversed_ = ((2 * again.table.won.sum(axis=1) - again.table.asked) * sign < 0).astype(float)
    found = of_count(GRADE, again, again.direct_inversions(GRADE), reversed_, sign != 0)
    assert found is not None and found.like_these is not None
    for span in (found.these_pairs, found.like_these):
        assert 0 <= span.low <= reversed_.sum() <= span.high <= 63
    assert of_count(GRADE, again, again.direct_inversions(GRADE), reversed_, sign > 9) is None


def test_a_perfect_order_is_not_certain_of_other_essays() -> None:
    """Where leaving out any essay changes nothing, the jackknife sees no variance; the interval is not a point."""
    comparisons = Comparisons.from_decided(12, OTHER, ONE)
    value, found = tau_of(comparisons)
    assert value == pytest.approx(np.sqrt(63 / 66))
    assert found.like_these is not None and found.like_these.low < value - 0.02


def test_no_inversion_is_not_certain_of_other_essays() -> None:
    """A judge that always says the same and inverts nothing: other essays might show four inversions of 63 pairs."""
    comparisons = Comparisons.from_decided(12, np.tile(OTHER, 4), np.tile(ONE, 4))
    again = reruns(draw(comparisons, GRADE, position_effect=True))
    sign = np.sign(GRADE[again.table.i] - GRADE[again.table.j])
    found = of_count(GRADE, again, again.direct_inversions(GRADE), np.zeros(66), sign != 0)
    assert found is not None and found.like_these is not None
    assert found.these_pairs.high < 1.5 < 3 < found.like_these.high < 6


def test_four_essays_say_nothing_of_others() -> None:
    """Below five essays of known grade there is no second reading."""
    i, j = np.triu_indices(4, 1)
    comparisons = Comparisons.from_decided(4, i, j)
    grade = np.arange(4)[::-1]
    found = of_tau(grade, fit(comparisons).theta, reruns(draw(comparisons, grade)))
    assert found is not None and (found.like_these, found.error_essays) == (None, None)


@pytest.mark.parametrize("grade", [np.zeros(12, dtype=int), np.full(12, -1)])
def test_without_grades_to_tell_apart_tau_is_undefined(grade: np.ndarray) -> None:
    """All equal or all unknown."""
    comparisons = judged(1, 4)
    assert of_tau(grade, fit(comparisons).theta, reruns(draw(comparisons, grade))) is None
