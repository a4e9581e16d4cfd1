"""Scores without the bias of the first order."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from eng5.stats.bradley_terry.bias_reduced import bias_reduced
from eng5.stats.bradley_terry.likelihood import aggregate
from eng5.stats.comparisons import Comparisons, FloatArray


def test_an_essay_that_always_wins_lies_where_it_can_be_worked_out_by_hand() -> None:
    """w wins of w between two essays: (w + 1/2) / (w + 1) is the chance at the maximum, log(2w + 1) the distance."""
    for wins in (1, 4):
        counts = aggregate(
            Comparisons(2, np.zeros(wins, int), np.ones(wins, int), np.ones(wins, int)),
            positions=False,
            ties=False,
        )
        theta, eta = bias_reduced(counts, 2, position=False)
        assert theta[0] - theta[1] == pytest.approx(np.log(2 * wins + 1))
        assert eta == 0.0


@pytest.mark.parametrize("position", [False, True])
def test_the_maximum_is_that_of_the_likelihood_times_jeffreys_prior(position: bool) -> None:
    """A general optimiser on log-likelihood + log det(information) / 2 finds the same point."""
    n, rng = 5, np.random.default_rng(2)
    first, second = rng.permuted(np.tile(np.triu_indices(n, 1), 2), axis=0)
    won = rng.random(len(first)) < 1 / (1 + np.exp(-(second - first) - 0.8))
    counts = aggregate(Comparisons(n, first, second, np.where(won, 1, -1)), positions=True, ties=False)
    design = np.zeros((len(first), n - 1 + position))
    for row, (one, other) in enumerate(zip(first, second, strict=True)):
        if one:
            design[row, one - 1] = 1
        if other:
            design[row, other - 1] = -1
    if position:
        design[:, -1] = 1

    def loss(x: FloatArray) -> float:
        d = design @ x
        p = 1 / (1 + np.exp(-d))
        information = design.T @ ((p * (1 - p))[:, None] * design)
        return float(np.logaddexp(0, d).sum() - d[won].sum() - np.linalg.slogdet(information)[1] / 2)

    best = minimize(loss, np.zeros(design.shape[1]), options={"gtol": 1e-7}).x
    expected = np.concatenate([[0.0], best[: n - 1]])
    theta, eta = bias_reduced(counts, n, position=position)
    assert theta == pytest.approx(expected - expected.mean(), abs=1e-5)
    assert eta == pytest.approx(best[-1] if position else 0.0, abs=1e-5)
