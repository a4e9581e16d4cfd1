"""Agreement between people who compared the same pairs."""

from __future__ import annotations

from statistics import fmean

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from eng5.stats.comparisons import Comparisons, IntArray
from eng5.stats.expert_agreement import (
    agreed,
    alpha,
    best_possible,
    couples,
    infit_interval,
    median_interval,
)


def panel(
    rng: np.random.Generator, n: int, judges: int, share: float, ties: float = 0.0
) -> tuple[Comparisons, IntArray]:
    """Judges of different sharpness and tastes, each with a share of the pairs."""
    truth, pair = rng.normal(0, 1.2, n), np.triu(rng.normal(0, 0.5, (n, n)))
    rows = []
    for judge in range(judges):
        own = np.exp(rng.normal(0, 0.5)) * (truth + rng.normal(0, 0.5, n))
        for a, b in np.stack(np.triu_indices(n, 1), 1)[rng.random(n * (n - 1) // 2) < share]:
            won = rng.random() < expit(own[a] - own[b] + pair[a, b])
            said = 0 if rng.random() < ties else 1 if won else -1
            rows.append((b, a, -said, judge) if rng.random() < 0.5 else (a, b, said, judge))
    first, second, outcome, judge_of = np.array(rows).T
    return Comparisons(n, first, second, outcome), judge_of


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 0.5))
def test_alpha_is_that_of_the_krippendorff_package(seed: int, ties: float) -> None:
    """With each pair entered in both directions; judges and pairs without a verdict are missing values."""
    said, judge = panel(np.random.default_rng(seed), 6, 4, 0.7, ties)
    pairs = [tuple(sorted(each)) for each in zip(said.first.tolist(), said.second.tolist(), strict=True)]
    columns = sorted(set(pairs))
    table = np.full((4, len(columns)), np.nan)
    rows = zip(pairs, said.first.tolist(), said.outcome.tolist(), judge.tolist(), strict=True)
    for pair, first, outcome, by in rows:
        table[by, columns.index(pair)] = outcome if first == pair[0] else -outcome
    both = np.hstack([table, -table])
    if len(np.unique(both[~np.isnan(both)])) < 2:
        return
    expected = krippendorff.alpha(both, level_of_measurement="nominal")
    assert alpha(said, judge) == pytest.approx(expected, abs=1e-9)


def test_alpha_does_not_depend_on_which_essay_is_named_first() -> None:
    """Renaming the essays backwards leaves it as it is."""
    said, judge = panel(np.random.default_rng(1), 7, 3, 0.8)
    backwards = Comparisons(7, 6 - said.first, 6 - said.second, said.outcome)
    assert alpha(backwards, judge) == pytest.approx(alpha(said, judge))


def test_a_small_case_by_hand() -> None:
    """Three judges on one pair, two for the same essay: of three couples one is alike, and alpha is below 0.

    Observed disagreement 2/3 of the couples; by chance, of 6 values 3 of each kind, 18/30: 1 - (2/3)/(3/5).
    """
    said = Comparisons(2, np.array([0, 0, 1]), np.array([1, 1, 0]), np.array([1, 1, 1]))
    judge = np.array([0, 1, 2])
    assert agreed(couples(said, judge)).share == pytest.approx(1 / 3)
    assert alpha(said, judge) == pytest.approx(-1 / 9)


def test_intervals_hold_the_agreement_of_other_panels() -> None:
    """Essays and judges drawn anew: 95 % intervals hold the mean over panels in 90 to 100 % of 60 cases."""
    rng = np.random.default_rng(0)
    truth = fmean(agreed(couples(*panel(rng, 20, 10, 0.5))).share or 0 for _ in range(30))
    held = 0
    for _ in range(60):
        found = agreed(couples(*panel(rng, 12, 6, 0.7))).interval
        assert found is not None
        held += truth in found
    assert held >= 54


def test_the_ceiling_is_reached_by_siding_with_the_majority() -> None:
    """Where 90 % of the experts choose one essay of every pair, two agree in 82 % and their majority in 90 %."""
    assert best_possible(0.9**2 + 0.1**2) == pytest.approx(0.9)
    assert best_possible(0.5) == best_possible(0.3) == 0.5
    assert best_possible(1.0) == 1.0


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_no_judge_is_above_the_ceiling(share: list[float]) -> None:
    """Whatever share of the experts chooses an essay in each pair, the best judge stays below."""
    q = np.array(share)
    among = float((q**2 + (1 - q) ** 2).mean())
    assert float(np.maximum(q, 1 - q).mean()) <= best_possible(among) + 1e-12


def test_the_median_of_few_times_has_no_interval() -> None:
    """Five values: the chance that all lie on one side is 2/32, above 5 %; six give the smallest and the largest."""
    assert median_interval([3.0, 1.0, 2.0, 5.0, 4.0]) is None
    six = median_interval([3.0, 1.0, 2.0, 5.0, 4.0, 6.0])
    assert six is not None
    assert (six.low, six.high) == (1.0, 6.0)
    assert median_interval([]) is None


def test_infit_of_a_judge_that_follows_the_model_holds_one() -> None:
    """Interval about the ratio of squared residuals to their variances."""
    rng = np.random.default_rng(2)
    held = 0
    for _ in range(100):
        p = rng.uniform(0.1, 0.9, 60)
        won = rng.random(60) < p
        found = infit_interval((won - p) ** 2, p * (1 - p))
        assert found is not None
        held += 1.0 in found
    assert held >= 88
    assert infit_interval(np.ones(3), np.ones(3)) is None
