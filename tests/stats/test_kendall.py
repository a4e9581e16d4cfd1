"""Tests of `eng5.stats.kendall`."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from eng5.stats.bradley_terry.fit import fit
from eng5.stats.comparisons import Comparisons
from eng5.stats.kendall import kendall, tau_b_and_largest, tau_b_many

GRADES = st.lists(st.integers(0, 8), min_size=2, max_size=12)


def test_three_definitions_by_hand() -> None:
    """Grades 2 2 1 0, scores 3 1 2 0: of five pairs of different grade, one is the wrong way round.

    tau-b = (4 - 1) / √(5 · 6); gamma = 3/5; the tied pair counts in favour: (5 - 1) / 6.
    """
    found = kendall(np.array([2, 2, 1, 0]), np.array([3.0, 1.0, 2.0, 0.0]))
    assert (found.concordant, found.discordant, found.tied_grade, found.tied_score) == (4, 1, 1, 0)
    assert found.tau_b == pytest.approx(3 / math.sqrt(30))
    assert found.gamma == pytest.approx(3 / 5)
    assert found.tau_a_favourable == pytest.approx(4 / 6)


@given(GRADES, st.data())
def test_tau_b_is_scipys(grades: list[int], data: st.DataObject) -> None:
    """On any grades and scores, ties included; None where scipy says NaN."""
    scores = data.draw(st.lists(st.integers(-3, 3), min_size=len(grades), max_size=len(grades)))
    expected = kendalltau(grades, scores).statistic
    found = kendall(np.array(grades), np.array(scores, dtype=np.float64)).tau_b
    if math.isnan(expected):
        assert found is None
    else:
        assert found == pytest.approx(expected)
        assert tau_b_many(np.array(grades), np.array([scores], dtype=np.float64))[0] == pytest.approx(
            expected
        )


def test_rounding_of_a_fit_decides_nothing() -> None:
    """Essays with equal records are tied, whichever of them the rounding of the fit puts first.

    Three essays beat each other in a circle and each beats a fourth: three tied pairs, three in order, so
    tau-b = 3 / √(6 · 3).
    """
    winner, loser = np.array([0, 1, 2, 0, 1, 2]), np.array([1, 2, 0, 3, 3, 3])
    theta = fit(Comparisons.from_decided(4, winner, loser)).theta
    assert np.ptp(theta[:3]) < 1e-12
    for noise in ([0, 1, 2], [2, 1, 0], [1, 0, 2]):
        scores = theta + np.array([*noise, 0]) * 1e-14
        found = kendall(np.array([3, 2, 1, 0]), scores)
        assert (found.tied_score, found.concordant, found.discordant) == (3, 3, 0)
        assert found.tau_b == pytest.approx(3 / math.sqrt(6 * 3))
        assert tau_b_many(np.array([3, 2, 1, 0]), scores[None])[0] == pytest.approx(found.tau_b)
    apart = kendall(np.array([3, 2, 1, 0]), np.array([3.0, 2.0, 1.0, 0.0]) * 1e-8)
    assert apart.tau_b == pytest.approx(1.0), "a difference that is no rounding still counts"


def test_unknown_grades_are_left_out() -> None:
    """Grade -1 is no grade; with fewer than two known ones nothing is defined."""
    with_unknown = kendall(np.array([2, -1, 1, 0]), np.array([2.0, 9.0, 1.0, 0.0]))
    assert (with_unknown.n, with_unknown.tau_b) == (3, 1.0)
    nothing = kendall(np.array([-1, 3]), np.array([0.0, 1.0]))
    assert nothing.tau_b is None and nothing.gamma is None and nothing.tau_a_favourable is None


def test_equal_grades_leave_less_than_one() -> None:
    """Twelve essays of three grades, the best order: 48 of 66 pairs differ in grade, and tau-b is √(48/66)."""
    found = kendall(np.repeat([0, 1, 2], 4), np.arange(12.0))
    assert found.tau_b == pytest.approx(found.largest_untied) == pytest.approx(math.sqrt(48 / 66))


def test_many_essays_are_sorted_to_the_same_tau() -> None:
    """With 80 essays, ties in both and equal scores: scipy's tau-b."""
    rng = np.random.default_rng(0)
    grade = np.append(rng.integers(0, 9, 80), -1)
    scores = np.vstack([rng.normal(0, 1, (3, 81)), rng.integers(0, 12, (3, 81)), np.zeros((1, 81))])
    found = tau_b_many(grade, scores)
    expected = [kendalltau(grade[:-1], row[:-1]).statistic for row in scores]
    assert found == pytest.approx(np.array(expected), nan_ok=True)


@given(GRADES, st.data())
def test_many_at_once_are_each_by_itself(grades: list[int], data: st.DataObject) -> None:
    """Rows of scores with and without ties, and essays of unknown grade: tau-b is that of one row at a time."""
    score = st.lists(st.sampled_from([0.0, 0.5, 1.0, 7.25]), min_size=len(grades), max_size=len(grades))
    rows = np.array(data.draw(st.lists(score, min_size=1, max_size=3)))
    grade = np.array(grades) - 1
    each = [kendall(grade, row) for row in rows]
    tau, largest = tau_b_and_largest(grade, rows)
    assert tau == pytest.approx([math.nan if one.tau_b is None else one.tau_b for one in each], nan_ok=True)
    for one, most in zip(each, largest, strict=True):
        if one.gamma is not None and one.tau_b is not None:
            assert one.gamma * most == pytest.approx(one.tau_b)
