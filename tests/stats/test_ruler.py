"""Anchors as a ruler: boundaries in order, predictions without the anchor's own grade."""

import numpy as np
import pytest

from eng5.stats.comparisons import Comparisons
from eng5.stats.posterior import Draws, draw
from eng5.stats.ruler import pair_order, ruler


def _judged(theta: list[float], repeats: int, seed: int) -> Comparisons:
    """Every pair in both orders, repeats times, by a judge with these abilities."""
    rng = np.random.default_rng(seed)
    ability = np.array(theta)
    i, j = np.nonzero(~np.eye(len(theta), dtype=bool))
    first, second = np.tile(i, repeats), np.tile(j, repeats)
    chance = 1 / (1 + np.exp(-(ability[first] - ability[second])))
    return Comparisons(len(theta), first, second, np.where(rng.random(len(first)) < chance, 1, -1))


GRADE = np.array([0, 1, 2, 3, 4, 5, 6, 7])


def test_boundaries_ascend_between_the_grades() -> None:
    """Eight grades 0.8 logits apart: seven ascending boundaries, each near the middle between two grades
    and within its interval."""
    theta = [0.8 * (k - 3.5) for k in range(8)]
    found = ruler(GRADE, draw(_judged(theta, 6, 0), GRADE))
    assert found is not None
    assert found.rises == 1.0
    assert [boundary.below for boundary in found.boundaries] == list(range(7))
    for boundary in found.boundaries:
        assert boundary.ability == pytest.approx(0.8 * (boundary.below - 3), abs=0.5)
        assert boundary.interval.low < boundary.ability < boundary.interval.high
    abilities = [boundary.ability for boundary in found.boundaries]
    assert abilities == sorted(abilities)


def test_misgraded_anchor_is_listed_first() -> None:
    """The essay with the worst grade but the ability of the best looks wrong, and is predicted higher."""
    theta = [4.0] + [1.2 * (k - 3.5) for k in range(1, 8)]
    found = ruler(GRADE, draw(_judged(theta, 4, 1), GRADE))
    assert found is not None
    first = found.predictions[0]
    assert (first.essay, first.grade, first.looks_wrong) == (0, 0, True)
    assert first.disagreement > 3
    assert first.interval.low > 0
    disagreements = [abs(p.disagreement) for p in found.predictions if not p.looks_wrong]
    assert disagreements == sorted(disagreements, reverse=True)


def test_an_anchors_own_grade_is_not_used() -> None:
    """Whatever grade an anchor in the middle is given, between the same others, its prediction is the same."""
    theta = [1.0 * (k - 3.5) for k in range(8)]
    comparisons = _judged(theta, 3, 2)
    predicted = []
    for own in (2, 5):
        grade = GRADE.copy()
        grade[4] = own
        found = ruler(grade, draw(comparisons, grade))
        assert found is not None
        predicted.append(next(p for p in found.predictions if p.essay == 4).predicted)
    assert predicted[0] == predicted[1]


def test_grades_that_the_judge_ignores_give_no_boundaries() -> None:
    """A judge with the same ability for all: no boundary, and wide predictions."""
    found = ruler(GRADE, draw(_judged([0.0] * 8, 3, 3), GRADE))
    assert found is not None
    assert found.boundaries == ()
    assert all(p.interval.high - p.interval.low >= 5 for p in found.predictions)


@pytest.mark.parametrize("grade", [[], [1], [0, 1, 2], [3, 3, 3, 3, 3], [-1, -1, 0, 1, 2]])
def test_too_few_anchors(grade: list[int]) -> None:
    """Fewer than four known grades, or only one grade, is no ruler."""
    comparisons = _judged([0.0] * len(grade), 1, 0)
    known = np.array(grade, dtype=np.int64)
    assert ruler(known, draw(comparisons, known, resamples=50)) is None


def test_draws_from_elsewhere_are_refused() -> None:
    """Abilities without slope and intercept cannot carry a scale of grades."""
    with pytest.raises(ValueError, match="slope"):
        ruler(GRADE, Draws(np.zeros((3, 8)), np.zeros(3), False, 3.0, "given", 0))


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
