"""Circular triads, by hand and by brute force."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eng5.stats.comparisons import Comparisons
from eng5.stats.transitivity import COIN_SHARE, Transitivity, transitivity


def test_a_circle_and_an_order() -> None:
    """0 > 1 > 2 > 0, and 3 loses to all: of four triads one is circular."""
    comparisons = Comparisons.from_decided(4, np.array([0, 1, 2, 0, 1, 2]), np.array([1, 2, 0, 3, 3, 3]))
    assert transitivity(comparisons) == Transitivity(4, 1, 0.25)


def test_split_pairs_belong_to_no_triad() -> None:
    """A pair won once by each side leaves the triad open."""
    comparisons = Comparisons.from_decided(3, np.array([0, 1, 0, 1]), np.array([1, 0, 2, 2]))
    assert transitivity(comparisons) == Transitivity(0, 0, None)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_too_few_essays(n: int) -> None:
    """Below three essays there is no triad and no share."""
    none = np.array([], dtype=np.int64)
    assert transitivity(Comparisons(n, none, none, none)).share is None


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 4)), max_size=30))
def test_counts_are_those_of_brute_force(rows: list[tuple[int, int]]) -> None:
    """Every set of three essays is looked at in turn."""
    winner = np.array([i for i, _ in rows], dtype=np.int64)
    comparisons = Comparisons.from_decided(5, winner, (winner + np.array([k for _, k in rows], int)) % 5)
    net = comparisons.win_matrix - comparisons.win_matrix.T
    triads = [t for t in combinations(range(5), 3) if all(net[i, j] for i, j in combinations(t, 2))]
    circular = [(i, j, k) for i, j, k in triads if (net[i, j] > 0) == (net[j, k] > 0) == (net[k, i] > 0)]
    found = transitivity(comparisons)
    assert (found.triads, found.circular) == (len(triads), len(circular))


def test_a_coin_makes_a_quarter() -> None:
    """Of the 8 ways to decide three pairs, 2 are circular."""
    circular = sum(
        transitivity(Comparisons(3, np.array([0, 1, 2]), np.array([1, 2, 0]), np.array([a, b, c]))).circular
        for a in (1, -1)
        for b in (1, -1)
        for c in (1, -1)
    )
    assert circular / 8 == COIN_SHARE
