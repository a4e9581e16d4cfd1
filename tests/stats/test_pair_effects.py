"""Opinions about single pairs: integrated out, found from repeats, and worth what they are."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit

from eng5.stats.comparisons import Comparisons, FloatArray
from eng5.stats.pair_effects import LAPSE, SD, SHARPNESS, SPREAD, PairPosterior, pair_effects
from eng5.stats.pair_table import PairTable

PLAIN, QUIRKY = 0, int(np.flatnonzero((SD == 2.0) & (LAPSE == 0))[0])


def judged(sd: float, repeats: int, seed: int, *, always: bool = False) -> tuple[PairTable, FloatArray]:
    """Verdicts on all pairs of twelve essays by a judge with opinions, and the gaps on the scale of one verdict."""
    rng = np.random.default_rng(seed)
    i, j = np.triu_indices(12, 1)
    theta = np.linspace(2, -2, 12)
    logit = theta[i] - theta[j] + rng.normal(0, sd, len(i))
    first, second, outcome = [], [], []
    for number in range(repeats):
        won = logit > 0 if always else rng.random(len(i)) < expit(logit)
        first.append(j if number % 2 else i)
        second.append(i if number % 2 else j)
        outcome.append(np.where(won, 1, -1) * (-1 if number % 2 else 1))
    comparisons = Comparisons(12, *(np.concatenate(each) for each in (first, second, outcome)))
    sharp = np.sqrt(1 + (16 * np.sqrt(3) / (15 * np.pi) * sd) ** 2)
    return PairTable.of(comparisons), (theta[i] - theta[j]) / sharp


def test_the_chance_given_the_record_is_the_integral_over_opinions() -> None:
    """Two of three verdicts for i, sd 2: quadrature of the posterior of δ gives the same chance to a percent."""
    table = PairTable(2, np.array([0]), np.array([1]), np.array([[1.0, 1.0]]), np.array([[2.0, 1.0]]))
    gap, eta = 0.5, 0.3
    c, spread = SHARPNESS[QUIRKY], SPREAD[QUIRKY]

    def density(d: float) -> float:
        first, second = expit(c * (gap + d + eta)), expit(c * (gap + d - eta))
        return float(np.exp(-((d / spread) ** 2) / 2) * first * (1 - first) * second)

    def chance(d: float) -> float:
        return float(expit(c * (gap + d + eta)) + expit(c * (gap + d - eta))) / 2

    whole = quad(density, -8, 8)[0]
    expected = quad(lambda d: density(d) * chance(d), -8, 8)[0] / whole
    again, most = PairPosterior(table, eta).lean(np.array([[gap]]), QUIRKY)
    assert again[0, 0] == pytest.approx(expected, abs=0.01)
    assert most[0, 0] == pytest.approx(quad(density, -gap, 8)[0] / whole, abs=0.02)


def test_without_opinions_the_record_of_a_pair_says_nothing_more() -> None:
    """At σ = 0 the chance is σ(gap), whatever was said."""
    table = PairTable(2, np.array([0]), np.array([1]), np.array([[5.0, 0.0]]), np.array([[5.0, 0.0]]))
    again, _ = PairPosterior(table, 0.0).lean(np.array([[-1.0]]), PLAIN)
    assert again[0, 0] == pytest.approx(expit(-1.0), abs=0.01)


def test_draws_of_the_chance_have_its_mean() -> None:
    """Sampled chances average to the chance of winning when asked again."""
    table, gap = judged(2.0, 2, 0)
    known, rows = PairPosterior(table, 0.0), np.tile(gap, (400, 1))
    sampled = known.sample(rows, QUIRKY, np.random.default_rng(0)).mean(axis=(0, 2))
    assert sampled == pytest.approx(known.lean(gap[None], QUIRKY)[0][0], abs=0.12)


def test_the_size_of_the_opinions_is_found() -> None:
    """Ten verdicts a pair: a plain judge has next to none, opinions of sd 3 are found to within half of that."""
    plain, quirky = (
        pair_effects(table, gap[None], 0.0) for table, gap in (judged(0, 10, 1), judged(3, 10, 2))
    )
    assert plain.sd is not None and plain.sd <= 0.5
    assert plain.correlation is not None and plain.correlation < 0.05
    assert quirky.sd is not None and 2 <= quirky.sd <= 4.5


@pytest.mark.parametrize("repeats", [2, 4, 10])
def test_a_judge_that_always_repeats_itself_is_worth_one_verdict_a_pair(repeats: int) -> None:
    """However often it is asked, its verdicts count for little more than the number of pairs."""
    table, gap = judged(2.0, repeats, 3, always=True)
    found = pair_effects(table, gap[None], 0.0)
    assert 66 <= found.effective < 66 * 1.25


def test_one_changed_word_changes_little() -> None:
    """One of 66 repeats that comes out the other way moves the effective number by a few verdicts, not by half."""
    table, gap = judged(2.0, 2, 4, always=True)
    whole = pair_effects(table, gap[None], 0.0).effective
    won = table.won.copy()
    won[10, 1] = 1 - won[10, 1]
    changed = PairTable(table.n, table.i, table.j, won, table.games)
    assert pair_effects(changed, gap[None], 0.0).effective == pytest.approx(whole, rel=0.1)


def test_one_verdict_a_pair_tells_nothing() -> None:
    """Without repeats σ is not known, and every verdict counts."""
    table, gap = judged(2.0, 1, 5)
    found = pair_effects(table, gap[None], 0.0)
    assert (found.known, found.sd, found.correlation) == (False, None, None)
    assert found.effective == 66
