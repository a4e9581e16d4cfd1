"""Zero-win anchors, and how many of them perfect judging leaves."""

import numpy as np
import pytest

from eng5.stats.comparisons import Comparisons
from eng5.stats.posterior import Draws
from eng5.stats.zero_wins import count_interval, expected_count, zero_wins


def test_played_and_won_nothing() -> None:
    """0 beats 1 and 2, 1 beats 2: only 2 is without a win; 3 never played and is not one of them."""
    comparisons = Comparisons.from_decided(4, np.array([0, 0, 1]), np.array([1, 2, 2]))
    found = zero_wins(comparisons, np.array([3, 2, 1, 0]))
    assert (found.essays, found.count, found.unplayed) == ((2,), 1, (3,))


def test_complete_round_robin_in_perfect_order_leaves_one() -> None:
    """Five essays of different grade, each pair once: the last never wins, so 1 is expected."""
    i, j = np.triu_indices(5, 1)
    found = zero_wins(Comparisons.from_decided(5, i, j), np.arange(5)[::-1])
    assert (found.essays, found.expected_perfect) == ((4,), 1.0)


def test_equal_grades_share_the_last_place() -> None:
    """Two essays at the bottom meet once: a coin decides which of them wins, so 2 · ½ = 1 is expected;
    meeting twice, each is without a win with probability ¼."""
    once = Comparisons.from_decided(3, np.array([0, 0, 1]), np.array([1, 2, 2]))
    grade = np.array([1, 0, 0])
    assert zero_wins(once, grade).expected_perfect == pytest.approx(1.0)
    twice = Comparisons.from_decided(3, np.array([0, 0, 1, 2]), np.array([1, 2, 2, 1]))
    assert zero_wins(twice, grade).expected_perfect == pytest.approx(0.5)


def test_unknown_grades_are_left_out() -> None:
    """An essay without a grade is no anchor, and an opponent like a coin."""
    comparisons = Comparisons.from_decided(2, np.array([0]), np.array([1]))
    found = zero_wins(comparisons, np.array([4, -1]))
    assert (found.essays, found.expected_perfect) == ((), 0.5)


def test_ties_are_neither_wins_nor_games() -> None:
    """An anchor that only tied has not played a decided comparison."""
    found = zero_wins(Comparisons(2, np.array([0]), np.array([1]), np.array([0])), np.array([1, 0]))
    assert (found.count, found.expected_perfect, found.unplayed) == (0, 0.0, (0, 1))


@pytest.mark.parametrize("n", [0, 1, 2])
def test_no_comparison(n: int) -> None:
    """Without a comparison nobody is without a win."""
    none = np.array([], dtype=np.int64)
    found = zero_wins(Comparisons(n, none, none, none), np.arange(n))
    assert (found.count, found.expected_perfect, len(found.unplayed)) == (0, 0.0, n)


def test_expected_count_by_hand() -> None:
    """0 as A meets 1 twice with p = σ(ln 3 + 0) = ¾: 0 loses both with 1/16, 1 with 9/16."""
    comparisons = Comparisons(2, np.array([0, 0]), np.array([1, 1]), np.array([1, 1]))
    draws = Draws(np.array([[np.log(3), 0.0]]), np.zeros(1), False, 1.0, "given", 0)
    assert expected_count(comparisons, np.array([1, 0]), draws) == pytest.approx([10 / 16])
    assert expected_count(comparisons, np.array([-1, 0]), draws) == pytest.approx([9 / 16])
    assert count_interval(comparisons, np.array([1, 0]), draws).low == pytest.approx(10 / 16)


def test_position_effect_enters_the_expected_count() -> None:
    """With η = ln 3 and equal abilities, 0 loses once as A with ¼ and once as B with ¾."""
    comparisons = Comparisons(2, np.array([0, 1]), np.array([1, 0]), np.array([1, 1]))
    draws = Draws(np.zeros((1, 2)), np.array([np.log(3)]), True, 1.0, "given", 0)
    assert expected_count(comparisons, np.array([1, 0]), draws) == pytest.approx([2 * 3 / 16])
