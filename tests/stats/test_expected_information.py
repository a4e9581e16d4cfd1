"""What the next comparison is expected to tell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from eng5.stats.expected_information import PRIOR_VARIANCE, expected_gain, likeliest_abilities


def information(ability: np.ndarray, games: np.ndarray) -> np.ndarray:
    """Written out, comparison by comparison."""
    n = len(ability)
    total = np.eye(n) / PRIOR_VARIANCE
    for i in range(n):
        for j in range(i + 1, n):
            p = 1 / (1 + np.exp(ability[j] - ability[i]))
            contrast = np.eye(n)[i] - np.eye(n)[j]
            total += games[i, j] * p * (1 - p) * np.outer(contrast, contrast)
    return np.asarray(total)


@given(st.integers(2, 7), st.integers(0, 2**32 - 1))
def test_it_is_the_gain_in_the_log_determinant(n: int, seed: int) -> None:
    """The determinant lemma: adding the comparison and taking determinants gives the same."""
    rng = np.random.default_rng(seed)
    ability = rng.normal(0, 2, n)
    games = np.triu(rng.integers(0, 4, (n, n)), 1).astype(np.float64)
    games = games + games.T
    gain = expected_gain(ability, games)
    i, j = rng.choice(n, 2, replace=False)
    more = games.copy()
    more[i, j] += 1
    more[j, i] += 1
    before, after = (np.linalg.slogdet(information(ability, one))[1] for one in (games, more))
    assert gain[i, j] == pytest.approx(after - before, abs=1e-9)
    assert gain == pytest.approx(gain.T)


def test_open_and_unknown_pairs_tell_most() -> None:
    """Among equals, the essay that was never compared; among unknown essays, those that seem equal."""
    games = np.zeros((4, 4))
    games[0, 1] = games[1, 0] = 10
    gain = expected_gain(np.zeros(4), games)
    assert gain[2, 3] > gain[0, 2] > gain[0, 1]
    apart = expected_gain(np.array([0.0, 3.0, 0.1, -3.0]), np.zeros((4, 4)))
    assert sorted(map(int, np.unravel_index(apart.argmax(), apart.shape))) == [0, 2]


@given(st.integers(2, 8), st.integers(0, 2**32 - 1))
def test_the_likeliest_abilities_are_the_top_of_the_posterior(n: int, seed: int) -> None:
    """scipy's general optimiser finds the same point, also where an essay won everything or was never compared."""
    rng = np.random.default_rng(seed)
    wins = rng.integers(0, 4, (n, n)) * rng.integers(0, 2, (n, n)) / 2
    np.fill_diagonal(wins, 0)

    def less_likely(ability: np.ndarray) -> float:
        difference = ability[:, None] - ability[None, :]
        likelihood = -(wins * np.logaddexp(0, -difference)).sum()
        return float(-likelihood + (ability**2).sum() / (2 * PRIOR_VARIANCE))

    best = minimize(less_likely, np.zeros(n), method="BFGS", options={"gtol": 1e-8})
    assert likeliest_abilities(wins) == pytest.approx(best.x, abs=1e-4)
