"""Anchors as a ruler: boundaries in order, predictions without the anchor's own grade."""

import numpy as np
import pytest

from eng5.stats.posterior import Draws
from eng5.stats.ruler import line, pair_order, ruler

GRADE = np.array([0, 1, 2, 3, 4, 5, 6, 7])


def test_boundaries_ascend_between_the_grades() -> None:
    """Eight grades 0.8 logits apart: seven ascending boundaries, each near the middle between two grades
    and within its interval."""
    found = ruler(GRADE, np.array([0.8 * (k - 3.5) for k in range(8)]))
    assert found is not None
    assert found.rises > 0.999
    assert [boundary.below for boundary in found.boundaries] == list(range(7))
    for boundary in found.boundaries:
        assert boundary.ability == pytest.approx(0.8 * (boundary.below - 3), abs=0.2)
        if boundary.interval is not None:
            assert boundary.interval.low < boundary.ability < boundary.interval.high
    abilities = [boundary.ability for boundary in found.boundaries]
    assert abilities == sorted(abilities)


def test_the_line_is_the_least_squares_line() -> None:
    """Slope, intercept and residual are numpy's."""
    w, grade = np.array([0.1, 0.35, 0.3, 0.7, 0.8]), np.array([0.0, 1.0, 2.0, 4.0, 5.0])
    found = line(w, grade)
    slope, intercept = np.polyfit(grade, w, 1)
    assert (found.a, found.b) == pytest.approx((intercept, slope))
    assert found.s**2 == pytest.approx(np.sum((w - intercept - slope * grade) ** 2) / 3)


def test_fiellers_limits_are_where_the_prediction_band_passes() -> None:
    """At either limit, w lies at the edge of the band in which a new essay of that grade would be predicted."""
    w, grade = np.array([0.1, 0.25, 0.45, 0.5, 0.72, 0.9]), np.arange(6.0)
    found = line(w, grade)
    t = 2.7764451  # 97.5 % point of Student's t with 4 degrees of freedom
    for end in found.span(0.4, 0.95):
        half = t * found.s * np.sqrt(1 + 1 / 6 + (end - 2.5) ** 2 / found.squares)
        assert abs(0.4 - (found.a + found.b * end)) == pytest.approx(half)


def test_predictions_at_the_ends_are_not_pulled_to_the_middle() -> None:
    """A perfect order at even distances: worst and best anchor keep their grades to within half a step."""
    found = ruler(GRADE, np.array([0.7 * (k - 3.5) for k in range(8)]))
    assert found is not None
    by_grade = {each.grade: each.predicted for each in found.predictions}
    assert by_grade[0] < 0.5 and by_grade[7] > 6.5


def test_misgraded_anchor_is_listed_first() -> None:
    """The essay with the worst grade but the ability of the best looks wrong, and is predicted higher."""
    theta = [4.0] + [1.2 * (k - 3.5) for k in range(1, 8)]
    found = ruler(GRADE, np.array(theta))
    assert found is not None
    first = found.predictions[0]
    assert (first.essay, first.grade, first.looks_wrong) == (0, 0, True)
    assert first.disagreement > 3
    assert first.interval.low > 0
    disagreements = [abs(p.disagreement) for p in found.predictions if not p.looks_wrong]
    assert disagreements == sorted(disagreements, reverse=True)


def test_an_anchors_own_grade_is_not_used() -> None:
    """Whatever grade an anchor in the middle is given, between the same others, its prediction is the same."""
    theta = np.array([1.0 * (k - 3.5) for k in range(8)]) + np.array([0.3, -0.2, 0.1, 0, 0.2, -0.3, 0, 0.1])
    predicted = []
    for own in (2, 5):
        grade = GRADE.copy()
        grade[4] = own
        found = ruler(grade, theta)
        assert found is not None
        predicted.append(next(p for p in found.predictions if p.essay == 4).predicted)
    assert predicted[0] == predicted[1]


def test_grades_that_the_judge_ignores_give_no_boundaries() -> None:
    """Abilities without relation to the grades: no boundary, and every grade is possible."""
    found = ruler(GRADE, np.array([0.2, -0.3, 0.1, 0.0, -0.2, 0.3, -0.1, 0.05]))
    assert found is not None
    assert found.boundaries == ()
    assert all(p.interval.high - p.interval.low >= 5 for p in found.predictions)


@pytest.mark.parametrize("grade", [[], [1], [0, 1, 2], [3, 3, 3, 3, 3], [-1, -1, 0, 1, 2]])
def test_too_few_anchors(grade: list[int]) -> None:
    """Fewer than four known grades, or only one grade, is no ruler."""
    assert ruler(np.array(grade, dtype=np.int64), np.zeros(len(grade))) is None


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
