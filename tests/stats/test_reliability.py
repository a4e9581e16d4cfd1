"""Reliability, and the coin that it must beat."""

import numpy as np
import pytest

from eng5.stats.bradley_terry.fit import fit
from eng5.stats.comparisons import Comparisons
from eng5.stats.posterior import Draws, draw
from eng5.stats.reliability import reliability, split_half, true_ssr


def _judged(theta: list[float], repeats: int, seed: int, eta: float = 0.0) -> Comparisons:
    """Every pair in both orders, repeats times, by a judge with these abilities."""
    rng = np.random.default_rng(seed)
    ability = np.array(theta)
    i, j = np.nonzero(~np.eye(len(theta), dtype=bool))
    first, second = np.tile(i, repeats), np.tile(j, repeats)
    chance = 1 / (1 + np.exp(-(ability[first] - ability[second] + eta)))
    return Comparisons(len(theta), first, second, np.where(rng.random(len(first)) < chance, 1, -1))


def test_ssr_by_hand() -> None:
    """Two essays, 9 wins of 12: θ = ±½ ln 3, variance over n - 1 = ½ ln² 3; information 12 · 3/16 = 9/4,
    so each error variance is 1/4 · 4/9 = 1/9, and their sum over n - 1 is 2/9."""
    comparisons = Comparisons.from_decided(2, np.array([0] * 9 + [1] * 3), np.array([1] * 9 + [0] * 3))
    fitted = fit(comparisons)
    found = reliability(fitted, draw(comparisons, np.array([1, 0]), resamples=200), resamples=100)
    assert found is not None
    ssr = 1 - (2 / 9) / (np.log(3) ** 2 / 2)
    assert found.ssr == pytest.approx(ssr)
    assert found.separation == pytest.approx(np.sqrt(ssr / (1 - ssr)))


def test_true_ssr_by_hand() -> None:
    """True abilities ±½ ln 3 on 12 comparisons: V = ½ ln² 3, E = 2/9, SSR = V / (V + E)."""
    fitted = fit(Comparisons.from_decided(2, np.array([0] * 6 + [1] * 6), np.array([1] * 6 + [0] * 6)))
    draws = Draws(np.array([[np.log(3) / 2, -np.log(3) / 2]]), np.zeros(1), False, 1.0, "given", 0)
    variance = np.log(3) ** 2 / 2
    assert true_ssr(fitted, draws) == pytest.approx([variance / (variance + 2 / 9)], rel=1e-5)


def test_a_good_judge_is_reliable() -> None:
    """Abilities 1.2 logits apart, six comparisons a pair: SSR high, inside its interval, far above a coin."""
    comparisons = _judged([1.2 * k for k in range(8)], 3, 0)
    fitted = fit(comparisons, position_effect=True)
    draws = draw(comparisons, np.arange(8), position_effect=True, resamples=500)
    found = reliability(fitted, draws, resamples=200)
    assert found is not None and found.ssr is not None
    assert found.reliable
    assert found.ssr > 0.9 and found.ssr in found.ssr_interval
    assert found.separation is not None and found.separation in found.separation_interval
    assert found.coin_flip.p_value == pytest.approx(1 / 201)


def test_what_a_coin_scores() -> None:
    """With many comparisons the observed variance is that of noise times χ²/k, k = n - 1 = 7, so that the
    mean of 1 - k/χ² is -2/(k - 2) = -0.4 and its 95 % point 1 - 7/14.07 = 0.502."""
    comparisons = _judged([0.0] * 8, 10, 0)
    draws = draw(comparisons, np.arange(8), resamples=50)
    found = reliability(fit(comparisons), draws, resamples=4000)
    assert found is not None
    assert found.coin_flip.mean == pytest.approx(-0.4, abs=0.06)
    assert found.coin_flip.upper == pytest.approx(0.502, abs=0.03)


def test_a_coin_is_called_unreliable() -> None:
    """Of 200 judges that toss a coin over 60 comparisons, at least 95 % are called unreliable, and their
    interval of SSR reaches 0."""
    called = 0
    i, j = np.triu_indices(12, 1)
    for seed in range(200):
        rng = np.random.default_rng(seed)
        chosen = rng.permutation(66)[:60]
        comparisons = Comparisons(12, i[chosen], j[chosen], rng.choice([1, -1], 60))
        draws = draw(comparisons, np.arange(12), resamples=20)
        found = reliability(fit(comparisons), draws, resamples=99, seed=seed)
        assert found is not None
        called += not found.reliable
        assert found.reliable or found.ssr_interval.low == 0
    assert called >= 190


def test_a_judge_that_only_sees_position_is_unreliable() -> None:
    """Essay A always wins in a balanced design: all scores equal, SSR undefined, not reliable."""
    i, j = np.nonzero(~np.eye(6, dtype=bool))
    comparisons = Comparisons(6, i, j, np.full(30, 1))
    for position_effect in (False, True):
        draws = draw(comparisons, np.arange(6), position_effect=position_effect, resamples=100)
        found = reliability(fit(comparisons, position_effect=position_effect), draws, resamples=99)
        assert found is not None
        assert (found.ssr, found.separation, found.reliable) == (None, None, False)


def test_only_the_largest_component_has_a_scale() -> None:
    """A pair apart from a circle of three does not enter; two pairs of the same size have no scale at all."""
    wins = np.array([0, 1, 2, 3, 4]), np.array([1, 2, 0, 4, 3])
    comparisons = Comparisons.from_decided(5, *wins)
    draws = draw(comparisons, np.arange(5), resamples=50)
    found = reliability(fit(comparisons), draws, resamples=50)
    assert found is not None and found.essays == 3
    pairs = Comparisons.from_decided(4, np.array([0, 1, 2, 3]), np.array([1, 0, 3, 2]))
    assert reliability(fit(pairs), draw(pairs, np.arange(4), resamples=50)) is None


@pytest.mark.parametrize("n", [0, 1, 2])
def test_nothing_compared(n: int) -> None:
    """Without comparisons there is no reliability and no split."""
    none = np.array([], dtype=np.int64)
    comparisons = Comparisons(n, none, none, none)
    assert reliability(fit(comparisons), draw(comparisons, np.arange(n), resamples=20)) is None
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
    fitted, draws = fit(comparisons), draw(comparisons, np.arange(5), resamples=50)
    one, two = (reliability(fitted, draws, resamples=50, seed=3) for _ in range(2))
    assert one == two and one is not None and one.coin_flip.seed == 3
    assert split_half(comparisons, seed=5) == split_half(comparisons, seed=5)
