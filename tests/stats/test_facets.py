"""Several judges of the same essays."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from eng5.stats.comparisons import Comparisons
from eng5.stats.facets import judge_facets


def test_counts_by_hand() -> None:
    """Three judges agree on 0 over 1; the fourth says the opposite and ties once; positions are counted."""
    found = judge_facets(
        Comparisons(2, np.array([0, 1, 0, 0, 1]), np.array([1, 0, 1, 1, 0]), np.array([1, -1, 1, -1, 0])),
        np.array([0, 1, 2, 3, 3]),
    )
    assert [one.comparisons for one in found] == [1, 1, 1, 2] and found[3].ties == 1
    assert [one.agreement.rate for one in found] == [1.0, 1.0, 1.0, 0.0]
    assert [one.first.wins for one in found] == [1, 0, 1, 0]
    assert found[3].infit is not None and found[0].infit is not None and found[3].infit > 1 > found[0].infit


def test_an_odd_judge_and_a_leaning_one_stand_out() -> None:
    """Of five judges one is reversed and one takes the left: agreement far down, infit far up, lean to the left."""
    rng = np.random.default_rng(1)
    first = rng.integers(0, 12, 1000)
    second = (first + rng.integers(1, 12, 1000)) % 12
    judge = np.arange(1000) % 5
    chance = expit(0.8 * (second - first))
    won = rng.random(1000) < np.where(judge == 3, 1 - chance, np.where(judge == 4, 0.95, chance))
    found = judge_facets(Comparisons(12, first, second, np.where(won, 1, -1)), judge)
    usual = [found[place].infit or 0.0 for place in range(3)]
    assert (found[3].agreement.rate or 1.0) < 0.3 and (found[3].infit or 0.0) > 2 * max(usual)
    interval = found[4].first.interval
    assert interval is not None and interval.low > 0.5
    assert all((one.agreement.rate or 0.0) > 0.75 for one in found[:3])


def test_what_the_others_never_compared_says_nothing() -> None:
    """A judge alone with its essays has no agreement, and infit is of its own verdicts."""
    alone = judge_facets(
        Comparisons(4, np.array([0, 2]), np.array([1, 3]), np.array([1, 1])), np.array([0, 1])
    )
    assert [(one.agreement.decided, one.agreement.rate) for one in alone] == [(0, None), (0, None)]
    nothing = judge_facets(Comparisons(2, np.array([0]), np.array([1]), np.array([0])), np.array([0]))
    assert nothing[0].infit is None and nothing[0].first.rate is None
    assert nothing[0].comparisons == pytest.approx(1)
