"""Probability of right order, by grade."""

import numpy as np
import pytest

from eng5.stats.pair_order import pair_order
from eng5.stats.posterior import Draws


def _draws(theta: list[list[float]]) -> Draws:
    return Draws(np.array(theta), np.zeros(len(theta)), False, 1.0, "given", 0)


def test_the_better_grade_has_the_higher_mean() -> None:
    """Grades 0 0 1 and four draws: the third essay beats the mean of the others in two of them."""
    found = pair_order(np.array([0, 0, 1]), _draws([[0, 0, 1], [0, 2, 0.5], [1, 2, 0], [-1.0, -1.0, 2.0]]))
    assert found.grades == (0, 1)
    assert found.probability[0, 1] == found.probability[1, 0] == 0.5
    assert np.isnan(np.diagonal(found.probability)).all()


def test_unknown_grades_have_no_order() -> None:
    """An essay of unknown grade is in no pair."""
    found = pair_order(np.array([-1, 0, 3]), _draws([[5, 0, 1], [5, 1, 0]]))
    assert (found.grades, found.probability[0, 1]) == ((0, 3), 0.5)


@pytest.mark.parametrize("grade", [[], [2], [2, 2], [-1, -1]])
def test_no_pair_of_different_grade(grade: list[int]) -> None:
    """Fewer than two grades have no order."""
    found = pair_order(np.array(grade, dtype=np.int64), _draws([[0.0] * len(grade)] * 3))
    assert np.isnan(found.probability).all()
