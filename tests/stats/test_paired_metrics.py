"""Metrics computed on many sets of verdicts at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from eng5.stats import paired_metrics as metrics
from eng5.stats.bradley_terry.fit import fit
from eng5.stats.comparisons import Comparisons, IntArray
from eng5.stats.inversions import inversions
from eng5.stats.zero_wins import zero_wins

N = 5
FIRST, SECOND = np.triu_indices(N, 1)
LEVEL = np.array([4, 3, 3, 1, -1])
VERDICTS = st.lists(
    st.lists(st.sampled_from([-1, 0, 1]), min_size=2 * len(FIRST), max_size=2 * len(FIRST)),
    min_size=1,
    max_size=4,
)
TWICE = np.tile(FIRST, 2), np.tile(SECOND, 2)


def alone(row: np.ndarray) -> Comparisons:
    """One row of verdicts as comparisons."""
    return Comparisons(N, *TWICE, row)


@given(VERDICTS)
def test_counts_equal_the_statistics_of_each_row(rows: list[list[int]]) -> None:
    """Inversions and zero-win essays are those of the modules that report them."""
    outcomes = np.array(rows)
    ours = metrics.direct_inversions(LEVEL).evaluate(N, *TWICE, outcomes)
    assert ours.tolist() == [inversions(alone(row), LEVEL).count for row in outcomes]
    ours = metrics.zero_wins(LEVEL).evaluate(N, *TWICE, outcomes)
    assert ours.tolist() == [zero_wins(alone(row), LEVEL).count for row in outcomes]


@given(st.lists(st.lists(st.sampled_from([-1, 1]), min_size=10, max_size=10), min_size=1, max_size=3))
def test_wins_of_a_round_robin_order_the_essays_as_the_fit_does(rows: list[list[int]]) -> None:
    """In a complete round-robin the fitted abilities have the order, and the ties, of the wins."""
    for wins, row in zip(metrics.scores(N, FIRST, SECOND, np.array(rows)), rows, strict=True):
        theta = np.round(fit(Comparisons(N, FIRST, SECOND, np.array(row))).theta, metrics.SCORE_DECIMALS)
        i, j = FIRST, SECOND
        assert np.array_equal(np.sign(wins[i] - wins[j]), np.sign(theta[i] - theta[j]))


def test_an_incomplete_round_robin_is_fitted() -> None:
    """Without the last pair, or with a tie, the scores are the fitted abilities."""
    outcomes = np.array([[1, 1, -1, 1, 1, -1, 1, 1, 1]])
    ours = metrics.scores(N, FIRST[:-1], SECOND[:-1], outcomes)
    expected = fit(Comparisons(N, FIRST[:-1], SECOND[:-1], outcomes[0])).theta
    assert ours[0] == pytest.approx(expected, abs=1e-8)
    tied = np.array([[0] + [1] * 9])
    assert metrics.scores(N, FIRST, SECOND, tied)[0] == pytest.approx(
        fit(Comparisons(N, FIRST, SECOND, tied[0])).theta, abs=1e-8
    )


def test_tau_equals_scipy_on_wins() -> None:
    """One upset, essay 1 beats essay 0: wins 3 4 2 1 0 against grades 4 3 3 1, the unknown left out."""
    outcomes = np.array([[-1] + [1] * 9])
    ours = metrics.tau_b(LEVEL).evaluate(N, FIRST, SECOND, outcomes)
    assert ours[0] == pytest.approx(kendalltau([4, 3, 3, 1], [3, 4, 2, 1]).statistic)


def test_win_rates_by_hand() -> None:
    """Grades 2 1: shown first the higher wins 2 of 2, shown second 1 of 4: 3 / 6, corrected 5 / 8."""
    level = np.array([2, 1])
    first, second = np.array([0, 0, 1, 1, 1, 1, 1]), np.array([1, 1, 0, 0, 0, 0, 0])
    outcomes = np.array([[1, 1, -1, 1, 1, 1, 0]])
    assert metrics.win_rate(level).evaluate(2, first, second, outcomes).tolist() == [0.5]
    assert metrics.corrected_win_rate(level).evaluate(2, first, second, outcomes).tolist() == [0.625]


def test_nothing_decided_has_no_rate_and_no_tau() -> None:
    """All ties: NaN for rates and tau, zero for counts."""
    outcomes = np.zeros((1, 10), dtype=np.int64)
    for make in (metrics.tau_b, metrics.win_rate, metrics.corrected_win_rate):
        assert np.isnan(make(LEVEL).evaluate(N, FIRST, SECOND, outcomes)).all()
    for make in (metrics.direct_inversions, metrics.zero_wins):
        assert make(LEVEL).evaluate(N, FIRST, SECOND, outcomes).tolist() == [0.0]


@pytest.mark.parametrize(
    "make",
    [
        metrics.tau_b,
        metrics.direct_inversions,
        metrics.zero_wins,
        metrics.win_rate,
        metrics.corrected_win_rate,
    ],
)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_mean_of_the_parts_is_the_metric(
    make: Callable[[IntArray], metrics.PairedMetric], seed: int
) -> None:
    """With ties, repeats, equal and unknown grades: what pairs or essays add comes to the metric."""
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 6, 40)
    second = (first + rng.integers(1, 6, 40)) % 6
    outcome = rng.integers(-1, 2, 40)
    metric = make(np.array([4, 3, 3, 1, 0, -1]))
    value = metric.evaluate(6, first, second, outcome[None])[0]
    parts = metric.parts(6, first, second, outcome)
    assert np.isnan(parts[np.tril_indices(6, -1)]).all()
    known = parts[~np.isnan(parts)]
    # The corrected rate has parts of pairs in both orders only.
    if metric.name != "corrected_win_rate":
        assert (known.mean() if len(known) else np.nan) == pytest.approx(value, nan_ok=True)
