"""Reliability, and the coin that it must beat."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import chi2, ncx2

from eng5.stats.bradley_terry.bias_reduced import bias_reduced
from eng5.stats.bradley_terry.fit import fit
from eng5.stats.bradley_terry.likelihood import aggregate
from eng5.stats.comparisons import Comparisons, FloatArray
from eng5.stats.pair_effects import PairEffects
from eng5.stats.posterior import draw
from eng5.stats.reliability import error_covariance, reliability, split_half


def _judged(theta: list[float], repeats: int, seed: int, eta: float = 0.0) -> Comparisons:
    """Every pair in both orders, repeats times, by a judge with these abilities."""
    rng = np.random.default_rng(seed)
    ability = np.array(theta)
    i, j = np.nonzero(~np.eye(len(theta), dtype=bool))
    first, second = np.tile(i, repeats), np.tile(j, repeats)
    chance = 1 / (1 + np.exp(-(ability[first] - ability[second] + eta)))
    return Comparisons(len(theta), first, second, np.where(rng.random(len(first)) < chance, 1, -1))


def _effects(comparisons: Comparisons, grade: np.ndarray | None = None) -> PairEffects:
    given = np.arange(comparisons.n) if grade is None else grade
    effects = draw(comparisons, given, position_effect=True, resamples=50).effects
    assert effects is not None
    return effects


def test_ssr_by_its_definition() -> None:
    """One verdict a pair: E is the trace of the fit's covariance and S² the variance of the scores, over n - 1."""
    i, j = np.triu_indices(6, 1)
    comparisons = Comparisons(6, i, j, np.where(np.arange(15) % 7 == 3, -1, 1))
    fitted = fit(comparisons)
    found = reliability(fitted, _effects(comparisons), resamples=99)
    assert found is not None
    ssr = 1 - np.trace(fitted.covariance) / fitted.theta.var(ddof=1) / 5
    assert found.ssr == pytest.approx(ssr)
    assert found.separation == pytest.approx(np.sqrt(ssr / (1 - ssr)))


def test_the_interval_inverts_the_noncentral_chi_square() -> None:
    """At the ends, (n - 1) (1 + V / E) is the 97.5 and the 2.5 % point of scipy's distribution; V and E by hand.

    Of bias-reduced scores at the lower end, and of those of maximum likelihood at the upper.
    """
    i, j = np.triu_indices(12, 1)
    comparisons = Comparisons(12, i, j, np.where(np.arange(66) % 7 == 3, -1, 1))
    fitted = fit(comparisons)
    found = reliability(fitted, _effects(comparisons), resamples=99)
    assert found is not None and found.ssr is not None

    def error(theta: FloatArray) -> float:
        laplacian = -1 / (2 + 2 * np.cosh(theta[:, None] - theta[None, :]))
        np.fill_diagonal(laplacian, 0)
        np.fill_diagonal(laplacian, -laplacian.sum(axis=1))
        return float(np.trace(np.linalg.pinv(laplacian)) / 11)

    reduced, _ = bias_reduced(aggregate(comparisons, positions=False, ties=False), 12, position=False)
    assert reduced.var() < fitted.theta.var()
    ends = (reduced, found.ssr_interval.low, 0.975), (fitted.theta, found.ssr_interval.high, 0.025)
    for theta, end, share in ends:
        drawn_in = theta * np.sqrt(1 - error(theta) / theta.var(ddof=1))
        value = 11 * (1 + drawn_in.var(ddof=1) / error(drawn_in))
        assert ncx2.cdf(value, 11, 11 * end / (1 - end)) == pytest.approx(share, abs=1e-6)


def test_repeats_of_a_judge_that_repeats_itself_raise_nothing() -> None:
    """Ten times the same verdicts leave errors, SSR and coin about as once does."""
    i, j = np.triu_indices(8, 1)
    outcome = np.where(np.random.default_rng(3).random(28) < 0.8, -1, 1)
    once = Comparisons(8, i, j, outcome)
    often = Comparisons(8, np.tile(i, 10), np.tile(j, 10), np.tile(outcome, 10))
    one, ten = (reliability(fit(each), _effects(each), resamples=199) for each in (once, often))
    assert one is not None and ten is not None and one.ssr is not None and ten.ssr is not None
    assert ten.ssr == pytest.approx(one.ssr, abs=0.1)
    assert ten.coin_flip.upper == pytest.approx(one.coin_flip.upper, abs=0.15)
    error, errors = (np.diag(error_covariance(fit(each), _effects(each))) for each in (once, often))
    assert errors == pytest.approx(error, rel=0.35)


def test_two_essays_have_no_reliability() -> None:
    """Ten wins of ten are one difference, and nothing to compare its size with."""
    comparisons = Comparisons.from_decided(2, np.zeros(10, dtype=np.int64), np.ones(10, dtype=np.int64))
    assert reliability(fit(comparisons), _effects(comparisons)) is None


def test_a_good_judge_is_reliable() -> None:
    """Abilities 1.2 logits apart, six comparisons a pair: SSR high, inside its interval, far above a coin."""
    comparisons = _judged([1.2 * k for k in range(8)], 3, 0)
    found = reliability(fit(comparisons, position_effect=True), _effects(comparisons), resamples=200)
    assert found is not None and found.ssr is not None
    assert found.reliable
    assert found.ssr > 0.9 and found.ssr in found.ssr_interval
    assert found.separation is not None and found.separation in found.separation_interval
    assert found.coin_flip.p_value == pytest.approx(1 / 201)


