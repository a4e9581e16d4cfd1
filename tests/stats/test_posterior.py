"""Draws of abilities: the right distribution, seeded, and usable where data say nothing."""

import numpy as np
import pytest

from eng5.stats.comparisons import Comparisons, FloatArray, IntArray
from eng5.stats.posterior import (
    POSITION_SD,
    RESIDUAL_SCALE,
    RESIDUAL_SD,
    SLOPE_SD,
    UNGRADED_SCALE,
    draw,
    grade_score,
)


def _quantiles_by_quadrature(sd: FloatArray, log_likelihood: FloatArray, at: FloatArray) -> FloatArray:
    """2.5, 50 and 97.5 % of a difference with prior N(0, sd²), sd integrated over the grid of s."""
    log_weight = 2 * np.log(RESIDUAL_SD) - RESIDUAL_SD / RESIDUAL_SCALE
    prior = np.exp(log_weight[:, None] - (at / sd[:, None]) ** 2 / 2) / sd[:, None]
    density = prior.sum(axis=0) * np.exp(log_likelihood)
    reached = np.cumsum(density) / density.sum()
    return np.interp([0.025, 0.5, 0.975], reached, at)


def test_two_ungraded_essays_against_quadrature() -> None:
    """3 wins of 4, equal grades: the difference has prior variance 2 (3 s)²; the integral over it and over
    s is done on a grid. Four verdicts on one pair of two count as one, so each weighs a quarter."""
    comparisons = Comparisons.from_decided(2, np.array([0, 0, 0, 1]), np.array([1, 1, 1, 0]))
    found = draw(comparisons, np.array([1, 1]), resamples=20_000)
    at = np.linspace(-25, 25, 20_001)
    likelihood = -0.75 * np.logaddexp(0, -at) - 0.25 * np.logaddexp(0, at)
    expected = _quantiles_by_quadrature(np.sqrt(2) * UNGRADED_SCALE * RESIDUAL_SD, likelihood, at)
    difference = found.theta[:, 0] - found.theta[:, 1]
    assert np.quantile(difference, [0.025, 0.5, 0.975]) == pytest.approx(expected, abs=0.2)
    assert found.effective > 5_000


def test_two_graded_essays_against_quadrature() -> None:
    """Different grades have x = ±1, so the difference has prior variance 2 s² + 4 · 2.5²; three
    verdicts on the only pair count as one."""
    comparisons = Comparisons.from_decided(2, np.array([0, 0, 0]), np.array([1, 1, 1]))
    found = draw(comparisons, np.array([5, 2]), resamples=20_000)
    at = np.linspace(-40, 40, 20_001)
    sd = np.sqrt(2 * RESIDUAL_SD**2 + 4 * SLOPE_SD**2)
    expected = _quantiles_by_quadrature(sd, -np.logaddexp(0, -at), at)
    difference = found.theta[:, 0] - found.theta[:, 1]
    assert np.quantile(difference, [0.025, 0.5, 0.975]) == pytest.approx(expected, abs=0.25)


def test_position_effect_against_quadrature() -> None:
    """Many essays that meet once each say little of themselves; with all abilities nearly equal by the
    data, η is close to the posterior of a coin that fell A 30 times of 40."""
    i, j = np.triu_indices(6, 1)
    first, second = np.tile(np.append(i, j), 4), np.tile(np.append(j, i), 4)
    outcome = np.tile(np.append(np.ones(15, int), np.ones(15, int)), 4)
    outcome[90:] = -1
    found = draw(Comparisons(6, first, second, outcome), np.full(6, 1), position_effect=True, resamples=8_000)
    at = np.linspace(-8, 8, 8_001)
    log_density = -90 * np.logaddexp(0, -at) - 30 * np.logaddexp(0, at) - (at / POSITION_SD) ** 2 / 2
    density = np.exp(log_density - log_density.max())
    expected = (at * density).sum() / density.sum()
    assert found.eta.mean() == pytest.approx(expected, abs=0.1)


