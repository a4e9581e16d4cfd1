"""Agreement of several graders, and what their error does to a judge's tau."""

from __future__ import annotations

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.stats import kendalltau

from eng5.stats import graders


@given(arrays.arrays(np.int64, st.tuples(st.integers(2, 12), st.integers(2, 5)), elements=st.integers(-1, 6)))
def test_alpha_is_that_of_the_krippendorff_package(grade: np.ndarray) -> None:
    """The same value for any grades, missing ones included; None where the package has no value."""
    values = np.where(grade < 0, np.nan, grade.astype(np.float64))
    ours = graders.krippendorff_alpha(values)
    several = (~np.isnan(values)).sum(axis=1) > 1
    known = values[several][~np.isnan(values[several])]
    if len(np.unique(known)) < 2:
        assert ours is None
        return
    theirs = krippendorff.alpha(
        reliability_data=values.T, level_of_measurement="ordinal", value_domain=list(range(7))
    )
    assert ours == pytest.approx(theirs, abs=1e-9)


def test_reliability_by_hand() -> None:
    """Means 1.5, 3.5: between 4, within 0.5 a grade, so 1 - 0.5 / 4; the same grades twice have no error."""
    assert graders.reliability(np.array([[1.0, 2.0], [3.0, 4.0]])) == pytest.approx(1 - 0.5 / 4)
    assert graders.reliability(np.array([[1.0, 1.0], [3.0, 3.0]])) == 1.0
    assert graders.reliability(np.array([[1.0, np.nan], [3.0, np.nan]])) is None


def test_tau_with_the_median_of_the_others() -> None:
    """Kendall's tau-b of scipy, over the essays that both graded."""
    grade = np.array([[1, 1, 2], [2, 3, 3], [4, 2, 5], [5, 5, np.nan], [np.nan, 1, 1]])
    others = np.nanmedian(grade[:4, 1:], axis=1)
    expected = kendalltau(grade[:4, 0], others).statistic
    assert graders.tau_against_others(grade, 0) == pytest.approx(expected)


def test_error_of_graders_lowers_tau_and_is_taken_out() -> None:
    """Reliability 0.64: a perfect judge reaches 2/π asin 0.8; and taking the error out gives tau with the truth."""
    assert graders.tau_of_perfect_judge(0.64) == pytest.approx(2 / np.pi * np.arcsin(0.8))
    assert graders.tau_without_grader_error(graders.tau_of_perfect_judge(0.64), 0.64) == pytest.approx(1.0)
    assert graders.tau_without_grader_error(0.5, 0.0) is None
    rng = np.random.default_rng(4)
    truth = rng.normal(size=3000)
    judge, grade = truth + rng.normal(0, 0.5, 3000), truth + rng.normal(0, 0.75, 3000)
    seen = kendalltau(judge, grade).statistic
    corrected = graders.tau_without_grader_error(seen, 1 / (1 + 0.75**2))
    assert corrected == pytest.approx(kendalltau(judge, truth).statistic, abs=0.02)


@pytest.mark.slow
def test_intervals_hold_what_a_large_study_shows() -> None:
    """Tau of a grader with two others, 16 essays: the interval holds the truth in at least 88 of 100 studies."""
    rng = np.random.default_rng(5)

    def study(size: int) -> np.ndarray:
        return np.asarray(rng.normal(size=(size, 1)) + rng.normal(0, 0.5, (size, 3)))

    truth = graders.tau_against_others(study(3000), 0)
    assert truth is not None
    held = 0
    for _ in range(100):
        grade = study(16)
        found = graders.over_essays(lambda e, g=grade: graders.tau_against_others(g[e], 0), 16)  # type: ignore[misc]
        held += found.interval is not None and truth in found.interval
    assert held >= 88


def test_few_essays_have_no_interval() -> None:
    """Below four essays the value stands alone; an undefined figure has neither."""
    assert graders.over_essays(lambda e: 0.5, 3).interval is None
    assert graders.over_essays(lambda e: None, 9) == graders.Figure(None, None)
    assert graders.mean_kappa(np.array([[1.0, np.nan], [2.0, np.nan]])) is None
