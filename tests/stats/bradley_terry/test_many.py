"""Abilities of many sets of verdicts at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eng5.stats.bradley_terry import many
from eng5.stats.bradley_terry.fit import fit
from eng5.stats.comparisons import Comparisons

N = 6
"""The last essay is in no comparison."""
FIRST, SECOND = (np.tile(side, 3) for side in np.triu_indices(N - 1, 1))


@given(st.integers(0, 2**32 - 1), st.floats(0, 3), st.floats(0, 0.3))
def test_each_set_has_the_abilities_of_its_own_fit(seed: int, spread: float, ties: float) -> None:
    """Connected or separated, with ties or without: what `fit` says of each set of verdicts alone."""
    rng = np.random.default_rng(seed)
    theta = rng.normal(0, spread, N)
    first_wins = rng.random((5, len(FIRST))) < 1 / (1 + np.exp(theta[SECOND] - theta[FIRST]))
    outcomes = np.where(rng.random(first_wins.shape) < ties, 0, np.where(first_wins, 1, -1))
    swapped = rng.random(len(FIRST)) < 0.5
    first, second = np.where(swapped, SECOND, FIRST), np.where(swapped, FIRST, SECOND)
    ours = many.abilities(N, first, second, outcomes)
    for found, row in zip(ours, outcomes, strict=True):
        assert found == pytest.approx(fit(Comparisons(N, first, second, row)).theta, abs=1e-7)


def test_more_sets_than_are_fitted_together_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """The size of a batch is seen nowhere."""
    outcomes = np.random.default_rng(0).choice([-1, 1], (7, len(FIRST)))
    whole = many.abilities(N, FIRST, SECOND, outcomes)
    monkeypatch.setattr(many, "AT_ONCE", 2 * (N - 1) ** 2)
    assert many.abilities(N, FIRST, SECOND, outcomes) == pytest.approx(whole, abs=1e-9)


def test_nothing_compared_leaves_every_essay_at_zero() -> None:
    """Without a comparison there is no order."""
    none = np.empty(0, dtype=np.int64)
    assert many.abilities(3, none, none, np.empty((2, 0), dtype=np.int64)).tolist() == [[0.0] * 3] * 2
