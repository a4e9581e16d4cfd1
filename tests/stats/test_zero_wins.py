"""Zero-win anchors, and how many of them perfect judging leaves."""

import numpy as np
import pytest

from eng5.stats.comparisons import Comparisons
from eng5.stats.zero_wins import zero_wins


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
