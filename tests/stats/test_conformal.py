"""Conformal grade intervals."""

import numpy as np
import pytest

from eng5.stats.conformal import grades_of_new
from eng5.stats.ruler import line, win_share


@pytest.mark.parametrize(("anchors", "level"), [(12, 12 / 13), (19, 0.95), (39, 0.95), (18, 18 / 19)])
def test_the_level_is_what_so_many_anchors_can_promise(anchors: int, level: float) -> None:
    """Below 19 anchors m / (m + 1); from there on at least 95 %."""
    grade = np.append(np.arange(anchors) % 9, -1)
    theta = np.append(0.5 * (np.arange(anchors) % 9), 2.0) + 0.01 * np.arange(anchors + 1)
    (found,) = grades_of_new(grade, theta, np.array([anchors]), 8)
    assert found.level == pytest.approx(level)


def test_the_interval_is_that_of_the_jackknife_plus() -> None:
    """Written out: the k-th of the leave-one-out predictions less and plus their residuals, k = 1."""
    rng = np.random.default_rng(0)
    grade = np.append(np.arange(8), -1)
    theta = np.append(np.arange(8) + rng.normal(0, 1, 8), 4.2)
    (found,) = grades_of_new(grade, theta, np.array([8]), 7)
    w = win_share(theta, np.arange(8))
    low, high = [], []
    for place in range(8):
        rest = np.delete(np.arange(8), place)
        through = line(w[rest], grade[rest].astype(float))
        residual = abs(place - np.clip(through.grade(w[place]), 0, 7))
        new = np.clip(through.grade(w[8]), 0, 7)
        low.append(new - residual)
        high.append(new + residual)
    assert (found.low, found.high) == (
        max(0, np.floor(min(low) + 0.5)),
        min(7, np.floor(max(high) + 0.5)),
    )


@pytest.mark.parametrize("noise", [0.3, 1.0, 3.0])
def test_it_holds_the_grade_of_essays_drawn_as_the_anchors_were(noise: float) -> None:
    """Whatever the scatter of the judge, and with tails that no normal model expects: 19 anchors, 95 %."""
    rng, held = np.random.default_rng(1), 0
    for _ in range(300):
        grade = rng.integers(0, 9, 20)
        theta = grade + noise * rng.standard_t(2, 20)
        known = np.append(grade[:-1], -1)
        (found,) = grades_of_new(known, theta, np.array([19]), 8) or (None,)
        held += found is None or found.low <= grade[-1] <= found.high
    assert held / 300 >= 0.92


@pytest.mark.parametrize("grade", [[0, 1, 2, -1], [3, 3, 3, 3, 3, -1], [-1, -1]])
def test_too_few_anchors_grade_nobody(grade: list[int]) -> None:
    """Fewer than four, or of one grade: no essay gets a grade."""
    known = np.array(grade)
    assert grades_of_new(known, np.arange(len(grade), dtype=float), np.flatnonzero(known < 0), 8) == ()


def test_a_judge_against_the_grades_grades_nobody() -> None:
    """Where the scale falls with the grade there is nothing to read off."""
    grade = np.append(np.arange(8), -1)
    assert grades_of_new(grade, -np.arange(9.0), np.array([8]), 7) == ()
