"""Win rates that abilities imply on the comparisons made."""

import numpy as np
import pytest

from eng5.stats.comparisons import Comparisons
from eng5.stats.expected_win_rate import expected_win_rates, win_rate_intervals
from eng5.stats.posterior import Draws, draw
from eng5.stats.win_rate import wilson


def test_mean_over_the_comparisons_by_hand() -> None:
    """0 meets 1 as A at p = σ(ln 3) = ¾ and 2 as B, where A wins at ½: its rate is (¾ + ½) / 2."""
    comparisons = Comparisons(4, np.array([0, 2]), np.array([1, 0]), np.array([1, 1]))
    draws = Draws(np.array([[np.log(3), 0.0, np.log(3), 0.0]]), np.zeros(1), False, 1.0, "given", 0)
    assert expected_win_rates(comparisons, draws)[0] == pytest.approx([0.625, 0.25, 0.5, 0.0])


def test_ties_do_not_count() -> None:
    """A tied comparison is in no rate, and an essay that only tied has no interval."""
    comparisons = Comparisons(3, np.array([0, 0]), np.array([1, 2]), np.array([1, 0]))
    found = win_rate_intervals(comparisons, draw(comparisons, np.arange(3), resamples=50))
    assert found[2] is None and found[0] is not None


def test_rates_add_up() -> None:
    """Over all essays the expected wins are as many as the comparisons, for every draw."""
    rng = np.random.default_rng(2)
    first = rng.integers(0, 7, 60)
    comparisons = Comparisons(
        7, first, (first + rng.integers(1, 7, 60)) % 7, np.where(rng.random(60) < 0.5, 1, -1)
    )
    draws = draw(comparisons, np.arange(7), position_effect=True, resamples=100)
    wins = expected_win_rates(comparisons, draws) * (comparisons.wins + comparisons.losses)
    assert wins.sum(axis=1) == pytest.approx(np.full(100, 60.0))


def test_knowing_the_opponents_narrows_the_interval() -> None:
    """In a round-robin in grade order every interval but the flattest is narrower than Wilson's."""
    i, j = np.triu_indices(8, 1)
    comparisons = Comparisons.from_decided(8, i, j)
    found = win_rate_intervals(comparisons, draw(comparisons, np.arange(8)[::-1], resamples=500))
    for essay in range(8):
        ours, theirs = found[essay], wilson(int(comparisons.wins[essay]), 7)
        assert ours is not None and theirs is not None
        assert ours.high - ours.low < theirs.high - theirs.low
