"""Aggregation by pair and derivatives of the log-likelihood."""

import numpy as np
import pytest

from eng5.stats.bradley_terry.likelihood import (
    PairCounts,
    aggregate,
    decided_terms,
    logistic_parts,
    tie_terms,
)
from eng5.stats.comparisons import Comparisons

SHOWN = Comparisons(3, np.array([0, 1, 1, 2]), np.array([1, 0, 2, 1]), np.array([1, 1, 0, -1]))


def test_positions_merged() -> None:
    """0 beats 1 as A and loses to it as B; 1 ties with 2 as A and beats it as B."""
    counts = aggregate(SHOWN, positions=False, ties=True)
    assert (counts.i.tolist(), counts.j.tolist()) == ([0, 1], [1, 2])
    assert (counts.won.tolist(), counts.lost.tolist(), counts.tied.tolist()) == ([1, 1], [1, 0], [0, 1])


def test_positions_kept_and_ties_dropped() -> None:
    """Each order of a pair is its own row, and a pair that only tied in an order has none."""
    counts = aggregate(SHOWN, positions=True, ties=False)
    assert (counts.i.tolist(), counts.j.tolist()) == ([0, 1, 2], [1, 0, 1])
    assert (counts.won.tolist(), counts.lost.tolist()) == ([1, 1, 0], [0, 0, 1])


def test_many_essays_aggregate_alike() -> None:
    """The counts are those of the win matrix, also above the size where counting changes."""
    rng = np.random.default_rng(0)
    first = rng.integers(0, 150, 4_000)
    comparisons = Comparisons(
        150, first, (first + rng.integers(1, 150, 4_000)) % 150, rng.choice([1, -1], 4_000)
    )
    counts = aggregate(comparisons, positions=False, ties=False)
    assert (counts.won == comparisons.win_matrix[counts.i, counts.j]).all()
    assert (counts.lost == comparisons.win_matrix[counts.j, counts.i]).all()
    assert counts.won.sum() + counts.lost.sum() == 4_000


def test_logistic_is_accurate_at_both_ends() -> None:
    """σ(-40) = 4.2484e-18 to the last digit, and its complement is not lost."""
    p, variance, soft = logistic_parts(np.array([-40.0, 0.0, 40.0]))
    assert p == pytest.approx([np.exp(-40), 0.5, 1.0], rel=1e-12)
    assert variance == pytest.approx([np.exp(-40), 0.25, np.exp(-40)], rel=1e-12)
    assert soft == pytest.approx([np.exp(-40), np.log(2), np.exp(-40)], rel=1e-12)


@pytest.mark.parametrize("log_nu", [None, -0.7, 1.1])
def test_derivatives_by_finite_differences(log_nu: float | None) -> None:
    """The score is the slope of the value in d and in log ν; the information at expected counts is the
    slope of minus the score."""
    counts = PairCounts(
        np.array([0]),
        np.array([1]),
        np.array([3.0]),
        np.array([2.0]),
        np.array([0.0 if log_nu is None else 4.0]),
    )
    d, h = np.array([0.6]), 1e-5

    def terms(d: np.ndarray[tuple[int], np.dtype[np.float64]], nu: float = 0.0):  # type: ignore[no-untyped-def]
        return decided_terms(counts, d) if log_nu is None else tie_terms(counts, d, log_nu + nu)

    here, up, down = terms(d), terms(d + h), terms(d - h)
    assert here.score[0] == pytest.approx((up.value - down.value) / (2 * h), rel=1e-6)
    if log_nu is None:
        assert here.information[0] == pytest.approx((down.score[0] - up.score[0]) / (2 * h), rel=1e-6)
    else:
        more, less = terms(d, h), terms(d, -h)
        assert here.tie_score == pytest.approx((more.value - less.value) / (2 * h), rel=1e-6)
        assert here.information[0] == pytest.approx((down.score[0] - up.score[0]) / (2 * h), rel=1e-6)
        assert here.cross_information[0] == pytest.approx((less.score[0] - more.score[0]) / (2 * h), rel=1e-6)
        assert here.tie_information == pytest.approx((less.tie_score - more.tie_score) / (2 * h), rel=1e-6)
