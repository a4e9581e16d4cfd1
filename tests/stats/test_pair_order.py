"""Probability of right order, by grade and by essay."""

import numpy as np
import pytest

from eng5.stats.pair_order import pair_order
from eng5.stats.posterior import Draws


def _draws(theta: list[list[float]]) -> Draws:
    return Draws(np.array(theta), np.zeros(len(theta)), False, 1.0, "given", 0)


def test_by_essay_and_by_grade() -> None:
    """Grades 0 0 1 and four draws: the third essay beats the first in 3, the second in 2, and the mean of
    both in 2; pairs in the wrong order number 0, 1, 2, 0."""
    found = pair_order(np.array([0, 0, 1]), _draws([[0, 0, 1], [0, 2, 0.5], [1, 2, 0], [-1.0, -1.0, 2.0]]))
    assert found.grades == (0, 1)
    assert found.essay_probability[0, 2] == found.essay_probability[2, 0] == 0.75
    assert found.essay_probability[1, 2] == 0.5
    assert np.isnan(found.essay_probability[0, 1])
    assert found.grade_probability[0, 1] == 0.5
    assert found.truly_inverted == 0.75


def test_unknown_grades_have_no_order() -> None:
    """An essay of unknown grade is in no pair."""
    found = pair_order(np.array([-1, 0, 3]), _draws([[5, 0, 1], [5, 1, 0]]))
    assert np.isnan(found.essay_probability[0]).all()
    assert (found.grades, found.essay_probability[1, 2]) == ((0, 3), 0.5)


@pytest.mark.parametrize("grade", [[], [2], [2, 2], [-1, -1]])
def test_no_pair_of_different_grade(grade: list[int]) -> None:
    """Nothing is inverted, and the interval says so."""
    found = pair_order(np.array(grade, dtype=np.int64), _draws([[0.0] * len(grade)] * 3))
    assert (found.truly_inverted, found.interval.low, found.interval.high) == (0, 0, 0)
