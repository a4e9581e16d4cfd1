"""Scores from few comparisons by experts, with another judge's scale as prior."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import expit

from eng5.stats import scale_prior
from eng5.stats.bradley_terry.fit import fit
from eng5.stats.comparisons import Comparisons, FloatArray
from eng5.stats.expert_prior import expert_scores


def verdicts(truth: FloatArray, count: int, rng: np.random.Generator, eta: float = 0.0) -> Comparisons:
    """Verdicts by the model, on random pairs."""
    n = len(truth)
    first = rng.integers(0, n, count)
    second = (first + rng.integers(1, n, count)) % n
    won = rng.random(count) < expit(truth[first] - truth[second] + eta)
    return Comparisons(n, first, second, np.where(won, 1, -1))


def ratio(make: str, *, runs: int = 20, n: int = 12, count: int = 66) -> float:
    """Mean squared error with a planted LLM against without."""
    rng = np.random.default_rng(3)
    alone = together = 0.0
    for _ in range(runs):
        truth = rng.normal(0, 1.5, n)
        truth -= truth.mean()
        scale = {
            "good": truth + rng.normal(0, 0.3, n),
            "reversed": -truth + rng.normal(0, 0.3, n),
            "random": rng.normal(0, 1.5, n),
        }[make]
        said = verdicts(truth, count, rng)
        alone += float(((expert_scores(said).score - truth) ** 2).mean())
        together += float(((expert_scores(said, scale).score - truth) ** 2).mean())
    return together / alone


def test_a_good_llm_saves_comparisons_and_a_bad_one_does_not_harm() -> None:
    """Scatter .3: at most .6 of the squared error; reversed and random: not above 1.02."""
    assert ratio("good") <= 0.6
    assert ratio("reversed") <= 1.02
    assert ratio("random") <= 1.02


def test_two_essays_have_the_posterior_mean_of_a_quadrature() -> None:
    """Without another judge, one verdict: E d, d the distance of two N(0, σ²), averaged over the grid of σ."""
    said = Comparisons.from_decided(2, np.array([0, 0, 0]), np.array([1, 1, 1]))
    mass = mean = 0.0
    for spread in scale_prior.SPREAD:
        sd = spread * np.sqrt(2)

        def density(d: float, sd: float = sd) -> float:
            return float(expit(d) ** 3 * np.exp(-(d**2) / sd**2 / 2) / sd)

        weight = spread**2 * np.exp(-spread / scale_prior.SPREAD_SCALE)
        mass += weight * quad(density, -60, 60)[0]
        mean += weight * quad(lambda d: d * density(d), -60, 60)[0]
    found = expert_scores(said).score
    # Laplace's method, corrected to first order, is within a tenth of the exact mean in this small a case.
    assert found[0] - found[1] == pytest.approx(mean / mass, rel=0.12)


def test_many_comparisons_outweigh_every_prior() -> None:
    """With 20 000 comparisons the scores are those of maximum likelihood, whatever the other judge says."""
    rng = np.random.default_rng(1)
    truth = np.linspace(-1.5, 1.5, 8)
    said = verdicts(truth, 20_000, rng)
    plain = fit(said).theta
    for scale in (None, truth, -truth, rng.normal(0, 1, 8)):
        assert np.abs(expert_scores(said, scale).score - plain).max() < 0.03


@settings(max_examples=15, deadline=None)
@given(st.floats(0.2, 8), st.floats(-5, 5), st.integers(0, 1000))
def test_unit_and_origin_of_the_other_scale_do_not_matter(unit: float, origin: float, seed: int) -> None:
    """Only where essays lie on the other scale counts; the slope takes its unit."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(0, 1, 6)
    said, scale = verdicts(truth, 20, rng), truth + rng.normal(0, 0.5, 6)
    one, other = expert_scores(said, scale), expert_scores(said, unit * scale + origin)
    assert np.allclose(one.score, other.score, atol=1e-6)
    assert one.slope == pytest.approx(unit * other.slope, rel=1e-6)


def test_an_essay_that_the_other_judge_does_not_know_stands_by_its_verdicts() -> None:
    """NaN is no place on the scale: nothing is invented for it, and its interval is wider than with a place."""
    rng = np.random.default_rng(2)
    truth = np.linspace(-2, 2, 9)
    scale = truth.copy()
    scale[4] = np.nan
    said = verdicts(truth, 72, rng)
    found = expert_scores(said, scale)
    assert np.isfinite(found.score).all()
    assert found.standard_error[4] > 1.1 * expert_scores(said, truth).standard_error[4]


def test_a_scale_that_says_nothing_changes_nothing() -> None:
    """All essays in one place, or fewer than three on the scale: as without."""
    rng = np.random.default_rng(4)
    said = verdicts(np.linspace(-1, 1, 5), 30, rng)
    alone = expert_scores(said)
    for scale in (np.ones(5), np.array([1, 2, np.nan, np.nan, np.nan])):
        found = expert_scores(said, scale)
        assert np.array_equal(found.score, alone.score)
        assert found.related == 0.0
        assert found.worth(alone) == 0.0


def test_a_lean_to_the_left_is_taken_out() -> None:
    """η = 2 moves no score where every essay is shown on both sides alike; with a lopsided design it is estimated."""
    rng = np.random.default_rng(5)
    truth = np.linspace(-1.5, 1.5, 8)
    first, second = np.triu_indices(8, 1)  # the weaker essay always on the left
    first, second = np.tile(first, 40), np.tile(second, 40)
    first[::2], second[::2] = second[::2].copy(), first[::2].copy()
    won = rng.random(len(first)) < expit(truth[first] - truth[second] + 2.0)
    said = Comparisons(8, first, second, np.where(won, 1, -1))
    assert np.abs(expert_scores(said, position_effect=True).score - truth).max() < 0.5


def test_nothing_compared_is_no_error() -> None:
    """No verdict: every score is 0, or where the other judge has the essay, with an interval about it."""
    nothing = Comparisons.from_decided(3, np.array([], dtype=int), np.array([], dtype=int))
    found = expert_scores(nothing)
    assert np.allclose(found.score, 0)
    assert (found.low < 0).all()
    assert (found.high > 0).all()
