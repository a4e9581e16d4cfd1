"""Quadratic weighted kappa and exact and adjacent agreement."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from eng5.stats.kappa import grade_agreement

RATINGS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=40)


@given(RATINGS)
def test_kappa_equals_statsmodels(ratings: list[tuple[int, int]]) -> None:
    """Kappa is that of a contingency table of ten grades with quadratic weights."""
    from statsmodels.stats.inter_rater import cohens_kappa

    a, b = np.array(ratings).T
    assume(len({*a, *b}) > 1)
    table = np.zeros((10, 10))
    np.add.at(table, (a, b), 1)
    expected = cohens_kappa(table, weights=np.arange(10), wt="quadratic", return_results=False)
    assert grade_agreement(a, b).kappa == pytest.approx(expected, abs=1e-9)


def test_three_essays_by_hand() -> None:
    """Ratings 0 1 2 and 0 2 2: mean squared difference 1/3.

    If independent: variances 2/3 and 8/9, means 1 and 4/3: 2/3 + 8/9 + 1/9 = 5/3. Kappa 1 - 0.2 = 0.8.
    """
    ours = grade_agreement(np.array([0, 1, 2]), np.array([0, 2, 2]))
    assert ours.kappa == pytest.approx(0.8)
    assert ours.exact.rate == pytest.approx(2 / 3)
    assert ours.adjacent.rate == 1.0


@given(RATINGS, st.integers(-5, 5))
def test_kappa_depends_on_the_differences_only(ratings: list[tuple[int, int]], shift: int) -> None:
    """Exchanging the raters, turning the scale or shifting it changes nothing."""
    a, b = np.array(ratings).T
    ours = grade_agreement(a, b)
    for other in (
        grade_agreement(b, a),
        grade_agreement(9 - a, 9 - b),
        grade_agreement(a + shift, b + shift),
    ):
        assert other.kappa == (None if ours.kappa is None else pytest.approx(ours.kappa))
        assert (other.exact, other.adjacent) == (ours.exact, ours.adjacent)


def test_perfect_agreement_has_no_interval() -> None:
    """Kappa 1 varies with no essay left out, so the jackknife says nothing about its error."""
    ours = grade_agreement(np.arange(5), np.arange(5))
    assert ours.kappa == 1.0 and ours.interval is None


@pytest.mark.parametrize("n", [0, 1, 4])
def test_one_grade_for_all_leaves_kappa_undefined(n: int) -> None:
    """No essays, one essay, or all essays in one grade: no kappa, agreement counted all the same."""
    ours = grade_agreement(np.full(n, 3), np.full(n, 3))
    assert ours.kappa is None and ours.interval is None
    assert ours.exact.wins == n


def test_ratings_of_different_length_are_refused() -> None:
    """Both ratings must be of the same essays."""
    with pytest.raises(ValueError):
        grade_agreement(np.arange(3), np.arange(4))


def test_the_interval_covers_the_truth() -> None:
    """Twelve essays drawn from a population, 400 times: the 95 % interval covers its kappa in 92 to 98 %."""
    rng = np.random.default_rng(7)

    def draw(n: int) -> tuple[np.ndarray, np.ndarray]:
        reference = rng.integers(0, 10, n)
        return np.clip(np.rint(reference + 1.5 * rng.normal(size=n)), 0, 9).astype(np.int64), reference

    a, b = draw(200_000)
    truth = 1 - np.mean((a - b) ** 2) / (a.var() + b.var() + (a.mean() - b.mean()) ** 2)
    intervals = [grade_agreement(*draw(12)).interval for _ in range(400)]
    covered = np.mean([each is not None and truth in each for each in intervals])
    assert 0.92 <= covered <= 0.98
