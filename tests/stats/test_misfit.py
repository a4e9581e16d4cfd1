"""Infit and outfit mean squares."""

import numpy as np
import pytest

from eng5.stats.bradley_terry.fit import fit
from eng5.stats.comparisons import Comparisons
from eng5.stats.misfit import misfit


def test_two_essays_fit_exactly() -> None:
    """3 wins of 4 at p = ¾: squares 3 · 1/16 + 1 · 9/16 = ¾, expected 4 · 3/16 = ¾, so both are 1."""
    for one in misfit(fit(Comparisons.from_decided(2, np.array([0, 0, 0, 1]), np.array([1, 1, 1, 0])))):
        assert one.comparisons == 4
        assert [one.infit, one.outfit] == pytest.approx([1, 1])


def test_circle_of_three() -> None:
    """At p = ½ every squared residual is ¼, as large as its variance."""
    found = misfit(fit(Comparisons.from_decided(3, np.array([0, 1, 2]), np.array([1, 2, 0]))))
    assert [one.infit for one in found] == pytest.approx([1, 1, 1])
    assert [one.outfit for one in found] == pytest.approx([1, 1, 1])


def test_definition_comparison_by_comparison() -> None:
    """Sums over single comparisons, positions and position effect included, give the same figures."""
    rng = np.random.default_rng(5)
    first = rng.integers(0, 6, 90)
    second = (first + rng.integers(1, 6, 90)) % 6
    comparisons = Comparisons(6, first, second, np.where(rng.random(90) < 0.6, 1, -1))
    fitted = fit(comparisons, position_effect=True)
    assert fitted.eta is not None
    p = 1 / (1 + np.exp(-(fitted.theta[first] - fitted.theta[second] + fitted.eta)))
    residual, variance = (comparisons.outcome > 0) - p, p * (1 - p)
    for one in misfit(fitted):
        mine = (first == one.essay) | (second == one.essay)
        assert one.infit == pytest.approx((residual[mine] ** 2).sum() / variance[mine].sum())
        assert one.outfit == pytest.approx((residual[mine] ** 2 / variance[mine]).mean())


def test_an_upset_shows_in_outfit() -> None:
    """The worst essay beats the best once: both have the largest outfit."""
    i, j = np.triu_indices(6, 1)
    winner, loser = np.append(np.tile(i, 3), 5), np.append(np.tile(j, 3), 0)
    found = misfit(fit(Comparisons.from_decided(6, winner, loser)))
    outfit = [one.outfit or 0.0 for one in found]
    assert set(np.argsort(outfit)[-2:].tolist()) == {0, 5}
    assert max(outfit) > 1.3


def test_an_essay_without_comparisons_has_no_misfit() -> None:
    """None, not a number."""
    found = misfit(fit(Comparisons.from_decided(3, np.array([0, 1]), np.array([1, 0]))))
    assert (found[2].comparisons, found[2].infit, found[2].outfit) == (0, None, None)