def test_what_a_coin_scores() -> None:
    """With many comparisons the observed variance is that of noise times χ²/k, k = n - 1 = 7, so that SSR is
    1 - k/χ² where that is above 0, 0.120 on average (by quadrature), and its 95 % point 1 - 7/14.07 = 0.502."""
    average = quad(lambda x: (1 - 7 / x) * chi2.pdf(x, 7), 7, np.inf)[0]
    comparisons = _judged([0.0] * 8, 10, 0)
    found = reliability(fit(comparisons), _effects(comparisons), resamples=4000)
    assert found is not None
    assert found.coin_flip.mean == pytest.approx(average, abs=0.03)
    assert found.coin_flip.upper == pytest.approx(0.502, abs=0.1)


def test_a_coin_is_called_unreliable() -> None:
    """Of 200 judges that toss a coin over 60 comparisons, at least 95 % are called unreliable."""
    called = 0
    i, j = np.triu_indices(12, 1)
    for seed in range(200):
        rng = np.random.default_rng(seed)
        chosen = rng.permutation(66)[:60]
        comparisons = Comparisons(12, i[chosen], j[chosen], rng.choice([1, -1], 60))
        found = reliability(fit(comparisons), _effects(comparisons), resamples=99, seed=seed)
        assert found is not None
        called += not found.reliable
    assert called >= 190


def test_a_judge_that_only_sees_position_is_unreliable() -> None:
    """Essay A always wins in a balanced design: all scores equal, SSR undefined, not reliable."""
    i, j = np.nonzero(~np.eye(6, dtype=bool))
    comparisons = Comparisons(6, i, j, np.full(30, 1))
    for position_effect in (False, True):
        found = reliability(
            fit(comparisons, position_effect=position_effect), _effects(comparisons), resamples=99
        )
        assert found is not None
        assert (found.ssr, found.separation, found.reliable) == (None, None, False)


@pytest.mark.parametrize("eta", [0.0, 2.0])
def test_the_interval_holds_its_value(eta: float) -> None:
    """Of judges of every strength, the first place favoured or not: no SSR below 0, and none beside its interval."""
    for seed in range(12):
        comparisons = _judged([0.2 * seed * k for k in range(6)], 1, seed, eta)
        found = reliability(fit(comparisons, position_effect=eta > 0), _effects(comparisons), resamples=99)
        assert found is not None and found.ssr is not None and found.separation is not None
        assert found.ssr in found.ssr_interval and found.separation in found.separation_interval
        assert found.ssr_interval.low >= 0


@pytest.mark.parametrize("n", [6, 35])
def test_a_tree_of_pairs_that_the_first_essay_always_wins(n: int) -> None:
    """Scores explain every verdict, so the advantage of the first place cannot be told from them."""
    below = (np.arange(1, n) - 1) // 2
    comparisons = Comparisons(n, np.arange(1, n), below, np.ones(n - 1, dtype=np.int64))
    found = reliability(fit(comparisons, position_effect=True), _effects(comparisons), resamples=99)
    assert found is not None and found.ssr_interval.low == 0


def test_only_the_largest_component_has_a_scale() -> None:
    """A pair apart from a circle of three does not enter; two pairs of the same size have no scale at all."""
    wins = np.array([0, 1, 2, 3, 4]), np.array([1, 2, 0, 4, 3])
    comparisons = Comparisons.from_decided(5, *wins)
    found = reliability(fit(comparisons), _effects(comparisons), resamples=50)
    assert found is not None and found.essays == 3
    pairs = Comparisons.from_decided(4, np.array([0, 1, 2, 3]), np.array([1, 0, 3, 2]))
    assert reliability(fit(pairs), _effects(pairs)) is None


@pytest.mark.parametrize("n", [0, 1, 2])
def test_nothing_compared(n: int) -> None:
    """Without comparisons there is no reliability and no split."""
    none = np.array([], dtype=np.int64)
    comparisons = Comparisons(n, none, none, none)
    assert reliability(fit(comparisons), _effects(comparisons)) is None
    assert split_half(comparisons) is None


def test_halves_of_a_good_judge_agree_and_of_a_coin_do_not() -> None:
    """Random halves correlate highly for a good judge; for coins the mean is about 0."""
    good = split_half(_judged([1.2 * k for k in range(8)], 3, 0), position_effect=True)
    assert good is not None and good.correlation > 0.9
    assert good.stepped_up == pytest.approx(2 * good.correlation / (1 + good.correlation))
    assert good.spread[0] < good.correlation < good.spread[1]
    coins = [split_half(_judged([0.0] * 8, 2, seed)) for seed in range(20)]
    assert np.mean([coin.correlation for coin in coins if coin]) == pytest.approx(0, abs=0.15)


def test_one_comparison_cannot_be_split() -> None:
    """Two comparisons can, though each half knows a single pair."""
    assert split_half(Comparisons.from_decided(3, np.array([0]), np.array([1]))) is None
    assert split_half(Comparisons.from_decided(3, np.array([0, 1]), np.array([1, 2]))) is not None


def test_same_seed_same_result() -> None:
    """The seeds decide everything and are reported."""
    comparisons = _judged([0.5 * k for k in range(5)], 2, 1)
    fitted, effects = fit(comparisons), _effects(comparisons)
    one, two = (reliability(fitted, effects, resamples=50, seed=3) for _ in range(2))
    assert one == two and one is not None and one.coin_flip.seed == 3
    assert split_half(comparisons, seed=5) == split_half(comparisons, seed=5)