def test_rows_are_centred_and_results_named() -> None:
    """Each draw has mean 0; origin, seed and number of draws are on record."""
    i, j = np.triu_indices(5, 1)
    found = draw(Comparisons.from_decided(5, i, j), np.arange(5)[::-1], resamples=300, seed=4)
    assert found.theta.shape == (300, 5)
    assert found.theta.sum(axis=1) == pytest.approx(np.zeros(300), abs=1e-9)
    assert (found.seed, found.position_effect, found.origin) == (4, False, "posterior")
    assert (found.eta == 0).all()
    interval = found.interval(found.theta[:, 0])
    assert (interval.level, interval.resamples, interval.seed) == (0.95, 300, 4)


def test_same_seed_same_draws() -> None:
    """The seed decides everything."""
    i, j = np.triu_indices(5, 1)
    comparisons, grade = Comparisons.from_decided(5, i, j), np.arange(5)[::-1]
    one, two, other = (draw(comparisons, grade, resamples=50, seed=seed) for seed in (1, 1, 2))
    assert (one.theta == two.theta).all() and (one.theta != other.theta).any()


def test_ties_inform_nothing() -> None:
    """A tied comparison leaves the draws as they were."""
    i, j = np.triu_indices(4, 1)
    grade = np.arange(4)[::-1]
    without = draw(Comparisons.from_decided(4, i, j), grade, resamples=20)
    tied = Comparisons(4, np.append(i, 0), np.append(j, 1), np.append(np.full(6, 1), 0))
    assert (draw(tied, grade, resamples=20).theta == without.theta).all()


@pytest.mark.parametrize("grade", [[], [3], [3, 1], [2, 2], [-1, -1], [-1, 4]])
@pytest.mark.parametrize("position_effect", [False, True])
def test_no_comparison_leaves_the_prior(grade: list[int], position_effect: bool) -> None:
    """Without data draws are finite and as wide as the prior."""
    none = np.array([], dtype=np.int64)
    comparisons = Comparisons(len(grade), none, none, none)
    found = draw(comparisons, np.array(grade, dtype=np.int64), position_effect=position_effect, resamples=400)
    assert found.theta.shape == (400, len(grade))
    assert np.isfinite(found.theta).all()
    if len(grade) == 2:
        assert found.theta[:, 0].std() > 0.8
    if position_effect:
        assert found.eta.std() == pytest.approx(POSITION_SD, rel=0.2)


def test_perfect_separation_stays_finite() -> None:
    """Every comparison in grade order, forty times over: draws stay on the scale and in order."""
    i, j = np.triu_indices(6, 1)
    comparisons = Comparisons.from_decided(6, np.tile(i, 40), np.tile(j, 40))
    found = draw(comparisons, np.arange(6)[::-1], resamples=300)
    assert np.isfinite(found.theta).all() and np.abs(found.theta).max() < 60
    assert (np.diff(found.theta, axis=1) < 0).mean() > 0.95


def test_many_essays_use_the_gaussian_approximation() -> None:
    """Above the limit the method says so, and the draws centre on the abilities."""
    rng = np.random.default_rng(0)
    theta = rng.normal(size=60)
    first = rng.integers(0, 60, 3_000)
    second = (first + rng.integers(1, 60, 3_000)) % 60
    chance = 1 / (1 + np.exp(-(theta[first] - theta[second])))
    comparisons = Comparisons(60, first, second, np.where(rng.random(3_000) < chance, 1, -1))
    found = draw(comparisons, np.full(60, -1), position_effect=True, resamples=200)
    assert "Gaussian" in found.origin
    assert np.corrcoef(found.theta.mean(axis=0), theta)[0, 1] > 0.95


def _scores(grade: list[int]) -> FloatArray:
    known: IntArray = np.array(grade, dtype=np.int64)
    return grade_score(known)


def test_grade_score_is_a_standardised_mid_rank() -> None:
    """Grades 7 7 2 have mid-ranks 2.5 2.5 1, mean 2 and standard deviation √½."""
    assert _scores([7, 7, 2]) == pytest.approx([0.5 / np.sqrt(0.5), 0.5 / np.sqrt(0.5), -1 / np.sqrt(0.5)])


def test_grade_score_without_information() -> None:
    """Unknown grades score 0, as do grades that are all equal."""
    assert _scores([-1, 4, 1]).tolist() == [0.0, 1.0, -1.0]
    assert _scores([3, 3, -1]).tolist() == [0.0, 0.0, 0.0]
