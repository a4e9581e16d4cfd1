"""Position bias: shares with exact intervals, by gap in grade, and pairs won by position."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eng5.stats.comparisons import Comparisons
from eng5.stats.position_bias import FlippedPair, position_bias


def test_share_of_essay_a_with_exact_interval_and_test() -> None:
    """14 of 18 decided comparisons won by A, two ties apart: interval and test are statsmodels' exact ones."""
    from statsmodels.stats.proportion import binom_test, proportion_confint

    outcome = np.array([1] * 14 + [-1] * 4 + [0] * 2)
    found = position_bias(Comparisons(2, np.full(20, 0), np.full(20, 1), outcome), np.array([1, 0])).overall
    low, high = proportion_confint(14, 18, method="beta")
    assert (found.first_wins, found.decided, found.share) == (14, 18, 14 / 18)
    assert found.interval is not None and (found.interval.low, found.interval.high) == pytest.approx(
        (low, high)
    )
    assert found.p_value == pytest.approx(binom_test(14, 18))


def test_by_gap_in_grade() -> None:
    """Gaps 0, 1 and 3 are reported apart; a pair with an unknown grade counts only overall."""
    first, second = np.array([0, 1, 3, 0, 4]), np.array([1, 2, 0, 4, 1])
    found = position_bias(
        Comparisons(5, first, second, np.array([1, -1, 1, 1, -1])), np.array([4, 4, 3, 1, -1])
    )
    assert {gap: (share.first_wins, share.decided) for gap, share in found.by_grade_gap.items()} == {
        0: (1, 1),
        1: (0, 1),
        3: (1, 1),
    }
    assert (found.overall.first_wins, found.overall.decided) == (3, 5)


def test_flips_are_pairs_won_by_position() -> None:
    """0-1 is won by A in both orders, 0-2 by B in both orders, 1-2 by the same essay in both."""
    first, second = np.array([0, 1, 0, 2, 1, 2]), np.array([1, 0, 2, 0, 2, 1])
    found = position_bias(Comparisons(3, first, second, np.array([1, 1, -1, -1, 1, -1])), np.arange(3))
    assert found.flips == (FlippedPair(0, 1, "A", 2), FlippedPair(0, 2, "B", 2))
    assert found.both_orders == 3


def test_one_order_only_cannot_flip() -> None:
    """A pair shown in one order, or split within an order, is not won by position."""
    first, second = np.array([0, 0, 1, 1, 2]), np.array([1, 1, 0, 0, 0])
    found = position_bias(Comparisons(3, first, second, np.array([1, 1, 1, -1, 1])), np.arange(3))
    assert (found.flips, found.both_orders) == ((), 1)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_nothing_decided(n: int) -> None:
    """Without a decided comparison there is no share, interval or p-value."""
    none = np.array([], dtype=np.int64)
    found = position_bias(Comparisons(n, none, none, none), np.arange(n))
    assert (found.overall.share, found.overall.interval, found.overall.p_value) == (None, None, None)
    assert (found.by_grade_gap, found.flips) == ({}, ())


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3), st.sampled_from([1, 0, -1])), max_size=25))
def test_swapping_all_positions_turns_the_bias_round(rows: list[tuple[int, int, int]]) -> None:
    """With the same winners in the other positions, wins of A become wins of B and flips change sides."""
    first = np.array([i for i, _, _ in rows], dtype=np.int64)
    second = np.array([(i + k) % 4 for i, k, _ in rows], dtype=np.int64)
    outcome = np.array([o for _, _, o in rows], dtype=np.int64)
    ours = position_bias(Comparisons(4, first, second, outcome), np.arange(4))
    theirs = position_bias(Comparisons(4, second, first, -outcome), np.arange(4))
    assert theirs.overall.first_wins == ours.overall.decided - ours.overall.first_wins
    assert theirs.overall.p_value == pytest.approx(ours.overall.p_value)
    side = {"A": "B", "B": "A"}
    assert [(f.i, f.j, side[f.position]) for f in theirs.flips] == [
        (f.i, f.j, f.position) for f in ours.flips
    ]
