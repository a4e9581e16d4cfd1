"""Bootstrap over comparisons: seeded, centred, and of the size that theory says."""

import choix
import numpy as np
import pytest

from eng5.stats.bootstrap import bootstrap
from eng5.stats.bradley_terry.fit import fit
from eng5.stats.comparisons import Comparisons


def _many() -> Comparisons:
    rng = np.random.default_rng(3)
    theta = np.array([-0.8, -0.3, 0.0, 0.3, 0.8])
    first = rng.integers(0, 5, 800)
    second = (first + rng.integers(1, 5, 800)) % 5
    chance = 1 / (1 + np.exp(-(theta[first] - theta[second])))
    return Comparisons(5, first, second, np.where(rng.random(800) < chance, 1, -1))


def test_errors_agree_with_the_information_when_data_are_many() -> None:
    """With 800 comparisons of five close essays both ways to an error meet within a tenth."""
    comparisons = _many()
    found = bootstrap(comparisons, resamples=2000, seed=1)
    assert found.standard_error == pytest.approx(fit(comparisons).standard_error, rel=0.1)
    assert found.theta.mean(axis=0) == pytest.approx(fit(comparisons).theta, abs=0.02)
    assert found.theta.sum(axis=1) == pytest.approx(np.zeros(2000), abs=1e-9)


def test_refits_are_choix_with_the_same_penalty() -> None:
    """A resample of a single distinct comparison is that comparison: choix's penalised score of it."""
    found = bootstrap(Comparisons.from_decided(2, np.array([0, 0]), np.array([1, 1])), resamples=3)
    theirs = choix.opt_pairwise(2, [(0, 1), (0, 1)], alpha=0.01, tol=1e-12)
    assert found.theta == pytest.approx(np.tile(theirs - theirs.mean(), (3, 1)), abs=1e-5)


def test_same_seed_same_draws() -> None:
    """The seed decides everything, and is reported."""
    comparisons = _many()
    one, two, other = (bootstrap(comparisons, resamples=20, seed=seed) for seed in (7, 7, 8))
    assert (one.theta == two.theta).all() and (one.theta != other.theta).any()
    assert (one.seed, one.resamples) == (7, 20)


def test_position_effect_is_refitted() -> None:
    """A judge that only sees position has no scores to resample."""
    i, j = np.nonzero(~np.eye(4, dtype=bool))
    found = bootstrap(Comparisons(4, i, j, np.full(12, 1)), position_effect=True, resamples=200)
    assert np.abs(found.theta.mean(axis=0)).max() < 1.0


@pytest.mark.parametrize("n", [0, 1, 2])
def test_nothing_to_resample(n: int) -> None:
    """Without comparisons every resample is empty and every score 0."""
    none = np.array([], dtype=np.int64)
    found = bootstrap(Comparisons(n, none, none, none), resamples=5)
    assert found.theta.tolist() == [[0.0] * n] * 5
