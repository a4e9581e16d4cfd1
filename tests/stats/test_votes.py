"""Votes of several judges: verdicts, weights without grades, and how many independent judges they are worth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from eng5.stats.comparisons import FloatArray, IntArray
from eng5.stats.votes import independence, reliability, verdicts

LEVEL = np.repeat(np.arange(9), 3)
FIRST, SECOND = np.triu_indices(len(LEVEL), 1)
GAP = LEVEL[FIRST] - LEVEL[SECOND]


def planted(rng: np.random.Generator, copied: float, judges: int = 3) -> FloatArray:
    """Votes on every pair: a share of each judge's is taken from one judge that all know, the rest is its own."""
    right = expit(0.5 * np.abs(GAP) + 0.3)[:, None]

    def draw(k: int) -> FloatArray:
        better = np.where(GAP != 0, np.sign(GAP), 1)[:, None]
        return np.where(rng.random((len(GAP), k)) < right, better, -better).astype(np.float64)

    return np.where(rng.random((len(GAP), judges)) < copied, draw(1), draw(judges))


def count(votes: FloatArray, gap: IntArray = GAP) -> float:
    """Effective number of judges."""
    found = independence(votes, gap, FIRST, SECOND).judges
    assert found is not None
    return found


def test_independent_judges_count_as_many_and_copies_as_one() -> None:
    """Though both err more often where grades are close: difficulty is no dependence."""
    rng = np.random.default_rng(1)
    assert count(planted(rng, 0.0)) == pytest.approx(3, abs=0.35)
    assert count(planted(rng, 1.0)) == pytest.approx(1)
    assert count(planted(rng, 0.0, judges=5)) == pytest.approx(5, abs=0.9)


@pytest.mark.parametrize("copied", [0.5, 0.8])
def test_correlated_judges_count_as_fewer(copied: float) -> None:
    """Two judges both take a question's vote from the common one with probability c²: r = c², 3 / (1 + 2 c²)."""
    rng = np.random.default_rng(2)
    found = np.mean([count(planted(rng, copied)) for _ in range(5)])
    assert found == pytest.approx(3 / (1 + 2 * copied**2), abs=0.2)


def test_intervals_hold_the_planted_number() -> None:
    """3 / (1 + 2 · 0.6²), in at least 34 of 40 panels."""
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(40):
        found = independence(planted(rng, 0.6), GAP, FIRST, SECOND).judges_interval
        assert found is not None
        held += 3 / (1 + 2 * 0.36) in found
    assert held >= 34


def test_weights_find_the_planted_accuracies_without_grades() -> None:
    """Accuracies .95, .8 and .6 of 4000 questions come back within .03, and the weights are their log odds."""
    rng = np.random.default_rng(4)
    truth = rng.choice([-1.0, 1.0], 4000)[:, None]
    planted_accuracy = np.array([0.95, 0.8, 0.6])
    votes = np.where(rng.random((4000, 3)) < planted_accuracy, truth, -truth)
    votes[:200, 0] = np.nan
    votes[200:300, 1] = 0
    found = reliability(votes)
    assert np.abs(found.accuracy - planted_accuracy).max() < 0.03
    assert np.allclose(found.weight, np.log(found.accuracy / (1 - found.accuracy)))
    by_weights = (verdicts(votes, found.weight) == truth[:, 0]).mean()
    by_majority = (verdicts(votes) == truth[:, 0]).mean()
    assert by_weights > by_majority


def test_a_judge_that_contradicts_all_others_counts_for_nothing() -> None:
    """No negative weight: it is not turned into a good judge by turning it round."""
    rng = np.random.default_rng(5)
    truth = rng.choice([-1.0, 1.0], 500)[:, None]
    votes = np.where(rng.random((500, 4)) < [0.85, 0.85, 0.85, 0.1], truth, -truth)
    assert reliability(votes).weight[3] == 0.0


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from([1.0, -1.0, 0.0, np.nan]), min_size=3, max_size=3), min_size=1, max_size=20
    )
)
def test_verdicts_follow_the_votes(rows: list[list[float]]) -> None:
    """The majority of those that chose, a tie when split, nothing where nobody answered; turning all turns all."""
    votes = np.array(rows)
    found = verdicts(votes)
    for row, verdict in zip(rows, found.tolist(), strict=True):
        total = sum(vote for vote in row if vote == vote)
        if all(vote != vote for vote in row):
            assert np.isnan(verdict)
        else:
            assert verdict == np.sign(total)
    assert np.array_equal(verdicts(-votes), -found, equal_nan=True)
    assert np.isfinite(reliability(votes).weight).all()


def test_two_judges_have_equal_weights() -> None:
    """Where two differ nothing says who is right."""
    rng = np.random.default_rng(6)
    weight = reliability(rng.choice([-1.0, 1.0], (100, 2))).weight
    assert weight[0] == pytest.approx(weight[1], abs=1e-6)


def test_without_grades_or_errors_nothing_is_said_of_independence() -> None:
    """None, not k."""
    right = np.where(GAP != 0, np.sign(GAP), 1.0)[:, None].repeat(3, axis=1)
    assert independence(right, GAP, FIRST, SECOND).judges is None
    assert independence(right, np.zeros_like(GAP), FIRST, SECOND).judges is None
