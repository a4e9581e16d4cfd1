"""Agreement of repeats and swap consistency."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from eng5.stats.agreement import agreement, swap_consistency
from eng5.stats.win_rate import wilson

ROWS = st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.sampled_from([-1, 0, 1])), max_size=40)
Columns = tuple[np.ndarray, np.ndarray, np.ndarray]


def columns(rows: list[tuple[int, bool, int]]) -> Columns:
    """Pair, in_order and verdict of (pair, in_order, verdict) rows."""
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 1].astype(np.bool_), table[:, 2]


def test_agreement_by_hand() -> None:
    """Pair 0 has verdicts + + - (2 of 3), pair 1 + 0 (1 of 2), pair 2 was asked once: 3 / 5."""
    ours = agreement(
        *columns([(0, True, 1), (0, True, 1), (0, False, -1), (1, True, 1), (1, False, 0), (2, True, 1)])
    )
    assert (ours.pairs, ours.verdicts, ours.agreeing, ours.rate) == (2, 5, 3, 0.6)


@given(ROWS)
def test_agreement_equals_counting_one_by_one(rows: list[tuple[int, bool, int]]) -> None:
    """The share equals a plain count of the most frequent verdict of each pair."""
    verdicts = {pair: [v for p, _, v in rows if p == pair] for pair, _, _ in rows}
    several = [each for each in verdicts.values() if len(each) > 1]
    ours = agreement(*columns(rows))
    assert ours.agreeing == sum(max(each.count(v) for v in (-1, 0, 1)) for each in several)
    assert ours.verdicts == sum(map(len, several))


@pytest.mark.parametrize("n", [2, 3, 7, 20])
def test_a_coin_is_expected_to_agree_as_enumerated(n: int) -> None:
    """The coin's rate is E max(X, n - X) / n over the fair binomial."""
    expected = sum(binom.pmf(k, n, 0.5) * max(k, n - k) for k in range(n + 1)) / n
    assert agreement(*columns([(0, True, 1)] * n)).coin == pytest.approx(expected)


def test_a_deterministic_judge_agrees_with_itself_and_its_repeats_say_nothing() -> None:
    """The same verdict at every repeat of an order: agreement 1, repeats identical."""
    ours = agreement(*columns([(0, True, 1), (0, False, 1)] * 10))
    assert ours.rate == 1.0
    assert ours.repeats_identical is True


def test_a_judge_that_follows_the_position_repeats_itself_but_does_not_agree() -> None:
    """Essay A wins always: identical repeats within an order, agreement one half, no pair consistent."""
    rows = columns([(0, True, 1), (0, False, -1)] * 10)
    assert agreement(*rows).repeats_identical is True
    assert agreement(*rows).rate == 0.5
    assert swap_consistency(*rows).rate == 0.0


def test_one_differing_repeat_is_information() -> None:
    """A single different verdict among the repeats of an order is enough to show chance."""
    assert agreement(*columns([(0, True, 1)] * 9 + [(0, True, -1)])).repeats_identical is False


def test_nothing_repeated_says_nothing_about_repeats() -> None:
    """One verdict an order is no repeat; no verdicts have no rates."""
    assert agreement(*columns([(0, True, 1), (0, False, 1)])).repeats_identical is None
    empty = agreement(*columns([]))
    assert (empty.rate, empty.coin, empty.repeats_identical) == (None, None, None)
    assert swap_consistency(*columns([])).rate is None


def test_swap_consistency_by_hand() -> None:
    """Pair 0: majorities + and +, consistent; pair 1: + and -, not; pair 2: split in one order, left out.

    k-th beside k-th: pair 0 (+,+) (+,+) (-,0 undecided); pair 1 (+,-); pair 2 (+,+) (-,+): 3 of 5 agree.
    """
    rows = [(0, True, 1), (0, True, 1), (0, True, -1), (0, False, 1), (0, False, 1), (0, False, 0)]
    rows += [(1, True, 1), (1, False, -1)]
    rows += [(2, True, 1), (2, True, -1), (2, False, 1), (2, False, 1)]
    ours = swap_consistency(*columns(rows))
    assert (ours.pairs, ours.consistent_pairs, ours.rate) == (2, 1, 0.5)
    assert (ours.repeats, ours.consistent_repeats, ours.repeat_rate) == (5, 3, 0.6)
    assert ours.repeat_interval == wilson(3, 5)


@given(ROWS)
def test_swap_consistency_does_not_change_when_every_order_is_swapped(
    rows: list[tuple[int, bool, int]],
) -> None:
    """Calling the listed order the swapped one, or the winners the losers, changes nothing."""
    pair, in_order, verdict = columns(rows)
    ours = swap_consistency(pair, in_order, verdict)
    assert swap_consistency(pair, ~in_order, verdict) == ours
    assert swap_consistency(pair, in_order, -verdict) == ours
