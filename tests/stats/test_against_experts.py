"""A judge and experts on the same pairs."""

from __future__ import annotations

import numpy as np
import pytest

from eng5.stats.against_experts import against_experts
from eng5.stats.comparisons import Comparisons
from tests.stats.test_expert_agreement import panel


def test_shares_and_the_order_of_differences_by_hand() -> None:
    """Pair 0-1: the judge for 0, experts 1 to 2; pair 1-2: both for 1. Two couples of experts disagree, two agree.

    With experts: 1 of 3 and 2 of 2 verdicts, 3/5. Among experts: of 3 + 1 couples 1 + 1 are alike, 1/2.
    """
    judge = Comparisons.from_decided(3, np.array([0, 1]), np.array([1, 2]))
    experts = Comparisons.from_decided(3, np.array([0, 1, 1, 1, 1]), np.array([1, 0, 0, 2, 2]))
    found = against_experts(judge, experts, np.array([0, 1, 2, 0, 1]))
    assert (found.pairs, found.verdicts) == (2, 5)
    assert found.with_experts.share == pytest.approx(0.6)
    assert found.among_experts.share == pytest.approx(0.5)
    assert [(one.i, one.j) for one in found.splits] == [(0, 1), (1, 2)]
    # The judge 1 of 1: (1 + .5) / 2; the experts 1 of 3: (1 + .5) / 4.
    assert found.splits[0].apart == pytest.approx(0.75 - 0.375)


def test_one_of_the_experts_is_no_worse_than_the_others() -> None:
    """A judge drawn from the panel: over panels the difference is about 0, its interval holds 0."""
    rng = np.random.default_rng(3)
    differences, held = [], 0
    for _ in range(40):
        said, judge = panel(rng, 12, 5, 0.9)
        mine = judge == 4
        found = against_experts(said.select(mine), said.select(~mine), judge[~mine])
        assert found.difference is not None and found.interval is not None
        differences.append(found.difference)
        held += found.interval.high >= -0.12 and found.interval.low <= 0.12
    assert abs(np.mean(differences)) < 0.05
    assert held >= 34


def test_a_coin_is_told_from_experts() -> None:
    """A coin agrees in half of the cases, less than experts do, and stands in for nobody."""
    rng = np.random.default_rng(4)
    said, judge = panel(rng, 14, 5, 0.9)
    first, second = np.triu_indices(14, 1)
    coin = Comparisons(14, first, second, rng.choice([-1, 1], len(first)))
    found = against_experts(coin, said, judge)
    assert found.with_experts.share == pytest.approx(0.5, abs=0.1)
    assert found.interval is not None and found.interval.high < 0
    assert found.in_place is not None and not found.in_place.as_good


def test_without_common_pairs_or_a_second_expert_nothing_is_invented() -> None:
    """None, not 0."""
    judge = Comparisons.from_decided(4, np.array([0]), np.array([1]))
    nothing = against_experts(judge, Comparisons.from_decided(4, np.array([2]), np.array([3])), np.array([0]))
    assert (nothing.pairs, nothing.with_experts.share, nothing.difference) == (0, None, None)
    one = against_experts(judge, judge, np.array([0]))
    assert one.with_experts.share == 1.0
    assert (one.among_experts.share, one.difference, one.in_place) == (None, None, None)
