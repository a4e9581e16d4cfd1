"""Comparisons: counts by essay and by pair, and refusal of data that cannot be."""

import numpy as np
import pytest

from eng5.stats.comparisons import Comparisons, sum_by_essay


def _three() -> Comparisons:
    """0 as A beats 1; 1 as A loses to 2; 0 and 2 tie; essay 3 never plays."""
    return Comparisons(4, np.array([0, 1, 0]), np.array([1, 2, 2]), np.array([1, -1, 0]))


def test_winner_and_loser_follow_outcome_and_skip_ties() -> None:
    """A positive outcome makes the first the winner, a negative the second, a tie neither."""
    comparisons = _three()
    assert comparisons.winner.tolist() == [0, 2]
    assert comparisons.loser.tolist() == [1, 1]
    assert comparisons.decided.tolist() == [True, True, False]


def test_counts_by_essay() -> None:
    """Ties count as played, and as neither won nor lost."""
    comparisons = _three()
    assert comparisons.wins.tolist() == [1, 0, 1, 0]
    assert comparisons.losses.tolist() == [0, 2, 0, 0]
    assert comparisons.played.tolist() == [2, 2, 2, 0]


def test_matrices_by_pair() -> None:
    """Wins are counted from row to column, ties in both directions."""
    comparisons = _three()
    assert np.argwhere(comparisons.win_matrix).tolist() == [[0, 1], [2, 1]]
    assert np.argwhere(comparisons.tie_matrix).tolist() == [[0, 2], [2, 0]]


def test_select_keeps_the_essays() -> None:
    """A selection has fewer comparisons of the same n essays."""
    chosen = _three().select(np.array([True, False, True]))
    assert (chosen.n, len(chosen), chosen.winner.tolist()) == (4, 2, [0])


def test_from_decided_puts_the_winner_first() -> None:
    """Without positions the winner stands as Essay A."""
    comparisons = Comparisons.from_decided(3, np.array([2]), np.array([0]))
    assert (comparisons.first.tolist(), comparisons.second.tolist()) == ([2], [0])
    assert comparisons.winner.tolist() == [2]


def test_no_comparisons() -> None:
    """No essay and no comparison is valid, and every count is empty."""
    empty = Comparisons(0, np.array([]), np.array([]), np.array([]))
    assert len(empty) == 0
    assert empty.win_matrix.shape == (0, 0)
    assert empty.wins.tolist() == []


@pytest.mark.parametrize(
    ("n", "first", "second", "outcome", "message"),
    [
        (2, [0], [1, 0], [1], "equally long"),
        (2, [0], [2], [1], "must lie in 0 … 1"),
        (2, [-1], [1], [1], "must lie in 0 … 1"),
        (2, [1], [1], [1], "with itself"),
        (2, [0], [1], [2], r"\+1"),
        (-1, [], [], [], "0 or more"),
    ],
)
def test_impossible_data_is_refused(
    n: int, first: list[int], second: list[int], outcome: list[int], message: str
) -> None:
    """A wrong shape, index, pair or outcome is an error that names it."""
    with pytest.raises(ValueError, match=message):
        Comparisons(n, np.array(first), np.array(second), np.array(outcome))


def test_sum_by_essay_adds_columns() -> None:
    """Columns of the same essay are added; an essay without any has 0."""
    total = sum_by_essay(np.array([[1.0, 2.0, 4.0]]), np.array([2, 0, 2]), 4)
    assert total.tolist() == [[2.0, 0.0, 5.0, 0.0]]


def test_names_are_numbered_as_they_are_met() -> None:
    """First come the essays shown first, in order, then those that were only shown second."""
    names, comparisons = Comparisons.named(["b", "a", "b"], ["a", "c", "d"], [1, 0, -1])
    assert names == ("b", "a", "c", "d")
    assert comparisons.first.tolist() == [0, 1, 0] and comparisons.second.tolist() == [1, 2, 3]
    assert comparisons.outcome.tolist() == [1, 0, -1]
    assert Comparisons.named([], [], [])[1].n == 0
