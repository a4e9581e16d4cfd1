"""May the judge stand in for a grader?"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from eng5.stats.alternative_annotator import _benjamini_yekutieli, alternative_annotator, power

GRADES = 9


def panel(
    essays: int, graders: int, error: float, of_judge: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A judge's scores and graders' grades of essays whose quality is standard normal."""
    truth = rng.normal(0, 1, essays)
    seen = truth[:, None] + rng.normal(0, error, (essays, graders))
    edges = np.quantile(seen, np.arange(1, GRADES) / GRADES)
    return truth + rng.normal(0, of_judge, essays), np.digitize(seen, edges).astype(np.float64)


@pytest.mark.parametrize(
    ("essays", "graders", "error", "of_judge"), [(12, 2, 0.5, 1.36), (12, 3, 0.5, 1.35), (24, 3, 0.5, 1.17)]
)
def test_a_judge_that_is_worse_by_the_margin_is_rarely_as_good(
    essays: int, graders: int, error: float, of_judge: float
) -> None:
    """It agrees in ten points fewer of pairs: of 150 studies at most 15 (5 % and 2.8 errors) call it as good."""
    rng = np.random.default_rng(7)
    found = [alternative_annotator(*panel(essays, graders, error, of_judge, rng)) for _ in range(150)]
    worse = np.mean([one.advantage for each in found for one in each.graders])
    assert worse == pytest.approx(-0.1, abs=0.02)
    assert sum(each.as_good for each in found) <= 15


def test_a_judge_without_error_is_as_good_as_graders_with_error() -> None:
    """Twenty-four essays: found in at least 85 of 100, and a coin in none of 100."""
    rng = np.random.default_rng(8)
    found = sum(alternative_annotator(*panel(24, 3, 0.7, 0.0, rng)).as_good for _ in range(100))
    assert found >= 85
    coin = sum(alternative_annotator(*panel(24, 3, 0.5, 20.0, rng)).as_good for _ in range(100))
    assert coin == 0


def test_agreement_by_hand() -> None:
    """Others order two of three pairs; the judge agrees in both, the grader in one and ties in the other."""
    score = np.array([3.0, 2.0, 1.0])
    grade = np.array([[2.0, 2.0], [1.0, 1.0], [2.0, 1.0]])
    one = alternative_annotator(score, grade).graders[0]
    assert (one.pairs, one.judge, one.grader, one.advantage) == (2, 1.0, 0.75, 0.25)
    assert one.p_value is None, "three essays are too few to test"


def test_adjusted_p_values_are_those_of_scipy() -> None:
    """Benjamini and Yekutieli, in the given order."""
    p = np.array([0.03, 0.001, 0.2, 0.04])
    assert _benjamini_yekutieli(p) == pytest.approx(false_discovery_control(p, method="by"))
    assert len(_benjamini_yekutieli(np.array([]))) == 0


def test_power_grows_with_essays() -> None:
    """A judge just as good as a grader is found more often the more anchors there are, and the same every time."""
    few, many = (power(n, 3, 0.8, grades=GRADES, datasets=60) for n in (10, 40))
    assert few < many and power(10, 3, 0.8, grades=GRADES, datasets=60) == few


def test_missing_grades_are_left_out() -> None:
    """A grader who graded nothing has no figure, and the others are compared among themselves."""
    rng = np.random.default_rng(9)
    score, grade = panel(12, 3, 0.5, 0.5, rng)
    grade[:, 2] = np.nan
    found = alternative_annotator(score, grade)
    assert found.graders[2].pairs == 0 and found.graders[2].p_adjusted is None
    assert found.graders[0].pairs > 0 and not found.graders[2].stands_in
